/** How many calls of its device an operation takes: each is dear on a board, whatever it moves. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { boardDevices } from '../bench/devices';
import { growth } from '../bench/growth';
import { type Cost, Meter } from '../bench/meter';
import {
  type BlockDevice,
  exists,
  listdir,
  mkdir,
  mount,
  open,
  RAMBlockDev,
  readFile,
  stat,
  umount,
  type VfsError,
  VfsLfs2,
  writeFile,
} from '../modules';
import type { RawFile } from '../modules/contract/filesystem';

/** As `bench/espruino.ts`: 100 files of 100 bytes in `/d`, and `/big` of 64 kB. */
function fill(meter: Meter): void {
  VfsLfs2.mkfs(meter);
  const fs = new VfsLfs2(meter);
  fs.mount(false, false);
  const store = (path: string, length: number): void => {
    const file = fs.open(path, 'w') as RawFile;
    file.writeAt(0, new Uint8Array(length).fill(length));
    file.close();
  };
  fs.mkdir('/d');
  for (let i = 0; i < 100; i++) store(`/d/file${String(i).padStart(3, '0')}.txt`, 100);
  store('/big', 65536);
  fs.umount();
}

/** The most calls: read, program, erase. */
const BUDGET: { [what: string]: [reads: number, programs: number, erases: number] } = {
  mount: [60, 0, 0],
  'list the first time': [40, 0, 0],
  list: [24, 0, 0],
  stat: [8, 0, 0],
  'read 4 kB': [3, 0, 0],
  'append 32 bytes and flush': [3, 2, 0],
  'writeFile, new': [8, 3, 1],
  'writeFile, again': [8, 3, 1],
};

for (const board of boardDevices.filter(({ blockSize, name }) => blockSize === 4096 && name !== 'RAM' && !/^Zephyr|^nRF54/.test(name)))
  test(`${board.name}: no operation takes more calls of the device than its budget`, () => {
    const meter = new Meter(board.open().device);
    assert.type(meter.readarray, 'function');
    fill(meter);
    const over: string[] = [];
    const measure = (what: string, work: () => void): void => {
      const before: Cost = { ...meter.cost };
      work();
      const cost = [meter.cost.reads - before.reads, meter.cost.programs - before.programs, meter.cost.erases - before.erases];
      if (cost.some((count, k) => count > BUDGET[what][k])) over.push(`${what}: ${cost} > ${BUDGET[what]}`);
    };
    const fs = new VfsLfs2(meter);
    measure('mount', () => mount(fs, '/'));
    const count = (): number => {
      const entries = fs.ilistdir('/d');
      let n = 0;
      while (!entries.next().done) n++;
      return n;
    };
    measure('list the first time', () => assert.is(count(), 100));
    measure('list', () => assert.is(count(), 100));
    stat('/d/file051.txt');
    measure('stat', () => assert.is(stat('/d/file050.txt')[6], 100));
    const big = open('/big', 'rb');
    const buf = new Uint8Array(4096);
    big.readinto(buf);
    big.readinto(buf);
    measure('read 4 kB', () => assert.is(big.readinto(buf), 4096));
    big.close();
    const log = open('/log', 'a');
    for (let i = 0; i < 20; i++) {
      log.write('0123456789abcdef0123456789abcdef');
      log.flush();
    }
    measure('append 32 bytes and flush', () => {
      log.write('0123456789abcdef0123456789abcdef');
      log.flush();
    });
    log.close();
    measure('writeFile, new', () => writeFile('/w', new Uint8Array(1000)));
    measure('writeFile, again', () => writeFile('/w', new Uint8Array(1000).fill(1)));
    assert.equal(readFile('/w'), new Uint8Array(1000).fill(1));
    umount('/');
    assert.equal(over, []);
  });

for (const [count, most] of [
  [1000, 20],
  [3000, 30],
])
  test(`a stat among ${count} files takes at most ${most} operations of the device`, () => {
    const cost = growth(count);
    assert.ok(cost.stat.operations <= most, `${cost.stat.operations}`);
    assert.ok(cost.create.operations <= 60 && cost.remove.operations <= 30, JSON.stringify(cost));
  });

