/** What littlefs 1 can do: names, renames, open files, full volumes, bad blocks, attributes of others; the faults that its users report are not here. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { NorBlockDev, NorFlash } from '../boards/sim';
import { RAMBlockDev } from '../modules/blockdev';
import type { BlockDevice, RawFile } from '../modules/contract/filesystem';
import { littlefs1, VfsLfs1 } from '../modules/littlefs1';
import { littlefs2, VfsLfs2 } from '../modules/littlefs2';
import * as vfs from '../modules/vfs';
import { checkLfs1 } from './independent/lfs1-reader';
import {
  chip1,
  difference,
  format1,
  geometry1,
  get,
  hex,
  mount1,
  names,
  noLeaks1,
  pattern,
  put,
  sameTree,
  snapshot1,
  snapshotOf1,
  sound1,
  throwsCode,
} from './support/lfs1';
import { Flash } from './torture/flash';
import { judge1, type Setup1 } from './torture/lfs1';

function fresh(blockSize = 512, blocks = 64): { fs: VfsLfs1; image(): Uint8Array; device: BlockDevice } {
  const flash = new Flash({ blockSize, blockCount: blocks, progSize: 16 });
  VfsLfs1.mkfs(flash, { readsize: 16, progsize: 16 });
  return { fs: mount1(flash, { readsize: 16, progsize: 16 }), image: () => flash.image, device: flash };
}

const shown = (fs: VfsLfs1, path = '/'): string[] => names(fs, path).map(([name]) => name);

test('a volume is made of four blocks, as the C library makes it, and fewer are ENOSPC', () => {
  const g = geometry1(512, 4, 16);
  const nor = chip1(g);
  const fs = format1(nor, g);
  const check = sound1(nor, g, true);
  assert.equal([...check.used].sort(), [0, 1, 2, 3]);
  assert.is(check.version, '1.1');
  assert.equal(fs.statvfs('/'), [512, 512, 4, 0, 0, 0, 0, 0, 0, 255]);
  throwsCode(() => VfsLfs1.mkfs(new RAMBlockDev(512, 3)), 'ENOSPC');
  throwsCode(() => VfsLfs1.mkfs(new RAMBlockDev(64, 64)), 'EINVAL');
});

test('disk version 1.0 is opened and stays what it is; 1.2 and 2.0 are EINVAL', () => {
  for (const [version, code] of [
    [0x10000, ''],
    [0x10002, 'EINVAL'],
    [0x20000, 'EINVAL'],
  ] as const) {
    const { fs, image, device } = fresh();
    put(fs, '/f', pattern(700, 1));
    const view = Buffer.from(image().buffer);
    for (const at of [0, 512]) {
      view.writeUInt32LE(version, at + 36);
      view.writeUInt32LE(crcOf(image().subarray(at, at + 48)), at + 48);
    }
    if (code) throwsCode(() => mount1(device), code);
    else {
      const again = mount1(device);
      put(again, '/g', pattern(10, 2));
      assert.equal(get(again, '/f'), pattern(700, 1));
      assert.is(checkLfs1(image(), 512).version, '1.0');
    }
  }
});

test('a volume of smaller blocks or more of them than the device is EINVAL, of fewer, or of blocks made of several, is taken', () => {
  const { fs, image } = fresh(512, 64);
  put(fs, '/f', pattern(100, 1));
  const larger = new Flash({ blockSize: 512, blockCount: 80, progSize: 16 }, image());
  assert.is(mount1(larger).statvfs('/')[2], 64);
  throwsCode(() => mount1(new Flash({ blockSize: 512, blockCount: 40, progSize: 16 }, image().slice(0, 40 * 512))), 'EINVAL');
  assert.equal(
    mount1(new Flash({ blockSize: 256, blockCount: 128, progSize: 16 }, image()))
      .statvfs('/')
      .slice(1, 3),
    [512, 64],
  );
  // What would be block 1 is another's.
  throwsCode(() => mount1(new Flash({ blockSize: 1024, blockCount: 32, progSize: 16 }, image())), 'ECORRUPT');
});

test('names of up to 255 bytes are kept, longer ones are ENAMETOOLONG, and nothing is written', () => {
  const { fs, image } = fresh(1024, 64);
  for (const length of [1, 254, 255]) {
    const name = '/' + 'n'.repeat(length);
    put(fs, name, pattern(length, length));
    assert.equal(get(fs, name), pattern(length, length));
  }
  const before = Buffer.from(image());
  for (const length of [256, 257, 300, 512]) {
    const name = '/' + 'n'.repeat(length);
    throwsCode(() => fs.open(name, 'w'), 'ENAMETOOLONG');
    throwsCode(() => fs.mkdir(name), 'ENAMETOOLONG');
    throwsCode(() => fs.rename('/n', name), 'ENAMETOOLONG');
    throwsCode(() => fs.stat(name), 'ENAMETOOLONG');
  }
  assert.ok(before.equals(image()));
  assert.is(names(fs, '/').length, 3);
});

test('a name has to fit a block with its entry: statvfs says how long it may be', () => {
  const { fs, image } = fresh(128, 64);
  const most = fs.statvfs('/')[9];
  assert.is(most, 128 - 32);
  put(fs, '/' + 'x'.repeat(most), pattern(5, 1));
  fs.mkdir('/' + 'y'.repeat(most));
  fs.rename('/' + 'y'.repeat(most), '/' + 'z'.repeat(most));
  throwsCode(() => fs.mkdir('/' + 'x'.repeat(most + 1)), 'ENAMETOOLONG');
  assert.equal(checkLfs1(image(), 128).problems, []);
});

test('rename(x, x) changes nothing', () => {
  const { fs, image } = fresh();
  put(fs, '/f', pattern(100, 1));
  fs.mkdir('/d');
  put(fs, '/d/g', pattern(700, 2));
  const before = Buffer.from(image());
  for (const path of ['/f', '/d', '/d/g']) fs.rename(path, path);
  assert.ok(before.equals(image()));
  assert.equal(get(fs, '/f'), pattern(100, 1));
});

test('a directory does not go into itself, and what does not match is refused', () => {
  const { fs, image } = fresh();
  put(fs, '/f', pattern(10, 1));
  for (const path of ['/d', '/d/e', '/full', '/empty']) fs.mkdir(path);
  put(fs, '/full/x', pattern(3, 1));
  const before = Buffer.from(image());
  throwsCode(() => fs.rename('/d', '/d/e/f'), 'EINVAL');
  throwsCode(() => fs.rename('/f', '/d'), 'EISDIR');
  throwsCode(() => fs.rename('/d', '/f'), 'ENOTDIR');
  throwsCode(() => fs.rename('/d', '/full'), 'ENOTEMPTY');
  throwsCode(() => fs.rename('/none', '/f'), 'ENOENT');
  throwsCode(() => fs.rename('/f', '/none/f'), 'ENOENT');
  throwsCode(() => fs.rename('/', '/x'), 'EINVAL');
  throwsCode(() => fs.remove('/d'), 'EISDIR');
  throwsCode(() => fs.rmdir('/f'), 'ENOTDIR');
  throwsCode(() => fs.rmdir('/full'), 'ENOTEMPTY');
  throwsCode(() => fs.rmdir('/'), 'EBUSY');
  throwsCode(() => fs.mkdir('/d'), 'EEXIST');
  throwsCode(() => fs.mkdir('/f/x'), 'ENOTDIR');
  throwsCode(() => fs.open('/d', 'r'), 'EISDIR');
  throwsCode(() => fs.open('/f', 'x'), 'EEXIST');
  assert.ok(before.equals(image()));
  fs.rename('/d', '/empty');
  assert.equal(shown(fs), ['f', 'full', 'empty']);
  assert.equal(shown(fs, '/empty'), ['e']);
  assert.equal(checkLfs1(image(), 512).problems.concat(checkLfs1(image(), 512).half), []);
});

test('open files stay right while their directory and its entries are renamed, removed, split and moved', () => {
  // In the C library of version 1 an open file knows its entry by place, and a sync may overwrite another's (littlefs issue 245).
  const { fs, image } = fresh(256, 200);
  fs.mkdir('/d');
  put(fs, '/d/before', pattern(30, 1));
  const file = fs.open('/d/log', 'w') as RawFile;
  const reader = fs.open('/d/before', 'r') as RawFile;
  let content = Buffer.alloc(0);
  const append = (n: number): void => {
    file.writeAt(file.size(), pattern(40 + n, n));
    content = Buffer.concat([content, pattern(40 + n, n)]);
  };
  for (let n = 0; n < 12; n++) {
    append(n);
    put(fs, `/d/other ${n} with a long name`, pattern(20, n));
    if (n % 3 === 0) file.sync();
    if (n % 4 === 1) fs.remove(`/d/other ${n - 1} with a long name`);
    if (n % 5 === 2) fs.rename(`/d/other ${n} with a long name`, `/${n}`);
  }
  fs.rename('/d', '/moved');
  append(20);
  throwsCode(() => fs.remove('/moved/log'), 'EBUSY');
  throwsCode(() => fs.rename('/moved/log', '/x'), 'EBUSY');
  throwsCode(() => fs.rename('/2', '/moved/before'), 'EBUSY');
  throwsCode(() => fs.open('/moved/log', 'a'), 'EBUSY');
  throwsCode(() => fs.umount(), 'EBUSY');
  const buf = new Uint8Array(30);
  assert.is(reader.readAt(0, buf), 30);
  assert.equal(buf, pattern(30, 1));
  file.close();
  reader.close();
  assert.equal(Buffer.from(get(fs, '/moved/log')), content);
  for (let n = 0; n < 12; n++) {
    if (n % 4 === 0 && n < 11) continue;
    assert.equal(get(fs, n % 5 === 2 ? `/${n}` : `/moved/other ${n} with a long name`), pattern(20, n), `${n}`);
  }
  noLeaks1(fs, sound1(image(), geometry1(256, 200, 16), true));
});

test('a reader goes on reading what was there when the file is written anew', () => {
  const { fs } = fresh();
  put(fs, '/f', pattern(3000, 1));
  const reader = fs.open('/f', 'r') as RawFile;
  for (let n = 0; n < 30; n++) put(fs, '/f', pattern(2500, 10 + n));
  const buf = new Uint8Array(3000);
  assert.is(reader.readAt(0, buf), 3000);
  assert.equal(buf, pattern(3000, 1));
  reader.close();
  assert.equal(get(fs, '/f'), pattern(2500, 39));
});

test('the rename of an empty file survives a cut, whatever other empty files there are', () => {
  // They have the same data, by which what was moved is told: in the C library the file is gone.
  const setup: Setup1 = { blockSize: 512, blockCount: 32, progSize: 16, options: { readsize: 16, progsize: 16 } };
  const flash = new Flash(setup);
  VfsLfs1.mkfs(flash, setup.options);
  const fs = mount1(flash, setup.options);
  for (const path of ['/d', '/e']) fs.mkdir(path);
  for (const path of ['/one', '/d/two', '/e/three']) put(fs, path, new Uint8Array(0));
  const images: Uint8Array[] = [];
  flash.before = (change) => {
    images.push(flash.cutImage(change, 'not', 1), flash.cutImage(change, 'torn', images.length));
    return undefined;
  };
  fs.rename('/d/two', '/e/two');
  fs.rename('/e/two', '/two');
  assert.ok(images.length >= 16);
  for (const image of images) {
    const cut = new Flash(setup, image);
    const again = mount1(cut, setup.options);
    for (let turn = 0; turn < 2; turn++) {
      const tree = Object.keys(snapshot1(again)).filter((path) => path.endsWith('two'));
      assert.is(tree.length, 1, `turn ${turn}: ${tree}`);
      again.repair();
    }
    judge1(setup, cut.image, 'repaired', true);
  }
});

test('attributes that another driver gave entries are kept over writes and renames', () => {
  const { fs, image, device } = fresh();
  fs.mkdir('/d');
  put(fs, '/f', pattern(10, 1));
  // Adds an attribute of five bytes to the last entry of the root.
  const check = checkLfs1(image(), 512);
  const view = Buffer.from(image().buffer);
  let found = 0;
  for (const block of check.used) {
    const at = block * 512;
    const size = view.readUInt32LE(at + 4);
    if (size > 512 || size < 20 || crcOf(image().subarray(at, at + size - 4)) !== view.readUInt32LE(at + size - 4)) continue;
    if (image()[at + size - 5] !== 0x66 || image()[at + size - 4 - 13] !== 0x11) continue;
    const start = at + size - 4 - 13;
    image()[start + 2] = 5;
    image().set([0xc1, 0x23, 0x1a, 0xc8, 0x59, 0x66], start + 12);
    view.writeUInt32LE(size + 5, at + 4);
    view.writeUInt32LE(crcOf(image().subarray(at, at + size + 1)), at + size + 1);
    found++;
  }
  assert.ok(found);
  const again = mount1(device);
  const attribute = Buffer.from([0xc1, 0x23, 0x1a, 0xc8, 0x59]);
  assert.equal(get(again, '/f'), pattern(10, 1));
  put(again, '/f', pattern(900, 2));
  again.rename('/f', '/d/another name');
  again.rename('/d/another name', '/d/g');
  assert.ok(Buffer.from(image()).includes(Buffer.concat([attribute, Buffer.from('g')])));
  assert.equal(get(again, '/d/g'), pattern(900, 2));
  judge1({ blockSize: 512, blockCount: 64, progSize: 16, options: {} }, image(), 'attributes', true);
});

test('a full volume is ENOSPC, keeps what was synced, and takes new files when something is removed', () => {
  const { fs, image } = fresh(512, 40);
  put(fs, '/keep', pattern(2000, 1));
  let n = 0;
  throwsCode(() => {
    for (; ; n++) put(fs, `/f${n}`, pattern(1500, n));
  }, 'ENOSPC');
  assert.ok(n >= 6, `${n} files`);
  assert.equal(get(fs, '/keep'), pattern(2000, 1));
  for (let i = 0; i < n; i++) assert.equal(get(fs, `/f${i}`), pattern(1500, i));
  sound1(image(), geometry1(512, 40, 16), true);
  fs.remove('/f0');
  fs.remove('/f1');
  put(fs, '/again', pattern(1500, 9));
  noLeaks1(fs, sound1(image(), geometry1(512, 40, 16), true));
});

test('blocks that fail are given up: data and pairs move, and everything is there', () => {
  for (let bad = 2; bad < 30; bad++) {
    const setup: Setup1 = { blockSize: 256, blockCount: 60, progSize: 16, options: { readsize: 16, progsize: 16 } };
    const flash = new Flash(setup);
    VfsLfs1.mkfs(flash, setup.options);
    const fs = mount1(flash, setup.options);
    const tree: Record<string, string> = {};
    // From some time on this block and another can no longer be written, then the block that took its place.
    let spoilt = [bad, bad + 7];
    flash.before = (change) => (flash.programs > 40 && spoilt.includes(Math.floor(change.addr / 256)) ? -5 : undefined);
    for (let n = 0; n < 24; n++) {
      const dir = n % 4 ? `/d${n % 3}` : '';
      if (n < 3) {
        fs.mkdir(`/d${n}`);
        tree[`/d${n}`] = 'dir';
      }
      if (dir && !(dir in tree)) continue;
      put(fs, `${dir}/f${n}`, pattern(30 * n, n));
      tree[`${dir}/f${n}`] = hex(pattern(30 * n, n));
      if (n === 12) {
        fs.rename('/d1', '/d0/moved');
        for (const path of Object.keys(tree))
          if (path === '/d1' || path.startsWith('/d1/')) {
            tree['/d0/moved' + path.slice(3)] = tree[path];
            delete tree[path];
          }
        spoilt = spoilt.concat(3, 4, 5);
      }
    }
    flash.before = undefined;
    assert.ok(sameTree(snapshot1(fs), tree), `block ${bad}: ${difference(snapshot1(fs), tree)}`);
    const judged = snapshotOf1(judge1(setup, flash.image, `block ${bad}`, true));
    assert.ok(sameTree(judged, tree), `block ${bad}, by the judge: ${difference(judged, tree)}`);
  }
});

test('a device of which nothing can be written any more fails with a code, and what is there can be read', () => {
  const g = geometry1(512, 32, 16);
  const nor = chip1(g);
  const fs = format1(nor, g);
  put(fs, '/f', pattern(900, 1));
  nor.onOperation = () => 'fail';
  throwsCode(() => put(fs, '/g', pattern(10, 1)), 'ENOSPC');
  throwsCode(() => fs.mkdir('/d'), 'ENOSPC');
  assert.equal(get(fs, '/f'), pattern(900, 1));
  throwsCode(() => VfsLfs1.mkfs(new NorBlockDev(nor)), 'EIO');
  nor.onOperation = undefined;
  fs.mkdir('/d');
  assert.equal(get(fs, '/f'), pattern(900, 1));
  sound1(nor, g, true);
});

test('read-only: nothing is written, every change is EROFS, half-done renames are seen as they will be', () => {
  const { fs, device } = fresh();
  put(fs, '/f', pattern(10, 1));
  const again = mount1(device, {}, true);
  for (const change of [
    () => again.open('/f', 'w'),
    () => again.open('/g', 'a'),
    () => again.mkdir('/d'),
    () => again.remove('/f'),
    () => again.rename('/f', '/g'),
    () => again.repair(),
  ])
    throwsCode(change, 'EROFS');
  assert.equal(get(again, '/f'), pattern(10, 1));
});

test('an append that is synced goes on in the last block, where that is erased', () => {
  const nor = new NorFlash({ eraseSize: 4096, progSize: 1, size: 64 * 4096 });
  VfsLfs1.mkfs(new NorBlockDev(nor));
  const fs = mount1(new NorBlockDev(nor));
  const file = fs.open('/log', 'a') as RawFile;
  nor.resetCounters();
  for (let n = 0; n < 100; n++) {
    file.writeAt(file.size(), pattern(32, n));
    file.sync();
  }
  file.close();
  // One for each change of the entry, and one for the block of the file.
  assert.is(nor.counters.erases, 101);
  const content = get(mount1(new NorBlockDev(nor)), '/log');
  for (let n = 0; n < 100; n++) assert.equal(content.subarray(n * 32, n * 32 + 32), pattern(32, n));
});

test('a listing gives what was there when it began, each entry once, whatever is done meanwhile', () => {
  const { fs } = fresh(256, 120);
  for (let n = 0; n < 40; n++) put(fs, `/file ${n}`, pattern(n, n));
  const seen: string[] = [];
  const iterator = fs.ilistdir('/');
  for (let step = iterator.next(), n = 0; !step.done; step = iterator.next(), n++) {
    const [name] = step.value as [string, number, number, number];
    seen.push(name);
    fs.remove('/' + name);
    if (n % 5 === 0) put(fs, `/new ${n}`, pattern(5, n));
  }
  assert.is(new Set(seen).size, seen.length);
  assert.is(seen.length, 40);
  assert.is(names(fs, '/').length, 8);
});

test('MicroPython’s options are taken, what does not fit is EINVAL or a TypeError', () => {
  const device = new RAMBlockDev(512, 64);
  VfsLfs1.mkfs(device, { readsize: 16, progsize: 64, lookahead: 128, mtime: true });
  mount1(device, { readsize: 64, progsize: 16, lookahead: 8, mtime: false });
  for (const options of [{ readsize: 24 }, { progsize: 1000 }, { readsize: 0 }, { lookahead: 1.5 }])
    throwsCode(() => new VfsLfs1(device, options), 'EINVAL');
  for (const options of [{ mtime: 1 }, { readsize: '16' }]) assert.throws(() => new VfsLfs1(device, options as never), TypeError);
});

/** Makes the name of an entry another, of the same length, in each valid block that has it. */
function renameOnDisk(image: Uint8Array, blockSize: number, name: string, to: string): void {
  const view = Buffer.from(image.buffer);
  let edits = 0;
  for (let at = 0; at < image.length; at += blockSize) {
    const size = view.readUInt32LE(at + 4) & 0x7fffffff;
    if (size < 20 || size > blockSize || crcOf(image.subarray(at, at + size - 4)) !== view.readUInt32LE(at + size - 4)) continue;
    const found = view.subarray(at, at + size).indexOf(name);
    if (found < 0) continue;
    view.write(to, at + found, 'latin1');
    view.writeUInt32LE(crcOf(image.subarray(at, at + size - 4)), at + size - 4);
    edits++;
  }
  assert.ok(edits);
}

