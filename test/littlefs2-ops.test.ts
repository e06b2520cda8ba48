/** Behaviours of VfsLfs2 that a suite for all file systems does not reach: format limits, wear, bad blocks, growth. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { NorBlockDev, type NorFlash, norFromImage, norImage } from '../boards/sim';
import { VfsLfs2 } from '../modules/littlefs2';
import { crcRegister } from './independent/crc';
import {
  chip,
  difference,
  format,
  type Geometry,
  geometry,
  list,
  mount,
  noLeaks,
  open,
  pattern,
  readFile,
  type Snapshot,
  sameTree,
  snapshot,
  snapshotOf,
  sound,
  throwsCode,
  watchPrograms,
  writeFile,
} from './support/lfs2';

const SMALL = geometry(512, 64, 16);
const STRICT = { strict: true, erased: true };
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** The chip is sound, holds `tree`, and no block is lost. */
function holds(nor: NorFlash, g: Geometry, fs: VfsLfs2, tree: Snapshot, what = '', options: object = STRICT): void {
  const check = sound(nor, g, options, what);
  const judged = snapshotOf(check);
  assert.ok(sameTree(judged, tree), `${what}, by the judge: ${difference(judged, tree)}`);
  const now = snapshot(fs);
  assert.ok(sameTree(now, tree), `${what}: ${difference(now, tree)}`);
  noLeaks(fs, check, what);
}

/** Changes words of the superblock and puts the CRC of its commit right; the other block of the pair is erased. */
function withSuperblock(image: Uint8Array, blockSize: number, word: number, value: number): Uint8Array {
  const copy = image.slice();
  const revision = (block: number) => new DataView(copy.buffer).getUint32(block * blockSize, true);
  const base = ((revision(1) - revision(0)) | 0) > 0 && revision(1) !== 0xffffffff ? blockSize : 0;
  copy.fill(0xff, blockSize - base, 2 * blockSize - base);
  const view = new DataView(copy.buffer, base, blockSize);
  // Revision, name tag and magic, struct tag, six words.
  view.setUint32(20 + word * 4, value, true);
  let at = 4;
  let chain = 0xffffffff;
  for (;;) {
    const tag = (view.getUint32(at) ^ chain) >>> 0;
    chain = tag;
    if (((tag >>> 20) & 0x780) === 0x500) break;
    at += 4 + (tag & 0x3ff);
  }
  view.setUint32(at + 4, crcRegister(copy.subarray(base, base + at + 4)), true);
  return copy;
}

test('mkfs makes a sound, empty volume of two blocks for every geometry that the format allows', () => {
  for (const [blockSize, blockCount, progSize] of [
    [128, 2, 1],
    [128, 4, 16],
    [256, 8, 16],
    [512, 3, 32],
    [4096, 16, 32],
    [4096, 16, 256],
    [4096, 4, 4096],
    [32768, 4, 512],
  ]) {
    const g = geometry(blockSize, blockCount, progSize);
    const nor = chip(g);
    const fs = format(nor, g);
    const check = sound(nor, g, { strict: true, erased: true }, `${blockSize} x ${blockCount}, program ${progSize}`);
    assert.is(check.version, '2.1');
    assert.equal(
      [check.blockSize, check.blockCount, check.nameMax, check.fileMax, check.attrMax],
      [blockSize, blockCount, 255, 0x7fffffff, 1022],
    );
    assert.equal(fs.statvfs('/'), [blockSize, blockSize, blockCount, blockCount - 2, blockCount - 2, 0, 0, 0, 0, 255]);
    assert.equal(list(fs, '/'), []);
  }
});

test('mkfs refuses geometries that the format does not allow, and writes nothing', () => {
  for (const [blockSize, blockCount] of [
    [512, 1],
    [64, 64],
  ]) {
    const g = geometry(blockSize, blockCount, 16);
    const nor = chip(g);
    assert.throws(() => VfsLfs2.mkfs(new NorBlockDev(nor), g.options), `${blockSize} x ${blockCount}`);
    assert.is(nor.counters.programs, 0);
  }
});

