/** Safe mode without a button: starts that came to nothing are counted, in Storage or in RAM that survives. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { BootReport, FurtherDevices } from '../boards/boot/types';
import { native } from '../boards/devices/native';
import { findFile, HEADER } from '../boards/devices/storage/headers';
import * as esp32 from '../boards/esp32';
import * as esp8266 from '../boards/esp8266';
import * as nrf52 from '../boards/nrf52';
import * as rp2 from '../boards/rp2';
import { type ChipDescription, chips, espruinoFlash, insertChip, NorFlash, norImage } from '../boards/sim';
import { SimStorage } from '../boards/sim/storage';
import * as stm32 from '../boards/stm32';
import { mount, readFile, umount, writeFile } from '../modules/vfs';
import { rows, tableImage } from './esp32-chip';

interface Board {
  boot(further?: FurtherDevices): BootReport;
  bootOk(): void;
}

let printed: string[] = [];
let timers: { run: () => void; ms: number }[] = [];
const scripts = globalThis as { ran?: number };

const realTimeout = globalThis.setTimeout;
const fakeTimeout = ((run: () => void, ms: number) => {
  timers.push({ run, ms });
  return timers.length;
}) as unknown as typeof setTimeout;

function off(): void {
  for (const [, point] of mount()) umount(point, { force: true });
  timers = [];
}

/** A start: what was mounted and timed before is gone. */
function start(board: Board, further?: FurtherDevices): BootReport {
  off();
  printed = [];
  const log = console.log;
  console.log = (text: string) => printed.push(text);
  globalThis.setTimeout = fakeTimeout;
  try {
    return board.boot(further);
  } finally {
    globalThis.setTimeout = realTimeout;
    console.log = log;
  }
}

/** How each of so many starts went: what it ran, or its mode. */
function starts(board: Board, count: number, further?: FurtherDevices): string[] {
  return Array.from({ length: count }, () => {
    scripts.ran = 0;
    const report = start(board, further);
    return report.mode ?? `${scripts.ran}`;
  });
}

const storage = () => native.storage as SimStorage;
const BAD = ['1', '1', '1', 'safe'];

/** With a volume in Storage, before all else. */
function stock(chip: ChipDescription): NorFlash {
  const { nor } = insertChip(native, chip);
  storage().write('vfs-volume', '\xff', 0, 65536 - 32);
  return nor;
}

function esp32Chip(): NorFlash {
  const nor = new NorFlash({ size: 0x400000, eraseSize: 4096, progSize: 4 });
  nor.poke(8, tableImage(rows));
  native.flash = espruinoFlash(nor);
  native.memory = () => ({});
  native.storage = new SimStorage(native.flash, { addr: 0x320000, length: 896 * 1024 });
  return nor;
}

const boards: { [name: string]: { board: Board; root: string; insert(): NorFlash; starts?: number } } = {
  'RP2, volume in Storage': { board: rp2, root: '', insert: () => stock(chips.rp2040) },
  'nRF52, words of two programs': { board: nrf52, root: '/flash', insert: () => stock(chips.jolt) },
  STM32F405: { board: stm32, root: '/flash', insert: () => insertChip(native, chips.stm32f405).nor },
  'STM32L496, double words of one program': {
    board: stm32,
    root: '/flash',
    insert: () => insertChip(native, { ...chips.stm32l496, align: 8 }).nor,
    // Storage itself programs a header twice when it replaces a file.
    starts: 25,
  },
  'ESP32, volume in a partition': { board: esp32, root: '', insert: esp32Chip },
};

/** The chip that was put in last. */
let current: NorFlash;
for (const one of Object.values(boards)) {
  const { insert } = one;
  one.insert = () => {
    current = insert();
    return current;
  };
}

test.before.each(() => {
  native.retained = undefined;
});
test.after(off);

