/** One check for all formats: what a driver finds in a volume of its kind, and the command that asks the driver of what it finds. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type BlockDevice,
  exfat,
  type Finding,
  fat,
  littlefs1,
  littlefs2,
  mkdir,
  mount,
  rename,
  umount,
  VfsFat,
  WearLevelling,
  writeFile,
} from '../modules';
import type { Driver } from '../modules/contract/filesystem';
import { levelledFat } from '../modules/fat/levelled';
import { fsck } from '../tools/fsck-command';

const SIZE = 4 << 20;

/** A device over an image, the power of which goes at a write. */
function deviceOver(image: Uint8Array, blockSize: number, whole: boolean) {
  let left = Infinity;
  const change = (at: number, bytes: Uint8Array): void => {
    if (left-- <= 0) throw new Error('power cut');
    image.set(bytes, at);
  };
  const at = (block: number, offset = 0) => block * blockSize + offset;
  const ioctl = (op: number, arg: number) => {
    if (op === 6) change(at(arg), new Uint8Array(blockSize).fill(0xff));
    return op === 4 ? image.length / blockSize : op === 5 ? blockSize : 0;
  };
  const bdev: BlockDevice = whole
    ? { readblocks: (b, buf) => buf.set(image.subarray(at(b), at(b) + buf.length)), writeblocks: (b, buf) => change(at(b), buf), ioctl }
    : {
        readblocks: (b, buf, offset) => buf.set(image.subarray(at(b, offset), at(b, offset) + buf.length)),
        writeblocks: (b, buf, offset) => {
          if (offset === undefined) change(at(b), new Uint8Array(buf.length).fill(0xff));
          change(at(b, offset), buf);
        },
        ioctl,
      };
  return { bdev, cutAfter: (writes: number) => (left = writes) };
}

interface Kind {
  type: string;
  name: string;
  driver: Driver;
  blockSize: number;
  whole: boolean;
  make?: (bdev: BlockDevice) => void;
}

const kinds: Kind[] = [
  { type: 'lfs2', name: 'littlefs 2', driver: littlefs2, blockSize: 512, whole: false },
  { type: 'lfs1', name: 'littlefs 1', driver: littlefs1, blockSize: 512, whole: false },
  { type: 'fat', name: 'FAT', driver: fat, blockSize: 512, whole: true },
  { type: 'exfat', name: 'exFAT', driver: exfat, blockSize: 512, whole: true },
  {
    type: 'wl-fat',
    name: 'FAT under wear levelling',
    driver: levelledFat,
    blockSize: 4096,
    whole: false,
    make: (bdev) => VfsFat.mkfs(new WearLevelling(bdev)),
  },
];

const grave = (findings: Finding[]) => findings.filter(({ level }) => level !== 'info');

/** The image of a volume in the midst of whose rename the power went, so late that the check finds something. */
function halfDone({ type, driver, blockSize, whole, make }: Kind): Uint8Array {
  const fresh = new Uint8Array(SIZE).fill(0xff);
  const { bdev } = deviceOver(fresh, blockSize, whole);
  if (make) make(bdev);
  else driver.mkfs?.(bdev);
  mount(driver.create(bdev), '/x');
  mkdir('/x/a');
  mkdir('/x/b');
  writeFile('/x/a/one', 'content');
  umount('/x');
  for (let writes = 1; writes < 1000; writes++) {
    const image = fresh.slice();
    const device = deviceOver(image, blockSize, whole);
    mount(driver.create(device.bdev), '/x');
    device.cutAfter(writes);
    try {
      rename('/x/a/one', '/x/b/two');
    } catch {
      // The power is gone.
    }
    try {
      umount('/x', { force: true });
    } catch {
      // Then too.
    }
    device.cutAfter(Infinity);
    try {
      if (grave(driver.check?.(device.bdev) ?? []).length) return image;
    } catch (error) {
      // Wear levelling writes 4096 bytes at once: FAT promises nothing there, and a boot sector may be cut.
      if (type !== 'wl-fat') throw error;
    }
  }
  throw new Error('nothing was ever half-done');
}

for (const kind of kinds) {
  const { driver, type, name, blockSize, whole } = kind;

  test(`${name}: a check tells of what a cut left, in findings of one kind, and of what it repaired`, () => {
    const { bdev } = deviceOver(halfDone(kind), blockSize, whole);
    const told: Finding[] = [];
    const before = driver.check?.(bdev, { onFinding: (finding) => told.push(finding) }) as Finding[];
    assert.equal(told, before);
    for (const finding of before) {
      assert.equal(Object.keys(finding).sort(), ['blocks', 'code', 'level', 'message', 'path', 'repaired']);
      assert.not(finding.repaired);
    }
    const repaired = grave(driver.check?.(bdev, { repair: true }) as Finding[]);
    assert.equal(
      grave(before).map(({ code, path }) => [code, path]),
      repaired.map(({ code, path }) => [code, path]),
    );
    for (const finding of repaired) assert.ok(finding.repaired, finding.message);
    assert.equal(grave(driver.check?.(bdev) as Finding[]), []);
  });

  test(`${name}: options of another type are refused before anything is read`, () => {
    const dead: BlockDevice = { readblocks: () => assert.unreachable(), writeblocks: () => assert.unreachable(), ioctl: () => 0 };
    for (const options of [7, { repair: 1 }, { onFinding: 'x' }])
      assert.throws(
        () => driver.check?.(dead, options as never),
        (error: Error) => error instanceof TypeError,
      );
  });

  test(`microvfs fsck finds out that ${name} lies in an image, and repairs it`, () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'check-'));
    try {
      const file = path.join(folder, 'image');
      writeFileSync(file, halfDone(kind));
      const lines: string[] = [];
      const print = (line: string) => lines.push(stripVTControlCharacters(line));
      assert.is(fsck(file, {}, print), 1);
      assert.match(lines[0], /^(warning|error): .* \[[a-z-]+\]$/);
      assert.ok(lines[lines.length - 1].startsWith(name === 'littlefs 2' ? 'littlefs 2.1' : `${name}: `), lines.join('\n'));
      const exit = fsck(file, { repair: true }, print);
      assert.ok(exit === 0 || lines.some((line) => line.startsWith('error')), lines.join('\n'));
      assert.not(Buffer.from(readFileSync(file)).equals(readFileSync(`${file}.bak`)));
      lines.length = 0;
      assert.is(fsck(file, { type }, print), 0, lines.join('\n'));
      assert.match(lines.join('\n'), /sound$/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}

test('microvfs fsck says what it has not found', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'check-'));
  try {
    const file = path.join(folder, 'image');
    writeFileSync(file, new Uint8Array(65536));
    assert.throws(() => fsck(file, {}, () => {}), /no volume that is known here; give --block-size/);
    assert.throws(() => fsck(file, { type: 'exfat' }, () => {}), /image: ENODEV: /);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.run();