for (const board of boardDevices.filter(({ name }) => /^(ESP32|ESP8266|RP2|Bangle.js 2|nRF52)$/.test(name)))
  test(`${board.name}: an array that the device makes holds what readblocks reads, and never lies outside of it`, () => {
    const { device } = board.open();
    const size = board.blockSize;
    const count = device.ioctl?.(4, 0) as number;
    device.ioctl?.(6, count - 1);
    device.writeblocks?.(
      count - 1,
      new Uint8Array(64).map((_, i) => i),
      size - 64,
    );
    const read = (block: number, offset: number, length: number) => device.readarray?.(block, offset, length);
    assert.equal(
      read(count - 1, size - 40, 40),
      new Uint8Array(40).map((_, i) => i + 24),
    );
    assert.equal(read(0, 0, 8), new Uint8Array(8).fill(0xff));
    for (const [block, offset, length] of [
      [count, 0, 1],
      [count - 1, size - 8, 9],
      [0, -1, 4],
      [-1, 0, 4],
      [0, 0, 0],
      [0, 0, Number.NaN],
      ['x', 0, 4],
      [0, 'x', 4],
    ])
      assert.is(read(block as number, offset as number, length as number), undefined, `${block} ${offset} ${length}`);
  });

for (const [what, before] of [
  ['is missing', undefined],
  ['is small', 50],
  ['has blocks', 9000],
] as const)
  for (const length of [0, 40, 1000, 9001])
    test(`writeFile of ${length} bytes where the file ${what}: after a cut at any write it is as before or as after`, () => {
      const ram = new RAMBlockDev(512, 64);
      VfsLfs2.mkfs(ram);
      mount(ram, '/');
      if (before !== undefined) writeFile('/f', new Uint8Array(before).fill(1));
      writeFile('/other', 'other');
      umount('/');
      const images: RAMBlockDev[] = [];
      const snapshot = (): void => {
        const copy = new RAMBlockDev(512, 64);
        const block = new Uint8Array(512);
        for (let i = 0; i < 64; i++) {
          ram.readblocks(i, block);
          copy.writeblocks(i, block);
        }
        images.push(copy);
      };
      const cutting: BlockDevice = {
        progsize: 1,
        readblocks: (block, buf, offset) => ram.readblocks(block, buf, offset),
        writeblocks(block, buf, offset) {
          const status = ram.writeblocks(block, buf, offset);
          snapshot();
          return status;
        },
        ioctl(op, arg) {
          const status = ram.ioctl(op, arg);
          if (op === 6) snapshot();
          return status;
        },
      };
      const content = new Uint8Array(length).fill(2);
      mount(cutting, '/');
      writeFile('/f', content);
      assert.equal(readFile('/f'), content);
      umount('/');
      const seen = new Set<string>();
      for (const image of images) {
        mount(image, '/');
        const found = exists('/f') ? readFile('/f') : undefined;
        seen.add(found && found[0] !== 1 && found.length === length ? 'after' : 'before');
        if (found && found[0] === 1) assert.is(found.length, before);
        else if (found) assert.equal(found, content);
        else assert.is(before, undefined);
        assert.is(readFile('/other', 'utf8'), 'other');
        assert.equal(listdir('/'), before === undefined && !found ? ['other'] : ['f', 'other']);
        umount('/');
      }
      assert.ok(seen.has('after'));
    });

test('writeFile over an open file is EBUSY, over a directory EISDIR, and neither changes anything', () => {
  mount(new RAMBlockDev(512, 64), '/', { mkfs: true });
  mkdir('/d');
  writeFile('/f', 'one');
  const file = open('/f');
  const code = (work: () => void): string => {
    try {
      work();
    } catch (error) {
      return `${(error as VfsError).code} ${(error as VfsError).operation} ${(error as VfsError).path}`;
    }
    return '';
  };
  assert.is(
    code(() => writeFile('/f', 'two')),
    'EBUSY writeFile /f',
  );
  assert.is(file.read(), 'one');
  file.close();
  assert.is(
    code(() => writeFile('/d', 'two')),
    'EISDIR writeFile /d',
  );
  assert.is(
    code(() => writeFile('/none/f', 'two')),
    'ENOENT writeFile /none/f',
  );
  assert.is(
    code(() => writeFile('/f', new Uint8Array(40000))),
    'ENOSPC writeFile /f',
  );
  assert.is(readFile('/f', 'utf8'), 'one');
  writeFile('/f', new Uint8Array(20000));
  assert.equal(listdir('/'), ['d', 'f']);
  umount('/');
});

test.run();