for (const [name, { board, root, insert, starts: count }] of Object.entries(boards)) {
  test(`${name}: after three starts that came to nothing the fourth runs no script and says so, the fifth is normal again`, () => {
    const nor = insert();
    assert.is(start(board).ok, true);
    writeFile(`${root}/boot.js`, 'globalThis.ran++;');
    assert.equal(starts(board, 9), [...BAD, ...BAD, '1']);
    assert.equal(starts(board, 3), ['1', '1', 'safe']);
    assert.match(printed[printed.length - 1], /safe mode, scripts are not run: 3 starts in a row ended before 30 s or vfs\.bootOk\(\)/);
    assert.is(readFile(`${root}/boot.js`, 'utf8'), 'globalThis.ran++;', 'everything is mounted');
    assert.equal(nor.violations, []);
  });

  test(`${name}: bootOk(), or 30 s, and the count begins anew`, () => {
    insert();
    start(board);
    writeFile(`${root}/main.js`, 'globalThis.ran++;');
    for (let i = 0; i < 4; i++) {
      assert.equal(starts(board, 3), ['1', '1', '1']);
      if (i % 2) board.bootOk();
      else {
        assert.equal(
          timers.map(({ ms }) => ms),
          [30000],
        );
        timers[0].run();
      }
    }
    assert.equal(starts(board, 4), BAD);
  });

  test(`${name}: 300 good starts erase nothing, and a new file knows of those before it`, () => {
    const nor = insert();
    start(board);
    writeFile(`${root}/main.js`, 'globalThis.ran++;');
    starts(board, 1);
    const erases = nor.counters.erases;
    const wear = { ...nor.counters.wear };
    for (let i = 0; i < (count ?? 300); i++) {
      assert.equal(starts(board, 1), ['1']);
      board.bootOk();
    }
    assert.is(nor.counters.erases, erases);
    assert.equal(nor.counters.wear, wear);
    assert.equal(nor.violations, []);
    assert.is(storage().compactions, 0);
    assert.equal(
      storage()
        .list()
        .filter((one) => one !== 'vfs-volume'),
      ['vfs-boots'],
    );
    // The last file knows of the starts before it.
    assert.equal(starts(board, 4), BAD);
  });

  test(`${name}: the power goes at any program of a start: boot never fails, and the count is right or one less`, () => {
    const nor = insert();
    start(board);
    writeFile(`${root}/main.js`, 'globalThis.ran++;');
    const prepared = norImage(nor);
    const { geometry } = nor;
    let cuts = 0;
    for (const kind of ['stop', 'tear'] as const)
      for (let at = 1; at < 40; at++) {
        insert();
        const now = current;
        for (let block = 0; block < geometry.size / geometry.eraseSize; block++)
          now.poke(block, prepared.subarray(block * geometry.eraseSize, (block + 1) * geometry.eraseSize));
        // `poke` takes every unit as used up; what is not erased is not programmed here anyway.
        now.arm(kind, at);
        let done = 0;
        for (let k = 0; k < 6 && !now.isOff(); k++) {
          try {
            starts(board, 1);
            if (!now.isOff()) done++;
          } catch (error) {
            assert.ok(now.isOff(), String(error));
          }
        }
        if (!now.isOff()) break;
        cuts++;
        off();
        now.power();
        // Those that had begun count, that of the cut may; one in safe mode may have begun the count anew.
        const after = starts(board, 4);
        const first = after.indexOf('safe');
        assert.ok(
          done > 3 || (done === 3 && first === 3) || first === 3 - done || first === 2 - done,
          `${kind} ${at}: ${done} before, then ${after}`,
        );
      }
    assert.ok(cuts >= 6, `${cuts} cuts`);
  });
}

test('a mark of which the power left some bits is one', () => {
  stock(chips.rp2040);
  start(rp2);
  writeFile('/main.js', 'globalThis.ran++;');
  starts(rp2, 1);
  const data = findFile('vfs-boots', 'test')._header + HEADER;
  native.flash?.write(new Uint8Array([0xf0]), data + 1);
  assert.equal(starts(rp2, 2), ['1', 'safe']);
  // The same of a start that went well.
  starts(rp2, 1);
  native.flash?.write(new Uint8Array([0x7f]), data + 256 + 3);
  assert.equal(starts(rp2, 4), BAD);
});

