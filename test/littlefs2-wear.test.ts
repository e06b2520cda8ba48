/**
 * Wear: the most erases of one block, against what the C library (2.11) has for the same script, geometry and block cycles. Its
 * figures were measured once; the first two blocks, which cannot move, do not count.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { VfsLfs2 } from '../modules/littlefs2';
import { pattern } from './support/lfs2';
import { Flash } from './torture/flash';

type Act = (fs: VfsLfs2, round: number, again: () => VfsLfs2) => void;

function put(fs: VfsLfs2, path: string, size: number, seed: number): void {
  const file = fs.open(path, 'w') as ReturnType<VfsLfs2['open']>;
  file.writeAt(0, pattern(size, seed));
  file.close();
}

/** What is made first, how many rounds for each program unit that a block holds, and what is done in one. */
const SCRIPTS: Record<string, { dirs: string[]; rounds: number; act: Act }> = {
  'small files rewritten in a directory, mounted anew': {
    dirs: ['/d'],
    rounds: 1,
    act: (fs, _round, again) => {
      for (let i = 0; i < 10; i++) put(fs, `/d/test${i}`, 16, 1);
      again();
    },
  },
  'five directories deep': {
    dirs: ['/a', '/a/b', '/a/b/c', '/a/b/c/d', '/a/b/c/d/e'],
    rounds: 10,
    act: (fs, r) => put(fs, `/a/b/c/d/e/f${r % 3}`, 20, r),
  },
  'six directories in turn': {
    dirs: ['/w0', '/w1', '/w2', '/w3', '/w4', '/w5'],
    rounds: 10,
    act: (fs, r) => put(fs, `/w${(r * 7) % 6}/f${r % 3}`, 20, r),
  },
  'directories that come and go': {
    dirs: ['/d'],
    rounds: 4,
    act: (fs, r) => {
      const dir = `/d/x${r % 5}`;
      fs.mkdir(dir);
      put(fs, dir + '/f', 10, 1);
      fs.rename(dir + '/f', `/d/g${r % 3}`);
      fs.rmdir(dir);
    },
  },
  'files of several blocks': { dirs: ['/d'], rounds: 4, act: (fs, r) => put(fs, `/d/f${r % 3}`, 1500, r) },
  'the root alone': { dirs: [], rounds: 10, act: (fs, r) => put(fs, '/f', 20, r) },
  'attributes of two directories': {
    dirs: ['/d', '/d/e'],
    rounds: 10,
    act: (fs, r) => fs.setattr(r % 2 ? '/d/e' : '/d', 65, new Uint8Array(6)),
  },
  'small files rewritten in a directory': {
    dirs: ['/d'],
    rounds: 1,
    act: (fs) => {
      for (let i = 0; i < 10; i++) put(fs, `/d/test${i}`, 16, 1);
    },
  },
};

function wear(blockSize: number, blockCount: number, progSize: number, blockCycles: number, name: string): [most: number, mean: number] {
  const flash = new Flash({ blockSize, blockCount, progSize });
  const options = { readsize: progSize, progsize: progSize, cachesize: Math.min(blockSize, 4 * progSize), blockCycles, mtime: false };
  VfsLfs2.mkfs(flash, options);
  let fs: VfsLfs2;
  const again = (): VfsLfs2 => {
    fs = new VfsLfs2(flash, options);
    fs.mount(false, false);
    return fs;
  };
  fs = again();
  const script = SCRIPTS[name];
  for (const dir of script.dirs) fs.mkdir(dir);
  const rounds =
    script.rounds * Math.min(Math.max(60, 6 * blockCycles), 300) * (progSize === blockSize ? 1 : Math.min(6, blockSize / progSize / 2));
  for (let r = 0; r < rounds; r++) script.act(fs, r, again);
  const each = [...flash.wear.subarray(2)];
  return [Math.max(...each), each.reduce((a, b) => a + b, 0) / each.length];
}

/** Block size, blocks, program unit, block cycles; then for each script the most erases of a block that the C library has. */
const BOUNDS: [number, number, number, number, number[]][] = [
  [512, 64, 512, 3, [35, 20, 20, 63, 30, 15, 134, 20]],
  [512, 64, 512, 20, [105, 42, 38, 148, 66, 21, 36, 38]],
  [512, 64, 512, 100, [303, 101, 101, 465, 421, 101, 101, 101]],
  [512, 256, 16, 3, [15, 5, 5, 23, 24, 5, 5, 5]],
  [512, 256, 16, 20, [61, 21, 21, 42, 49, 21, 21, 21]],
  [256, 128, 256, 3, [30, 10, 10, 33, 27, 10, 57, 10]],
  [256, 128, 256, 20, [63, 21, 21, 64, 47, 21, 21, 21]],
];

for (const [blockSize, blockCount, progSize, blockCycles, bounds] of BOUNDS)
  Object.keys(SCRIPTS).forEach((name, i) => {
    const what = `${blockSize}/${blockCount}/${progSize}/${blockCycles} ${name}`;
    test(`wear of ${what}`, () => {
      const [most, mean] = wear(blockSize, blockCount, progSize, blockCycles, name);
      assert.ok(most <= bounds[i], `most ${most}, mean ${mean.toFixed(1)}, bound ${bounds[i]}`);
    });
  });

test.run();
