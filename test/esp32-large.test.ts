/** Chips larger than the 4 MB that Espruino takes them for. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { native } from '../boards/devices/native';
import { boot, Partition } from '../boards/esp32';
import { espruinoFlash, NorFlash } from '../boards/sim';
import type { VfsError } from '../modules/contract/errno';
import { exists, listdir, mount, readFile, umount, writeFile } from '../modules/vfs';
import { defaultPartitions, freshChip } from '../tools/partition-table';
import { tableImage } from './esp32-chip';

const MB = 1024 * 1024;

/** A chip with that table; `known`: the size that the boot loader's header tells, in MB, at 0x1000 or where the newer chips have it. */
function chip(size: number, table: Uint8Array, header?: { at: number; known: number }): NorFlash {
  const nor = new NorFlash({ size, eraseSize: 4096, progSize: 4 });
  const sector = new Uint8Array(4096).fill(255);
  sector.set(table.subarray(0, 4096));
  nor.poke(8, sector);
  if (header) {
    const loader = new Uint8Array(4096).fill(255);
    loader.set([0xe9, 3, 2, (Math.log2(header.known) << 4) | 15]);
    nor.poke(header.at / 4096, loader);
  }
  return nor;
}

function quiet<T>(action: () => T): T {
  const log = console.log;
  console.log = () => {};
  try {
    return action();
  } finally {
    console.log = log;
    for (const [fs] of mount()) umount(fs, { force: true });
  }
}

for (const size of [8, 16])
  for (const [name, vfs] of [
    ['from 2 MB to the end', { addr: 2 * MB, size: (size - 2) * MB }],
    ['wholly beyond 4 MB', { addr: 5 * MB, size: 1 * MB }],
    ['at the very end', { addr: size * MB - 0x20000, size: 0x20000 }],
  ] as const)
    for (const at of [undefined, 0, 0x1000, 0x2000])
      test(`a chip of ${size} MB boots, with vfs ${name}, boot loader ${at === undefined ? 'unknown' : `at 0x${at.toString(16)}`}`, () => {
        const table = tableImage([
          { label: 'factory', type: 0, subtype: 0, addr: 0x10000, size: 0x1f0000 },
          { label: 'vfs', ...vfs },
        ]);
        const nor = chip(size * MB, table, at === undefined ? undefined : { at, known: size });
        for (const round of [1, 2]) {
          native.flash = espruinoFlash(nor);
          // The firmware's own idea of the size, where a boot loader tells the true one.
          const getPage = native.flash.getPage;
          if (at !== undefined) native.flash.getPage = (addr) => (addr < 4 * MB ? getPage(addr) : undefined);
          quiet(() => {
            const report = boot();
            assert.ok(report.ok, report.volumes[0].error);
            assert.is(report.volumes[0].state, round === 1 ? 'formatted' : 'mounted');
            const bdev = new Partition('vfs');
            assert.is(bdev.ioctl(4, 0), vfs.size / 4096);
            const last = vfs.size / 4096 - 1;
            if (round === 1) {
              writeFile('/f', 'x'.repeat(20000));
              assert.is(bdev.writeblocks(last, new Uint8Array(4096).fill(7)), 0);
            }
            const back = new Uint8Array(1);
            assert.is(bdev.readblocks(last, back, 4095), 0);
            assert.is(back[0], 7);
            const end = new Uint8Array(1);
            nor.peek(vfs.addr + vfs.size - 1, end);
            assert.is(end[0], 7);
            assert.ok(exists('/f') && readFile('/f', 'utf8').length === 20000);
            assert.equal(listdir('/'), ['f']);
          });
        }
      });

test('a partition beyond what the boot loader knows is EINVAL', () => {
  const table = tableImage([{ label: 'vfs', addr: 4 * MB, size: 5 * MB }]);
  for (const [size, known] of [
    [4, 4],
    [8, 8],
    [16, 8],
    [4, 2],
  ]) {
    native.flash = espruinoFlash(chip(size * MB, table, { at: 0x1000, known }));
    if (size === 16) native.flash.getPage = (addr) => (addr < 4 * MB ? { addr, length: 4096 } : undefined);
    try {
      new Partition('vfs');
      assert.unreachable(`${size} MB, known as ${known}`);
    } catch (error) {
      assert.is((error as VfsError).code, 'EINVAL', (error as Error).message);
    }
  }
});

test('the default tables fill chips of every size, and boot', () => {
  for (const size of [1, 2, 4, 8, 16, 32]) {
    const last = defaultPartitions(size * MB).pop() as { offset: number; size: number };
    assert.is(last.offset + last.size, size * MB);
    const image = freshChip(size * MB);
    native.flash = espruinoFlash(chip(size * MB, new Uint8Array(image.subarray(0x8000, 0x9000))));
    quiet(() => assert.ok(boot().ok));
  }
});

test.run();