test('names that are paths are not listed, and lead nowhere', () => {
  for (const [long, name] of [
    ['XX', '..'],
    ['X', '.'],
    ['XXX', 'a/b'],
    ['XXX', '/ow'],
    ['XXX', 'a\0b'],
  ]) {
    const { fs, image, device } = fresh();
    fs.mkdir('/d');
    put(fs, '/keep', pattern(10, 1));
    put(fs, `/d/${long}`, pattern(10, 2));
    renameOnDisk(image(), 512, long, name);
    vfs.mount(new VfsLfs1(device), '/m');
    try {
      assert.equal(vfs.listdir('/m/d'), [], name);
      throwsCode(() => vfs.rmtree('/m/d'), 'ENOTEMPTY', name);
      assert.equal(vfs.readFile('/m/keep'), pattern(10, 1));
    } finally {
      vfs.umount('/m');
    }
  }
});

test('a directory in itself is ECORRUPT', () => {
  // The C library walks down for ever (littlefs issue 347).
  const { fs, image, device } = fresh();
  fs.mkdir('/d');
  fs.mkdir('/d/inner');
  const view = Buffer.from(image().buffer);
  // The pair of the root, where the entry of the inner directory has its own.
  for (let at = 1024; at < view.length; at += 512) {
    const size = view.readUInt32LE(at + 4) & 0x7fffffff;
    const entry = view.subarray(at, at + 512).indexOf('inner') - 12;
    if (entry < 0 || size > 512) continue;
    view.copy(view, at + entry + 4, 512 + 20, 512 + 28);
    view.writeUInt32LE(crcOf(image().subarray(at, at + size - 4)), at + size - 4);
  }
  const again = mount1(device);
  throwsCode(() => again.stat('/d/inner/d'), 'ECORRUPT');
  throwsCode(() => again.mkdir('/x'), 'ECORRUPT');
});

