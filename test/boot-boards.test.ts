/** Every board from power-on: blank chips, second boots, foreign volumes, cards, modules, safe mode and the factory reset. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { panel } from '../boards/boot/shared';
import { SDCard } from '../boards/devices/sdcard';
import type { NorFlash } from '../boards/sim';
import { norImage, SimSdCard, SimSdSlot } from '../boards/sim';
import { Flash } from '../boards/stm32';
import { RAMBlockDev } from '../modules/blockdev';
import { ENODEV, vfsError } from '../modules/contract/errno';
import { VfsFat } from '../modules/fat';
import { exists, getcwd, listdir, mkdir, mount, readFile, statvfs, sync, umount, writeFile } from '../modules/vfs';
import { boards, disks, off, powerOn, printed, type Rig } from './boards-chip';
import { pressed } from './support/panel';

const shared = globalThis as Record<string, unknown>;
const join = (point: string, name: string): string => (point === '/' ? '' : point) + '/' + name;

test.after.each(() => {
  panel.button = panel.leds = undefined;
  disks.length = 0;
  off();
});

/** As at the end of a day: everything is on the flash. */
function powerOff(): void {
  sync();
  off();
}

for (const board of boards) {
  const { name, point, kind } = board;

  test(`${name}: a blank chip boots to a mounted volume, and the second boot keeps the files`, () => {
    const nor = board.fresh();
    const first = powerOn(board, nor);
    assert.equal(
      first.volumes.map((one) => [one.point, one.fs, one.state, one.error]),
      [[point, kind, 'formatted', '']],
    );
    assert.is(first.ok, true);
    assert.is(getcwd(), point);
    writeFile(join(point, 'kept.txt'), 'kept');
    powerOff();
    const image = norImage(nor);
    const second = powerOn(board, nor);
    assert.is(second.volumes[0].state, 'mounted');
    assert.is(readFile('kept.txt', 'utf8'), 'kept');
    assert.equal(norImage(nor), image);
  });

  test(`${name}: a foreign or damaged volume is never written`, () => {
    const nor = board.fresh();
    const size = nor.geometry.eraseSize;
    nor.poke(
      board.inside / size,
      new Uint8Array(size).map((_, i) => i * 7 + 1),
    );
    const before = norImage(nor);
    const report = powerOn(board, nor);
    assert.is(report.volumes[0].state, 'failed', printed.join());
    assert.match(printed.join(), board.description.volumes[0].format);
    off();
    assert.equal(norImage(nor), before);
    assert.is(nor.counters.programs + nor.counters.erases, 0);
    // A volume of which half is gone.
    const chip = board.fresh();
    powerOn(board, chip);
    writeFile(join(point, 'a.txt'), 'a');
    powerOff();
    for (const block of chip.usedBlocks()) {
      const page = new Uint8Array(size);
      chip.peek(block * size, page);
      if (block * size >= board.inside && page.some((byte) => byte !== 255))
        chip.poke(
          block,
          page.map((byte, i) => (i % 16 ? byte : byte & 0x55)),
        );
    }
    const damaged = norImage(chip);
    chip.resetCounters();
    assert.is(powerOn(board, chip).volumes[0].state, 'failed', printed.join());
    off();
    assert.equal(norImage(chip), damaged);
  });

  test(`${name}: boot.js and main.js run from the volume, and load modules of it`, () => {
    const nor = board.fresh();
    powerOn(board, nor);
    mkdir(join(point, 'lib'));
    writeFile(join(point, 'lib/adder.js'), "exports.add = function (n) { return require('./one') + n; };");
    writeFile(join(point, 'lib/one.js'), 'module.exports = 1;');
    writeFile(join(point, 'boot.js'), 'globalThis.fromBoot = 4;');
    writeFile(
      join(point, 'main.js'),
      "globalThis.sum = require('adder').add(fromBoot) + (require('adder') === require('vfs').require('adder') ? 10 : 0);",
    );
    powerOff();
    const report = powerOn(board, nor);
    assert.equal(
      report.scripts.map((one) => [one.path, one.state, one.error]),
      [
        [join(point, 'boot.js'), 'ran', ''],
        [join(point, 'main.js'), 'ran', ''],
      ],
    );
    assert.is(shared.sum, 15);
  });

  test(`${name}: safe mode by button runs no script and changes nothing`, () => {
    const nor = board.fresh();
    powerOn(board, nor);
    writeFile(join(point, 'main.js'), 'globalThis.unsafe = true;');
    powerOff();
    const image = norImage(nor);
    shared.unsafe = false;
    pressed(4000, 0);
    const report = powerOn(board, nor);
    assert.is(report.mode, 'safe');
    assert.equal(report.scripts, []);
    assert.is(shared.unsafe, false);
    assert.is(readFile('main.js', 'utf8').length > 0, true);
    assert.ok(printed.includes(`${board.description.name}: safe mode, scripts are not run`), printed.join('\n'));
    off();
    assert.equal(norImage(nor), image);
  });

  test(`${name}: the factory reset by button makes the volume anew, whatever was there`, () => {
    const nor = board.fresh();
    const size = nor.geometry.eraseSize;
    nor.poke(
      board.inside / size,
      new Uint8Array(size).map((_, i) => i * 7 + 1),
    );
    pressed(9000, 0);
    const report = powerOn(board, nor);
    assert.is(report.mode, 'reset', printed.join('\n'));
    assert.is(report.volumes[0].state, 'formatted', printed.join('\n'));
    assert.equal(report.scripts, []);
    assert.equal(listdir(point).sort(), ['README.txt', 'boot.js', 'main.js']);
    powerOff();
    panel.button = undefined;
    const next = powerOn(board, nor);
    assert.is(next.mode, undefined);
    assert.equal(
      next.scripts.map((one) => one.state),
      ['ran', 'ran'],
    );
    assert.is(next.volumes[0].state, 'mounted');
  });

  // The large sectors make many operations: fewer of them are cut.
  for (const cut of ['stop', 'tear'] as const)
    test(`${name}: a power cut (${cut}) at every operation of the factory reset ends in the old files or the new ones`, () => {
      const old = board.fresh();
      powerOn(board, old);
      mkdir(join(point, 'data'));
      for (let i = 0; i < 4; i++) writeFile(join(point, 'data/' + i), new Uint8Array(90).fill(i));
      writeFile(join(point, 'main.js'), 'globalThis.oldMain = true;');
      powerOff();
      const seen = { old: 0, completed: 0, whole: 0 };
      for (let n = 1, done = false; !done; n++) {
        const nor = copyOf(board, old);
        nor.arm(cut, n);
        pressed(9000, 0);
        powerOn(board, nor);
        off();
        done = !nor.isOff();
        nor.power();
        panel.button = undefined;
        const report = powerOn(board, nor);
        assert.is(report.ok, true, `${cut} at ${n}: ${printed.join('\n')}`);
        if (report.mode) {
          seen.completed++;
          assert.equal(listdir(point).sort(), ['README.txt', 'boot.js', 'main.js'], `${cut} at ${n}`);
        } else if (exists(join(point, 'data'))) {
          seen.old++;
          assert.equal(listdir(point).sort(), ['data', 'main.js']);
          for (let i = 0; i < 4; i++) assert.equal(readFile(join(point, 'data/' + i)), new Uint8Array(90).fill(i), `${cut} at ${n}`);
        } else {
          seen.whole++;
          assert.equal(listdir(point).sort(), ['README.txt', 'boot.js', 'main.js'], `${cut} at ${n}`);
          assert.match(readFile(join(point, 'README.txt'), 'utf8'), 'factory reset');
        }
        powerOff();
        // What came out stays.
        const last = powerOn(board, nor);
        assert.is(last.mode, undefined);
        assert.is(last.volumes[0].state, 'mounted');
        off();
      }
      assert.ok(seen.completed > 2 && seen.old > 0 && seen.whole > 0, JSON.stringify(seen));
      console.log(`${name}, ${cut}: ${JSON.stringify(seen)}`);
    });
}