test('mkfs over an old volume leaves nothing of it', () => {
  const nor = chip(SMALL);
  const fs = format(nor, SMALL);
  for (let i = 0; i < 20; i++) writeFile(fs, `/f${i}`, pattern(300, i));
  fs.umount();
  const again = format(nor, SMALL);
  holds(nor, SMALL, again, {}, 'formatted again');
  writeFile(again, '/x', pattern(2000, 1));
  holds(nor, SMALL, again, { '/x': hex(pattern(2000, 1)) });
});

test('a volume of version 2.0 stays 2.0, with nothing of 2.1 in it', () => {
  const g = geometry(512, 64, 16, { diskVersion: 0x20000, blockCycles: 5 });
  const nor = chip(g);
  const fs = format(nor, g);
  const tree: Snapshot = {};
  for (let i = 0; i < 60; i++) {
    writeFile(fs, `/f${i % 7}`, pattern(i * 13, i));
    tree[`/f${i % 7}`] = hex(pattern(i * 13, i));
  }
  // The option is for mkfs only: an ordinary mount must not change the version either.
  const other = mount(nor, geometry(512, 64, 16, { blockCycles: 5 }));
  writeFile(other, '/last', pattern(9, 9));
  tree['/last'] = hex(pattern(9, 9));
  holds(nor, g, other, tree, '2.0');
  assert.is(sound(nor, g).version, '2.0');
});

test('a version too new, another block size or a larger count than the medium is EINVAL, and nothing is written', () => {
  const nor = chip(SMALL);
  format(nor, SMALL).umount();
  const image = norImage(nor);
  for (const [what, word, value] of [
    ['minor 2', 0, 0x20002],
    ['major 3', 0, 0x30000],
    ['major 1', 0, 0x10001],
    ['block size', 1, 1024],
    ['block count', 2, 65],
    ['name max', 3, 1023],
    ['attribute max', 5, 1023],
  ] as [string, number, number][]) {
    const bad = chip(SMALL, withSuperblock(image, 512, word, value));
    throwsCode(() => mount(bad, SMALL), 'EINVAL', what);
    assert.is(bad.counters.programs + bad.counters.erases, 0, what);
  }
  const same = chip(SMALL, withSuperblock(image, 512, 0, 0x20001));
  mount(same, SMALL);
});

test('no superblock, or a damaged one, is ECORRUPT, and nothing is written', () => {
  const nor = chip(SMALL);
  format(nor, SMALL).umount();
  const image = norImage(nor);
  const flipped = image.slice();
  flipped[10] ^= 1;
  flipped[512 + 10] ^= 1;
  const noise = pattern(image.length, 1);
  const zero = new Uint8Array(image.length);
  const blank = new Uint8Array(image.length).fill(0xff);
  for (const [what, bad] of Object.entries({ flipped, noise, zero, blank })) {
    const spoilt = chip(SMALL, bad);
    throwsCode(() => mount(spoilt, SMALL), 'ECORRUPT', what);
    assert.is(spoilt.counters.programs + spoilt.counters.erases, 0, what);
  }
});

test('any damaged byte ends in ECORRUPT or in a state that was there before, never in another error', () => {
  const nor = chip(SMALL);
  const fs = format(nor, SMALL);
  fs.mkdir('/d');
  writeFile(fs, '/d/big', pattern(3000, 1));
  writeFile(fs, '/d/small', pattern(30, 2));
  fs.setattr('/d', 3, pattern(5, 1));
  fs.umount();
  const image = norImage(nor);
  const used = nor.usedBlocks();
  for (let round = 0; round < 600; round++) {
    const at = used[round % used.length] * 512 + ((round * 37) % 512);
    const damaged = image.slice();
    damaged[at] ^= 1 << (round % 8);
    const bad = norFromImage(damaged, { eraseSize: 512, progSize: 16 });
    try {
      const again = mount(bad, SMALL);
      snapshot(again);
      again.statvfs('/');
      writeFile(again, '/d/more', pattern(700, 3));
      again.rename('/d/more', '/more');
      again.remove('/more');
    } catch (error) {
      const code = (error as { code?: string }).code;
      assert.ok(code === 'ECORRUPT' || code === 'ENOENT' || code === 'EINVAL', `byte ${at}: ${(error as Error).stack}`);
    }
  }
});

