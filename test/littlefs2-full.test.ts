/** What there is no room for changes nothing, and removing makes room, also in pairs that the C library filled further than this module does. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { VfsLfs2 } from '../modules/littlefs2';
import { chip, difference, format, geometry, mount, pattern, sameTree, snapshot, sound, writeFile } from './support/lfs2';
import { editLog } from './support/lfs2-edit';
import { generator, pick } from './torture/random';
import { formatted, mountOn, type Setup } from './torture/session';

const g = geometry(128, 146, 4);

/** A directory `/d` with a small and a large entry, whose name makes the pair as full as the C library lets it be. */
function crowded(nameLength: number, first: string): ReturnType<typeof chip> {
  const nor = chip(g);
  const fs = format(nor, g);
  fs.mkdir('/d');
  fs.mkdir('/e');
  // In this order no id is shifted.
  for (const name of [first, 'm'].sort()) writeFile(fs, `/d/${name}`, new Uint8Array(0));
  const image = new Uint8Array(g.blockSize * g.blockCount);
  nor.peek(0, image);
  let done = 0;
  for (let block = 2; block < g.blockCount; block++) {
    const fits = editLog(image, g.blockSize, block, (tags) => {
      const name = tags.find((tag) => tag.type === 1 && tag.data.length === 1 && tag.data[0] === 0x6d);
      if (!name) return;
      name.data = new Uint8Array(nameLength).fill(0x6d);
      name.length = nameLength;
      // As after a compaction: no more than one tag for each matter.
      const last = new Map(tags.filter((tag) => tag.type < 0x400).map((tag) => [`${tag.type >> 8} ${tag.id}`, tag]));
      tags.splice(
        0,
        tags.length,
        ...tags.filter((tag) => tag.type >= 0x600),
        ...[...last.values()].sort((a, b) => a.id - b.id || a.type - b.type),
      );
      done++;
    });
    assert.ok(fits || image[block * g.blockSize] === 0xff);
  }
  assert.is(done, 1);
  return chip(g, image);
}

const STEPS: [string, (fs: VfsLfs2, small: string, large: string) => void][] = [
  ['removal of the small one', (fs, small) => fs.remove(small)],
  ['removal of the large one', (fs, _small, large) => fs.remove(large)],
  ['rename of the small one into another directory', (fs, small) => fs.rename(small, '/e/x')],
  ['rename of the small one over a file', (fs, small) => fs.rename(small, '/f')],
  ['rename of the large one', (fs, _small, large) => fs.rename(large, '/e/x')],
  ['write', (fs, small) => writeFile(fs, small, new Uint8Array(0))],
  ['growing write', (fs, small) => writeFile(fs, small, pattern(12, 1))],
  ['attribute', (fs, small) => fs.setattr(small, 65, pattern(12, 1))],
  ['directory', (fs) => fs.mkdir('/d/new')],
];

for (const length of [70, 82, 87])
  for (const first of ['a', 'z'])
    test(`a pair with a name of ${length} bytes beside ${first}: what fails changes nothing, and removing works`, () => {
      for (const [what, work] of STEPS) {
        const nor = crowded(length, first);
        const fs = mount(nor, g);
        writeFile(fs, '/f', pattern(3, 3));
        const small = `/d/${first}`;
        const large = `/d/${'m'.repeat(length)}`;
        const before = snapshot(fs);
        assert.ok(small in before && large in before);
        let done = true;
        try {
          work(fs, small, large);
        } catch (error) {
          assert.is((error as { code: string }).code, 'ENOSPC', `${what}: ${(error as Error).stack}`);
          done = false;
        }
        assert.ok(done || !/^re/.test(what), `${what} was refused`);
        const now = snapshot(fs);
        assert.ok(done || sameTree(now, before), `${what}: ${difference(now, before)}`);
        assert.ok(sameTree(snapshot(mount(nor, g)), now), what);
        sound(nor, g, { strict: true }, what);
        for (const path of [small, large]) if (path in now) fs.remove(path);
        writeFile(fs, '/more', pattern(300, 1));
        sound(nor, g, { strict: true }, what);
      }
    });

/** Random changes on small blocks until nothing fits, against what the tree was before each that failed. */
function fill(setup: Setup, seed: number): number {
  const random = generator(seed);
  const flash = formatted(setup);
  let fs = mountOn(setup, flash);
  let refused = 0;
  for (let i = 0; i < 140; i++) {
    const before = snapshot(fs);
    const paths = Object.keys(before);
    const dirs = ['', ...paths.filter((path) => before[path].startsWith('dir'))];
    const fresh = `${pick(random, dirs)}/${'abcdefgh'[random(8)].repeat(1 + random(seed % 3 ? 20 : 50))}${random(20)}`;
    const any = paths.length ? pick(random, paths) : fresh;
    const target = random(2) || !paths.length ? fresh : pick(random, paths);
    const kind = random(9);
    let removes = false;
    try {
      if (kind < 2) fs.mkdir(fresh);
      else if (kind < 4) fs.setattr(random(3) ? any : '/', 60 + random(3), pattern(random(30), i));
      else if (kind < 6 && !target.startsWith(any + '/')) fs.rename(any, target);
      else if (kind === 6) {
        removes = true;
        if ((before[any] ?? '').startsWith('dir')) fs.rmdir(any);
        else fs.remove(any);
      } else if (kind > 6 && !(before[target] ?? '').startsWith('dir'))
        writeFile(fs, target, pattern(random(3) ? random(30) : random(400), i));
    } catch (error) {
      const code = (error as { code?: string }).code;
      assert.ok(code && code !== 'EIO' && code !== 'ECORRUPT', (error as Error).stack);
      assert.ok(!removes || code !== 'ENOSPC', `seed ${seed}, step ${i}: removal refused`);
      if (code === 'ENOSPC') refused++;
      // What was made or emptied by `open` stays so.
      const opened = snapshot(fs)[target];
      if (kind > 6 && opened !== undefined) before[target] = opened;
      for (const each of [fs, mountOn(setup, flash)]) {
        const now = snapshot(each);
        assert.ok(sameTree(now, before), `seed ${seed}, step ${i}, ${code}: ${difference(now, before)}`);
      }
    }
    if (random(30) === 0) fs = mountOn(setup, flash);
  }
  for (let left = Object.keys(snapshot(fs)); left.length; left = Object.keys(snapshot(fs))) {
    const leaf = pick(
      random,
      left.filter((path) => !left.some((each) => each.startsWith(path + '/'))),
    );
    if (snapshot(fs)[leaf].startsWith('dir')) fs.rmdir(leaf);
    else fs.remove(leaf);
  }
  return refused;
}

for (const [blockSize, blockCount, progSize] of [
  [128, 20, 4],
  [128, 40, 128],
  [256, 24, 16],
])
  test(`random changes until ${blockCount} blocks of ${blockSize} are full: what fails changes nothing, and all can be removed`, () => {
    let refused = 0;
    for (let seed = 1; seed <= 2; seed++)
      refused += fill(
        { blockSize, blockCount, progSize, options: { readsize: 4, progsize: progSize, blockCycles: seed % 2 ? 3 : 100, mtime: false } },
        seed * 31 + blockSize,
      );
    assert.ok(refused > 10, `${refused} refused`);
  });

test.run();
