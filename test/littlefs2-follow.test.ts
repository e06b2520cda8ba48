/** What follows a pair that is moved or split: the root, open files, listings under way, places to begin searches, and the operation's own pairs. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { NorBlockDev } from '../boards/sim';
import type { DirIterator, RawFile } from '../modules/contract/filesystem';
import { VfsLfs2 } from '../modules/littlefs2';
import { chip, format, type Geometry, geometry, mount, open, pattern, readFile, sound, throwsCode, writeFile } from './support/lfs2';
import { generator, pick } from './torture/random';

const hex = (bytes: Uint8Array | undefined): string | undefined => bytes && Buffer.from(bytes).toString('hex');

for (const [blockCycles, progSize] of [
  [1, 512],
  [3, 512],
  [3, 256],
])
  test(`the root stays the root however often the superblock is expanded: blockCycles ${blockCycles}, programs of ${progSize}`, () => {
    const g = geometry(512, 200, progSize, { blockCycles });
    const nor = chip(g);
    const half = geometry(512, 100, progSize, { blockCycles });
    class Half extends NorBlockDev {
      ioctl(op: number, arg: number): number | undefined {
        return op === 4 ? 100 : super.ioctl(op, arg);
      }
    }
    VfsLfs2.mkfs(new Half(nor), half.options);
    let fs = mount(nor, g);
    let expansions = 1;
    let size = 100;
    for (let i = 0; i < 3000 && expansions < 5; i++) {
      fs.setattr('/', 70, pattern(5, i));
      if (i % 8) continue;
      const check = sound(nor, g);
      assert.is(hex(fs.getattr('/', 70)), hex(pattern(5, i)), `change ${i}`);
      assert.is(hex(check.rootAttrs.get(70)), hex(pattern(5, i)), `change ${i}, by the judge`);
      if (check.superblocks > expansions) {
        expansions = check.superblocks;
        fs.mkdir(`/d${expansions}`);
        writeFile(fs, `/f${expansions}`, pattern(700, expansions));
        size += 10;
        fs.grow(size);
        assert.is(fs.statvfs('/')[2], size);
        if (expansions % 2) fs.setattr('/', 70, pattern(5, i + 1));
        const again = mount(nor, g);
        assert.is(again.statvfs('/')[2], size, `after expansion ${expansions}, mounted again`);
        assert.is(hex(again.getattr('/', 70)), hex(pattern(5, expansions % 2 ? i + 1 : i)));
        fs = again;
        for (let k = 2; k <= expansions; k++) {
          assert.is(fs.stat(`/d${k}`)[0], 0x4000);
          assert.equal(readFile(fs, `/f${k}`), pattern(700, k));
        }
      }
    }
    assert.ok(expansions > 2, `${expansions} superblock entries`);
  });

/** A model of two directories, the root and one below, with files and root attributes, while handles are open. */
function run(g: Geometry, seed: number): number {
  const random = generator(seed);
  const nor = chip(g);
  let fs = format(nor, g);
  const files = new Map<string, Uint8Array>();
  const dirs = new Set<string>(['/', '/d/', '/d/e/']);
  const attrs = new Map<string, string>();
  fs.mkdir('/d');
  fs.mkdir('/d/e');
  const handles: { path: string; file: RawFile; content: Uint8Array; writer: boolean }[] = [];
  const listings: { dir: string; it: DirIterator; seen: string[]; stays: Set<string>; may: Set<string> }[] = [];
  const inDir = (dir: string): string[] =>
    [...files.keys(), ...[...dirs].filter((each) => each !== '/').map((each) => each.slice(0, -1))]
      .filter((path) => path.slice(0, path.lastIndexOf('/') + 1) === dir)
      .map((path) => path.slice(dir.length));
  const gone = (path: string): void => {
    for (const each of listings) if (path.startsWith(each.dir)) each.stays.delete(path.slice(each.dir.length));
  };
  const came = (path: string): void => {
    for (const each of listings) if (path.startsWith(each.dir)) each.may.add(path.slice(each.dir.length));
  };
  const free = (path: string): boolean => !handles.some((each) => each.path === path);
  let work = 0;
  for (let i = 0; i < 500; i++) {
    const dir = pick(random, [...dirs]);
    const path = `${dir}${'abcdefgh'[random(8)].repeat(1 + random(9))}`;
    const some = files.size ? pick(random, [...files.keys()]) : path;
    try {
      switch (random(12)) {
        case 0:
        case 1:
        case 2:
          if (!free(path) || dirs.has(path + '/')) break;
          writeFile(fs, path, pattern(random(3) ? random(40) : random(900), i));
          came(path);
          files.set(path, readFile(fs, path));
          break;
        case 3:
          if (!free(some) || !files.has(some)) break;
          fs.remove(some);
          files.delete(some);
          for (const key of attrs.keys()) if (key.startsWith(some + ' ')) attrs.delete(key);
          gone(some);
          break;
        case 4: {
          if (!free(some) || !files.has(some) || !free(path) || dirs.has(path + '/') || some === path) break;
          fs.rename(some, path);
          files.set(path, files.get(some) as Uint8Array);
          files.delete(some);
          for (const type of [60, 61]) {
            const value = attrs.get(`${some} ${type}`);
            attrs.delete(`${some} ${type}`);
            attrs.delete(`${path} ${type}`);
            if (value) attrs.set(`${path} ${type}`, value);
          }
          gone(some);
          came(path);
          break;
        }
        case 5:
        case 6: {
          const target = pick(random, ['/', '/d', '/d/e', some]);
          if (target === some && !files.has(some)) break;
          const value = pattern(1 + random(20), i);
          const type = 60 + random(2);
          fs.setattr(target, type, value);
          attrs.set(`${target} ${type}`, hex(value) as string);
          break;
        }
        case 7: {
          const name = `${pick(random, ['/', '/d/'])}sub${random(4)}`;
          if (dirs.has(name + '/')) {
            if (inDir(name + '/').length || listings.some((each) => each.dir === name + '/')) break;
            fs.rmdir(name);
            dirs.delete(name + '/');
            gone(name);
          } else {
            fs.mkdir(name);
            dirs.add(name + '/');
            came(name);
          }
          break;
        }
        case 8:
          if (handles.length > 3 || !files.has(some)) break;
          {
            const writer = free(some) && random(2) > 0;
            if (!free(some) && handles.some((each) => each.path === some)) break;
            handles.push({ path: some, file: open(fs, some, writer ? 'r+' : 'r'), content: files.get(some) as Uint8Array, writer });
          }
          break;
        case 9: {
          const handle = handles[random(4)];
          if (!handle) break;
          const got = new Uint8Array(handle.content.length);
          handle.file.readAt(0, got);
          assert.is(hex(got), hex(handle.content), `open file ${handle.path}`);
          if (handle.writer && random(2)) {
            handle.file.writeAt(handle.content.length, pattern(10, i));
            handle.file.sync();
            handle.content = Uint8Array.from([...handle.content, ...pattern(10, i)]);
            files.set(handle.path, handle.content);
          }
          if (random(3) === 0) {
            handle.file.close();
            handles.splice(handles.indexOf(handle), 1);
          }
          break;
        }
        case 10:
          if (listings.length > 2) break;
          listings.push({
            dir,
            it: fs.ilistdir(dir === '/' ? '/' : dir.slice(0, -1)),
            seen: [],
            stays: new Set(inDir(dir)),
            may: new Set(inDir(dir)),
          });
          break;
        default: {
          const listing = listings[random(3)];
          if (!listing) break;
          const step = listing.it.next();
          if (step.value) {
            const name = step.value[0] as string;
            assert.ok(!listing.seen.includes(name), `${listing.dir}: ${name} twice`);
            assert.ok(listing.may.has(name), `${listing.dir}: ${name} never was there`);
            listing.seen.push(name);
          } else {
            listings.splice(listings.indexOf(listing), 1);
            for (const name of listing.stays) assert.ok(listing.seen.includes(name), `${listing.dir}: ${name} not listed`);
          }
        }
      }
    } catch (error) {
      if ((error as { code?: string }).code !== 'ENOSPC') {
        (error as Error).message += ` (seed ${seed}, step ${i})`;
        throw error;
      }
      break;
    }
    work++;
    if (i % 10 === 9) {
      if (random(4) === 0 && !handles.length && !listings.length) fs = mount(nor, g);
      for (const each of [fs, mount(nor, g)]) {
        for (const [at, content] of files) assert.is(hex(readFile(each, at)), hex(content), `${at}, seed ${seed}, step ${i}`);
        for (const [key, value] of attrs) {
          const [at, type] = key.split(' ');
          assert.is(hex(each.getattr(at, +type)), value, `attribute ${key}, seed ${seed}, step ${i}`);
        }
      }
    }
  }
  sound(nor, g, { strict: handles.length === 0 }, `seed ${seed}`);
  return work;
}

