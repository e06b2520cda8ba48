/** An entry behind all others of a directory begins a new pair where the last one is nearly full: nothing is copied for it. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { NorFlash } from '../boards/sim';
import type { VfsLfs2 } from '../modules/littlefs2';
import {
  chip,
  difference,
  format,
  type Geometry,
  geometry,
  mount,
  noLeaks,
  pattern,
  type Snapshot,
  sameTree,
  snapshot,
  snapshotOf,
  sound,
  writeFile,
} from './support/lfs2';

/** Blocks of 1 kB and more, with what fits inline. */
const GEOMETRIES: [string, Geometry, number][] = [
  ['blocks of 4096 bytes, units of 32', geometry(4096, 64, 32), 100],
  ['blocks of 4096 bytes, single bytes', geometry(4096, 64, 1, { readsize: 32, progsize: 32 }), 100],
  ['blocks of 2048 bytes, units of 8', geometry(2048, 96, 8, { readsize: 16, progsize: 16, cachesize: 256 }), 100],
  ['blocks of 1024 bytes, units of 16', geometry(1024, 128, 16, { cachesize: 128 }), 120],
];

const name = (i: number): string => `/d/file${String(i).padStart(3, '0')}`;

/** A directory with `count` files in the order of their names. */
function filled(g: Geometry, length: number, count: number): { nor: NorFlash; fs: VfsLfs2 } {
  const nor = chip(g);
  const fs = format(nor, g);
  fs.mkdir('/d');
  for (let i = 0; i < count; i++) writeFile(fs, name(i), pattern(length, i));
  return { nor, fs };
}

for (const [what, g, length] of GEOMETRIES) {
  test(`${what}: files made in the order of their names cost hardly more than their commits`, () => {
    const { nor, fs } = filled(g, length, 80);
    // Two commits for a file, in whole program sizes, and a pair for half a block of them.
    const unit = g.options.progsize as number;
    const bytes = 80 * (Math.ceil(43 / unit) + Math.ceil((length + 24) / unit)) * unit;
    const pairs = Math.ceil((80 * (length + 15)) / (g.blockSize / 2));
    assert.ok(nor.counters.erases <= 2 + 2 + pairs + 2, `${nor.counters.erases} erases for ${pairs} pairs`);
    assert.ok(nor.counters.programBytes <= bytes + (pairs + 4) * 6 * unit + 400, `${nor.counters.programBytes} of ${bytes} bytes`);
    const check = sound(nor, g, { strict: true, erased: true });
    assert.ok(sameTree(snapshotOf(check), snapshot(mount(nor, g))));
    noLeaks(fs, check);
  });

  test(`${what}: they are removed, renamed and written again like others`, () => {
    const { nor, fs } = filled(g, length, 60);
    fs.mkdir('/e');
    for (let i = 0; i < 60; i += 3) fs.rename(name(i), name(i).replace('/d', '/e'));
    for (let i = 1; i < 60; i += 3) fs.remove(name(i));
    for (let i = 2; i < 60; i += 3) writeFile(fs, name(i), pattern(length - 7, i + 1));
    const check = sound(nor, g, { strict: true, erased: true });
    const tree = snapshot(mount(nor, g));
    assert.ok(sameTree(snapshotOf(check), tree), difference(snapshotOf(check), tree));
    assert.is(Object.keys(tree).length, 2 + 40);
    noLeaks(fs, check);
    for (let i = 0; i < 60; i += 3) fs.remove(name(i).replace('/d', '/e'));
    for (let i = 2; i < 60; i += 3) fs.remove(name(i));
    noLeaks(fs, sound(nor, g, { strict: true, erased: true }));
  });
}

const hex = (content: Uint8Array): string => Buffer.from(content).toString('hex');

/** What makes file `i`, or with `from` renames that to it, and the trees that a power cut may show instead of `tree`, the last when it is done. */
function making(i: number, content: Uint8Array, tree: Snapshot, from?: string): { work: (fs: VfsLfs2) => void; trees: Snapshot[] } {
  const made = { ...tree, [name(i)]: hex(content) };
  if (!from) return { work: (fs) => writeFile(fs, name(i), content), trees: [{ ...tree, [name(i)]: '' }, made] };
  delete made[from];
  return { work: (fs) => fs.rename(from, name(i)), trees: [made] };
}

