/** Thousands of random operations (seeded) against a plain model, with the independent judge looking in. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { RawFile } from '../modules/contract/filesystem';
import {
  chip,
  difference,
  format,
  geometry,
  mount,
  noLeaks,
  open,
  pattern,
  type Snapshot,
  sameTree,
  snapshot,
  snapshotOf,
  sound,
  writeFile,
} from './support/lfs2';
import { rounds } from './support/rounds';
import { expected, type Operation, perform } from './support/script';

function generator(seed: number): (below: number) => number {
  let x = seed >>> 0;
  return (below) => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) % below;
  };
}

/** An operation that the model can do now. */
function choose(tree: Snapshot, random: (below: number) => number, largest: number): Operation | undefined {
  const paths = Object.keys(tree);
  const files = paths.filter((path) => !tree[path].startsWith('dir'));
  const dirs = paths.filter((path) => tree[path].startsWith('dir'));
  const parent = random(3) && dirs.length ? dirs[random(dirs.length)] : '';
  const fresh = `${parent}/${'abcdefgh'[random(8)].repeat(1 + random(3))}${random(40)}`;
  const size = random(6) ? random(120) : random(largest);
  const file = files[random(files.length || 1)];
  const depth = parent.split('/').length;
  switch (random(12)) {
    case 0:
      return fresh in tree || dirs.length > 12 || depth > 4 ? undefined : ['mkdir', fresh];
    case 1: {
      if (dirs.length < 4) return undefined;
      const empty = dirs.filter((dir) => !paths.some((path) => path.startsWith(dir + '/')));
      return empty.length ? ['rmdir', empty[random(empty.length)]] : undefined;
    }
    case 2:
    case 3:
      // Trees grow to some 40 files, so that directories split, and shrink again.
      return file && random(60) < files.length ? ['remove', file] : undefined;
    case 4:
    case 5: {
      if (random(3) === 0 && dirs.length) {
        const dir = dirs[random(dirs.length)];
        return fresh in tree || fresh.startsWith(dir + '/') || depth > 4 ? undefined : ['rename', dir, fresh];
      }
      return !file || file === fresh || tree[fresh]?.startsWith('dir') ? undefined : ['rename', file, fresh];
    }
    case 6:
      return file ? ['append', file, size, random(256)] : undefined;
    case 7:
      return file ? ['overwrite', file, random(tree[file].split(' ')[0].length / 2 + 100), size, random(256)] : undefined;
    case 8:
      return file ? ['truncate', file, random(tree[file].split(' ')[0].length / 2 + 200)] : undefined;
    case 9: {
      const path = paths[random(paths.length || 1)];
      return path ? ['setattr', path, random(4), Buffer.from(pattern(random(20), random(256))).toString('hex')] : undefined;
    }
    case 10:
      return file ? ['log', file, size, random(40), random(250)] : undefined;
    default:
      if (tree[fresh]?.startsWith('dir')) return undefined;
      return ['write', fresh, size, random(256)];
  }
}

for (const [name, g, count, largest] of [
  ['512 x 160, program 16, blockCycles 7', geometry(512, 160, 16, { blockCycles: 7 }), 1600, 4000],
  ['4096 x 48, program 32', geometry(4096, 48, 32), 1600, 9000],
  ['256 x 300, program 4, blockCycles 3', geometry(256, 300, 4, { blockCycles: 3 }), 1000, 2000],
  ['128 x 500, program 16, few tables', geometry(128, 500, 16, { tables: 0, lookahead: 8 }), 800, 900],
] as const) {
  test(`${name}: ${count} random operations`, () => {
    const random = generator(name.length * 7919 + 1);
    const nor = chip(g);
    let fs = format(nor, g);
    let tree: Snapshot = {};
    for (let i = 0; i < count; i++) {
      const operation = choose(tree, random, largest);
      if (!operation) continue;
      const what = `${i} ${operation}`;
      try {
        perform(fs, operation);
      } catch (error) {
        const code = (error as { code?: string }).code;
        if (code !== 'ENOSPC') throw new Error(`${what}: ${(error as Error).stack}`);
        const now = snapshot(fs);
        const steps = [tree, ...expected(tree, operation)];
        assert.ok(
          steps.some((step) => sameTree(step, now)),
          `${what}, full: ${difference(now, tree)}`,
        );
        tree = now;
        for (const path of Object.keys(tree).filter((_, k) => k % 2)) {
          if (tree[path].startsWith('dir')) continue;
          fs.remove(path);
          delete tree[path];
        }
        continue;
      }
      const steps = expected(tree, operation);
      tree = steps[steps.length - 1];
      if (i % 60 === 0) {
        const check = sound(nor, g, { strict: true, erased: true }, what);
        assert.ok(sameTree(snapshotOf(check), tree), `${what}, by the judge: ${difference(snapshotOf(check), tree)}`);
        noLeaks(fs, check, what);
      }
      if (i % 240 === 0) fs = mount(nor, g);
      if (i % 60 === 30) {
        const now = snapshot(fs);
        assert.ok(sameTree(now, tree), `${what}: ${difference(now, tree)}`);
      }
    }
    const now = snapshot(mount(nor, g));
    assert.ok(sameTree(now, tree), difference(now, tree));
  });
}

