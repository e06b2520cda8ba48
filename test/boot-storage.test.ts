/** Booting boards with their stock firmware: where their own volume is looked for, what the console says, what `create` makes. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { BootReport, FurtherDevices } from '../boards/boot/types';
import { native } from '../boards/devices/native';
import * as esp32 from '../boards/esp32';
import * as nrf52 from '../boards/nrf52';
import * as rp2 from '../boards/rp2';
import { type ChipDescription, chips, espruinoFlash, insertChip, NorFlash, norImage } from '../boards/sim';
import { SimStorage } from '../boards/sim/storage';
import { listdir, mount, readFile, umount, writeFile } from '../modules/vfs';
import { rows, tableImage } from './esp32-chip';

let printed: string[] = [];
let storage: SimStorage;

function boot(board: { boot(further?: FurtherDevices): BootReport }, further?: FurtherDevices): BootReport {
  off();
  printed = [];
  const log = console.log;
  console.log = (text: string) => printed.push(text);
  try {
    return board.boot(further);
  } finally {
    console.log = log;
  }
}

function off(): void {
  for (const [fs] of mount()) umount(fs, { force: true });
}

function insert(chip: ChipDescription, nor?: NorFlash): NorFlash {
  const made = insertChip(native, chip, nor);
  storage = native.storage as SimStorage;
  return made.nor;
}

/** A stock ESP32: its Storage is not told by `process.memory`. */
function insertEsp32(table: Uint8Array): NorFlash {
  const nor = new NorFlash({ size: 0x400000, eraseSize: 4096, progSize: 4 });
  nor.poke(8, table);
  native.flash = espruinoFlash(nor);
  native.memory = () => ({});
  native.storage = storage = new SimStorage(native.flash, { addr: 0x320000, length: 896 * 1024 });
  return nor;
}

const LINE = (size: number) => storage.read('vfs-volume', 0, 1) || storage.write('vfs-volume', '\xff', 0, size);

test.after.each(off);

test('a stock RP2040 without a volume says by which line one is made; with it, it boots from it', () => {
  const nor = insert(chips.rp2040);
  const before = norImage(nor);
  const first = boot(rp2);
  assert.is(first.volumes[0].state, 'absent');
  assert.is(first.ok, false);
  assert.match(printed[0], "require('Storage').write('vfs-volume','\\xff',0,131040)");
  assert.equal(norImage(nor), before);
  // The line as it was printed.
  const line = /require\('Storage'\)(\.write\(.*?\))/.exec(printed[0])?.[1];
  new Function('storage', `storage${line}`)(storage);
  assert.equal(boot(rp2).volumes, [{ point: '/', device: 'storage', fs: 'littlefs2', state: 'formatted', error: '' }]);
  writeFile('/main.js', 'globalThis.ranFromStorage = 1;');
  const second = boot(rp2);
  assert.equal(second.volumes[0].state, 'mounted');
  assert.equal(printed, ['rp2: / storage littlefs2 mounted']);
  assert.equal(
    second.scripts.map((one) => [one.path, one.state]),
    [['/main.js', 'ran']],
  );
});

test('boot({create}) makes the volume where there is none, behind what is in Storage, and only once', () => {
  insert(chips.rp2040);
  storage.write('vfs', 'x'.repeat(20000));
  storage.write('vfs-parts', 'x'.repeat(50000));
  const report = boot(rp2, { create: '64K' });
  assert.equal(report.volumes, [{ point: '/', device: 'storage', fs: 'littlefs2', state: 'formatted', error: '' }]);
  writeFile('/a', 'kept');
  assert.equal(boot(rp2, { create: '64K' }).volumes[0].state, 'mounted');
  assert.is(readFile('/a', 'utf8'), 'kept');
  assert.equal(boot(rp2).volumes[0].state, 'mounted');
  assert.equal(storage.list(), ['vfs', 'vfs-parts', 'vfs-pad', 'vfs-volume']);
});

test('boot({create}) without room, or for a size that is none, reports it, and goes on', () => {
  insert(chips.rp2040);
  storage.write('vfs', 'x'.repeat(20000));
  const image = () => storage.list().join();
  assert.match(boot(rp2, { create: '1M' }).volumes[0].error, /^ENOSPC: Storage has room/);
  assert.is(boot(rp2, { create: '1M' }).volumes[0].state, 'failed');
  assert.match(boot(rp2, { create: 'much' }).volumes[0].error, /^EINVAL/);
  assert.is(image(), 'vfs');
});

