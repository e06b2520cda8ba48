/** `FlashArea` and `DiskAccess` over each kind of native object. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { native as espruino } from '../boards/devices/native';
import { native } from '../boards/devices/zephyr/native';
import { chips, insertChip } from '../boards/sim/chips';
import { norImage } from '../boards/sim/file';
import { NorFlash } from '../boards/sim/nor';
import { SimSdCard } from '../boards/sim/sdcard';
import { type SimDisk, simEcmaFlash, simZephyr } from '../boards/sim/zephyr';
import { DiskAccess, ecma419, espruinoZephyr, FlashArea, type NativeZephyr, useZephyr, zephyr } from '../boards/zephyr';
import { openDevice } from '../modules/blockdev';
import type { VfsError } from '../modules/contract/errno';
import { VfsLfs2 } from '../modules/littlefs2';

const EINVAL = -22;

function fails(code: string, action: () => unknown): void {
  try {
    action();
  } catch (error) {
    assert.is((error as VfsError).code, code, (error as Error).message);
    return;
  }
  assert.unreachable('no ' + code);
}

function chip(): NorFlash {
  return new NorFlash({ size: 1024 * 1024, eraseSize: 4096, progSize: 4 });
}

function parts(nor: NorFlash) {
  return [
    { label: 'image-1', nor, addr: 0, size: 0x40000 },
    { label: 'storage', nor, addr: 0x40000, size: 0x10000 },
  ];
}

const KINDS: [string, (nor: NorFlash) => NativeZephyr][] = [
  ['a native object', (nor) => simZephyr(parts(nor), [])],
  ['ECMA-419', (nor) => ecma419(simEcmaFlash(parts(nor), false), ['image-1', 'storage'])],
  ['ECMA-419 that tells size and block length only', (nor) => ecma419(simEcmaFlash(parts(nor), true), ['image-1', 'storage'])],
];

for (const [name, make] of KINDS) {
  test(`${name}: areas, blocks and offsets`, () => {
    const nor = chip();
    useZephyr(make(nor));
    assert.equal(FlashArea.areas, { 'image-1': [0, 4096], storage: [1, 4096] });
    const area = new FlashArea(FlashArea.areas.storage[0], 4096);
    assert.equal([area.ioctl(4, 0), area.ioctl(5, 0), area.ioctl(1, 1), area.ioctl(3, 0)], [16, 4096, 0, 0]);
    const data = new Uint8Array(8192).map((_, i) => i * 7);
    assert.is(area.writeblocks(3, data), 0);
    // Again, over what is there: both blocks are erased.
    data.reverse();
    assert.is(area.writeblocks(3, data), 0);
    const back = new Uint8Array(8192);
    assert.is(area.readblocks(3, back), 0);
    assert.equal(back, data);
    assert.equal(norImage(nor).slice(0x40000 + 3 * 4096, 0x40000 + 5 * 4096), data);
    assert.is(area.ioctl(6, 4), 0);
    assert.is(area.writeblocks(4, new Uint8Array(8).fill(1), 16), 0);
    assert.is(area.readblocks(4, back.subarray(0, 32), 0), 0);
    assert.equal([...back.subarray(12, 28)], [255, 255, 255, 255, 1, 1, 1, 1, 1, 1, 1, 1, 255, 255, 255, 255]);
  });

  test(`${name}: nothing outside the area is touched`, () => {
    const nor = chip();
    useZephyr(make(nor));
    const area = new FlashArea(1, 4096);
    for (const [block, length, offset] of [
      [16, 16, 0],
      [15, 32, 4080],
      [-1, 16, 0],
      [0, 16, -16],
      [15, 8192, undefined],
      [0, 100, undefined],
      [Number.NaN, 16, 0],
    ] as const) {
      assert.is(area.writeblocks(block, new Uint8Array(length), offset), EINVAL, `${block} ${length} ${offset}`);
      if (offset !== undefined) assert.is(area.readblocks(block, new Uint8Array(length), offset), EINVAL);
    }
    for (const block of [-1, 16, 0.5]) assert.is(area.ioctl(6, block), EINVAL);
    assert.is(nor.counters.programs + nor.counters.erases, 0);
  });

  test(`${name}: a failure of the chip is a negative errno`, () => {
    const nor = chip();
    useZephyr(make(nor));
    const area = new FlashArea(1, 4096);
    nor.onOperation = () => 'fail';
    assert.is(area.ioctl(6, 0), -5);
    assert.is(area.writeblocks(0, new Uint8Array(4096)), -5);
    assert.is(area.writeblocks(0, new Uint8Array(16), 0), -5);
  });

  test(`${name}: carries littlefs`, () => {
    useZephyr(make(chip()));
    const bdev = zephyr.open('storage');
    VfsLfs2.mkfs(bdev);
    const fs = new VfsLfs2(bdev);
    fs.mount(false, false);
    fs.mkdir('/d');
    fs.umount();
    const again = new VfsLfs2(zephyr.open('storage'));
    again.mount(true, false);
    assert.is(again.stat('/d')[0], 0x4000);
  });

  test(`${name}: unknown areas and impossible block sizes are refused`, () => {
    useZephyr(make(chip()));
    fails('ENODEV', () => new FlashArea(7, 4096));
    fails('ENOENT', () => zephyr.open('nothing'));
    for (const size of [0, -4096, 512, 6000, 0x20000, Number.NaN]) fails('EINVAL', () => new FlashArea(1, size));
    assert.is(new FlashArea(1, 8192).ioctl(4, 0), 8);
  });
}

test('a chip whose erased bytes are not 0xFF is refused', () => {
  const flash = simEcmaFlash(parts(chip()), false);
  useZephyr(
    ecma419({ open: (options) => ({ ...flash.open(options), status: () => ({ size: 65536, blockLength: 4096, eraseValue: 0 }) }) }, [
      'storage',
    ]),
  );
  fails('ENODEV', () => new FlashArea(0, 4096));
});

test('Espruino on Zephyr: what areas the description gives', () => {
  const { nor } = insertChip(espruino, { ...chips.nrf52832, writable: undefined, free: [] });
  useZephyr(espruinoZephyr());
  assert.equal(FlashArea.areas, {});
  espruino.areas = [{ addr: 0x6a000, length: 0x6000 }];
  useZephyr(espruinoZephyr());
  assert.equal(FlashArea.areas, { storage: [0, 4096] });
  const area = new FlashArea(0, 4096);
  assert.is(area.ioctl(4, 0), 6);
  assert.is(area.writeblocks(2, new Uint8Array(8192).fill(9)), 0);
  assert.is(area.ioctl(6, 2), 0);
  const image = norImage(nor);
  assert.equal([image[0x6bfff], image[0x6c000], image[0x6d000], image[0x6e000]], [255, 255, 9, 255]);
  nor.onOperation = () => 'fail';
  assert.is(area.writeblocks(2, new Uint8Array(16), 0), -5);
});

test('a disk is read and written in sectors, and is a simple device', () => {
  const card = new SimSdCard({ type: 'SDHC', blocks: 4096 });
  useZephyr(simZephyr([], [{ name: 'SD', card }]));
  assert.equal(DiskAccess.disks, ['SD']);
  const disk = new DiskAccess('SD');
  const dev = openDevice(disk, 'test');
  assert.equal([dev._blockSize, dev._blockCount, dev._extended], [512, 4096, false]);
  const data = new Uint8Array(1536).map((_, i) => i * 3);
  assert.is(disk.writeblocks(4093, data), 0);
  const back = new Uint8Array(1536);
  assert.is(disk.readblocks(4093, back), 0);
  assert.equal(back, data);
  assert.is(disk.ioctl(3), 0);
  assert.is(disk.ioctl(6), undefined);
  for (const [block, length] of [
    [4094, 1536],
    [-1, 512],
    [0, 0],
    [0, 100],
    [0.5, 512],
  ]) {
    assert.is(disk.readblocks(block, new Uint8Array(length)), EINVAL);
    assert.is(disk.writeblocks(block, new Uint8Array(length)), EINVAL);
  }
});

test('a disk that is taken out fails, and ioctl(1) takes the one that is there then', () => {
  const slot: SimDisk = { name: 'SD', card: new SimSdCard({ type: 'SDHC', blocks: 4096 }) };
  useZephyr(simZephyr([], [slot]));
  const disk = new DiskAccess('SD');
  slot.card = undefined;
  assert.is(disk.readblocks(0, new Uint8Array(512)), -5);
  assert.is(disk.ioctl(1), -19);
  slot.card = new SimSdCard({ type: 'SDHC', blocks: 8192 });
  assert.is(disk.writeblocks(0, new Uint8Array(512)), -5);
  assert.is(disk.ioctl(1), 0);
  assert.is(disk.ioctl(4), 8192);
  slot.card = undefined;
  fails('ENODEV', () => new DiskAccess('SD'));
});

test('unknown disks, disks without a size, and no application at all are refused', () => {
  useZephyr(simZephyr([], []));
  fails('ENODEV', () => new DiskAccess('SD'));
  assert.throws(() => new DiskAccess(1 as never), TypeError);
  const empty = { sectorSize: 512, sectorCount: 0, read: () => 0, write: () => 0, sync: () => 0 };
  useZephyr(ecma419(simEcmaFlash([], false), [], { disks: () => ['SD'], openDisk: () => empty }));
  assert.equal(DiskAccess.disks, ['SD']);
  fails('EINVAL', () => new DiskAccess('SD'));
  native.zephyr = undefined;
  fails('ENODEV', () => new DiskAccess('SD'));
  fails('ENODEV', () => new FlashArea(0, 4096));
});

test.run();
