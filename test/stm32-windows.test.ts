/** Windows of one flash: whose sectors they are, whatever lay there before, at every cut; torn marks. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { WindowOptions } from '../boards/devices/window';
import { type ChipDescription, chips, insertChip } from '../boards/sim/chips';
import { norFromImage, norImage } from '../boards/sim/file';
import type { NorFlash } from '../boards/sim/nor';
import { Flash, native } from '../boards/stm32';
import type { VfsError } from '../modules/contract/errno';
import { fat, VfsFat } from '../modules/fat';
import { littlefs2, VfsLfs2 } from '../modules/littlefs2';
import { addDriver, mount, umount } from '../modules/vfs';
import { boards, off, powerOn } from './boards-chip';
import { pattern, random, tree, writeFile } from './support/fat';
import { oneIn, rounds } from './support/rounds';

const KB = 1024;
const BASE = 0x08000000;
// As the bundle with both registers them.
addDriver(fat);
addDriver(littlefs2);

function tiny(sectors: [number, number][], word = 4): ChipDescription {
  const length = sectors.reduce((sum, [size, count]) => sum + size * count, 0);
  return { base: BASE, sectors, word, programs: word === 8 ? 1 : undefined, free: [{ addr: BASE, length }] };
}

const PAGES = tiny([[2 * KB, 64]], 8);
const SECTORS = tiny([[16 * KB, 8]]);

type Files = Record<string, string>;

/** The content of a FAT volume in a window; the error's message where there is none. */
function content(options: WindowOptions): Files | string {
  const fs = new VfsFat(new Flash(options));
  try {
    fs.mount(true, false);
    return tree(fs);
  } catch (error) {
    if (!(error as VfsError).errno) throw error;
    return (error as Error).message;
  }
}

function fill(options: WindowOptions, files: number, seed: number): Files {
  const fs = new VfsFat(new Flash(options));
  fs.mount(false, false);
  for (let i = 0; i < files; i++) writeFile(fs, `/f${i}`, pattern(1500, seed + i));
  fs.umount();
  return tree(
    ((): VfsFat => {
      fs.mount(true, false);
      return fs;
    })(),
  );
}

function makeFat(options: WindowOptions, files: number, seed: number): Files {
  VfsFat.mkfs?.(new Flash(options));
  return fill(options, files, seed);
}

/** The same for littlefs on the sectors themselves. */
function makeLfs(options: WindowOptions, files: number, seed: number): void {
  VfsLfs2.mkfs(new Flash(options));
  const fs = new VfsLfs2(new Flash(options), { mtime: false });
  fs.mount(false, false);
  for (let i = 0; i < files; i++) {
    const file = fs.open(`/g${i}`, 'w');
    file.writeAt(0, pattern(900, seed + i));
    file.close();
  }
  fs.umount();
}

function lfsSound(options: WindowOptions, files: number, seed: number): boolean {
  const fs = new VfsLfs2(new Flash(options), { mtime: false });
  fs.mount(true, false);
  for (let i = 0; i < files; i++) {
    const got = new Uint8Array(900);
    const file = fs.open(`/g${i}`, 'r');
    if (file.readAt(0, got) !== 900 || !Buffer.from(got).equals(Buffer.from(pattern(900, seed + i)))) return false;
  }
  return true;
}

const isError = (found: Files | string): found is string => typeof found === 'string';

for (const [name, chip, half] of [
  ['pages of 2 kB', PAGES, 64 * KB],
  ['pages of 2 kB, an odd number of them', PAGES, 62 * KB],
  ['sectors of 16 kB', SECTORS, 64 * KB],
] as const)
  for (const files of [1, 42])
    for (const second of ['littlefs', 'FAT'] as const)
      test(`${name}, ${files} old files, ${second} in the second: two windows over an old volume, cut at every operation`, () => {
        const first = insertChip(native, chip);
        const p1 = { start: 0, len: half };
        const p2 = { start: half };
        const old = makeFat({}, files, 1);
        const image = norImage(first.nor);
        const make2 = () => (second === 'FAT' ? makeFat(p2, 2, 70) : makeLfs(p2, 2, 70));
        const counts: Record<string, number> = {};
        const count = (what: string) => {
          counts[what] = (counts[what] || 0) + 1;
        };
        let points = 0;
        for (let cut = 1, step = oneIn(3); ; cut += step) {
          const nor = norFromImage(image, first.nor.geometry);
          const { violations } = insertChip(native, chip, nor);
          nor.arm(cut & 1 ? 'stop' : 'tear', cut);
          let new1: Files | undefined;
          let done2 = false;
          try {
            VfsFat.mkfs?.(new Flash(p1));
            new1 = {};
            make2();
            done2 = true;
            new1 = fill(p1, 2, 40);
          } catch (error) {
            if (!nor.isOff()) throw error;
          }
          if (!nor.isOff()) break;
          points++;
          nor.power();
          if (cut > 60) step = 7 * oneIn(3);
          // The old volume is whole, or it is not read at all.
          const whole = content({});
          if (isError(whole)) count('old refused');
          else {
            assert.equal(whole, old, `cut ${cut}: the old volume`);
            assert.not(new1, `cut ${cut}: the old volume is read after the first window was made`);
            count('old whole');
          }
          const now1 = content(p1);
          if (isError(now1)) assert.not(new1, `cut ${cut}: ${now1}`);
          if (done2 && second === 'littlefs') assert.ok(lfsSound(p2, 2, 70), `cut ${cut}`);
          // What boot opens is never the old volume once the new one is there.
          const report = powerOnChip(chip, nor);
          if (new1) assert.is(report, 'mounted', `cut ${cut}`);
          // The recipe once more.
          VfsFat.mkfs?.(new Flash(p1));
          make2();
          const again = fill(p1, 3, 90);
          assert.ok(isError(content({})));
          assert.equal(content(p1), again);
          if (second === 'littlefs') assert.ok(lfsSound(p2, 2, 70));
          assert.equal(violations, []);
        }
        assert.ok(points * oneIn(3) > 20 && counts['old refused'] * oneIn(3) > 10, `${points} ${JSON.stringify(counts)}`);
      });