for (const blockCycles of [1, 2, 5]) {
  test(`with blockCycles ${blockCycles} pairs wander over the volume, and it stays sound`, () => {
    const g = geometry(512, 96, 16, { blockCycles });
    const nor = chip(g);
    const fs = format(nor, g);
    const tree: Snapshot = {};
    fs.mkdir('/d');
    tree['/d'] = 'dir';
    fs.mkdir('/d/e');
    tree['/d/e'] = 'dir';
    for (let i = 0; i < 400; i++) {
      const path = ['/a', '/d/b', '/d/e/c'][i % 3];
      writeFile(fs, path, pattern(40, i));
      tree[path] = hex(pattern(40, i));
      if (i % 20 === 19) holds(nor, g, fs, tree, `blockCycles ${blockCycles}, after ${i + 1} writes`);
      if (i % 100 === 99) {
        fs.rename('/d/e', `/e${i}`);
        fs.rename(`/e${i}`, '/d/e');
      }
    }
    const worn = Object.keys(nor.counters.wear).length;
    assert.ok(worn > 12, `${worn} blocks used in turn`);
    holds(nor, g, mount(nor, g), tree, 'after a new mount');
  });
}

test('the superblock is expanded when its pair wears, and the root goes on behind it', () => {
  const g = geometry(512, 96, 16, { blockCycles: 2 });
  const nor = chip(g);
  const fs = format(nor, g);
  fs.setattr('/', 9, pattern(4, 4));
  for (let i = 0; i < 300; i++) writeFile(fs, `/f${i % 5}`, pattern(50, i));
  const check = sound(nor, g, STRICT);
  assert.ok(check.superblocks > 1, `${check.superblocks} superblock entries`);
  const wear = nor.counters.wear;
  assert.ok((wear[0] || 0) + (wear[1] || 0) < 40, `{0, 1} erased ${wear[0]} and ${wear[1]} times`);
  assert.is(hex(check.rootAttrs.get(9) as Uint8Array), hex(pattern(4, 4)));
  const again = mount(nor, g);
  assert.is(hex(again.getattr('/', 9) as Uint8Array), hex(pattern(4, 4)));
  again.setattr('/', 9, pattern(6, 6));
  again.mkdir('/z');
  assert.is(hex(mount(nor, g).getattr('/', 9) as Uint8Array), hex(pattern(6, 6)));
  sound(nor, g, STRICT);
});

test('a superblock is not expanded on a nearly full volume', () => {
  const g = geometry(512, 24, 16, { blockCycles: 1 });
  const nor = chip(g);
  const fs = format(nor, g);
  writeFile(fs, '/big', pattern(20 * 500, 1));
  for (let i = 0; i < 60; i++) writeFile(fs, '/f', pattern(50, i));
  assert.is(sound(nor, g, STRICT).superblocks, 1);
});

for (const [blockSize, blockCount, progSize] of [
  [512, 256, 16],
  [4096, 64, 32],
]) {
  test(`300 entries in a directory, blocks of ${blockSize}: split, found, in order, and dropped again`, () => {
    const g = geometry(blockSize, blockCount, progSize);
    const nor = chip(g);
    const fs = format(nor, g);
    const tree: Snapshot = { '/d': 'dir' };
    fs.mkdir('/d');
    const names: string[] = [];
    // Prefixes of one another too, in an order that is not the sorted one.
    for (let i = 0; i < 300; i++) names.push(`n${(i * 7919) % 300}`);
    for (const name of names) {
      writeFile(fs, `/d/${name}`, pattern(12, name.length));
      tree[`/d/${name}`] = hex(pattern(12, name.length));
    }
    holds(nor, g, fs, tree, 'created');
    assert.ok(sound(nor, g).pairs > 3);
    const fresh = mount(nor, g);
    for (const name of names) assert.is(fresh.stat(`/d/${name}`)[6], 12, name);
    throwsCode(() => fresh.stat('/d/n'), 'ENOENT');
    throwsCode(() => fresh.stat('/d/n300'), 'ENOENT');
    throwsCode(() => fresh.rmdir('/d'), 'ENOTEMPTY');
    names.forEach((name, i) => {
      fresh.remove(`/d/${name}`);
      delete tree[`/d/${name}`];
      if (i % 50 === 49) holds(nor, g, fresh, tree, `${i + 1} removed`);
    });
    fresh.rmdir('/d');
    holds(nor, g, fresh, {}, 'all removed');
  });
}

