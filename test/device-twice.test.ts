/** One device is mounted once, whichever objects stand for it; its partitions are devices of their own. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { native } from '../boards/devices/native';
import { SDCard } from '../boards/devices/sdcard';
import { Partition } from '../boards/esp32';
import { bdev } from '../boards/esp8266';
import { SimSdSlot } from '../boards/sim';
import { chips, insertChip } from '../boards/sim/chips';
import { NorFlash } from '../boards/sim/nor';
import { SimSdCard } from '../boards/sim/sdcard';
import { simZephyr } from '../boards/sim/zephyr';
import { Flash } from '../boards/stm32';
import { DiskAccess, FlashArea, useZephyr } from '../boards/zephyr';
import { RAMBlockDev } from '../modules/blockdev';
import type { VfsError } from '../modules/contract/errno';
import type { BlockDevice, FileSystem } from '../modules/contract/filesystem';
import { fat, VfsFat } from '../modules/fat';
import { littlefs2, VfsLfs2 } from '../modules/littlefs2';
import { addDriver, mount, readFile, umount, writeFile } from '../modules/vfs';
import { chipWith, rows, tableImage } from './esp32-chip';
import { format, ImageDevice } from './support/fat';

addDriver(littlefs2);
addDriver(fat);
const mkfsFat = VfsFat.mkfs as (bdev: BlockDevice) => void;

test.after.each(() => {
  for (const [fs] of mount()) umount(fs, { force: true });
});

function busy(action: () => void, at = '/a'): void {
  try {
    action();
  } catch (error) {
    assert.is((error as VfsError).code, 'EBUSY', (error as Error).message);
    assert.match((error as Error).message, `its device is mounted at ${at}`);
    return;
  }
  assert.unreachable('no EBUSY');
}

type Opener = () => BlockDevice;

/** For each device: how to open it, again and again. `fat`: it carries FAT, else littlefs 2. */
const devices: [name: string, fat: boolean, prepare: () => [Opener, Opener]][] = [
  [
    'a device of a user',
    false,
    () => {
      const ram = new RAMBlockDev(4096, 32);
      return [() => ram, () => ram];
    },
  ],
  [
    'a device of a user with FAT',
    true,
    () => {
      const ram = new RAMBlockDev(512, 512);
      return [() => ram, () => ram];
    },
  ],
  [
    "two new Partition('vfs')",
    false,
    () => {
      chipWith(tableImage(rows));
      return [() => new Partition('vfs'), () => Partition.find(1, { label: 'vfs' })[0]];
    },
  ],
  [
    'a partition in blocks of 4096 and of 512 bytes',
    true,
    () => {
      chipWith(tableImage(rows));
      return [() => new Partition('vfs', { blockSize: 512 }), () => new Partition('vfs')];
    },
  ],
  [
    'two bdev()',
    false,
    () => {
      insertChip(native, chips.esp8266);
      return [() => bdev(), () => bdev({})];
    },
  ],
  [
    'windows that overlap',
    false,
    () => {
      insertChip(native, chips.esp8266);
      return [() => bdev({ len: 0x20000 }), () => bdev({ start: 0x1f000, len: 0x20000 })];
    },
  ],
  [
    'two new Flash({})',
    true,
    () => {
      insertChip(native, chips.stm32f405);
      return [() => new Flash({}), () => new Flash({})];
    },
  ],
  [
    'a window of the flash, and all of it',
    true,
    () => {
      insertChip(native, chips.stm32f405);
      return [() => new Flash({}), () => new Flash()];
    },
  ],
  [
    'two cards on one pin',
    true,
    () => {
      const slot = new SimSdSlot(new SimSdCard({ type: 'SDHC', blocks: 65536 }));
      return [() => new SDCard(slot.spi, slot.cs), () => new SDCard(slot.spi, slot.cs, {})];
    },
  ],
  [
    'two FlashArea of one id',
    false,
    () => {
      const nor = new NorFlash({ size: 1024 * 1024, eraseSize: 4096, progSize: 4 });
      useZephyr(simZephyr([{ label: 'storage', nor, addr: 0, size: 0x20000 }], []));
      return [() => new FlashArea(0, 4096), () => new FlashArea(0, 8192)];
    },
  ],
  [
    'two DiskAccess of one name',
    true,
    () => {
      useZephyr(simZephyr([], [{ name: 'SD', card: new SimSdCard({ type: 'SDHC', blocks: 65536 }) }]));
      return [() => new DiskAccess('SD'), () => new DiskAccess('SD')];
    },
  ],
];

