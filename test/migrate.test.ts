/** A littlefs 1 volume becomes one of littlefs 2 in place, with the same tree; a power cut leaves one or the other. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { VfsLfs1 } from '../modules/littlefs1';
import { probeLfs1 } from '../modules/littlefs1/mount.lazy';
import { VfsLfs2 } from '../modules/littlefs2';
import { fsckLfs2 } from '../modules/littlefs2/check/fsck';
import { probeLfs2 } from '../modules/littlefs2/mount.lazy';
import { migrateLfs1 } from '../modules/migrate';
import { checkLfs2 } from './independent/lfs2-reader';
import { goldenImage, goldenManifest, goldenNames } from './support/golden';
import { difference, mount1, pattern, put, type Snapshot, sameTree, snapshot1, throwsCode } from './support/lfs1';
import { snapshot, snapshotOf, writeFile } from './support/lfs2';
import { perform } from './support/script';
import { Flash, type FlashShape } from './torture/flash';
import { formatted1, randomSetup1, randomSteps1 } from './torture/lfs1';
import { generator, mixSeed } from './torture/random';

const options = { mtime: false };

/** The tree of the littlefs 2 volume that has to be there, by itself, by fsck and by the judge. */
function newTree(flash: Flash, o: { readsize?: number; progsize?: number }, what: string): Snapshot {
  const result = fsckLfs2(flash, { ...options, ...o });
  assert.equal(
    result.findings.filter((each) => each.level !== 'info'),
    [],
    what,
  );
  const check = checkLfs2(flash.image, flash.shape.blockSize, undefined, { strict: true });
  assert.equal(
    check.problems.filter((each) => !each.includes('multiple of the program size')),
    [],
    what,
  );
  const fs = new VfsLfs2(flash, { ...options, ...o });
  fs.mount(true, false);
  const tree = snapshot(fs);
  assert.ok(sameTree(snapshotOf(check), tree), `${what}, by the judge: ${difference(snapshotOf(check), tree)}`);
  const figures = fs.statvfs('/');
  assert.is(figures[2] - figures[3], check.used.size, `${what}: blocks used`);
  return tree;
}

for (const name of goldenNames('lfs1')) {
  const { block_size: blockSize, block_count: blockCount } = goldenManifest('lfs1', name);
  test(`${name}: reads the same as littlefs 2, and is written on`, () => {
    const flash = new Flash({ blockSize, blockCount, progSize: 32 }, goldenImage('lfs1', name));
    const tree = snapshot1(mount1(flash));
    VfsLfs2.migrate(flash, options);
    let now = newTree(flash, {}, name);
    assert.ok(sameTree(now, tree), difference(now, tree));
    assert.not(probeLfs1(flash), 'the old superblock is gone');
    const fs = new VfsLfs2(flash, options);
    fs.mount(false, false);
    fs.mkdir('/new dir');
    writeFile(fs, '/new dir/file', pattern(blockSize * 2, 1));
    const files = Object.keys(tree).filter((path) => tree[path] !== 'dir');
    for (const path of files.slice(0, 12)) writeFile(fs, path, pattern(20, 2), 'a');
    for (const path of files.slice(0, 12)) tree[path] += Buffer.from(pattern(20, 2)).toString('hex');
    Object.assign(tree, { '/new dir': 'dir', '/new dir/file': Buffer.from(pattern(blockSize * 2, 1)).toString('hex') });
    fs.umount();
    now = newTree(flash, {}, `${name}, written on`);
    assert.ok(sameTree(now, tree), difference(now, tree));
    // It is one of littlefs 2 already.
    const before = Buffer.from(flash.image);
    migrateLfs1(flash, options);
    assert.ok(before.equals(flash.image));
  });
}

/** What a cut left: one volume or the other, with all of it; then again, to the end. */
function oneOrTheOther(
  shape: FlashShape,
  o: { readsize?: number; progsize?: number },
  image: Uint8Array,
  tree: Snapshot,
  what: string,
): 'old' | 'new' {
  const flash = new Flash(shape, image);
  flash.lenient = true;
  const isNew = probeLfs2(flash);
  let old: VfsLfs1 | undefined;
  if (!isNew) {
    assert.ok(probeLfs1(flash), `${what}: neither`);
    old = mount1(flash, o, true);
    const now = snapshot1(old);
    assert.ok(sameTree(now, tree), `${what}, old: ${difference(now, tree)}`);
  } else {
    const now = newTree(flash, o, what);
    assert.ok(sameTree(now, tree), `${what}, new: ${difference(now, tree)}`);
  }
  migrateLfs1(flash, { ...options, ...o });
  const end = newTree(flash, o, `${what}, and again`);
  assert.ok(sameTree(end, tree), `${what}, and again: ${difference(end, tree)}`);
  assert.not(probeLfs1(flash), what);
  return isNew ? 'new' : 'old';
}

const SHAPES: [string, FlashShape, Uint8Array | undefined][] = [
  ...['cut-005', 'cut-036', 'many-512', 'tiny-128', 'basic-4096']
    .filter((name) => goldenNames('lfs1').includes(name))
    .map((name): [string, FlashShape, Uint8Array] => {
      const { block_size: blockSize, block_count: blockCount } = goldenManifest('lfs1', name);
      return [name, { blockSize, blockCount, progSize: 32, unit: name.startsWith('cut') ? 1 : 8 }, goldenImage('lfs1', name)];
    }),
  ['an empty volume', { blockSize: 512, blockCount: 16, progSize: 16, unit: 1, cached: true }, undefined],
];

