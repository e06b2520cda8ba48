/** Power is cut at every program and every erase of a script; whatever was completed is there, the rest whole or absent. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { norFromImage, norImage } from '../boards/sim';
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
  watchPrograms,
  writeFile,
} from './support/lfs2';
import { oneIn } from './support/rounds';
import { expected, type Operation, perform } from './support/script';

const SCRIPT: Operation[] = [
  ['mkdir', '/d'],
  ['write', '/a', 30, 1],
  ['write', '/d/b', 1500, 2],
  ['append', '/a', 25, 3],
  ['mkdir', '/d/e'],
  ['write', '/d/e/c', 10, 4],
  ['setattr', '/a', 5, '0102030405'],
  ['append', '/d/b', 700, 5],
  ['rename', '/a', '/d/a'],
  ['overwrite', '/d/b', 300, 40, 6],
  ['mkdir', '/m'],
  ['write', '/m/f', 0, 7],
  ['log', '/log', 32, 32, 8],
  ['rename', '/d/e/c', '/m/c'],
  ['truncate', '/d/b', 600],
  ['rmdir', '/d/e'],
  ['rename', '/m', '/d/m'],
  ['log', '/log', 600, 32, 9],
  ['write', '/x', 900, 10],
  ['rename', '/x', '/d/b'],
  ['setattr', '/d', 7, 'aabb'],
  ['write', '/d/m/c', 45, 11],
  ['removeattr', '/d/a', 5],
  ['remove', '/d/a'],
  ['rename', '/d/b', '/d/z'],
  ['overwrite', '/log', 650, 100, 12],
  ['mkdir', '/d2'],
  ['rename', '/d2', '/d/m2'],
  ['truncate', '/log', 20],
  ['remove', '/d/z'],
];

/** All the trees the script passes through, each with the number of the operation it belongs to. */
function stages(): { after: Snapshot; steps: Snapshot[] }[] {
  const all: { after: Snapshot; steps: Snapshot[] }[] = [];
  let before: Snapshot = {};
  for (const operation of SCRIPT) {
    const steps = expected(before, operation);
    before = steps[steps.length - 1];
    all.push({ after: before, steps });
  }
  return all;
}

const GEOMETRIES: [string, Geometry][] = [
  ['512 x 64, program 16', geometry(512, 64, 16)],
  ['256 x 96, program 16, blockCycles 3', geometry(256, 96, 16, { blockCycles: 3 })],
  ['4096 x 24, program 256', geometry(4096, 24, 256)],
  ['128 x 200, program 8', geometry(128, 200, 8, { blockCycles: 5 })],
  ['512 x 64, program 16, disk version 2.0', geometry(512, 64, 16, { diskVersion: 0x20000 })],
];

/** Runs the script with the power going at the `n`-th program or erase; gives the operations completed, and whether it did go. */
function runUntilCut(fs: VfsLfs2, isOff: () => boolean): number {
  let done = 0;
  try {
    for (; done < SCRIPT.length; done++) perform(fs, SCRIPT[done]);
  } catch (error) {
    if (!isOff()) throw error;
  }
  return done;
}

/** After the first write on a half-done volume nothing half-done is left. */
function repairedByWrite(nor: ReturnType<typeof chip>, g: Geometry, fs: VfsLfs2, tree: Snapshot, what: string): void {
  const content = pattern(20, 99);
  writeFile(fs, '/after', content);
  const wanted = { ...tree, '/after': Buffer.from(content).toString('hex') };
  const check = sound(nor, g, { strict: true }, what);
  assert.ok(sameTree(snapshotOf(check), wanted), `${what}, then a write, by the judge: ${difference(snapshotOf(check), wanted)}`);
  const now = snapshot(fs);
  assert.ok(sameTree(now, wanted), `${what}, then a write: ${difference(now, wanted)}`);
  noLeaks(fs, check, what);
}