for (const [name, isFat, prepare] of devices)
  test(`${name}: mounted at a second point is EBUSY, and the first mount goes on`, () => {
    const [first, second] = prepare();
    const make = (open: Opener): FileSystem => (isFat ? new VfsFat(open(), {}) : new VfsLfs2(open(), {}));
    for (const one of [first, () => make(first)]) {
      (isFat ? mkfsFat : VfsLfs2.mkfs)(first());
      mount(one(), '/a');
      writeFile('/a/f', 'first');
      for (const options of [undefined, {}, { readonly: true }, { mkfs: true }]) {
        busy(() => mount(second(), '/b', options));
        busy(() => mount(make(first), '/b', options));
        busy(() => mount(make(first), '/a/below', options));
      }
      writeFile('/a/g', 'second');
      assert.is(readFile('/a/f', 'utf8'), 'first');
      assert.is(readFile('/a/g', 'utf8'), 'second');
      assert.is(mount().length, 1);
      umount('/a');
      mount(make(first), '/b');
      assert.is(readFile('/b/g', 'utf8'), 'second');
      umount('/b');
    }
  });

test('a device that is mounted is not touched before it is EBUSY', () => {
  const ram = new RAMBlockDev(4096, 32);
  VfsLfs2.mkfs(ram);
  const fs = new VfsLfs2(ram);
  mount(ram, '/a');
  let calls = 0;
  const ioctl = ram.ioctl;
  ram.ioctl = (op, arg) => {
    calls++;
    return ioctl.call(ram, op, arg);
  };
  busy(() => mount(ram, '/b'));
  busy(() => mount(fs, '/b'));
  assert.is(calls, 0);
});

/** A disk of two partitions with FAT, at blocks 100 and 1100. */
function disk(): ImageDevice {
  const device = new ImageDevice(new Uint8Array(512 * 2200));
  [100, 1100].forEach((start, i) => {
    device.image.set(format(1000 * 512).image, start * 512);
    const at = 446 + i * 16;
    device.image[at + 4] = 0x0e;
    for (let k = 0; k < 4; k++) {
      device.image[at + 8 + k] = start >> (8 * k);
      device.image[at + 12 + k] = 1000 >> (8 * k);
    }
  });
  device.image[510] = 0x55;
  device.image[511] = 0xaa;
  return device;
}

test('partitions of a disk are mounted beside each other, in any order, and none of them twice', () => {
  const orders: (number | undefined)[][] = [
    [1, 2],
    [2, 1],
    [undefined, 2],
    [2, undefined],
  ];
  for (const [a, b] of orders) {
    const device = disk();
    const open = (partition: number | undefined): FileSystem | BlockDevice =>
      partition === undefined ? device : new VfsFat(device, { partition });
    mount(open(a), '/a');
    mount(open(b), '/b');
    writeFile('/a/f', `a ${a}`);
    writeFile('/b/f', `b ${b}`);
    assert.is(readFile('/a/f', 'utf8'), `a ${a}`);
    const first = [a, b].indexOf(2) ? '/a' : '/b';
    for (const again of [device, new VfsFat(device), new VfsFat(device, { partition: 1 })]) busy(() => mount(again, '/c'), first);
    busy(() => mount(new VfsFat(device, { partition: 2 }), '/c'), first === '/a' ? '/b' : '/a');
    umount('/a');
    assert.is(readFile('/b/f', 'utf8'), `b ${b}`);
    umount('/b');
  }
});

test('windows, partitions and areas beside each other are mounted together', () => {
  insertChip(native, chips.esp8266);
  mount(new VfsLfs2(bdev({ len: 0x20000 })), '/a', { mkfs: true });
  mount(new VfsLfs2(bdev({ start: 0x20000, len: 0x20000 })), '/b', { mkfs: true });
  chipWith(tableImage(rows));
  mount(new VfsLfs2(new Partition('vfs')), '/c', { mkfs: true });
  mount(new VfsLfs2(new Partition('sixteen-letters!')), '/d', { mkfs: true });
  assert.is(mount().length, 4);
});

test('file systems of a user are nobody’s device', () => {
  const fs = (): FileSystem => ({ stat: () => [0x4000, 0, 0, 0, 0, 0, 0, 0, 0, 0] });
  mount(fs(), '/a');
  mount(fs(), '/b');
});

test.run();
