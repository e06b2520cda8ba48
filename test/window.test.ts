/** Windows of the flash of each board: where they may lie, and that nothing else is ever touched. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { freeAreas, pagesOf } from '../boards/devices/free.lazy';
import { native } from '../boards/devices/native';
import { FlashWindow } from '../boards/devices/window';
import { bdev } from '../boards/esp8266';
import { Flash as Nrf52Flash } from '../boards/nrf52';
import { Flash as Rp2Flash } from '../boards/rp2';
import { chips, insertChip } from '../boards/sim/chips';
import { norImage } from '../boards/sim/file';
import type { VfsError } from '../modules/contract/errno';
import { VfsLfs2 } from '../modules/littlefs2';

const KB = 1024;

function fails(code: string, text: RegExp, action: () => unknown): void {
  try {
    action();
  } catch (error) {
    assert.is((error as VfsError).code, code, (error as Error).message);
    assert.match((error as Error).message, text);
    return;
  }
  assert.unreachable('no ' + code);
}

/** A volume is made and read again, and all that lies outside the window is as before. */
function carriesVolume(chip: (typeof chips)['esp8266'], open: () => FlashWindow, from: number, to: number): void {
  const { nor } = insertChip(native, chip);
  const size = nor.geometry.eraseSize;
  for (let block = 0; block < nor.geometry.size / size; block += 3) {
    const addr = chip.base + block * size;
    if (addr < from || addr >= to) nor.poke(block, new Uint8Array(size).fill(block));
  }
  const before = norImage(nor);
  VfsLfs2.mkfs(open());
  const fs = new VfsLfs2(open());
  fs.mount(false, false);
  fs.mkdir('/c');
  fs.umount();
  const again = new VfsLfs2(open());
  again.mount(true, false);
  assert.is(again.stat('/c')[0], 0x4000);
  const after = norImage(nor);
  const start = from - chip.base;
  const end = to - chip.base;
  assert.ok(Buffer.from(after.subarray(0, start)).equals(before.subarray(0, start)));
  assert.ok(Buffer.from(after.subarray(end)).equals(before.subarray(end)));
  assert.not.equal(Buffer.from(after.subarray(start, end)).indexOf('littlefs'), -1);
}

test('ESP8266: the flash behind the firmware', () => {
  carriesVolume(chips.esp8266, () => bdev(), 0x200000, 0x3fb000);
  assert.equal([bdev().ioctl(4, 0), bdev().ioctl(5, 0)], [507, 4096]);
});

test('nRF52: the pages between firmware and Storage', () => {
  carriesVolume(chips.nrf52832, () => new Nrf52Flash({}), 0x6a000, 0x70000);
});

test('Bangle.js 2: what Storage leaves of the external chip', () => {
  carriesVolume(chips.bangle2, () => new Nrf52Flash({ start: 64 * KB, len: 128 * KB }), 0x60410000, 0x60430000);
});

test('RP2: stock firmware leaves nothing, one of your own what it says', () => {
  const { nor } = insertChip(native, chips.rp2040);
  assert.equal(freeAreas('test'), []);
  fails('ENODEV', /Storage/, () => new Rp2Flash());
  assert.is(nor.counters.erases, 0);
  const own = { ...chips.rp2040, writable: undefined };
  const area = { addr: 0x10000000 + 1024 * KB, length: 512 * KB };
  carriesVolume(
    own,
    () => {
      native.areas = [area];
      return new Rp2Flash();
    },
    area.addr,
    area.addr + area.length,
  );
});

test('an exception of the firmware passes through, before anything is changed', () => {
  insertChip(native, chips.rp2040);
  native.areas = [{ addr: 0x10000000 + 1024 * KB, length: 64 * KB }];
  assert.throws(() => new Rp2Flash().ioctl(6, 0), /outside saved flash/);
});

test('windows beyond the free area, and such as cut a page, are refused', () => {
  const { nor } = insertChip(native, chips.nrf52832);
  for (const options of [{ start: 0x6000 }, { start: -4096 }, { len: 0x7000 }, { start: 0x1000, len: 0x6000 }, { len: -1 }])
    fails('EINVAL', /free area/, () => new Nrf52Flash(options));
  for (const options of [{ start: 100, len: 4096 }, { len: 5000 }]) fails('EINVAL', /whole pages/, () => new Nrf52Flash(options));
  assert.is(nor.counters.erases + nor.counters.programs, 0);
});