test('names of 255 bytes, UTF-8, prefixes and upper case are kept apart; 256 bytes are ENAMETOOLONG', () => {
  const g = geometry(4096, 32, 32);
  const nor = chip(g);
  const fs = format(nor, g);
  const names = ['a', 'aa', 'aaa', 'A', 'ab', 'a b', 'n'.repeat(255), 'ä', 'äb', '日本', '😀', '~', 'a.b', 'a\u0001'];
  const tree: Snapshot = {};
  names.forEach((name, i) => {
    writeFile(fs, '/' + name, pattern(3, i));
    tree['/' + name] = hex(pattern(3, i));
  });
  holds(nor, g, fs, tree);
  throwsCode(() => fs.mkdir('/' + 'n'.repeat(256)), 'ENAMETOOLONG');
  throwsCode(() => fs.open('/' + 'ä'.repeat(128), 'w'), 'ENAMETOOLONG');
  holds(nor, g, fs, tree);
});

for (const operation of ['program', 'erase'] as const) {
  test(`blocks on which every ${operation} fails are gone round`, () => {
    const nor = chip(SMALL);
    const fs = format(nor, SMALL);
    const bad = new Set([5, 9, 11, 12, 20, 33, 40, 41]);
    nor.onOperation = (what, addr) => (what === operation && bad.has(Math.floor(addr / 512)) ? 'fail' : undefined);
    const tree: Snapshot = {};
    for (let i = 0; i < 6; i++) {
      fs.mkdir(`/d${i}`);
      tree[`/d${i}`] = 'dir';
      for (let k = 0; k < 8; k++) {
        const path = `/d${i}/f${k % 4}`;
        writeFile(fs, path, pattern(k === 3 ? 1200 : 50, k));
        tree[path] = hex(pattern(k === 3 ? 1200 : 50, k));
      }
    }
    holds(nor, SMALL, fs, tree, `bad ${operation}`, { strict: true });
    for (const block of sound(nor, SMALL).used) assert.not.ok(bad.has(block), `block ${block} is in use`);
  });

  test(`a block that goes bad (${operation}) in use is replaced, with all that is in it`, () => {
    const nor = chip(SMALL);
    const fs = format(nor, SMALL);
    const tree: Snapshot = { '/d': 'dir' };
    fs.mkdir('/d');
    const bad = new Set<number>();
    nor.onOperation = (what, addr) => (what === operation && bad.has(Math.floor(addr / 512)) ? 'fail' : undefined);
    for (let i = 0; i < 120; i++) {
      const path = `/d/f${i % 9}`;
      writeFile(fs, path, pattern(50, i));
      tree[path] = hex(pattern(50, i));
      if (i % 30 === 15) {
        // All pairs but {0, 1}, which cannot move.
        bad.clear();
        for (const block of sound(nor, SMALL).used) if (block > 1) bad.add(block);
      }
      if (i % 10 === 9) holds(nor, SMALL, fs, tree, `bad ${operation}, ${i}`, { strict: true });
    }
  });
}