for (const [blockSize, blockCount, progSize, blockCycles] of [
  [128, 300, 16, 1],
  [256, 200, 256, 1],
  [256, 200, 16, 3],
  [512, 120, 512, 3],
])
  test(`nothing loses its pair: blocks of ${blockSize}, programs of ${progSize}, blockCycles ${blockCycles}`, () => {
    let work = 0;
    for (let seed = 1; seed <= 2; seed++) {
      const tables = [undefined, 0, 700][seed % 3];
      work += run(geometry(blockSize, blockCount, progSize, { blockCycles, ...(tables === undefined ? {} : { tables }) }), seed * 7919);
    }
    assert.ok(work > 300, `${work} steps`);
  });

test('a write to a root that moved meanwhile is not lost', () => {
  const g = geometry(512, 60, 512, { blockCycles: 1 });
  const nor = chip(g);
  const fs = format(nor, g);
  fs.mkdir('/d');
  const file = open(fs, '/f', 'w');
  for (let i = 0; i < 100; i++) {
    fs.setattr('/d', 65, pattern(3, i));
    file.writeAt(0, pattern(20, i));
    file.sync();
    assert.equal(readFile(mount(nor, g), '/f'), pattern(20, i), `change ${i}`);
  }
  file.close();
  throwsCode(() => fs.rmdir('/'), 'EBUSY');
});

test.run();