test('what overlaps firmware, Storage or reserved places is taken off a free area', () => {
  const chip = chips.nrf52832;
  for (const [free, reserved, wanted] of [
    [{ addr: 0x6a000, length: 0xa000 }, [], [{ addr: 0x6a000, length: 0x6000 }]],
    [{ addr: 0x6a000, length: 0x6000 }, [{ addr: 0x6a000, length: 1 }], [{ addr: 0x6b000, length: 0x5000 }]],
    [{ addr: 0x6a000, length: 0x6000 }, [{ addr: 0x6e800, length: 0x100 }], [{ addr: 0x6a000, length: 0x4000 }]],
    [{ addr: 0x71000, length: 0x3000 }, [], []],
    [{ addr: 0x6a100, length: 0xf00 }, [], []],
    [{ addr: 0x100000, length: 0x1000 }, [], []],
  ] as const) {
    insertChip(native, { ...chip, free: [free] });
    native.reserved = [...reserved];
    assert.equal(freeAreas('test'), [...wanted], JSON.stringify([free, reserved]));
  }
  // What a description gives may not lie within the firmware either: this ends within its last page.
  native.reserved = [];
  native.areas = [{ addr: 0x60000, length: 0x14000 }];
  assert.equal(freeAreas('test'), [{ addr: 0x6a000, length: 0x6000 }]);
  native.areas = [{ addr: 0x10000, length: 0x4000 }];
  assert.equal(freeAreas('test'), []);
});

test('areas side by side are one, others are not', () => {
  insertChip(native, {
    ...chips.nrf52832,
    free: [
      { addr: 0x60000, length: 0x2000 },
      { addr: 0x62000, length: 0x1000 },
      { addr: 0x64000, length: 0x1000 },
    ],
  });
  assert.equal(freeAreas('test'), [
    { addr: 0x60000, length: 0x3000 },
    { addr: 0x64000, length: 0x1000 },
  ]);
});

test('the larger of several free areas is taken, one page alone last', () => {
  insertChip(native, {
    ...chips.stm32f405,
    free: [
      { addr: 0x08000000 + 384 * KB, length: 128 * KB },
      { addr: 0x08000000 + 16 * KB, length: 48 * KB },
    ],
    memory: {},
  });
  assert.is(new Nrf52Flash().ioctl(5, 0), 16 * KB);
});

test('pages of different sizes are no window', () => {
  insertChip(native, { ...chips.stm32f405, memory: {} });
  fails('EINVAL', /sizes/, () => new FlashWindow(pagesOf(0x08000000, 128 * KB, 'test'), 'test', 1));
});

test('a write that the firmware silently leaves undone is EIO, and no room for a volume', () => {
  insertChip(native, { ...chips.nrf52832, writable: [{ addr: 0x6a000, length: 0x2000 }] });
  const window = new Nrf52Flash();
  assert.is(window.writeblocks(0, new Uint8Array(4096).fill(5)), 0);
  assert.is(window.writeblocks(3, new Uint8Array(4096).fill(5)), -5);
  fails('ENOSPC', /./, () => {
    const tail = new Nrf52Flash({ start: 0x2000 });
    VfsLfs2.mkfs(tail);
  });
});

test('blocks outside the window are refused before anything is touched', () => {
  const { nor } = insertChip(native, chips.nrf52832);
  const window = new Nrf52Flash();
  for (const [block, length, offset] of [
    [6, 16, 0],
    [5, 32, 4090],
    [-1, 16, 0],
    [0, 16, -1],
    [5, 8192, undefined],
    [0, 100, undefined],
    [Number.NaN, 16, 0],
  ] as const) {
    assert.is(window.writeblocks(block, new Uint8Array(length), offset), -22, `${block} ${length} ${offset}`);
    if (offset !== undefined) assert.is(window.readblocks(block, new Uint8Array(length), offset), -22);
  }
  for (const block of [-1, 6, 0.5, Number.NaN]) assert.is(window.ioctl(6, block), -22);
  assert.is(nor.counters.erases + nor.counters.programs, 0);
});

test('Flash, Storage and process.memory are loaded when first wanted; without Flash it is ENODEV', () => {
  const { flash } = insertChip(native, chips.nrf52832);
  const storage = native.storage;
  native.flash = native.storage = undefined;
  native.require = (name) => {
    if (name === 'Flash') return flash;
    return storage;
  };
  assert.is(new Nrf52Flash().ioctl(4, 0), 6);
  native.flash = undefined;
  native.require = () => {
    throw new Error('no module');
  };
  fails('ENODEV', /./, () => new Nrf52Flash());
  native.require = undefined;
});

test.run();