/** Boots as the board does, and says how the first volume is. */
function powerOnChip(chip: ChipDescription, nor: NorFlash): string {
  const rig = { ...boards[1], insert: () => void insertChip(native, chip, nor) };
  const report = powerOn(rig, nor);
  off();
  return report.volumes[0].state;
}

test('a window that is formatted anew leaves the other alone, at every cut', () => {
  const first = insertChip(native, PAGES);
  const p1 = { start: 0, len: 64 * KB };
  const p2 = { start: 64 * KB };
  makeFat({}, 20, 1);
  makeFat(p1, 3, 5);
  const kept = makeFat(p2, 5, 9);
  const image = norImage(first.nor);
  let points = 0;
  for (let cut = 1; ; cut += cut > 30 ? 3 : 1) {
    const nor = norFromImage(image, first.nor.geometry);
    insertChip(native, PAGES, nor);
    nor.arm(cut & 1 ? 'tear' : 'stop', cut);
    try {
      makeLfs(p1, 3, 30);
      makeFat(p1, 3, 60);
    } catch (error) {
      if (!nor.isOff()) throw error;
    }
    if (!nor.isOff()) break;
    points++;
    nor.power();
    assert.equal(content(p2), kept, `cut ${cut}`);
    assert.ok(isError(content({})), `cut ${cut}`);
  }
  assert.ok(points > 50, `${points}`);
});

test('the whole over two windows: their stale sectors are not read as theirs', () => {
  for (const chip of [PAGES, SECTORS]) {
    insertChip(native, chip);
    const p1 = { start: 0, len: 48 * KB };
    const p2 = { start: 48 * KB };
    makeFat(p1, 3, 5);
    makeFat(p2, 3, 9);
    const whole = makeFat({}, 3, 20);
    for (const p of [p1, p2, { start: 16 * KB, len: 64 * KB }]) assert.ok(isError(content(p)), JSON.stringify(p));
    assert.equal(content({}), whole);
    // Also where littlefs has the sectors now.
    makeLfs({}, 3, 5);
    for (const p of [p1, p2, {}]) assert.ok(isError(content(p)), JSON.stringify(p));
    assert.ok(lfsSound({}, 3, 5));
    assert.equal(makeFat({}, 3, 20), content({}));
    assert.not(littlefs2.probe(new Flash({})));
  }
});

test('a window over sectors of another says so, by start and length, and `mkfs: true` leaves it alone', () => {
  const { nor } = insertChip(native, PAGES);
  makeFat({ start: 16 * KB, len: 48 * KB }, 1, 1);
  const before = norImage(nor);
  for (const options of [{}, { start: 16 * KB }, { start: 0, len: 32 * KB }])
    for (const mkfs of [false, true])
      assert.throws(
        () => mount(new Flash(options), '/x', { mkfs }),
        (error: VfsError) =>
          /\{start: 16384, len: 49152\}|no volume of this window/.test(error.message) || assert.unreachable(error.message),
      );
  assert.throws(() => mount(new Flash({}), '/x'), /start: 16384, len: 49152/);
  assert.equal(norImage(nor), before);
  assert.is(new Flash({}).held().includes('another window'), true);
  assert.is(new Flash({ start: 16 * KB, len: 48 * KB }).held(), '');
});

