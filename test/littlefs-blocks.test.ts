/** littlefs on devices that take whole blocks only, and in blocks that are not the device's: volumes of both versions. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type BlockDevice,
  fsckLfs1,
  fsckLfs2,
  listdir,
  makedirs,
  mount,
  RAMBlockDev,
  readFile,
  rename,
  rmtree,
  statvfs,
  umount,
  VfsFat,
  VfsLfs1,
  VfsLfs2,
  writeFile,
} from '../modules';
import { checkLfs1 } from './independent/lfs1-reader';
import { checkLfs2 } from './independent/lfs2-reader';
import { ImageDevice, pattern, random } from './support/fat';
import { throwsCode } from './support/lfs2';

test.after.each(() => {
  for (const [fs] of mount()) umount(fs, { force: true });
});

const kinds = [
  { name: 'littlefs 2', Volume: VfsLfs2, fsck: fsckLfs2, problems: (image: Uint8Array, size: number) => checkLfs2(image, size).problems },
  { name: 'littlefs 1', Volume: VfsLfs1, fsck: fsckLfs1, problems: (image: Uint8Array, size: number) => checkLfs1(image, size).problems },
] as const;

/** Flash in blocks of `blockSize`: programs only what is erased, and nothing across the end of a block. */
class Flash implements BlockDevice {
  image: Uint8Array;
  size: number;
  progsize = 1;
  erases: number[] = [];
  constructor(image: Uint8Array, size: number) {
    this.image = image;
    this.size = size;
  }
  readblocks(block: number, buf: Uint8Array, offset: number): void {
    this.within(buf, offset);
    buf.set(this.image.subarray(block * this.size + offset, block * this.size + offset + buf.length));
  }
  writeblocks(block: number, buf: Uint8Array, offset: number): void {
    this.within(buf, offset);
    const at = block * this.size + offset;
    for (let i = 0; i < buf.length; i++) {
      if (this.image[at + i] !== 0xff && buf[i] !== 0xff) throw new Error(`program of what is not erased at ${at + i}`);
      this.image[at + i] &= buf[i];
    }
  }
  ioctl(op: number, arg: number): number {
    if (op === 6) {
      this.erases.push(arg);
      this.image.fill(0xff, arg * this.size, (arg + 1) * this.size);
    }
    return op === 4 ? this.image.length / this.size : op === 5 ? this.size : 0;
  }
  private within(buf: Uint8Array, offset: number): void {
    if (!(offset >= 0 && offset + buf.length <= this.size)) throw new Error(`across the end of a block: ${offset}, ${buf.length}`);
  }
}

const blank = (bytes: number): Uint8Array => new Uint8Array(bytes).fill(0xff);

/** Files that grow, shrink, move and go, at `/v`. Gives what is there then. */
function work(seed: number, steps: number): Map<string, Uint8Array> {
  const below = random(seed);
  const files = new Map<string, Uint8Array>();
  for (let i = 0; i < steps; i++) {
    const path = `/v/d${below(4)}/file ${below(9)}`;
    if (below(5)) {
      const content = pattern(below(3) ? below(200) : below(9000), i);
      makedirs(path.slice(0, 5));
      writeFile(path, content);
      files.set(path, content);
    } else if (files.has(path)) {
      const to = `/v/d${below(4)}/file ${below(9)}`;
      makedirs(to.slice(0, 5));
      rename(path, to);
      const content = files.get(path) as Uint8Array;
      files.delete(path);
      files.set(to, content);
    }
  }
  return files;
}

function holds(files: Map<string, Uint8Array>): void {
  for (const [path, content] of files) assert.equal(readFile(path), content, path);
  const seen = listdir('/v').flatMap((dir) => listdir('/v/' + dir).map((name) => `/v/${dir}/${name}`));
  assert.equal(seen.sort(), [...files.keys()].sort());
}

