/** Every device of the project states what its medium programs at once; what that saves, and that the chip is content with it. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { mostErases, oddEnds, RECORDS, runAppends } from '../bench/append';
import { boardDevices } from '../bench/devices';
import { Meter } from '../bench/meter';
import { TIMED, withClock } from '../bench/workloads';
import { native } from '../boards/devices/native';
import { SDCard } from '../boards/devices/sdcard';
import { SpiFlash } from '../boards/devices/spiflash';
import {
  type ChipDescription,
  chips,
  insertChip,
  NorBlockDev,
  NorFlash,
  SimSdCard,
  SimSdSlot,
  SimSpiNor,
  simEcmaFlash,
  simZephyr,
} from '../boards/sim';
import { Flash as Stm32Flash } from '../boards/stm32';
import { DiskAccess, ecma419, espruinoZephyr, FlashArea, useZephyr } from '../boards/zephyr';
import type { BlockDevice } from '../modules/contract/filesystem';
import { VfsLfs2 } from '../modules/littlefs2';
import { repoRoot } from './support/golden';
import { throwsCode } from './support/lfs2';

const KB = 1024;
const STM32 = 0x08000000;

for (const board of boardDevices)
  test(`${board.name}: the device states that it programs ${board.unit} bytes at once, and the chip programs that`, () => {
    const { device, nor } = board.open();
    device.ioctl?.(1, 1);
    assert.is(device.progsize, board.unit);
    assert.is(device.ioctl?.(5, 0), board.blockSize);
    if (!nor) return;
    // Units one after the other, each once: what was in the others stays, and none counts as programmed twice.
    const wanted = new Uint8Array(64).fill(255);
    device.ioctl?.(6, 0);
    for (let at = 0; at < 64; at += board.unit) {
      const piece = new Uint8Array(board.unit).map((_, i) => at + i);
      device.writeblocks?.(0, piece, at);
      wanted.set(piece, at);
      const got = new Uint8Array(64);
      device.readblocks(0, got, 0);
      assert.equal(got, wanted, `after the unit at ${at}`);
    }
    if (board.unit > 4) assert.throws(() => device.writeblocks?.(0, new Uint8Array(board.unit), 0), /program 2 of the unit/);
    assert.is(nor.violations.length, board.unit > 4 ? 1 : 0);
  });

test('no class of a block device is without progsize', () => {
  const files = ['boards', 'modules'].flatMap((root) =>
    (readdirSync(path.join(repoRoot, root), { recursive: true, encoding: 'utf8' }) as string[])
      .filter((name) => name.endsWith('.ts'))
      .map((name) => path.join(root, name)),
  );
  const classes = files.filter((file) =>
    /^export class .* implements .*BlockDevice/m.test(readFileSync(path.join(repoRoot, file), 'utf8')),
  );
  assert.ok(classes.length >= 8, classes.join());
  for (const file of classes) assert.match(readFileSync(path.join(repoRoot, file), 'utf8'), /^ {2}progsize\b/m, file);
});

/** The unit that the STM32 device states for a chip whose sectors all have `size` bytes behind a first one. */
function stm32Unit(sectors: [number, number][], window: number, length: number): number | undefined {
  insertChip(native, { ...chips.stm32f405, sectors, free: [{ addr: STM32 + window, length }], memory: {}, storage: 0 });
  const flash = new Stm32Flash({});
  assert.is(flash.progsize, 512, 'of blocks');
  flash.ioctl(1, 1);
  const unit = flash.progsize;
  flash.ioctl(1, 0);
  assert.is(flash.progsize, 512, 'of blocks again');
  return unit;
}

test('an STM32 is told by its first sector: large sectors of an F4 are not those of an H7', () => {
  const f4: [number, number][] = [
    [16 * KB, 4],
    [64 * KB, 1],
    [128 * KB, 7],
  ];
  assert.is(stm32Unit(f4, 16 * KB, 48 * KB), 1);
  assert.is(stm32Unit(f4, 384 * KB, 512 * KB), 1);
  const f7: [number, number][] = [
    [32 * KB, 4],
    [128 * KB, 1],
    [256 * KB, 3],
  ];
  assert.is(stm32Unit(f7, 256 * KB, 768 * KB), 1);
  assert.is(stm32Unit([[128 * KB, 8]], 512 * KB, 512 * KB), 32);
  assert.is(stm32Unit([[8 * KB, 64]], 256 * KB, 256 * KB), 16);
  for (const size of [1, 2, 4]) assert.is(stm32Unit([[size * KB, 128]], 64 * KB, 32 * KB), 8, `pages of ${size} kB`);
});

test('nRF52: the internal flash is programmed by words, the external chip by bytes', () => {
  const open = (chip: ChipDescription): NorFlash => insertChip(native, chip).nor;
  const nor = open(chips.nrf52832);
  assert.is(nor.geometry.programs, 2);
  assert.is(boardDevices.find(({ name }) => name === 'nRF52')?.unit, 4);
  assert.is(boardDevices.find(({ name }) => name === 'Bangle.js 2')?.unit, 1);
});