for (const [name, shape, given] of SHAPES) {
  test(`${name}: power cut at every program and erase leaves the old volume or the new one`, () => {
    const image = given ?? formatted1({ ...shape, options: {} }).image;
    const tree = snapshot1(mount1(new Flash(shape, image)));
    const flash = new Flash(shape, image);
    const left: Uint8Array[] = [];
    flash.before = (change) => {
      left.push(flash.cutImage(change, 'not', left.length), flash.cutImage(change, 'torn', left.length));
      if (shape.cached) left.push(flash.cutImage(change, 'reordered', left.length));
      return undefined;
    };
    migrateLfs1(flash, options);
    const ends = left.map((each, i) => oneOrTheOther(shape, {}, each, tree, `${name}, cut ${i}`));
    assert.ok(ends.length >= 6);
    assert.is(ends[0], 'old');
    assert.is(ends[ends.length - 1], 'new');
  });
}

for (let n = 0; n < 25; n++) {
  test(`a random volume, ${n}: power cuts leave the old volume or the new one`, () => {
    const random = generator(mixSeed(n, 99));
    const setup = { ...randomSetup1(random), medium: 'nor' as const, cached: false };
    const { unit, options: o } = setup;
    const flash = formatted1(setup);
    const fs = mount1(flash, o);
    try {
      for (const step of randomSteps1(setup, random, 60)) perform(fs, step);
    } catch (error) {
      if ((error as { code?: string }).code !== 'ENOSPC') throw error;
    }
    const tree = snapshot1(fs);
    fs.umount();
    const left: Uint8Array[] = [];
    const small = (unit ?? setup.progSize) <= 8;
    flash.before = (change) => {
      if (random(3)) return undefined;
      left.push(flash.cutImage(change, 'not', left.length));
      // Within a larger unit the mark may be there before the rest of it is.
      if (small) left.push(flash.cutImage(change, 'torn', left.length));
      return undefined;
    };
    try {
      migrateLfs1(flash, { ...options, ...o });
    } catch (error) {
      // Then nothing has changed.
      if (!['ENOSPC', 'ENAMETOOLONG'].includes((error as { code: string }).code)) throw error;
      flash.before = undefined;
      assert.ok(probeLfs1(flash) && !probeLfs2(flash));
      assert.ok(sameTree(snapshot1(mount1(flash, o)), tree));
      return;
    }
    flash.before = undefined;
    const now = newTree(flash, o, 'done');
    assert.ok(sameTree(now, tree), difference(now, tree));
    for (const [i, each] of left.entries()) oneOrTheOther(setup, o, each, tree, `cut ${i}`);
  });
}

test('where the superblock is torn within a large program unit, the old volume is there and migrating again ends it', () => {
  const shape: FlashShape = { blockSize: 4096, blockCount: 32, progSize: 256, unit: 256 };
  const flash = new Flash(shape);
  const o = { readsize: 32, progsize: 256 };
  VfsLfs1.mkfs(flash, o);
  const fs = mount1(flash, o);
  fs.mkdir('/d');
  put(fs, '/d/f', pattern(5000, 1));
  const tree = snapshot1(fs);
  fs.umount();
  const left: Uint8Array[] = [];
  flash.before = (change) => {
    for (let k = 0; k < 6; k++) left.push(flash.cutImage(change, 'torn', left.length));
    return undefined;
  };
  migrateLfs1(flash, { ...options, ...o });
  for (const image of left) {
    const cut = new Flash(shape, image);
    cut.lenient = true;
    let whole = false;
    try {
      whole = sameTree(snapshot1(mount1(cut, o, true)), tree);
    } catch {
      whole = sameTree(newTree(cut, o, 'new'), tree);
    }
    assert.ok(whole);
    migrateLfs1(cut, { ...options, ...o });
    assert.ok(sameTree(newTree(cut, o, 'again'), tree));
  }
});

test('without room, for a damaged volume, or one that is not to be written, it fails with a code and changes nothing', () => {
  const flash = new Flash({ blockSize: 512, blockCount: 12, progSize: 16 });
  VfsLfs1.mkfs(flash);
  const fs = mount1(flash);
  fs.mkdir('/d');
  put(fs, '/f', pattern(2400, 1));
  const tree = snapshot1(fs);
  throwsCode(() => migrateLfs1(flash, options), 'ENOSPC');
  assert.ok(sameTree(snapshot1(mount1(flash)), tree));
  const readonly = { readblocks: flash.readblocks.bind(flash), ioctl: flash.ioctl.bind(flash) };
  throwsCode(() => migrateLfs1(readonly, options), 'EROFS');
  throwsCode(() => migrateLfs1(new Flash({ blockSize: 512, blockCount: 12, progSize: 16 }), options), 'ECORRUPT');
  throwsCode(() => migrateLfs1(new Flash({ blockSize: 104, blockCount: 12, progSize: 8 }), options), 'EINVAL');
});

test.run();
