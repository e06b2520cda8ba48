/** What booting does with a partition for an image of ROMFS, with factory content in it, and with volumes of all kinds that are found out. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { panel } from '../boards/boot/shared';
import * as esp32 from '../boards/esp32';
import { type NorFlash, norImage } from '../boards/sim';
import * as zephyr from '../boards/zephyr';
import { RAMBlockDev, VfsExFat, VfsOverlay, VfsRom, WearLevelling } from '../modules/index';
import { type RomTree, romfs } from '../modules/romfs';
import { exists, listdir, mount, readFile, remove, stat, sync, umount, writeFile } from '../modules/vfs';
import { boards, off, powerOn, printed, type Rig } from './boards-chip';
import { chipWith, rows, tableImage } from './esp32-chip';
import { pressed } from './support/panel';

const board = boards.find((one) => one.name === 'esp32') as Rig;
const ROM = { label: 'romfs', subtype: 0x8f, addr: 0x330000, size: 0x8000 };
const content: RomTree = { 'config.json': '{"unit":1}', lib: { 'rommed.js': 'exports.answer = 42;' }, 'top.js': 'exports.top = 1;' };

/** A chip with a partition for ROMFS, and what is in it. */
function chip(image?: Uint8Array): NorFlash {
  const nor = chipWith(tableImage([...rows, ROM]));
  if (image) putInto(nor, image);
  return nor;
}

function putInto(nor: NorFlash, image: Uint8Array): void {
  for (let at = 0; at < ROM.size; at += 4096) {
    const page = new Uint8Array(4096).fill(0xff);
    page.set(image.subarray(at, at + 4096));
    nor.poke((ROM.addr + at) / 4096, page);
  }
}

function powerOff(): void {
  sync();
  off();
}

test.after.each(() => {
  panel.button = panel.leds = undefined;
  esp32.esp32.factory = undefined;
  off();
});

test('an image in the ROM partition is mounted at /rom for reading only, and modules are found in /rom/lib and /rom', () => {
  const nor = chip(romfs.build(content));
  const before = norImage(nor).slice(ROM.addr, ROM.addr + ROM.size);
  const report = powerOn(board, nor);
  assert.equal(printed, ['esp32: / vfs littlefs2 formatted', 'esp32: /rom romfs romfs mounted']);
  assert.is(report.ok, true);
  assert.equal(report.volumes[1], { point: '/rom', device: 'romfs', fs: 'romfs', state: 'mounted', error: '' });
  assert.is(readFile('/rom/config.json', 'utf8'), '{"unit":1}');
  assert.throws(() => writeFile('/rom/config.json', ''), /EROFS/);
  const require = (globalThis as unknown as { require: (name: string) => { [name: string]: number } }).require;
  assert.is(require('rommed').answer, 42);
  assert.is(require('top').top, 1);
  assert.equal(norImage(nor).slice(ROM.addr, ROM.addr + ROM.size), before);
});

test('a module on the own volume comes before one of the same name in the ROM', () => {
  const nor = chip(romfs.build({ lib: { 'which.js': 'exports.from = "rom";' } }));
  powerOn(board, nor);
  writeFile('/lib.js', '');
  const require = (globalThis as unknown as { require: (name: string) => { from: string } }).require;
  assert.is(require('which').from, 'rom');
});

test('a ROM partition that is erased, or holds something else, is passed over without a word', () => {
  for (const image of [undefined, new Uint8Array([1, 2, 3, 4])]) {
    const report = powerOn(board, chip(image));
    assert.equal(printed, ['esp32: / vfs littlefs2 formatted']);
    assert.is(report.ok, true);
    assert.is(exists('/rom'), false);
  }
});

test('an image that is longer than its partition is reported, and the rest of the board boots', () => {
  const long = romfs.build({ big: new Uint8Array(ROM.size) });
  const report = powerOn(board, chip(long));
  assert.is(report.volumes[0].state, 'formatted');
  assert.is(report.volumes[1].state, 'failed');
  assert.match(report.volumes[1].error, /ECORRUPT/);
  assert.is(report.ok, false);
});

test('what a script has mounted at /rom is taken as it is', () => {
  powerOn(board, chip(romfs.build(content)));
  umount('/rom');
  umount('/');
  mount(new VfsRom(romfs.build({ other: '' })), '/rom');
  const log = console.log;
  console.log = () => {};
  try {
    assert.is(esp32.boot().volumes.length, 1);
  } finally {
    console.log = log;
  }
  assert.equal(listdir('/rom'), ['other']);
});