test('Zephyr: an area states flash_area_align, by whatever it is told; a disk its sector', () => {
  const nor = new NorFlash({ size: 128 * KB, eraseSize: 4096, progSize: 16 });
  const areas = [{ label: 'storage', nor, addr: 0, size: 64 * KB }];
  const unit = (): number | undefined => new FlashArea(0, 4096).progsize;
  useZephyr(simZephyr(areas, [{ name: 'SD', card: new SimSdCard({ type: 'SDHC', blocks: 65536 }) }]));
  assert.is(unit(), 16);
  assert.is(new DiskAccess('SD').progsize, 512);
  useZephyr(ecma419(simEcmaFlash(areas, false), ['storage']));
  assert.is(unit(), 16);
  // Older ports do not tell: then the volume's own program size counts.
  useZephyr(ecma419(simEcmaFlash(areas, true), ['storage']));
  assert.is(unit(), undefined);
  insertChip(native, { ...chips.nrf52832, writable: undefined });
  useZephyr(espruinoZephyr());
  assert.is(unit(), 16);
});

test('an SD card states its block, external flash single bytes, the simulated chip its unit', () => {
  const chip = new SimSpiNor(new NorFlash({ size: 64 * KB, eraseSize: 4096, progSize: 1 }));
  assert.is(new SpiFlash(chip.spi, chip.cs).progsize, 1);
  const slot = new SimSdSlot(new SimSdCard({ type: 'SDHC', blocks: 65536 }));
  assert.is(new SDCard(slot.spi, slot.cs).progsize, 512);
  assert.is(new NorBlockDev(new NorFlash({ size: 64 * KB, eraseSize: 4096, progSize: 8 })).progsize, 8);
});

for (const board of boardDevices)
  for (const [what, lengths] of Object.entries(RECORDS))
    test(`${board.name}: 500 synced appends of ${what} cost three erases a block, and one for each that begins within a unit`, () => {
      const { device, nor } = board.open();
      const meter = new Meter(device);
      // Each in another second: a time of modification is committed with each.
      const cost = withClock(1000, () => runAppends(meter, TIMED.options, lengths));
      const most = mostErases(lengths, board.blockSize, board.unit);
      assert.ok(cost.erases <= most, `${cost.erases} erases, at most ${most}`);
      const bytes = lengths.reduce((sum, length) => sum + length, 0);
      if (board.unit === 1) {
        assert.ok(cost.erases <= 3 * Math.ceil(bytes / board.blockSize));
        assert.ok(cost.programBytes < 3 * bytes, `${cost.programBytes} bytes programmed for ${bytes}`);
      }
      assert.equal(nor?.violations ?? [], []);
    });

test('a device that states its unit saves most of the erases of one that does not', () => {
  const silent = (device: BlockDevice): BlockDevice => ({
    readblocks: (block, buf, offset) => device.readblocks(block, buf, offset),
    writeblocks: (block, buf, offset) => device.writeblocks?.(block, buf, offset),
    ioctl: (op, arg) => device.ioctl?.(op, arg),
  });
  for (const [what, lengths] of Object.entries(RECORDS)) {
    const esp32 = boardDevices.find(({ name }) => name === 'ESP32')!;
    const stated = withClock(0, () => runAppends(new Meter(esp32.open().device), TIMED.options, lengths)).erases;
    const not = withClock(0, () => runAppends(new Meter(silent(esp32.open().device)), TIMED.options, lengths)).erases;
    assert.ok(not > 30 * stated, `${what}: ${stated} erases, and ${not} of a device that states nothing`);
    assert.ok(not <= mostErases(lengths, 4096, 32));
    assert.ok(oddEnds(lengths, 4096, 32) > 350);
  }
});

test('a program size that is no multiple of what the device programs at once is EINVAL; the default is raised to it', () => {
  for (const unit of [8, 64]) {
    const nor = new NorFlash({ size: 64 * KB, eraseSize: 4096, progSize: unit, programs: 1 });
    const device = new NorBlockDev(nor);
    throwsCode(() => VfsLfs2.mkfs(device, { progsize: unit / 2 }), 'EINVAL');
    throwsCode(() => VfsLfs2.mkfs(device, { progsize: unit + unit / 2 }), 'EINVAL');
    assert.is(nor.counters.programs + nor.counters.erases, 0);
    VfsLfs2.mkfs(device);
    new VfsLfs2(device).mount(true, false);
  }
});

test('the simulated chip refuses one program more of a unit than it takes, also of bytes that stay erased, until it is erased', () => {
  for (const programs of [1, 2]) {
    const nor = new NorFlash({ size: 8 * KB, eraseSize: 4096, progSize: 8, programs });
    const blank = new Uint8Array(8).fill(255);
    for (let k = 0; k < programs; k++) nor.program(4096 + 16, blank);
    assert.throws(() => nor.program(4096 + 8, new Uint8Array(16)), new RegExp(`program ${programs + 1} of the unit at ${4096 + 16}`));
    assert.is(nor.violations.length, 1);
    nor.erase(4096);
    assert.is(nor.program(4096 + 16, blank), 0);
    // Half of its units were programmed when the power went.
    nor.arm('tear', 1);
    assert.throws(() => nor.program(0, new Uint8Array(32)), /power/);
    nor.power();
    for (let k = 1; k < programs; k++) nor.program(8, blank);
    assert.throws(() => nor.program(8, blank), /of the unit at 8/);
    assert.is(nor.program(16, blank), 0);
    nor.poke(1, new Uint8Array(4096).fill(255).fill(0, 24, 25));
    assert.throws(() => nor.program(4096 + 24, blank), /of the unit/);
    assert.is(nor.program(4096 + 32, blank), 0);
  }
});

test.run();
