/** `Flash` over sectors of all sizes: blocks, the virtual partition table, native sectors, power cuts at every operation. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type ChipDescription, chips, insertChip } from '../boards/sim/chips';
import { norFromImage, norImage } from '../boards/sim/file';
import { NorFlash } from '../boards/sim/nor';
import { Flash, native } from '../boards/stm32';
import type { VfsError } from '../modules/contract/errno';
import { fat, VfsFat } from '../modules/fat';
import { littlefs2, VfsLfs2 } from '../modules/littlefs2';
import { oneIn, rounds } from './support/rounds';

const KB = 1024;
const EINVAL = -22;
const EIO = -5;

/** A small chip, all of it free, with a power that can be cut. */
function tiny(sectors: [number, number][], word = 4): ChipDescription {
  const length = sectors.reduce((sum, [size, count]) => sum + size * count, 0);
  return { base: 0x08000000, sectors, word, programs: word === 8 ? 1 : undefined, free: [{ addr: 0x08000000, length }] };
}

const LAYOUTS: [string, ChipDescription][] = [
  ['3 sectors of 16 kB', tiny([[16 * KB, 3]])],
  ['pages of 1 kB', tiny([[1 * KB, 12]])],
  ['pages of 2 kB, double words once', tiny([[2 * KB, 12]], 8)],
  [
    'sectors of 16 and 64 kB',
    tiny([
      [16 * KB, 3],
      [64 * KB, 1],
    ]),
  ],
  ['2 sectors of 128 kB', tiny([[128 * KB, 2]])],
];

const blocks: Uint8Array[] = [];
function block(seed: number): Uint8Array {
  blocks[seed] ??= new Uint8Array(512).map((_, i) => (i * 31 + seed * 17 + (seed >> 8)) ^ (i >> 4));
  return blocks[seed];
}

function fails(code: string, action: () => unknown): void {
  try {
    action();
  } catch (error) {
    assert.is((error as VfsError).code, code, (error as Error).message);
    return;
  }
  assert.unreachable('no ' + code);
}

function read(flash: Flash, n: number): Uint8Array {
  const buf = new Uint8Array(512);
  assert.is(flash.readblocks(n, buf), 0);
  return buf;
}