for (const { name, Volume, fsck, problems } of kinds) {
  for (const blocksize of [undefined, 4096, 1536])
    test(`${name} on a card, in blocks of ${blocksize ?? 'its own'}: whole blocks are all that is asked for, and what was written is there`, () => {
      const size = blocksize ?? 512;
      const live = (result: { findings: { level: string }[] }) => result.findings.filter((one) => one.level !== 'info');
      // Not blank: what lies there is never taken for anything.
      const card = new ImageDevice(pattern(size * 700, 5));
      for (const seed of [3, 4]) {
        Volume.mkfs(card, { blocksize });
        mount(new Volume(card, { blocksize }), '/v');
        const files = work(seed, 120);
        assert.is(statvfs('/v')[0], size);
        umount('/v');
        assert.equal(problems(card.image, size), []);
        // The superblock tells, whatever the options say or do not.
        mount(card, '/v');
        assert.is(statvfs('/v')[0], size);
        holds(files);
        umount('/v');
        mount(new Volume(card, { blocksize: 2048 }), '/v');
        holds(files);
        umount('/v');
        for (const options of [{}, { blocksize: 2048 }]) assert.equal(live(fsck(card, options)), []);
      }
    });

  test(`${name}, blocks of 8192 bytes on a device of 4096: mounted by the superblock, written, and read with blocks of its own`, () => {
    const image = blank(200 * 4096);
    Volume.mkfs(new Flash(image, 8192));
    const device = new Flash(image, 4096);
    mount(device, '/v');
    assert.equal(statvfs('/v').slice(0, 3), [8192, 8192, 100]);
    const files = work(1, 150);
    umount('/v');
    assert.ok(device.erases.length > 20);
    for (let i = 0; i < device.erases.length; i += 2) assert.is(device.erases[i + 1], device.erases[i] + 1);
    assert.equal(problems(image, 8192), []);
    mount(new Flash(image, 8192), '/v');
    holds(files);
    umount('/v');
    const result = fsck(device);
    assert.equal(
      result.findings.filter((one) => one.level !== 'info'),
      [],
    );
    assert.is(result.blockSize, 8192);
  });

  test(`${name}: mkfs makes blocks of a size that is asked for, and a mount needs not know it`, () => {
    const image = blank(64 * 4096);
    Volume.mkfs(new Flash(image, 4096), { blocksize: 16384 });
    assert.equal(problems(image, 16384), []);
    const fs = new Volume(new Flash(image, 4096));
    for (let i = 0; i < 2; i++) {
      mount(fs, '/v');
      assert.is(statvfs('/v')[0], 16384);
      writeFile('/v/f' + i, 'x');
      umount('/v');
    }
    // Made anew meanwhile, with blocks of another size.
    image.fill(0xff);
    Volume.mkfs(new Flash(image, 4096));
    mount(fs, '/v');
    assert.equal([statvfs('/v')[0], listdir('/v').length], [4096, 0]);
    umount('/v');
  });

  test(`${name}: a volume whose first block is lost is found by its second, wherever that lies`, () => {
    for (const [own, size, spoil] of [
      [4096, 8192, 0xff],
      [512, 4096, 0xff],
      [4096, 4096, 0xff],
    ]) {
      const image = blank(64 * 4096);
      Volume.mkfs(new Flash(image, own), { blocksize: size });
      mount(new Flash(image, own), '/v');
      writeFile('/v/f', 'x');
      umount('/v');
      if (checkBoth(image, size, Volume)) image.fill(spoil, 0, size);
      mount(new Flash(image, own), '/v');
      assert.is(statvfs('/v')[0], size, `${own}, ${size}`);
      umount('/v');
    }
  });

  test(`${name}: block sizes that cannot be are EINVAL, and named; nothing has been written`, () => {
    const image = blank(64 * 4096);
    for (const device of [new Flash(image, 4096), new ImageDevice(image)])
      for (const blocksize of [0, 100, 513, 4097, 6000, 1 << 20, 0.5])
        throwsCode(() => Volume.mkfs(device, { blocksize }), 'EINVAL', `${blocksize}`);
    assert.throws(() => Volume.mkfs(new Flash(image, 4096), { blocksize: '8192' } as never), TypeError);
    // A card is read and programmed in its blocks.
    for (const options of [{ readsize: 32 }, { progsize: 256 }, { readsize: 768, blocksize: 4608 }])
      throwsCode(() => Volume.mkfs(new ImageDevice(image), options), 'EINVAL', JSON.stringify(options));
    assert.ok(image.every((byte) => byte === 0xff));
    // Blocks that are smaller than the device's have no place.
    Volume.mkfs(new Flash(image, 1024));
    throwsCode(() => mount(new Flash(image, 4096), '/v'), 'EINVAL');
  });

  test(`${name} on a card: after a cut at any block that is written everything synced is there, and the step is done or not`, () => {
    const start = new ImageDevice(pattern(512 * 200, 9));
    Volume.mkfs(start, { blocksize: 1024 });
    mount(start, '/v');
    makedirs('/v/d');
    for (let i = 0; i < 6; i++) writeFile('/v/d/keep' + i, pattern(300 * i, i));
    umount('/v');
    const steps: (() => void)[] = [
      () => writeFile('/v/d/keep3', 'new'),
      () => rename('/v/d/keep1', '/v/moved'),
      () => rmtree('/v/d'),
      () => makedirs('/v/x/y'),
    ];
    const state = (device: ImageDevice): string => {
      mount(device, '/v');
      const walk = (dir: string): string[] =>
        listdir(dir).flatMap((name) => {
          const path = dir + '/' + name;
          if (name === '~vfs.tmp') return [];
          try {
            return [path + ' ' + Buffer.from(readFile(path)).toString('hex')];
          } catch {
            return [path, ...walk(path)];
          }
        });
      const all = walk('/v').join('\n');
      umount('/v', { force: true });
      return all;
    };
    let cuts = 0;
    for (const [k, step] of steps.entries()) {
      const before = state(new ImageDevice(start.image.slice()));
      const states = [before];
      for (let at = 0, cut = true; cut; at++) {
        const device = new ImageDevice(start.image.slice());
        let count = 0;
        cut = false;
        mount(device, '/v');
        device.onSector = () => {
          if (count++ < at) return;
          cut = true;
          throw new Error('power cut');
        };
        try {
          step();
        } catch (error) {
          assert.is((error as Error).message, 'power cut');
        }
        device.onSector = undefined;
        const left = device.image.slice();
        umount('/v', { force: true });
        const now = state(new ImageDevice(left));
        if (cut) cuts++;
        // Steps of several operations pass through what lies between.
        if (k < 2 && cut) assert.ok(now === before || states.length < 2 || now === states[1], `step ${k}, cut at ${at}`);
        if (!states.includes(now)) states.push(now);
      }
      if (k < 2) assert.is(states.length, 2, `step ${k}`);
    }
    assert.ok(cuts > 12, `${cuts}`);
  });
}