for (const kind of ['stop', 'tear'] as const)
  for (const [what, g, length] of GEOMETRIES.slice(1))
    test(`${what}: power cut (${kind}) at every program and erase while a directory grows`, () => {
      const unit = g.options.progsize as number;
      const commits = (Math.ceil(43 / unit) + Math.ceil((length + 24) / unit)) * unit;
      // Soon the log is three quarters full.
      const before = Math.floor((g.blockSize * 0.65) / commits);
      const steps = Math.ceil((g.blockSize * 0.2) / commits) + 1;
      for (let n = 1; ; n++) {
        const { nor, fs } = filled(g, length, before);
        fs.mkdir('/e');
        for (let i = 0; i < steps; i += 2) writeFile(fs, `/e/moving${i}`, pattern(length, 200 + i));
        const erases = nor.counters.erases;
        let tree = snapshot(fs);
        let trees = [tree];
        nor.arm(kind, n);
        try {
          for (let i = 0; i < steps; i++) {
            const step = making(before + i, pattern(length, 200 + i), tree, i % 2 ? undefined : `/e/moving${i}`);
            trees = [tree, ...step.trees];
            step.work(fs);
            tree = trees[trees.length - 1];
          }
        } catch (error) {
          if (!nor.isOff()) throw error;
        }
        if (!nor.isOff()) {
          assert.is(nor.counters.erases - erases, 1, 'the one block of a new pair is erased');
          break;
        }
        nor.power();
        const again = mount(nor, g);
        const now = snapshot(again);
        assert.ok(
          trees.some((each) => sameTree(each, now)),
          `cut ${n}: ${difference(now, tree)}`,
        );
        // What comes after is whole again, whatever the cut left.
        const last = pattern(length, 3);
        writeFile(again, '/d/last', last);
        const check = sound(nor, g, { strict: true }, `cut ${n}`);
        const wanted = { ...now, '/d/last': hex(last) };
        assert.ok(sameTree(snapshotOf(check), wanted), `cut ${n}, then: ${difference(snapshotOf(check), wanted)}`);
      }
    });

test('where the commit that names the new pair fails, the entry is made all the same', () => {
  const [, g, length] = GEOMETRIES[0];
  for (let bad = 1; bad < 40; bad++) {
    const { nor, fs } = filled(g, length, 12);
    const watch = nor.onOperation;
    let programs = 0;
    nor.onOperation = (operation, addr, size) => {
      watch?.(operation, addr, size);
      return operation === 'program' && ++programs === bad ? 'fail' : undefined;
    };
    for (let i = 12; i < 22; i++) writeFile(fs, name(i), pattern(length, i));
    const check = sound(nor, g, {}, `program ${bad}`);
    const tree = snapshot(mount(nor, g));
    assert.ok(sameTree(snapshotOf(check), tree), `program ${bad}`);
    noLeaks(fs, check, `program ${bad}`);
    assert.equal(Object.keys(tree).length, 23, `program ${bad}`);
    for (let i = 0; i < 22; i++) assert.is(tree[name(i)], hex(pattern(length, i)), `program ${bad}, ${name(i)}`);
  }
});

test('without two free blocks the pair is compacted instead', () => {
  const g = geometry(4096, 6, 32);
  const nor = chip(g);
  const fs = format(nor, g);
  writeFile(fs, '/a-large', pattern(3 * 4096, 1));
  for (let i = 0; i < 20; i++) writeFile(fs, `/f${String(i).padStart(2, '0')}`, pattern(100, i));
  const tree = snapshot(mount(nor, g));
  assert.is(Object.keys(tree).length, 21);
  sound(nor, g, { strict: true, erased: true });
});

test('a temporary file that is last in its directory and takes the place of another costs no pair each time', () => {
  const [, g] = GEOMETRIES[0];
  for (const count of [8, 14, 18, 22, 26]) {
    const { nor, fs } = filled(g, 100, count);
    const before = nor.counters.erases;
    for (let i = 0; i < 300; i++) {
      writeFile(fs, '/d/~tmp', pattern(30, i));
      fs.rename('/d/~tmp', '/d/config');
    }
    // The C library: 53 to 74.
    assert.ok(nor.counters.erases - before < 75, `${count} files: ${nor.counters.erases - before} erases for 300 times`);
    noLeaks(fs, sound(nor, g, { strict: true, erased: true }));
  }
});

test.run();