function copyOf(board: Rig, nor: NorFlash): NorFlash {
  const copy = board.fresh();
  const page = new Uint8Array(nor.geometry.eraseSize);
  for (const block of nor.usedBlocks()) {
    nor.peek(block * page.length, page);
    copy.poke(block, page);
  }
  return copy;
}

const stm32 = boards[1];

/** A card with partitions of these lengths in kB; none: FAT over all of it. */
function card(lengths: number[]): SDCard {
  const sd = new SimSdCard({ type: 'SDSC', blocks: 8192 });
  const slot = new SimSdSlot(sd);
  const device = new SDCard(slot.spi, slot.cs, {});
  if (!lengths.length) VfsFat.mkfs?.(device);
  else {
    const table = new Uint8Array(512);
    const view = new DataView(table.buffer);
    let start = 8;
    lengths.forEach((length, i) => {
      view.setUint8(446 + i * 16 + 4, 6);
      view.setUint32(446 + i * 16 + 8, start, true);
      view.setUint32(446 + i * 16 + 12, length * 2, true);
      start += length * 2;
    });
    view.setUint16(510, 0xaa55, true);
    device.writeblocks(0, table);
    lengths.forEach((_, i) => {
      const first = view.getUint32(446 + i * 16 + 8, true);
      const count = view.getUint32(446 + i * 16 + 12, true);
      VfsFat.mkfs?.({
        readblocks: (block, buf) => device.readblocks(first + block, buf),
        writeblocks: (block, buf) => device.writeblocks(first + block, buf),
        ioctl: (op) => (op === 4 ? count : device.ioctl(op)),
      });
    });
  }
  return device;
}