/** Whether the second block alone makes the volume: it has all that the first one has. */
function checkBoth(image: Uint8Array, size: number, Volume: unknown): boolean {
  const copy = image.slice();
  copy.fill(0xff, 0, size);
  return (Volume === VfsLfs2 ? checkLfs2 : checkLfs1)(copy, size).tree.size >= 0;
}

test('a blank card that may be formatted gets FAT, flash littlefs 2', () => {
  const card = new ImageDevice(new Uint8Array(512 * 200));
  mount(card, '/v', { mkfs: true });
  assert.instance(mount()[0][0], VfsFat);
  umount('/v');
  const flash = new RAMBlockDev(4096, 16);
  mount(flash, '/v', { mkfs: true });
  assert.instance(mount()[0][0], VfsLfs2);
  umount('/v');
  // Who says so gets it.
  const other = new ImageDevice(new Uint8Array(512 * 200));
  mount(new VfsLfs2(other, { blocksize: 2048 }), '/v', { mkfs: true });
  umount('/v');
  mount(other, '/v');
  assert.instance(mount()[0][0], VfsLfs2);
  umount('/v');
});

test('a card is one device, whatever the blocks of the volume on it', () => {
  const card = new ImageDevice(new Uint8Array(512 * 200));
  VfsLfs2.mkfs(card, { blocksize: 4096 });
  mount(new VfsLfs2(card), '/v');
  throwsCode(() => mount(new VfsLfs2(card), '/w'), 'EBUSY');
  throwsCode(() => mount(card, '/w'), 'EBUSY');
  umount('/v');
});

test.run();