test('a program that does not stick (reads back wrong) is done elsewhere', () => {
  const nor = chip(SMALL);
  const fs = format(nor, SMALL);
  const stuck = new Set([4, 5, 8, 13, 21]);
  // Bit 0 of the first byte of each program stays 0.
  nor.onChange = (addr) => {
    const block = Math.floor(addr / 512);
    if (!stuck.has(block)) return;
    const bytes = new Uint8Array(512);
    nor.peek(block * 512, bytes);
    if (bytes.every((byte) => byte === 0xff)) return;
    bytes[addr % 512] &= 0xfe;
    bytes[(addr % 512) + 3] &= 0xfe;
    nor.poke(block, bytes);
  };
  const tree: Snapshot = {};
  for (let i = 0; i < 40; i++) {
    writeFile(fs, `/f${i % 10}`, pattern(i % 10 === 4 ? 1500 : 60, i));
    tree[`/f${i % 10}`] = hex(pattern(i % 10 === 4 ? 1500 : 60, i));
  }
  holds(nor, SMALL, fs, tree, 'stuck bits', { strict: true });
});

test('on a full volume writing is ENOSPC, what was synced stays, and removing makes room again', () => {
  for (const g of [geometry(512, 32, 16), geometry(4096, 12, 32), geometry(512, 32, 16, { blockCycles: 2 })]) {
    const nor = chip(g);
    const fs = format(nor, g);
    const tree: Snapshot = { '/keep': hex(pattern(700, 1)), '/small': hex(pattern(10, 2)) };
    writeFile(fs, '/keep', pattern(700, 1));
    writeFile(fs, '/small', pattern(10, 2));
    const all = g.blockSize * g.blockCount;
    throwsCode(() => writeFile(fs, '/keep', pattern(all, 3)), 'ENOSPC', 'overwrite');
    holds(nor, g, fs, tree, 'after ENOSPC of an overwrite');
    throwsCode(() => writeFile(fs, '/keep', pattern(all, 3), 'a'), 'ENOSPC', 'append');
    holds(nor, g, fs, tree, 'after ENOSPC of an append');
    let full = 0;
    for (; full < 500; full++) {
      try {
        writeFile(fs, `/f${full}`, pattern(g.blockSize, full));
      } catch (error) {
        assert.is((error as { code?: string }).code, 'ENOSPC', (error as Error).stack);
        break;
      }
      tree[`/f${full}`] = hex(pattern(g.blockSize, full));
    }
    const now = snapshot(fs);
    if (now[`/f${full}`] === '') tree[`/f${full}`] = '';
    holds(nor, g, fs, tree, 'filled up');
    holds(nor, g, mount(nor, g), tree, 'filled up, new mount');
    for (const path of Object.keys(tree)) {
      if (!path.startsWith('/f')) continue;
      fs.remove(path);
      delete tree[path];
    }
    holds(nor, g, fs, tree, 'emptied');
    writeFile(fs, '/keep', pattern(g.blockSize * 3, 5));
    tree['/keep'] = hex(pattern(g.blockSize * 3, 5));
    holds(nor, g, fs, tree, 'written again');
  }
});

test('directories fill a volume up to ENOSPC and can be removed from it, wherever the allocator stands', () => {
  const g = geometry(512, 18, 16);
  for (let turns = 0; turns < 20; turns++) {
    const nor = chip(g);
    const fs = format(nor, g);
    for (let i = 0; i < turns; i++) {
      writeFile(fs, '/f', pattern(i % 5 ? 200 : 600, i));
      fs.remove('/f');
    }
    const tree: Snapshot = {};
    throwsCode(() => {
      for (let i = 0; i < 100; i++) {
        fs.mkdir(`/d${i}`);
        tree[`/d${i}`] = 'dir';
      }
    }, 'ENOSPC');
    holds(nor, g, fs, tree, `full of directories, ${turns}`);
    for (const path of Object.keys(tree)) {
      fs.rmdir(path);
      delete tree[path];
    }
    holds(nor, g, fs, tree, `all removed, ${turns}`);
  }
});