/** Numbers that look random, the same every time. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >> 8) % below;
  };
}

for (const [name, chip] of LAYOUTS) {
  test(`${name}: what is written is read, also by the next who opens it`, () => {
    const { violations } = insertChip(native, chip);
    let flash = new Flash({});
    const count = flash.ioctl(4, 0);
    assert.is(flash.ioctl(5, 0), 512);
    const wanted: (number | undefined)[] = [];
    const next = random(count);
    for (let step = 0; step < 40 * Math.min(count, 60); step++) {
      // Some blocks are written again and again, as allocation tables are.
      const n = next(3) ? next(Math.min(count, 4)) : next(count);
      assert.is(flash.writeblocks(n, block(step)), 0, `step ${step}`);
      wanted[n] = step;
      if (step % 97 === 0) flash = new Flash({});
    }
    for (let n = 0; n < count; n++)
      assert.equal(read(flash, n), wanted[n] === undefined ? new Uint8Array(512).fill(255) : block(wanted[n]!), `block ${n}`);
    assert.equal(violations, []);
  });

  test(`${name}: every block can be written, full and over again`, () => {
    insertChip(native, chip);
    const flash = new Flash({});
    const count = flash.ioctl(4, 0);
    for (let round = 0; round < 3; round++)
      for (let n = 0; n < count; n++) assert.is(flash.writeblocks(n, block(n + round)), 0, `round ${round}, block ${n}`);
    const again = new Flash({});
    for (let n = 0; n < count; n++) assert.equal(read(again, n), block(n + 2));
    assert.is(flash.writeblocks(count, block(0)), EINVAL);
  });

  for (const kind of ['stop', 'tear'] as const)
    test(`${name}: power cut (${kind}) at every program and erase loses nothing that was written`, () => {
      const first = insertChip(native, chip);
      let flash = new Flash({});
      const count = flash.ioctl(4, 0);
      const written: number[] = [];
      for (let n = 0; n < count; n++) {
        flash.writeblocks(n, block(n));
        written[n] = n;
      }
      // Up to where sectors have to be emptied.
      const next = random(7);
      for (let step = 0; step < 2 * count; step++) {
        const n = step & 1 ? next(count) : step % 3;
        flash.writeblocks(n, block(1000 + step));
        written[n] = 1000 + step;
      }
      const image = norImage(first.nor);
      const steps = Math.min(count, 24);
      let points = 0;
      for (let cut = 1; ; cut += oneIn(3) * (chip.sectors[0][0] > 64 * KB && cut > 40 ? 7 : 1)) {
        const nor = norFromImage(image, first.nor.geometry);
        const { violations } = insertChip(native, chip, nor);
        flash = new Flash({});
        const now = written.slice();
        const choose = random(99);
        nor.arm(kind, cut);
        let pending = -1;
        let seed = 0;
        try {
          for (let step = 0; step < steps; step++) {
            pending = choose(3) ? choose(count) : choose(3);
            seed = 5000 + step;
            assert.is(flash.writeblocks(pending, block(seed)), 0);
            now[pending] = seed;
            pending = -1;
          }
        } catch (error) {
          if (!nor.isOff()) throw error;
        }
        if (!nor.isOff()) break;
        points++;
        nor.power();
        const before = norImage(nor);
        flash = new Flash({});
        assert.is(flash.ioctl(1, 0), 0);
        for (let n = 0; n < count; n++) {
          const got = Buffer.from(read(flash, n));
          const ok = got.equals(block(now[n])) || (n === pending && got.equals(block(seed)));
          assert.ok(ok, `cut ${cut}, block ${n}${n === pending ? ', being written' : ''}`);
          if (n === pending && got.equals(block(seed))) now[n] = seed;
        }
        assert.ok(Buffer.from(before).equals(norImage(nor)), 'opening and reading wrote something');
        // And it goes on.
        for (let step = 0; step < 3; step++) assert.is(flash.writeblocks(step, block(9000 + step)), 0, `cut ${cut}, then`);
        for (let n = 0; n < count; n++) assert.equal(read(flash, n), block(n < 3 ? 9000 + n : now[n]), `cut ${cut}, then block ${n}`);
        assert.equal(violations, []);
      }
      assert.ok(points * oneIn(3) > 3 * steps, `${points} points`);
    });
}

test('the power cut hundreds of times, also while sectors are emptied, loses nothing', () => {
  const chip = tiny([[16 * KB, 3]]);
  const { nor } = insertChip(native, chip);
  let flash = new Flash({});
  const count = flash.ioctl(4, 0);
  const now: number[] = [];
  for (let n = 0; n < count; n++) {
    flash.writeblocks(n, block(n));
    now[n] = n;
  }
  const next = random(5);
  for (let round = 0; round < rounds(500); round++) {
    const n = next(count);
    nor.arm(next(2) ? 'tear' : 'stop', 1 + next(9));
    try {
      for (let step = 0; step < 20; step++) {
        assert.is(flash.writeblocks(n, block(10000 + round)), 0, `round ${round}`);
        now[n] = 10000 + round;
      }
    } catch (error) {
      if (!nor.isOff()) throw error;
    }
    nor.power();
    flash = new Flash({});
    for (let b = 0; b < count; b++) {
      const got = Buffer.from(read(flash, b));
      if (b === n && got.equals(block(10000 + round))) now[b] = 10000 + round;
      assert.ok(got.equals(block(now[b])), `round ${round}, block ${b}`);
    }
    // Now and then something gets done.
    for (let step = 0; round % 3 === 2 && step < 3; step++) {
      assert.is(flash.writeblocks(step, block(20000 + round)), 0, `round ${round}, then`);
      now[step] = 20000 + round;
    }
  }
});

test('wear is spread: a block written 5000 times erases each sector about equally often', () => {
  const { nor } = insertChip(native, tiny([[16 * KB, 4]]));
  const flash = new Flash({});
  nor.resetCounters();
  for (let i = 0; i < 5000; i++) flash.writeblocks(i % 3, block(i));
  const wear = Object.values(nor.counters.wear);
  assert.ok(nor.counters.erases < 5000 / 25, `${nor.counters.erases} erases`);
  assert.ok(wear.length === 4 && Math.max(...wear) - Math.min(...wear) <= 2, wear.join());
});

test('a damaged block is EIO, and stays so when its sector is emptied', () => {
  const { nor } = insertChip(native, tiny([[16 * KB, 3]]));
  let flash = new Flash({});
  const count = flash.ioctl(4, 0);
  for (let n = 0; n < count; n++) flash.writeblocks(n, block(n));
  const image = norImage(nor);
  const at = image.findIndex((_, i) => Buffer.from(image.subarray(i, i + 512)).equals(block(5)));
  nor.program(at, new Uint8Array(4));
  flash = new Flash({});
  assert.is(flash.readblocks(5, new Uint8Array(512)), EIO);
  for (let i = 0; i < 300; i++) assert.is(flash.writeblocks(20 + (i % 3), block(i)), 0);
  assert.is(new Flash({}).readblocks(5, new Uint8Array(512)), EIO);
  assert.equal(read(flash, 6), block(6));
  assert.is(flash.writeblocks(5, block(77)), 0);
  assert.equal(read(new Flash({}), 5), block(77));
});

test('a slot that does not take what is programmed is passed over; a chip that takes nothing is EIO', () => {
  const { nor } = insertChip(native, tiny([[16 * KB, 3]]));
  const flash = new Flash({});
  let bad = 0;
  nor.onOperation = (operation) => (operation === 'program' && ++bad % 5 === 0 ? 'fail' : undefined);
  for (let i = 0; i < 200; i++) assert.is(flash.writeblocks(i % 20, block(i)), 0, `${i}`);
  nor.onOperation = undefined;
  for (let n = 0; n < 20; n++) assert.equal(read(new Flash({}), n), block(180 + n));
  nor.onOperation = () => 'fail';
  assert.ok(flash.writeblocks(0, block(1)) < 0);
});

test('the windows of a real layout: only what is free, whole sectors, two at least', () => {
  insertChip(native, chips.stm32f405);
  assert.is(new Flash({ start: 0, len: 256 * KB }).ioctl(4, 0), 217);
  assert.is(new Flash({ len: 384 * KB }).ioctl(4, 0), 437);
  const data = new Flash({ start: 128 * KB });
  data.ioctl(1, 1);
  assert.equal([data.ioctl(4, 0), data.ioctl(5, 0)], [2, 128 * KB]);
  for (const options of [
    { start: 0, len: 512 * KB },
    { start: -128 * KB },
    { start: 64 * KB },
    { len: 64 * KB },
    { len: 0 },
    { start: 384 * KB },
    { len: Number.NaN },
    { len: 128 * KB },
  ])
    fails('EINVAL', () => new Flash(options));
  insertChip(native, chips.stm32f411);
  assert.is(new Flash({}).ioctl(4, 0), 50);
  insertChip(native, chips.stm32f401);
  fails('EINVAL', () => new Flash({}));
});

test('what the description lists is taken only as far as firmware, Storage and reserved places leave it', () => {
  const { nor } = insertChip(native, chips.stm32f405);
  native.areas = [{ addr: 0x08000000, length: 1024 * KB }];
  native.reserved = [{ addr: 0x08000000 + 767 * KB, length: 1 }];
  const flash = new Flash({});
  for (let i = 0; i < 1000; i++) flash.writeblocks(i % 20, block(i));
  const image = norImage(nor);
  const used = (from: number, to: number) => image.subarray(from * KB, to * KB).some((byte) => byte !== 255);
  assert.equal([used(0, 384), used(384, 640), used(640, 1024)], [false, true, false]);
});

test('without flash it is ENODEV', () => {
  native.flash = undefined;
  fails('ENODEV', () => new Flash());
});

test('littlefs uses the sectors themselves after ioctl(1, 1)', () => {
  insertChip(native, chips.stm32f411);
  const flash = new Flash({});
  assert.is(flash.ioctl(1, 1), 0);
  assert.equal([flash.ioctl(4, 0), flash.ioctl(5, 0)], [3, 16 * KB]);
  VfsLfs2.mkfs(flash);
  const fs = new VfsLfs2(flash);
  fs.mount(false, false);
  fs.setattr('/', 9, new Uint8Array([7]));
  fs.umount();
  const again = new VfsLfs2(new Flash({}));
  again.mount(true, false);
  assert.equal([...again.getattr('/', 9)!], [7]);
});

test('FAT uses blocks of 512 bytes, also by autodetection, and again after an umount', () => {
  insertChip(native, chips.stm32f411);
  const flash = new Flash({});
  VfsFat.mkfs?.(flash);
  assert.not(littlefs2.probe(flash));
  assert.ok(fat.probe(flash));
  const fs = fat.create(flash) as VfsFat;
  for (let times = 0; times < 2; times++) {
    fs.mount(false, false);
    assert.is(flash.ioctl(5, 0), 512);
    assert.is(fs.statvfs('/')[0], 512);
    fs.mkdir('/d' + times);
    fs.umount();
    littlefs2.probe(flash);
  }
});

test('littlefs gets no sectors where they differ in size, and changes nothing there', () => {
  const { nor } = insertChip(
    native,
    tiny([
      [16 * KB, 2],
      [64 * KB, 1],
    ]),
  );
  const flash = new Flash({});
  flash.ioctl(1, 1);
  assert.is(flash.ioctl(5, 0), 512);
  fails('ENOSPC', () => VfsLfs2.mkfs(flash));
  assert.is(nor.counters.erases + nor.counters.programs, 0);
});

test('what is no log reads as an error, not as blank, and the first write begins one', () => {
  const { nor } = insertChip(native, chips.stm32f411);
  const lfs = new Flash({});
  VfsLfs2.mkfs(lfs);
  const before = norImage(nor);
  const flash = new Flash({});
  assert.is(flash.ioctl(1, 0), 0);
  assert.is(flash.readblocks(0, new Uint8Array(512)), EIO);
  assert.equal(norImage(nor), before);
  assert.is(flash.writeblocks(3, block(3)), 0);
  assert.equal(read(flash, 3), block(3));
  assert.equal(read(new Flash({}), 0), new Uint8Array(512).fill(255));
});

test('a window of another size or place does not take the log of its neighbour for its own', () => {
  insertChip(native, chips.stm32f405);
  const flash = new Flash({ len: 256 * KB });
  flash.writeblocks(0, block(1));
  assert.is(new Flash({}).readblocks(0, new Uint8Array(512)), EIO);
  assert.equal(read(new Flash({ len: 256 * KB }), 0), block(1));
});

test('pieces of a block are read, not written; runs cross block borders', () => {
  insertChip(native, tiny([[16 * KB, 3]]));
  const flash = new Flash({});
  const run = new Uint8Array([...block(1), ...block(2), ...block(3)]);
  assert.is(flash.writeblocks(4, run), 0);
  const back = new Uint8Array(run.length);
  assert.is(flash.readblocks(4, back), 0);
  assert.equal(back, run);
  const piece = new Uint8Array(10);
  assert.is(flash.readblocks(5, piece, 100), 0);
  assert.equal(piece, block(2).slice(100, 110));
  assert.is(flash.readblocks(5, piece, 505), EINVAL);
  assert.is(flash.writeblocks(5, piece, 0), EINVAL);
  assert.is(flash.writeblocks(5, piece), EINVAL);
  assert.is(flash.writeblocks(-1, block(0)), EINVAL);
  assert.is(flash.readblocks(flash.ioctl(4, 0) - 1, new Uint8Array(1024)), EINVAL);
  assert.is(flash.ioctl(6, 0), EINVAL);
  assert.equal([flash.ioctl(2, 0), flash.ioctl(3, 0)], [0, 0]);
});

test('Flash() shows a partition table whose first partition begins at block 0x100', () => {
  insertChip(native, chips.stm32f405);
  const flash = new Flash();
  const count = flash.ioctl(4, 0) - 0x100;
  assert.is(count, new Flash({}).ioctl(4, 0));
  const mbr = Buffer.from(read(flash, 0));
  assert.equal([...mbr.subarray(0, 446)], new Array(446).fill(0));
  assert.equal([...mbr.subarray(446, 454)], [0, 255, 255, 255, 1, 255, 255, 255]);
  assert.equal([mbr.readUInt32LE(454), mbr.readUInt32LE(458)], [0x100, count]);
  assert.equal([...mbr.subarray(462)], [...new Array(48).fill(0), 0x55, 0xaa]);
  assert.equal(read(flash, 0xff), new Uint8Array(512));
  // What the host writes in front of the partition is dropped.
  assert.is(flash.writeblocks(0xff, new Uint8Array([...block(1), ...block(2)])), 0);
  assert.equal(read(flash, 0xff), new Uint8Array(512));
  assert.equal(read(flash, 0x100), block(2));
  assert.equal(read(new Flash({}), 0), block(2));
  assert.is(flash.ioctl(1, 1), 0);
  assert.is(flash.ioctl(5, 0), 512);
});

test('a FAT volume in the virtual partition is read by mtools', () => {
  const folder = mkdtempSync(join(tmpdir(), 'stm32-'));
  try {
    const path = join(folder, 'part.img');
    insertChip(native, chips.stm32f405);
    const flash = new Flash();
    const count = flash.ioctl(4, 0);
    writeFileSync(path, new Uint8Array((count - 0x100) * 512));
    if (spawnSync('mkfs.fat', ['-F', '12', path]).error || spawnSync('mcopy', ['-V']).error) {
      console.log('skipped: no mkfs.fat and mtools');
      return;
    }
    writeFileSync(join(folder, 'hello.txt'), 'from the chip');
    spawnSync('mcopy', ['-i', path, join(folder, 'hello.txt'), '::']);
    const image = spawnSync('cat', [path], { maxBuffer: 1 << 24 }).stdout;
    assert.is(flash.writeblocks(0x100, new Uint8Array(image)), 0);
    // As a PC sees the disk.
    const disk = new Uint8Array(count * 512);
    assert.is(new Flash().readblocks(0, disk), 0);
    const whole = join(folder, 'disk.img');
    writeFileSync(whole, disk);
    const typed = spawnSync('mtype', ['-i', `${whole}@@${0x100 * 512}`, '::hello.txt']);
    assert.is(String(typed.stdout), 'from the chip', String(typed.stderr));
    assert.is(spawnSync('fsck.fat', ['-n', path]).status, 0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a chip in a NOR of its own geometry', () => {
  const nor = new NorFlash({ size: 48 * KB, eraseSize: 16 * KB, progSize: 4 });
  insertChip(native, tiny([[16 * KB, 3]]), nor);
  assert.is(new Flash({}).writeblocks(0, block(1)), 0);
  assert.is(nor.counters.erases, 1);
});

test.run();