/** Directories only: no file is ever freed, so the allocator goes on with one bitmap while pairs split and wander. */
function directoriesOnly(seed: number): void {
  const random = generator(seed * 7919);
  const g = geometry([256, 512, 128][seed % 3], 30 + random(40), 16, { blockCycles: 1 + random(4) });
  const nor = chip(g);
  const fs = format(nor, g);
  const watch = nor.onOperation;
  let budget = 0;
  nor.onOperation = (operation, addr, length) => {
    if (budget-- < 0) throw new Error('one operation does not come to an end');
    return watch?.(operation, addr, length);
  };
  let tree: Snapshot = {};
  const leaf = (): string | undefined => {
    const dirs = Object.keys(tree).filter((dir) => !Object.keys(tree).some((other) => other.startsWith(dir + '/')));
    return dirs[random(dirs.length || 1)];
  };
  for (let i = 0; i < 400; i++) {
    const dirs = Object.keys(tree);
    const parent = dirs.length && random(2) ? dirs[random(dirs.length)] : '';
    const fresh = `${parent}/${'abc'[random(3)]}${random(12)}`;
    const chosen = dirs[random(dirs.length || 1)];
    const kind = random(10);
    let operation: Operation | undefined;
    if (kind < 3) operation = fresh in tree || parent.split('/').length > 3 ? undefined : ['mkdir', fresh];
    else if (!chosen) continue;
    else if (kind < 7) operation = ['setattr', chosen, 2 + random(3), Buffer.from(pattern(1 + random(12), i)).toString('hex')];
    else if (kind < 8) operation = ['rmdir', leaf() as string];
    else operation = fresh in tree || fresh.startsWith(chosen + '/') ? undefined : ['rename', chosen, fresh];
    if (!operation) continue;
    const what = `seed ${seed}, ${i} ${operation}`;
    const steps = expected(tree, operation);
    budget = 20000;
    try {
      perform(fs, operation);
      tree = steps[steps.length - 1];
    } catch (error) {
      if ((error as { code?: string }).code !== 'ENOSPC') throw new Error(`${what}: ${(error as Error).stack}`);
      const now = snapshotOf(sound(nor, g, {}, `${what}, full`));
      const old = tree;
      assert.ok(
        [old, ...steps].some((step) => sameTree(step, now)),
        `${what}, full: ${difference(now, old)}`,
      );
      tree = now;
      const victim = leaf() as string;
      fs.rmdir(victim);
      delete tree[victim];
    }
    if (i % 5 === 0) {
      // Where several pairs moved at once, the orphan flag stays on the disk until the next change.
      const check = sound(nor, g, { erased: true }, what);
      assert.ok(sameTree(snapshotOf(check), tree), `${what}, by the judge: ${difference(snapshotOf(check), tree)}`);
      if (i % 50 === 0) noLeaks(fs, check, what);
    }
  }
}

for (let first = 1; first <= rounds(10); first += 5) {
  test(`directories that come, go, move and wear out their blocks, seeds ${first} to ${first + 4}`, () => {
    for (let seed = first; seed < first + 5; seed++) directoriesOnly(seed);
  });
}

test('random reads, writes and truncations at positions of one open file', () => {
  const g = geometry(512, 128, 16);
  const nor = chip(g);
  const fs = format(nor, g);
  const random = generator(5);
  let model = new Uint8Array(0);
  let synced = model;
  let file: RawFile = open(fs, '/f', 'w+');
  for (let i = 0; i < rounds(1000); i++) {
    const pos = random(2) ? model.length : random(model.length + 300);
    switch (random(8)) {
      case 0: {
        const size = random(random(2) ? 9000 : 200);
        file.truncate(size);
        const next = new Uint8Array(size);
        next.set(model.subarray(0, size));
        model = next;
        break;
      }
      case 1:
        file.sync();
        synced = model.slice();
        break;
      case 2:
        if (random(10)) break;
        file.close();
        synced = model.slice();
        file = open(fs, '/f', 'r+');
        break;
      case 3:
      case 4:
      case 5: {
        const piece = new Uint8Array(random(700));
        const want = model.subarray(pos, pos + piece.length);
        assert.is(file.readAt(pos, piece), want.length, `${i}: read of ${piece.length} at ${pos} of ${model.length}`);
        assert.ok(
          Buffer.from(piece.subarray(0, want.length)).equals(Buffer.from(want)),
          `${i}: read of ${piece.length} at ${pos} of ${model.length}`,
        );
        break;
      }
      default: {
        const piece = pattern(random(random(3) ? 60 : 1500), i);
        if (pos + piece.length > 12000 || !piece.length) break;
        file.writeAt(pos, piece);
        const next = new Uint8Array(Math.max(model.length, pos + piece.length));
        next.set(model);
        next.set(piece, pos);
        model = next;
      }
    }
    assert.is(file.size(), model.length, `${i}: size`);
    if (i % 100 === 0) {
      if (i % 300 === 0) writeFile(fs, `/other${i % 7}`, pattern(40, i));
      // What is synced is there, what is not is not: as after a power cut now.
      const content = sound(nor, g, { strict: true, erased: true }, `${i}`).tree.get('/f')?.content ?? new Uint8Array(0);
      assert.ok(Buffer.from(content).equals(Buffer.from(synced)), `${i}: the disk holds what was synced`);
    }
  }
  file.close();
  noLeaks(fs, sound(nor, g, { strict: true, erased: true }));
});

test.run();