test('a list that leads into an erased block is ECORRUPT for its file and for what needs free blocks, the rest can be read', () => {
  // An assertion in the C library (littlefs issue 295).
  const { fs, image, device } = fresh();
  put(fs, '/keep', pattern(10, 1));
  const before = checkLfs1(image(), 512).used;
  put(fs, '/f', pattern(2500, 2));
  const own = [...checkLfs1(image(), 512).used].filter((block) => !before.has(block));
  assert.ok(own.length >= 5);
  for (const block of own) image().fill(0xff, block * 512, block * 512 + 512);
  const again = mount1(device);
  assert.equal(get(again, '/keep'), pattern(10, 1));
  const file = again.open('/f', 'r') as RawFile;
  throwsCode(() => file.readAt(0, new Uint8Array(10)), 'ECORRUPT');
  file.close();
  throwsCode(() => again.mkdir('/d'), 'ECORRUPT');
  again.remove('/f');
  again.mkdir('/d');
  assert.is(checkLfs1(image(), 512).problems.length, 0);
});

test('mounting with mkfs formats what is blank, and nothing of another format', () => {
  const blank = new RAMBlockDev(512, 64);
  new VfsLfs1(blank).mount(false, true);
  assert.equal(names(mount1(blank), '/'), []);
  const other = new RAMBlockDev(512, 64);
  VfsLfs2.mkfs(other);
  throwsCode(() => new VfsLfs1(other).mount(false, true), 'ECORRUPT');
  new VfsLfs2(other).mount(true, false);
  throwsCode(() => new VfsLfs1(new RAMBlockDev(512, 64)).mount(false, false), 'ECORRUPT');
});

test('autodetection finds it, and it can be used by itself', () => {
  const types = [littlefs2, littlefs1];
  for (const type of types) vfs.addDriver(type);
  const device = new RAMBlockDev(512, 64);
  VfsLfs1.mkfs(device);
  vfs.mount(device, '/auto');
  assert.ok(vfs.mount()[0][0] instanceof VfsLfs1);
  vfs.writeFile('/auto/f', 'content');
  vfs.umount('/auto');
  const alone = new VfsLfs1(device);
  assert.equal(alone.listdir(), ['f']);
  alone.mkdir('d');
  alone.chdir('d');
  assert.is(alone.getcwd(), '/d');
  assert.is(alone.open('../f').read(), 'content');
});

/** The CRC of the format, a register without final inversion, as an unsigned number. */
function crcOf(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return crc >>> 0;
}

test.run();