test('RAM that survives a reset is taken where there is some: no start touches the flash', () => {
  const nor = stock(chips.rp2040);
  start(rp2);
  writeFile('/main.js', 'globalThis.ran++;');
  native.retained = new Uint8Array([1, 2, 3]);
  const programs = nor.counters.programs;
  assert.equal(starts(rp2, 8), [...BAD, ...BAD]);
  assert.equal(starts(rp2, 2), ['1', '1']);
  rp2.bootOk();
  assert.equal(starts(rp2, 4), BAD);
  assert.is(nor.counters.programs, programs);
  // What the power left in it is no count.
  starts(rp2, 3);
  native.retained.set([0x6d, 3, 3]);
  assert.equal(starts(rp2, 1), ['1']);
});

test('a file NOSAFE on the own volume, or {safe: false}, and scripts run always', () => {
  const nor = stock(chips.rp2040);
  start(rp2);
  writeFile('/main.js', 'globalThis.ran++;');
  const programs = nor.counters.programs;
  assert.equal(starts(rp2, 6, { safe: false }), ['1', '1', '1', '1', '1', '1']);
  assert.is(nor.counters.programs, programs);
  assert.equal(timers, []);
  assert.equal(starts(rp2, 3), ['1', '1', '1']);
  writeFile('/NOSAFE', '');
  assert.equal(starts(rp2, 5), ['1', '1', '1', '1', '1']);
});

test('a start without scripts counts nothing, and one in safe mode by the button neither', () => {
  const nor = stock(chips.rp2040);
  start(rp2);
  const programs = nor.counters.programs;
  starts(rp2, 6);
  assert.is(nor.counters.programs, programs);
  assert.is(storage().read('vfs-boots'), undefined);
});

test('a counted start reads one file of Storage, and programs one byte; bootOk one more', () => {
  const nor = stock(chips.rp2040);
  start(rp2, { safe: false });
  writeFile('/main.js', 'globalThis.ran++;');
  starts(rp2, 1);
  rp2.bootOk();
  const cost = (further?: FurtherDevices) => {
    nor.resetCounters();
    start(rp2, further);
    return { ...nor.counters };
  };
  const plain = cost({ safe: false });
  const counted = cost();
  console.log(`NOTE: ${counted.reads - plain.reads} reads of ${counted.readBytes - plain.readBytes} bytes, ${counted.programs} programs`);
  assert.is(counted.programs, 1);
  assert.is(counted.programBytes, 1);
  assert.is(counted.erases, 0);
  nor.resetCounters();
  rp2.bootOk();
  assert.is(nor.counters.programs, 1);
});

test('Storage without room, without `write`, or that throws: the start is a normal one, and nothing is compacted', () => {
  stock(chips.rp2040);
  start(rp2, { safe: false });
  writeFile('/main.js', 'globalThis.ran++;');
  const { freeBytes } = storage().getStats();
  storage().write('big', 'x', 0, freeBytes - 400);
  storage().write('gone', 'x');
  storage().erase('gone');
  assert.equal(starts(rp2, 5), ['1', '1', '1', '1', '1']);
  assert.is(storage().compactions, 0);
  storage().write = () => {
    throw new Error('no');
  };
  assert.equal(starts(rp2, 5), ['1', '1', '1', '1', '1']);
  const { nor } = insertChip(native, chips.esp8266);
  start(esp8266);
  writeFile('/main.js', 'globalThis.ran++;');
  const programs = nor.counters.programs;
  assert.equal(starts(esp8266, 5), ['1', '1', '1', '1', '1']);
  assert.is(nor.counters.programs, programs);
});

test.run();