test('a volume that Storage has moved is mounted for reading, the console says what to do, and that works', () => {
  insert(chips.rp2040);
  storage.write('old', 'x'.repeat(5001));
  storage.write('vfs', 'x'.repeat(20000));
  boot(rp2, { create: '64K' });
  writeFile('/a', 'kept');
  writeFile('/large', 'x'.repeat(9000));
  off();
  storage.erase('old');
  storage.compact();
  const report = boot(rp2);
  assert.is(report.volumes[0].state, 'mounted');
  assert.is(report.ok, false);
  assert.match(printed.join('\n'), /EROFS: moved by -50\d\d bytes in Storage. v.umount\('\/'\); new v.StorageVolume\(\).relocate\(\)/);
  assert.not.match(printed.join('\n'), 'losing all its files');
  assert.is(readFile('/a', 'utf8'), 'kept');
  assert.throws(() => writeFile('/b', 'x'), /EROFS/);
  // Typed as it was printed; without the umount, what is mounted notices.
  new rp2.StorageVolume().relocate();
  assert.throws(() => readFile('/large'), /ENODEV/);
  assert.equal(boot(rp2).volumes[0].error, '');
  assert.is(readFile('/a', 'utf8') + readFile('/large', 'utf8'), 'kept' + 'x'.repeat(9000));
  writeFile('/b', 'x');
});

test('an ESP32 takes its partition, without one the volume in Storage', () => {
  insertEsp32(tableImage(rows));
  LINE(131040);
  assert.is(boot(esp32).volumes[0].device, 'vfs');
  insertEsp32(tableImage(rows.filter((row) => row.label !== 'vfs')));
  assert.is(boot(esp32).volumes[0].state, 'absent');
  assert.match(printed[0], /ENOENT: no such partition, Partition 'vfs'\nENODEV: not in Storage/);
  LINE(131040);
  assert.equal(boot(esp32).volumes, [{ point: '/', device: 'storage', fs: 'littlefs2', state: 'formatted', error: '' }]);
  writeFile('/a', 'kept');
  assert.is(boot(esp32).volumes[0].state, 'mounted');
  assert.is(readFile('/a', 'utf8'), 'kept');
});

test('Bangle.js 2 as it is takes the volume in Storage; an nRF52 with free pages takes these where there is none', () => {
  insert(chips.bangle2stock);
  assert.is(boot(nrf52).volumes[0].state, 'absent');
  assert.match(printed[0], 'not in Storage');
  LINE(131040);
  assert.is(boot(nrf52).volumes[0].device, 'storage');
  insert(chips.nrf52832);
  assert.is(boot(nrf52).volumes[0].device, 'flash');
});

test('a volume in Storage that is damaged is left alone, and the console says how to format it', () => {
  const nor = insert(chips.rp2040);
  LINE(65504);
  boot(rp2);
  off();
  const device = new rp2.StorageVolume();
  for (let i = 0; i < 2; i++) device.writeblocks?.(i, new Uint8Array(4096).fill(7));
  const image = norImage(nor);
  assert.is(boot(rp2).volumes[0].state, 'failed');
  assert.match(printed[0], 'v.VfsLfs2.mkfs(new v.StorageVolume())');
  assert.equal(norImage(nor), image);
});

test('with create alone the devices of the description are mounted as well; beside others only these', () => {
  insert(chips.rp2040);
  LINE(65504);
  const seen: string[] = [];
  const further = rp2.rp2.further;
  const tell = (name: string) => () => {
    seen.push(name);
    throw Object.assign(new Error('none'), { errno: 19 });
  };
  rp2.rp2.further = { sd: tell('own') };
  try {
    boot(rp2, { create: '64K' });
    boot(rp2, { create: '64K', sd: tell('given') });
    boot(rp2, {});
    boot(rp2);
  } finally {
    rp2.rp2.further = further;
  }
  assert.equal(seen, ['own', 'given', 'own']);
});

test('a card may be given as a file system, as the firmware has it, and is mounted at its name', () => {
  insert(chips.rp2040);
  LINE(65504);
  const files: string[] = ['/main.js'];
  const card = {
    ilistdir: () => files.map((path): [string, number, number, number] => [path.slice(1), 0x8000, 0, 1]),
    stat: (path: string) => {
      if (path !== '/' && !files.includes(path)) throw Object.assign(new Error('none'), { errno: 2 });
      return [path === '/' ? 0x4000 : 0x8000, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    },
  };
  const report = boot(rp2, { sd: () => card });
  assert.equal(report.volumes[1], { point: '/sd', device: 'sd', fs: '', state: 'mounted', error: '' });
  assert.equal(listdir('/sd'), ['main.js']);
});

test.run();