test('boot opens the window that begins first, FAT or littlefs, and never the older, larger one', () => {
  for (const [chip, len] of [
    [chips.stm32l496, 256 * KB],
    [chips.stm32f405, 256 * KB],
    [chips.stm32f411, 32 * KB],
  ] as const)
    for (const kind of ['fat', 'littlefs2']) {
      const { nor } = insertChip(native, chip);
      const rig = { ...boards[1], insert: () => void insertChip(native, chip, nor) };
      powerOn(rig, nor);
      off();
      if (kind === 'fat') makeFat({ len }, 2, 3);
      else makeLfs({ len }, 0, 3);
      const report = powerOn(rig, nor);
      assert.is(report.volumes[0].state, 'mounted', `${kind} ${len}: ${report.volumes[0].error}`);
      assert.is(report.volumes[0].fs, kind);
      off();
      umountAll();
    }
});

function umountAll(): void {
  for (const [fs] of mount()) umount(fs, { force: true });
}

// ---- Torn programs

/** What bits may be programmed when the power goes: of this byte and after it in the same unit any, before it all. */
const MASKS = [0x01, 0x80, 0x7f, 0xfe, 0x55, 0xaa, 0x0f, 0xf0];

for (const [name, unit] of [
  ['bytes one after the other', 1],
  ['words of 4 bytes at once', 4],
  ['words of 8 bytes at once', 8],
] as const)
  test(`a header or tag torn at any bit is none, and the block is as it was or as it was to be: ${name}`, () => {
    insertChip(native, tiny([[16 * KB, 3]]));
    const flash = native.flash as NonNullable<typeof native.flash>;
    const write = flash.write;
    const next = random(unit);
    let seed = 1;
    let device = new Flash({});
    const now: number[] = [];
    let torn = 0;
    /** Tears the mark of that length that is programmed next: at byte `at` with the bits of `mask`, and others of the unit at random. */
    const tear = (length: number, at: number, mask: number) => {
      flash.write = (data, addr) => {
        const bytes = data as Uint8Array;
        if (bytes.length !== length) return write(data, addr);
        const part = bytes.map((byte, i) =>
          i < at - (at % unit) ? byte : i === at ? byte | mask : i < at - (at % unit) + unit ? byte | next(256) : 255,
        );
        write(part, addr);
        torn++;
        throw new Error('cut');
      };
    };
    for (const length of [8, 16])
      for (let at = 0; at < length; at++)
        for (const mask of MASKS) {
          const n = next(12);
          tear(length, at, mask);
          let wanted = 0;
          try {
            // Headers come when a sector is full.
            for (let i = 0; i < 40; i++) {
              wanted = ++seed;
              assert.is(device.writeblocks(n, pattern(512, wanted)), 0);
              now[n] = wanted;
            }
            assert.unreachable('not torn');
          } catch (error) {
            if ((error as Error).message !== 'cut') throw error;
          }
          flash.write = write;
          device = new Flash({});
          const got = new Uint8Array(512);
          for (let b = 0; b < 12; b++) {
            if (now[b] === undefined) continue;
            assert.is(device.readblocks(b, got), 0, `length ${length}, byte ${at}, mask ${mask}, block ${b}`);
            if (b === n && !Buffer.from(got).equals(Buffer.from(pattern(512, now[b])))) now[b] = wanted;
            assert.equal(got, pattern(512, now[b]), `length ${length}, byte ${at}, mask ${mask}, block ${b}`);
          }
          assert.is(device.writeblocks(n, pattern(512, ++seed)), 0);
          now[n] = seed;
        }
    assert.is(torn, 24 * MASKS.length);
  });

test('a tag of which any bits are missing is none', () => {
  // Every state on the way of programming: more ones than in the end.
  const next = random(9);
  insertChip(native, tiny([[16 * KB, 3]]));
  const flash = native.flash as NonNullable<typeof native.flash>;
  const write = flash.write;
  for (let round = 0; round < rounds(200); round++) {
    const device = new Flash({});
    assert.is(device.writeblocks(0, pattern(512, round)), 0);
    flash.write = (data, addr) => {
      const bytes = (data as Uint8Array).slice();
      if (bytes.length !== 8) return write(data, addr);
      // From one bit missing to many.
      let missing = 0;
      for (let k = 0; k <= round % 9; k++) {
        const bit = next(64);
        if (!((bytes[bit >> 3] >> (bit & 7)) & 1)) missing++;
        bytes[bit >> 3] |= 1 << (bit & 7);
      }
      if (!missing) return write(data, addr);
      write(bytes, addr);
      throw new Error('cut');
    };
    let cut = false;
    try {
      device.writeblocks(0, pattern(512, 10000 + round));
    } catch {
      cut = true;
    }
    flash.write = write;
    const got = new Uint8Array(512);
    assert.is(new Flash({}).readblocks(0, got), 0, `round ${round}`);
    assert.equal(got, pattern(512, cut ? round : 10000 + round), `round ${round}`);
  }
});

test.run();