test('a card with exFAT is found out at boot', () => {
  const card = new RAMBlockDev(512, 8192);
  VfsExFat.mkfs?.(card);
  const report = powerOn(board, chip(), { sd: () => card });
  assert.equal(report.volumes[1], { point: '/sd', device: 'sd', fs: 'exfat', state: 'mounted', error: '' });
  writeFile('/sd/photo', 'photo');
  assert.is(readFile('/sd/photo', 'utf8'), 'photo');
});

test('rom_ioctl has the ROM partitions that are there: it erases, writes, and gives the device', () => {
  powerOn(board, chip());
  const { rom_ioctl } = esp32;
  const image = romfs.build(content);
  assert.is(rom_ioctl(1), 1);
  assert.is(rom_ioctl(6, 0), 4096);
  assert.is(rom_ioctl(3, 0, image.length), 1);
  assert.is(rom_ioctl(4, 0, 0, image), 0);
  assert.is(rom_ioctl(5, 0), 0);
  assert.is(rom_ioctl(2, 1), -22);
  mount(new VfsRom(rom_ioctl(2, 0) as esp32.Partition), '/new');
  assert.equal(listdir('/new'), ['config.json', 'lib', 'top.js']);
  // Without such a partition there is no place.
  off();
  board.insert(board.fresh());
  assert.is(rom_ioctl(1), 0);
  assert.is(zephyr.rom_ioctl(1), 0);
});

test("with factory: 'overlay' the ROM is factory content under the own volume, and a reset brings it back", () => {
  esp32.esp32.factory = 'overlay';
  const nor = chip(romfs.build({ 'main.js': '/* factory */', data: { a: '1', b: '2' } }));
  const first = powerOn(board, nor);
  assert.equal(printed, ['esp32: / vfs littlefs2 formatted', 'esp32: / romfs overlay mounted']);
  assert.equal(first.scripts, [{ path: '/main.js', state: 'ran', error: '', line: 0 }]);
  assert.ok(mount()[0][0] instanceof VfsOverlay);
  writeFile('/main.js', '/* mine */');
  remove('/data/b');
  powerOff();
  powerOn(board, nor);
  assert.is(readFile('/main.js', 'utf8'), '/* mine */');
  assert.equal(listdir('/data'), ['a']);
  powerOff();
  pressed(9000, 0);
  const reset = powerOn(board, nor);
  assert.is(reset.mode, 'reset');
  assert.is(readFile('/main.js', 'utf8'), '/* factory */');
  assert.equal(listdir('/').sort(), ['data', 'main.js']);
  assert.equal(listdir('/data').sort(), ['a', 'b']);
});

test("with factory: 'overlay' and no image the own volume is there by itself; with a damaged one it is, and the report says so", () => {
  esp32.esp32.factory = 'overlay';
  assert.is(powerOn(board, chip()).ok, true);
  writeFile('/kept', '1');
  powerOff();
  const report = powerOn(board, chip(romfs.build({ big: new Uint8Array(ROM.size) })));
  assert.equal([report.volumes[0].state, report.volumes[1].state, report.ok], ['formatted', 'failed', false]);
  writeFile('/works', '1');
  assert.is(stat('/works')[6], 1);
});

test('the own partition may carry littlefs 1, or FAT as ESP-IDF levels it: boot finds out which', () => {
  const { VfsLfs1, VfsFat, Partition } = esp32;
  const make: { [kind: string]: (device: esp32.Partition) => void } = {
    littlefs1: (device) => VfsLfs1.mkfs(device),
    fat: (device) => VfsFat.mkfs?.(new WearLevelling(device)),
  };
  for (const kind in make) {
    const nor = chip();
    off();
    board.insert(nor);
    make[kind](new Partition('vfs'));
    const report = powerOn(board, nor);
    assert.is(report.volumes[0].fs, kind);
    assert.is(report.volumes[0].state, 'mounted', report.volumes[0].error);
    writeFile('/kept', kind);
    powerOff();
    powerOn(board, nor);
    assert.is(readFile('/kept', 'utf8'), kind);
    umount('/');
  }
});

test.run();