test('a card is mounted at /sd, becomes the working directory, and brings its scripts and modules', () => {
  const nor = stm32.fresh();
  const sd = card([]);
  mount(sd, '/x');
  mkdir('/x/lib');
  writeFile('/x/lib/tool.js', "exports.name = 'tool of the card';");
  writeFile('/x/main.js', "globalThis.tool = require('tool').name + ', ' + require('vfs').getcwd();");
  umount('/x');
  powerOn(stm32, nor);
  writeFile('/flash/boot.js', 'globalThis.ranBoot = true;');
  writeFile('/flash/main.js', 'globalThis.tool = 0;');
  powerOff();
  const report = powerOn(stm32, nor, { sd: () => sd });
  assert.equal(printed, ['stm32: /flash flash fat mounted', 'stm32: /sd sd fat mounted']);
  assert.equal(
    report.scripts.map((one) => one.path),
    ['/flash/boot.js', '/sd/main.js'],
  );
  assert.is(shared.tool, 'tool of the card, /sd');
  powerOff();
  // With the file SKIPSD nothing is asked of the card.
  powerOn(stm32, nor);
  writeFile('/flash/SKIPSD', '');
  powerOff();
  powerOn(stm32, nor, { sd: () => assert.unreachable() as never });
  assert.equal(printed, ['stm32: /flash flash fat mounted']);
  assert.is(getcwd(), '/flash');
  assert.is(shared.tool, 0);
});

test('further partitions of a card are /sd2 and so on; unmounting one leaves the others', () => {
  powerOn(stm32, stm32.fresh(), { sd: () => card([300, 400, 500]) });
  assert.equal(printed.slice(1), ['stm32: /sd sd fat mounted', 'stm32: /sd2 sd fat mounted', 'stm32: /sd3 sd fat mounted']);
  writeFile('/sd3/f', 'third');
  umount('/sd');
  writeFile('/sd2/f', 'second');
  assert.is(readFile('/sd3/f', 'utf8'), 'third');
  assert.ok(statvfs('/sd2')[2] < statvfs('/sd3')[2]);
});

test('no card is no trouble; a card with nothing on it is reported and left alone', () => {
  const nor = stm32.fresh();
  const none = powerOn(stm32, nor, {
    sd: () => {
      throw vfsError(ENODEV, 'SDCard');
    },
  });
  assert.is(none.ok, true);
  assert.is(none.volumes.length, 1);
  const blank = new RAMBlockDev(512, 100);
  const written: number[] = [];
  const report = powerOn(stm32, nor, {
    sd: () => ({
      readblocks: (block, buf) => blank.readblocks(block, buf),
      writeblocks: (block) => written.push(block),
      ioctl: (op, arg) => blank.ioctl(op, arg),
    }),
  });
  assert.is(report.ok, false);
  assert.is(report.volumes[1].state, 'failed');
  assert.match(report.volumes[1].error, 'ENODEV');
  assert.equal(written, []);
});