test('attributes: set, replaced, listed, removed, on files, directories and the root; kept by rename', () => {
  const nor = chip(SMALL);
  const fs = format(nor, SMALL);
  fs.mkdir('/d');
  writeFile(fs, '/f', pattern(10, 1));
  for (const path of ['/', '/d', '/f']) {
    assert.equal(fs.listattr(path), []);
    assert.is(fs.getattr(path, 0x74), undefined);
    fs.setattr(path, 0x74, pattern(5, 1));
    fs.setattr(path, 2, pattern(0, 1));
    fs.setattr(path, 0x74, pattern(100, 2));
    assert.equal([...fs.listattr(path)].sort(), [0x74, 2].sort());
    assert.is(hex(fs.getattr(path, 0x74) as Uint8Array), hex(pattern(100, 2)));
    assert.is((fs.getattr(path, 2) as Uint8Array).length, 0);
    fs.removeattr(path, 2);
    assert.equal(fs.listattr(path), [0x74]);
  }
  fs.rename('/f', '/d/g');
  fs.rename('/d', '/e');
  writeFile(fs, '/e/g', pattern(600, 3));
  const attr = ' 116=' + hex(pattern(100, 2));
  holds(nor, SMALL, fs, { '/e': 'dir' + attr, '/e/g': hex(pattern(600, 3)) + attr });
  assert.is(hex(sound(nor, SMALL).rootAttrs.get(0x74) as Uint8Array), hex(pattern(100, 2)));
  throwsCode(() => fs.setattr('/nothing', 1, pattern(1, 1)), 'ENOENT');
  throwsCode(() => fs.getattr('/nothing', 1), 'ENOENT');
  assert.throws(() => fs.setattr('/e', 1, pattern(1023, 1)));
  holds(nor, SMALL, fs, { '/e': 'dir' + attr, '/e/g': hex(pattern(600, 3)) + attr });
});

test('writing sets the time of modification as MicroPython does, unless it is off', () => {
  const g = geometry(512, 64, 16, { mtime: true });
  const nor = chip(g);
  const fs = format(nor, g);
  const start = Math.floor(Date.now() / 1000);
  writeFile(fs, '/f', pattern(10, 1));
  const stat = fs.stat('/f');
  assert.ok(stat[8] >= start && stat[8] <= start + 5, `${stat[8]}`);
  assert.equal([stat[7], stat[9]], [stat[8], stat[8]]);
  const attr = sound(nor, g, STRICT).tree.get('/f')?.attrs.get(1) as Uint8Array;
  assert.is(Number(Buffer.from(attr).readBigUInt64LE() / 1000000000n), stat[8]);
  open(fs, '/f', 'r').close();
  assert.is(fs.stat('/f')[8], stat[8]);
  const off = mount(nor, SMALL);
  writeFile(off, '/g', pattern(10, 1));
  assert.is(off.stat('/g')[8], 0);
  assert.equal(off.listattr('/g'), []);
});

test('the time of modification is committed once a second: with a new file, then when the second is another', () => {
  const g = geometry(4096, 16, 32, { mtime: true });
  const nor = chip(g);
  const fs = format(nor, g);
  const real = Date.now;
  let time = 1700000000000;
  Date.now = () => time;
  const programmed = (): number => {
    const before = nor.counters.programBytes;
    writeFile(fs, '/f', pattern(4, time));
    return nor.counters.programBytes - before;
  };
  const stored = (): bigint => Buffer.from(sound(nor, g, STRICT).tree.get('/f')?.attrs.get(1) as Uint8Array).readBigUInt64LE() / 1000000n;
  try {
    open(fs, '/f', 'w').close();
    assert.is(stored(), 1700000000000n, 'an empty file has one');
    assert.is(programmed(), 32, 'in the same second');
    time += 999;
    assert.is(programmed(), 32, 'just still');
    time += 1;
    assert.is(programmed(), 64, 'in the next');
    assert.is(fs.stat('/f')[8], 1700000001);
    assert.is(stored(), 1700000001000n);
    time -= 86400000;
    assert.is(programmed(), 64, 'a clock that was put back');
    assert.is(fs.stat('/f')[8], 1700000001 - 86400);
    fs.setattr('/f', 1, new Uint8Array(3));
    assert.is(programmed(), 64, 'something else under its type');
    assert.is(fs.stat('/f')[8], 1700000001 - 86400);
  } finally {
    Date.now = real;
  }
});

