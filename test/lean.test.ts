/** The small bundle: its face, its devices and its boot, over simulated chips; the whole VFS on what it leaves. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { native } from '../boards/devices/native';
import { StorageVolume as WholeStorage } from '../boards/devices/storage/volume';
import { bootLean } from '../boards/lean/boot.lazy';
import { Flash, StorageVolume } from '../boards/lean/device';
import * as nrf52 from '../boards/nrf52';
import { chips, insertChip, NorBlockDev, NorFlash } from '../boards/sim';
import type { SimStorage } from '../boards/sim/storage';
import { RAMBlockDev } from '../modules/blockdev';
import type { BlockDevice } from '../modules/contract/filesystem';
import * as lean from '../modules/lean';
import { VfsLfs2 } from '../modules/littlefs2';
import * as vfs from '../modules/vfs';

function fresh(): BlockDevice {
  const bdev = new RAMBlockDev(512, 64) as unknown as BlockDevice;
  lean.VfsLfs2.mkfs(bdev);
  return bdev;
}

function code(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    assert.instance(error, Error);
    return (error as { code: string }).code;
  }
  return 'nothing thrown';
}

function unmount(): void {
  try {
    lean.umount('/flash', { force: true });
  } catch {
    // Nothing was mounted.
  }
  for (const [, point] of vfs.mount()) vfs.umount(point, { force: true });
}

const face = suite('face');
face.before.each(() => {
  lean.mount(fresh(), '/flash');
});
face.after.each(unmount);

face('paths: the mount point is listed at /, ".", ".." and "//" are textual, what is not on the volume is ENODEV', () => {
  lean.mkdir('/flash/d');
  lean.writeFile('/flash/d/../a//b.txt'.replace('a//', './/'), 'x');
  assert.equal(lean.listdir('/'), ['flash']);
  assert.equal(lean.listdir(), ['flash']);
  assert.equal(lean.listdir('/flash'), ['b.txt', 'd']);
  assert.is(lean.stat('/')[0], 0x4000);
  assert.is(lean.stat('/flash/')[0], 0x4000);
  assert.is(
    code(() => lean.stat('/other')),
    'ENODEV',
  );
  assert.is(
    code(() => lean.open('')),
    'ENOENT',
  );
  assert.is(
    code(() => lean.open('/flash/a\0b')),
    'EINVAL',
  );
  assert.throws(() => lean.open(1 as unknown as string), /wrong type of argument: path/);
});

face('modes are enforced, appends go to the end, and a closed file is EBADF', () => {
  const file = lean.open('/flash/a', 'w');
  assert.is(
    code(() => file.read()),
    'EBADF',
  );
  file.write('hello\nworld\n');
  file.close();
  file.close();
  assert.is(
    code(() => file.write('x')),
    'EBADF',
  );
  const log = lean.open('/flash/a', 'a');
  log.seek(0);
  log.write('more');
  assert.is(log.tell(), 16);
  log.close();
  const lines = lean.open('/flash/a', 'rb');
  assert.is(
    code(() => lines.write('x')),
    'EBADF',
  );
  assert.equal(lines.readline(), new TextEncoder().encode('hello\n'));
  assert.equal(lines.read(), new TextEncoder().encode('world\nmore'));
  assert.equal(lines.read(), new Uint8Array(0));
  lines.close();
  const both = lean.open('/flash/a', 'r+');
  both.seek(6);
  both.write('WORLD');
  both.seek(0);
  assert.is(both.read(), 'hello\nWORLD\nmore');
  assert.is(both.seek(-4, 2), 12);
  assert.is(both.read(2), 'mo');
  assert.is(
    code(() => both.seek(-1)),
    'EINVAL',
  );
  both.close();
  assert.is(
    code(() => lean.open('/flash/a', 'x')),
    'EEXIST',
  );
  assert.is(
    code(() => lean.open('/flash/a', 'q')),
    'EINVAL',
  );
  assert.is(
    code(() => lean.open('/flash/none')),
    'ENOENT',
  );
  assert.is(
    code(() => lean.open('/flash', 'w')),
    'EISDIR',
  );
});

face('a gap behind the end reads as zeros, in a list as in an entry', () => {
  for (const size of [10, 100, 3000]) {
    const file = lean.open('/flash/gap', 'w+b');
    file.write('ab');
    file.seek(size);
    file.write('c');
    file.close();
    const got = lean.readFile('/flash/gap') as Uint8Array;
    assert.is(got.length, size + 1);
    assert.ok(got.subarray(2, size).every((byte) => byte === 0));
    assert.is(got[size], 99);
  }
});

face('directories: what they refuse', () => {
  lean.mkdir('/flash/d');
  lean.writeFile('/flash/d/f', '1');
  lean.writeFile('/flash/g', '2');
  const table: [string, () => unknown][] = [
    ['EEXIST', () => lean.mkdir('/flash/d')],
    ['EEXIST', () => lean.mkdir('/flash')],
    ['ENOENT', () => lean.mkdir('/flash/x/y')],
    ['ENOTDIR', () => lean.mkdir('/flash/d/f/y')],
    ['ENOTEMPTY', () => lean.rmdir('/flash/d')],
    ['ENOTDIR', () => lean.rmdir('/flash/d/f')],
    ['EISDIR', () => lean.remove('/flash/d')],
    ['ENOENT', () => lean.remove('/flash/x')],
    ['EBUSY', () => lean.rmdir('/flash')],
    ['EINVAL', () => lean.rename('/flash/d', '/flash/d/e')],
    ['ENOENT', () => lean.rename('/flash/x', '/flash/y')],
    ['ENOTDIR', () => lean.rename('/flash/d', '/flash/g')],
    ['ENAMETOOLONG', () => lean.mkdir('/flash/' + 'n'.repeat(256))],
    ['ENOENT', () => lean.listdir('/flash/x')],
    ['ENOTDIR', () => lean.listdir('/flash/d/f')],
  ];
  table.forEach(([wanted, work], i) => {
    assert.is(code(work), wanted, `row ${i}`);
  });
  lean.rename('/flash/d', '/flash/d');
  assert.equal(lean.listdir('/flash/d'), ['f']);
  lean.mkdir('/flash/e');
  lean.rename('/flash/d', '/flash/e');
  assert.is(lean.readFile('/flash/e/f', 'utf8'), '1');
  const step = lean.ilistdir('/flash/e').next();
  assert.equal(step.value, ['f', 0x8000, 0, 1]);
});

face('an open file is EBUSY for a second writer, its removal and its renaming, and for umount', () => {
  const file = lean.open('/flash/a', 'w');
  for (const work of [
    () => lean.open('/flash/a', 'a'),
    () => lean.remove('/flash/a'),
    () => lean.rename('/flash/a', '/flash/b'),
    () => lean.umount('/flash'),
  ])
    assert.is(code(work), 'EBUSY');
  file.write('kept');
  lean.umount('/flash', { force: true });
  assert.is(
    code(() => file.write('x')),
    'EBADF',
  );
});

face('a full volume is ENOSPC, what was synced stays, and a removal makes room again', () => {
  lean.writeFile('/flash/old', 'old');
  const file = lean.open('/flash/big', 'w');
  const piece = 'x'.repeat(1000);
  let written = 0;
  assert.is(
    code(() => {
      for (;;) {
        file.write(piece);
        file.flush();
        written += 1000;
      }
    }),
    'ENOSPC',
  );
  assert.ok(written > 20000);
  assert.is(lean.stat('/flash/big')[6], written);
  file.close();
  assert.is(lean.stat('/flash/big')[6], written);
  assert.is(
    code(() => lean.writeFile('/flash/old', 'y'.repeat(9000))),
    'ENOSPC',
  );
  assert.is(lean.readFile('/flash/old', 'utf8'), 'old');
  lean.remove('/flash/big');
  lean.writeFile('/flash/new', 'y'.repeat(20000));
  assert.is(lean.stat('/flash/new')[6], 20000);
});

face('read-only: every change is EROFS', () => {
  unmount();
  const bdev = fresh();
  lean.mount(bdev, '/flash', { readonly: true });
  for (const work of [() => lean.writeFile('/flash/a', ''), () => lean.mkdir('/flash/d'), () => lean.remove('/flash/a')])
    assert.is(code(work), 'EROFS');
  assert.is(
    code(() => lean.mount(bdev, '/x')),
    'EPERM',
  );
});

face('what it lacks is ENOSYS with a word about the larger bundle', () => {
  assert.throws(() => lean.left(), /^ENOSYS: .*in vfs/);
});

face.run();

const mounting = suite('mounting');
mounting.after.each(unmount);

mounting('only what is blank to its last byte is formatted, and what is another format is ENODEV', () => {
  const bdev = new RAMBlockDev(512, 16) as unknown as BlockDevice & { writeblocks(block: number, buf: Uint8Array): unknown };
  const ff = new Uint8Array(512).fill(255);
  for (let block = 0; block < 16; block++) bdev.writeblocks(block, ff);
  assert.throws(() => lean.mount(bdev, '/flash'), /ENODEV: nothing on it, it is blank/);
  bdev.writeblocks(
    15,
    ff.map((byte, i) => (i === 511 ? 0 : byte)),
  );
  assert.throws(() => lean.mount(bdev, '/flash', { mkfs: true }), /ENODEV: no littlefs 2 on it/);
  bdev.writeblocks(15, ff);
  assert.is(lean.mount(bdev, '/flash', { mkfs: true }), true);
  lean.umount('/flash');
  assert.is(lean.mount(bdev, '/flash', { mkfs: true }), false);
});

mounting('a geometry that it cannot have is EINVAL with what was found', () => {
  const bdev = new RAMBlockDev(512, 64) as unknown as BlockDevice;
  VfsLfs2.mkfs(bdev, { blocksize: 1024 });
  assert.throws(() => lean.mount(bdev, '/flash'), /EINVAL: volume of 32 blocks of 1024 bytes on 64 of 512/);
});

mounting('a device that fails is EIO, and once it works the volume goes on with what was synced', () => {
  const nor = new NorFlash({ size: 65536, eraseSize: 512, progSize: 4 });
  const bdev = new NorBlockDev(nor) as BlockDevice;
  lean.VfsLfs2.mkfs(bdev);
  lean.mount(bdev, '/flash');
  lean.writeFile('/flash/a', 'old');
  const content = () => Object.fromEntries(lean.listdir('/flash').map((name) => [name, lean.readFile('/flash/' + name, 'utf8')]));
  const big = 'n'.repeat(800);
  for (let n = 0; n < 40; n++)
    for (const [work, after] of [
      [() => lean.writeFile('/flash/a', big), { a: big }],
      [() => lean.writeFile('/flash/a', 'old'), { a: 'old' }],
      [() => lean.rename('/flash/a', '/flash/b'), { b: 'old' }],
      [() => lean.rename('/flash/b', '/flash/a'), { a: 'old' }],
    ] as [() => void, object][]) {
      const before = content();
      nor.arm('fail', 1 + (n % 4));
      const failed = code(work);
      nor.power();
      if (failed === 'nothing thrown') assert.equal(content(), after, `${n}`);
      else {
        assert.is(failed, 'EIO');
        assert.equal(content(), before, `${n}: what was synced stays`);
        work();
        assert.equal(content(), after, `${n}: again`);
      }
    }
  lean.umount('/flash');
  vfs.mount(new VfsLfs2(bdev), '/flash');
  assert.is(vfs.readFile('/flash/a', 'utf8'), 'old');
});

mounting.run();

const boards = suite('boards');
const said: string[] = [];
const log = console.log;
boards.before.each(() => {
  said.length = 0;
  console.log = (line: string) => said.push(line);
});
boards.after.each(() => {
  console.log = log;
  unmount();
});

boards('Storage: the volume is made by one line before all others, booted, and the same for the whole VFS', () => {
  insertChip(native, { ...chips.nrf52832, free: [] });
  const storage = native.storage as SimStorage;
  const devices = { storage: StorageVolume, flash: Flash };
  const none = bootLean('nrf52', '/flash', devices);
  assert.is(none.ok, false);
  assert.match(none.error, /Make it before anything else is there: require\('Storage'\)\.write\('vfs-volume'/);
  assert.match(none.error, /no flash is free/);
  storage.write('vfs-volume', '\xff', 0, 20448);
  storage.write('vfs', 'x', 0, 9000);
  assert.equal(bootLean('nrf52', '/flash', devices), { point: '/flash', device: 'storage', state: 'formatted', ok: true, error: '' });
  assert.is(lean.statvfs('/flash')[2], 4);
  lean.writeFile('/flash/main.js', 'globalThis.leanRan = 1');
  lean.umount('/flash');
  assert.is(bootLean('nrf52', '/flash', devices).state, 'mounted');
  assert.is((globalThis as { leanRan?: number }).leanRan, 1);
  assert.equal(said.slice(1), ['nrf52: /flash storage littlefs2 formatted', 'nrf52: /flash storage littlefs2 mounted']);
  lean.umount('/flash');
  const whole = new WholeStorage();
  assert.is((whole.ioctl as (op: number, arg: number) => number)(4, 0), 4);
  vfs.mount(new VfsLfs2(whole), '/flash');
  assert.equal(vfs.listdir('/flash'), ['main.js']);
  vfs.writeFile('/flash/more', 'by the whole');
  vfs.umount('/flash');
  lean.mount(new StorageVolume(), '/flash');
  assert.is(lean.readFile('/flash/more', 'utf8'), 'by the whole');
});

boards('Storage: a file that is not first, one that was moved, and one that has gone are refused', () => {
  insertChip(native, { ...chips.nrf52832, free: [] });
  const storage = native.storage as SimStorage;
  storage.write('other', 'x'.repeat(5000));
  storage.write('vfs-volume', '\xff', 0, 20448);
  assert.is(
    code(() => new StorageVolume()),
    'ENODEV',
  );
  new WholeStorage();
  storage.erase('other');
  storage.compact();
  assert.throws(() => new StorageVolume(), /EIO: moved in Storage: the whole vfs brings it back/);
  storage.eraseAll();
  storage.write('vfs-volume', '\xff', 0, 16352);
  const bdev = new StorageVolume();
  lean.VfsLfs2.mkfs(bdev);
  lean.mount(bdev, '/flash');
  storage.eraseAll();
  storage.write('mine', 'y'.repeat(3000));
  assert.is(
    code(() => lean.writeFile('/flash/a', 'x')),
    'ENODEV',
  );
  assert.is(storage.read('mine'), 'y'.repeat(3000));
});

boards('free flash: the neighbours among its areas are one, and Storage is none of it', () => {
  insertChip(native, chips.esp8266);
  const devices = { bdev: Flash };
  assert.is(bootLean('esp8266', '/', devices).state, 'formatted');
  assert.is(lean.statvfs('/')[2], 507);
  lean.umount('/');
  insertChip(native, chips.rp2040);
  assert.is(
    code(() => new Flash()),
    'ENODEV',
  );
});

boards('a script that throws is told, and a held button runs none', () => {
  insertChip(native, { ...chips.nrf52832, free: [] });
  (native.storage as SimStorage).write('vfs-volume', '\xff', 0, 16352);
  const devices = { storage: StorageVolume };
  bootLean('nrf52', '/flash', devices);
  lean.writeFile('/flash/main.js', 'globalThis.leanRan = 2; throw new Error("mine")');
  lean.umount('/flash');
  const report = bootLean('nrf52', '/flash', devices);
  assert.is(report.error, 'Error: mine');
  assert.match(said[2], /\/flash\/main\.js: Error: mine/);
  lean.umount('/flash');
  const held = globalThis as { BTN1?: { read(): boolean }; leanRan?: number };
  held.BTN1 = { read: () => true };
  held.leanRan = 0;
  assert.is(bootLean('nrf52', '/flash', devices).ok, true);
  assert.is(held.leanRan, 0);
  delete held.BTN1;
  delete held.leanRan;
});

boards('a volume on the real number of programs a word takes: appended to with every length, nothing is programmed twice', () => {
  insertChip(native, { ...chips.nrf52832, free: [] });
  (native.storage as SimStorage).write('vfs-volume', '\xff', 0, 28640);
  lean.mount(new StorageVolume(), '/flash', { mkfs: true });
  let text = '';
  const file = lean.open('/flash/log', 'a');
  for (let i = 0; i < 120; i++) {
    const line = 'abcdefghijklmnopq'.slice(0, 1 + (i % 17)) + '\n';
    file.write(line);
    file.flush();
    text += line;
  }
  file.close();
  lean.umount('/flash');
  lean.mount(new StorageVolume(), '/flash');
  assert.is(lean.readFile('/flash/log', 'utf8'), text);
});

boards('the host gives the whole devices to scripts, whatever small bundles the board has', () => {
  insertChip(native, chips.nrf52832);
  nrf52.boot();
  const face = (
    globalThis as unknown as { require(name: string): typeof vfs & { Flash: typeof nrf52.Flash; StorageVolume: unknown } }
  ).require('vfs');
  assert.is(face.StorageVolume, WholeStorage);
  assert.is(face.Flash, nrf52.Flash);
});

boards.run();