for (const board of [stm32, boards[4]])
  test(`${board.name}: the power may go again while an interrupted reset is completed`, () => {
    const old = board.fresh();
    powerOn(board, old);
    mkdir('data');
    writeFile('main.js', '1');
    powerOff();
    for (let first = 1; first < 20; first++)
      for (let second = 1; second < 20; second++) {
        const nor = copyOf(board, old);
        nor.arm('tear', first);
        pressed(9000, 0);
        powerOn(board, nor);
        off();
        nor.power();
        panel.button = undefined;
        nor.arm('tear', second);
        powerOn(board, nor);
        off();
        nor.power();
        assert.is(powerOn(board, nor).ok, true, `${first}, ${second}: ${printed.join()}`);
        assert.match(listdir(board.point).sort().join(), /^(README\.txt,boot\.js,main\.js|data,main\.js)$/, `${first}, ${second}`);
        off();
      }
  });

test('a volume that a script has mounted is not reset', () => {
  const nor = stm32.fresh();
  powerOn(stm32, nor);
  writeFile('kept', '');
  panel.button = undefined;
  pressed(9000, 0);
  const log = console.log;
  const lines: string[] = [];
  console.log = (text: string) => lines.push(text);
  try {
    assert.is(stm32.boot().mode, 'safe');
  } finally {
    console.log = log;
  }
  assert.is(lines[3], 'stm32: no factory reset, a script has mounted /flash');
  assert.ok(exists('kept'));
});

test('what boot has formatted and a script written is sound for a PC, through the made-up partition table', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'microvfs-stm32-'));
  try {
    powerOn(stm32, stm32.fresh());
    mkdir('a long directory');
    writeFile('a long directory/hello.txt', 'from the chip');
    powerOff();
    const flash = new Flash();
    const disk = new Uint8Array(flash.ioctl(4, 0) * 512);
    assert.is(flash.readblocks(0, disk), 0);
    const image = path.join(folder, 'disk.img');
    writeFileSync(image, disk);
    writeFileSync(image + '1', disk.subarray(0x100 * 512));
    const typed = spawnSync('mtype', ['-i', `${image}@@${0x100 * 512}`, '::a long directory/hello.txt'], { encoding: 'utf8' });
    if (typed.error) {
      console.log('SKIP: no mtools');
      return;
    }
    assert.is(typed.stdout, 'from the chip', typed.stderr);
    const checked = spawnSync('fsck.fat', ['-n', image + '1'], { encoding: 'utf8' });
    if (!checked.error) assert.is(checked.status, 0, checked.stdout);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('the files of a description take the place of those built in', () => {
  const nor = stm32.fresh();
  pressed(9000, 0);
  stm32.description.factory = () => ['/lib/own.js', 'exports.own = 1;', '/main.js', ''];
  try {
    powerOn(stm32, nor);
  } finally {
    stm32.description.factory = undefined;
  }
  assert.equal(listdir('/flash').sort(), ['lib', 'main.js']);
  assert.equal(listdir('/flash/lib'), ['own.js']);
});

test('the factory reset leaves cards alone, and a ROM is mounted for reading only', () => {
  const nor = stm32.fresh();
  const sd = card([]);
  mount(sd, '/x');
  writeFile('/x/photo', 'photo');
  umount('/x');
  const rom = new RAMBlockDev(512, 200);
  VfsFat.mkfs?.(rom);
  pressed(9000, 0);
  const report = powerOn(stm32, nor, { rom: () => rom, sd: () => sd });
  assert.is(report.mode, 'reset');
  assert.is(readFile('/sd/photo', 'utf8'), 'photo');
  assert.throws(() => writeFile('/rom/f', ''), /EROFS/);
});

test("Zephyr's disks are mounted at their names", () => {
  const zephyr = boards.find((one) => one.name === 'zephyr') as Rig;
  const inside = new SimSdCard({ type: 'SDHC', blocks: 8192 });
  disks.push({ name: 'SD', card: inside });
  const slot = new SimSdSlot(inside);
  VfsFat.mkfs?.(new SDCard(slot.spi, slot.cs, {}));
  powerOn(zephyr, zephyr.fresh());
  assert.equal(printed, ['zephyr: /flash storage littlefs2 formatted', 'zephyr: /sd SD fat mounted']);
  assert.is(getcwd(), '/sd');
  off();
  disks[0].card = undefined;
  assert.is(powerOn(zephyr, zephyr.fresh()).volumes.length, 1);
});

test.run();