test('grow makes the rest of a larger medium part of the volume', () => {
  for (const blockCycles of [100, 2]) {
    const small = geometry(512, 32, 16, { blockCycles });
    const nor = chip(small);
    const fs = format(nor, small);
    const tree: Snapshot = {};
    for (let i = 0; i < 60; i++) {
      writeFile(fs, `/f${i % 6}`, pattern(100, i));
      tree[`/f${i % 6}`] = hex(pattern(100, i));
    }
    fs.umount();
    const image = new Uint8Array(512 * 80).fill(0xff);
    image.set(norImage(nor));
    const large = geometry(512, 80, 16, { blockCycles });
    const grown = chip(large, image);
    const again = mount(grown, large);
    assert.is(again.statvfs('/')[2], 32, 'a smaller volume on a larger medium keeps its size');
    again.grow();
    assert.is(again.statvfs('/')[2], 80);
    writeFile(again, '/big', pattern(50 * 500, 1));
    tree['/big'] = hex(pattern(50 * 500, 1));
    holds(grown, large, again, tree, 'grown');
    assert.is(sound(grown, large).blockCount, 80);
    holds(grown, large, mount(grown, large), tree, 'grown, new mount');
    throwsCode(() => again.grow(81), 'EINVAL', 'beyond the medium');
    throwsCode(() => again.grow(40), 'EINVAL', 'smaller');
  }
});

test('removing or renaming an open file, and a second writer of it, are EBUSY; readers may share', () => {
  const nor = chip(SMALL);
  const fs = format(nor, SMALL);
  writeFile(fs, '/f', pattern(100, 1));
  writeFile(fs, '/g', pattern(100, 2));
  const one = open(fs, '/f', 'r');
  const two = open(fs, '/f', 'r');
  throwsCode(() => fs.remove('/f'), 'EBUSY', 'remove');
  throwsCode(() => fs.rename('/f', '/h'), 'EBUSY', 'rename');
  throwsCode(() => fs.rename('/g', '/f'), 'EBUSY', 'rename over it');
  one.close();
  two.close();
  const writer = open(fs, '/f', 'a');
  throwsCode(() => fs.open('/f', 'r+'), 'EBUSY', 'second writer');
  throwsCode(() => fs.open('/f', 'w'), 'EBUSY', 'second writer');
  throwsCode(() => fs.remove('/f'), 'EBUSY', 'remove');
  writer.writeAt(100, pattern(400, 3));
  // Changes around it move its entry and its pair.
  for (let i = 0; i < 40; i++) writeFile(fs, `/${'abcz'[i % 4]}${i % 12}`, pattern(30, i));
  fs.remove('/a0');
  writer.close();
  fs.remove('/g');
  assert.is(hex(readFile(fs, '/f')), hex(pattern(100, 1)) + hex(pattern(400, 3)));
  sound(nor, SMALL, STRICT);
});

test('several files written in turn keep apart, while directories split around them', () => {
  const g = geometry(512, 200, 16, { blockCycles: 4 });
  const nor = chip(g);
  const fs = format(nor, g);
  const files = [0, 1, 2, 3].map((i) => ({ path: `/m${i}`, file: open(fs, `/m${i}`, 'w'), content: '' }));
  for (let i = 0; i < 120; i++) {
    const each = files[(i * 7) % 4];
    each.file.writeAt(each.content.length / 2, pattern(70, i));
    each.content += hex(pattern(70, i));
    if (i % 5 === 0) each.file.sync();
    writeFile(fs, `/x${i % 30}`, pattern(25, i));
    if (i % 9 === 8) fs.remove(`/x${i % 30}`);
  }
  for (const { file } of files) file.close();
  for (const { path, content } of files) assert.is(hex(readFile(fs, path)), content, path);
  noLeaks(fs, sound(nor, g, STRICT));
});