for (const [name, g] of GEOMETRIES) {
  test(`${name}: the script of ${SCRIPT.length} operations does what it says`, () => {
    const nor = chip(g);
    const fs = format(nor, g);
    stages().forEach(({ after }, i) => {
      perform(fs, SCRIPT[i]);
      const now = snapshot(fs);
      assert.ok(sameTree(now, after), `${i} ${SCRIPT[i]}: ${difference(now, after)}`);
      const check = sound(nor, g, { strict: true, erased: true }, `${i} ${SCRIPT[i]}`);
      assert.ok(sameTree(snapshotOf(check), after), `${i} ${SCRIPT[i]}, by the judge: ${difference(snapshotOf(check), after)}`);
      noLeaks(fs, check, `${i} ${SCRIPT[i]}`);
    });
  });

  for (const kind of ['stop', 'tear'] as const) {
    test(`${name}: power cut (${kind}) at every program and erase`, () => {
      const all = stages();
      const blank = chip(g);
      format(blank, g).umount();
      const image = norImage(blank);
      let cut = true;
      let points = 0;
      for (let n = 1; cut; n += oneIn(3)) {
        const nor = chip(g, image);
        const fs = mount(nor, g);
        nor.arm(kind, n);
        const done = runUntilCut(fs, () => nor.isOff());
        cut = nor.isOff();
        if (!cut) break;
        points++;
        nor.power();
        const what = `cut ${n} (${kind}), in ${done} ${SCRIPT[done]}`;
        const allowed = [done ? all[done - 1].after : {}, ...all[done].steps];
        const check = sound(nor, g, {}, what);
        const judged = snapshotOf(check);
        const before = Buffer.from(norImage(nor));
        const again = mount(nor, g);
        const tree = snapshot(again);
        assert.ok(before.equals(norImage(nor)), `${what}: mounting and reading wrote something`);
        assert.ok(sameTree(tree, judged), `${what}: ${difference(tree, judged)} by the judge`);
        assert.ok(
          allowed.some((each) => sameTree(each, tree)),
          `${what}: neither before nor after: ${allowed.map((each) => difference(tree, each)).join(' | ')}`,
        );
        repairedByWrite(nor, g, again, tree, what);
      }
      assert.ok(points * oneIn(3) > SCRIPT.length, `${points} points`);
    });
  }

  test(`${name}: power cut again while the first write repairs`, () => {
    const blank = chip(g);
    format(blank, g).umount();
    const image = norImage(blank);
    for (let n = 3; ; n += 3) {
      const nor = chip(g, image);
      const fs = mount(nor, g);
      nor.arm('stop', n);
      runUntilCut(fs, () => nor.isOff());
      if (!nor.isOff()) break;
      nor.power();
      const half = sound(nor, g);
      // Only what is left half-done is of interest here.
      if (!half.orphansFlagged && !half.pendingMove) continue;
      const tree = snapshotOf(half);
      const left = norImage(nor);
      for (let m = 1; ; m += oneIn(3)) {
        const second = norFromImage(left, { eraseSize: g.blockSize, progSize: g.progSize });
        watchPrograms(second);
        const again = mount(second, g);
        second.arm('tear', m);
        try {
          again.mkdir('/after');
        } catch (error) {
          if (!second.isOff()) throw error;
        }
        if (!second.isOff()) break;
        second.power();
        const what = `cut ${n}, then ${m} while repairing`;
        const now = snapshotOf(sound(second, g, {}, what));
        delete now['/after'];
        assert.ok(sameTree(now, tree), `${what}: ${difference(now, tree)}`);
        const third = mount(second, g);
        const shown = snapshot(third);
        delete shown['/after'];
        assert.ok(sameTree(shown, tree), `${what}: ${difference(shown, tree)}`);
        writeFile(third, '/last', pattern(5, 5));
        noLeaks(third, sound(second, g, { strict: true }, what), what);
      }
    }
  });
}

test.run();