test('a file whose writer sees an error keeps its old content', () => {
  const nor = chip(SMALL);
  const fs = format(nor, SMALL);
  writeFile(fs, '/f', pattern(2000, 1));
  const file = open(fs, '/f', 'r+');
  file.writeAt(100, pattern(50, 2));
  nor.onOperation = () => 'fail';
  assert.throws(() => {
    file.writeAt(1500, pattern(3000, 3));
    file.sync();
  });
  // What was not synced is given up with the failed write; there is nothing left to fail at.
  file.close();
  nor.onOperation = undefined;
  watchPrograms(nor);
  assert.is(hex(readFile(mount(nor, SMALL), '/f')), hex(pattern(2000, 1)));
});

test('a read-only mount is EROFS for every change', () => {
  const nor = chip(SMALL);
  const fs = format(nor, SMALL);
  writeFile(fs, '/f', pattern(10, 1));
  fs.umount();
  const before = nor.counters.programs + nor.counters.erases;
  const only = mount(nor, SMALL, true);
  for (const work of [
    () => only.open('/f', 'w'),
    () => only.open('/f', 'a'),
    () => only.open('/f', 'r+'),
    () => only.open('/g', 'x'),
    () => only.mkdir('/d'),
    () => only.remove('/f'),
    () => only.rename('/f', '/g'),
    () => only.setattr('/f', 1, pattern(1, 1)),
    () => only.removeattr('/f', 1),
  ])
    throwsCode(work, 'EROFS', String(work));
  assert.is(nor.counters.programs + nor.counters.erases, before);
});

test('a memory-mapped medium gives the same', () => {
  const g = geometry(4096, 64, 32);
  const nor = chip(g);
  nor.geometry.mapped = true;
  const fs = format(nor, g);
  const tree: Snapshot = {};
  for (let i = 0; i < 120; i++) {
    writeFile(fs, `/f${i % 17}`, pattern((i * 331) % 6000, i));
    tree[`/f${i % 17}`] = hex(pattern((i * 331) % 6000, i));
  }
  holds(nor, g, fs, tree, 'mapped');
});

test('an operation that ends in ENOSPC leaves what other open files have written and not synced', () => {
  const g = geometry(256, 12, 16);
  const nor = chip(g);
  const fs = format(nor, g);
  writeFile(fs, '/big', pattern(700, 1));
  const small = open(fs, '/small', 'w');
  small.writeAt(0, pattern(20, 2));
  const list = open(fs, '/list', 'w');
  list.writeAt(0, pattern(300, 3));
  // Small files fill the metadata up to the last block, until a commit fails half-way.
  let failed = 0;
  for (let i = 0; i < 100; i++) {
    try {
      writeFile(fs, `/n${i}`, pattern(24, i));
    } catch (error) {
      assert.is((error as { code?: string }).code, 'ENOSPC');
      failed++;
    }
  }
  assert.ok(failed > 0);
  assert.is(small.size(), 20);
  assert.is(list.size(), 300);
  fs.remove('/big');
  for (let i = 0; i < 3; i++) fs.remove(`/n${i}`);
  small.close();
  list.close();
  const again = mount(nor, g);
  assert.equal([...readFile(again, '/small')], [...pattern(20, 2)]);
  assert.equal([...readFile(again, '/list')], [...pattern(300, 3)]);
  sound(nor, g, {});
});

test('a directory of more files than ids, on blocks so large that no log gets full, is mounted again', () => {
  for (const [blockSize, progSize] of [
    [131072, 32],
    [65536, 1],
  ]) {
    const g = geometry(blockSize, 32, progSize);
    const nor = chip(g);
    const fs = format(nor, g);
    const names = Array.from({ length: 1100 }, (_, i) => `f${String(i).padStart(5, '0')}`);
    for (const name of names) open(fs, '/' + name, 'w').close();
    fs.umount();
    const again = mount(nor, g);
    const found: string[] = [];
    const listing = again.ilistdir('/');
    for (let step = listing.next(); !step.done; step = listing.next()) found.push((step.value as unknown as [string])[0]);
    assert.equal(found, names);
  }
});

test.run();
