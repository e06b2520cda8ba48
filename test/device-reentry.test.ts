/** A device whose methods use the volume that lies on it: EDEADLK, and nothing is damaged. Another volume is not its own. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RAMBlockDev } from '../modules/blockdev';
import type { VfsError } from '../modules/contract/errno';
import type { BlockDevice, DirEntry, FileSystem } from '../modules/contract/filesystem';
import { fat, VfsFat } from '../modules/fat';
import { fsckFat } from '../modules/fat/check/fsck.lazy';
import { littlefs2, VfsLfs2 } from '../modules/littlefs2';
import { fsckLfs2 } from '../modules/littlefs2/check/fsck';
import * as vfs from '../modules/vfs';

vfs.addDriver(littlefs2);
vfs.addDriver(fat);

test.after.each(() => {
  for (const [fs] of vfs.mount()) vfs.umount(fs, { force: true });
});

/** A device that calls `spy` before each of its own calls. */
class Spied implements BlockDevice {
  spy: ((method: string) => void) | undefined = undefined;
  busy = false;
  constructor(private _inner: RAMBlockDev) {}
  private _call(method: string): void {
    // Not from within itself: a device that asks for its own blocks is no user of the volume.
    if (!this.spy || this.busy) return;
    this.busy = true;
    this.spy(method);
    this.busy = false;
  }
  readblocks(block: number, buf: Uint8Array, offset?: number): number {
    this._call('readblocks');
    return this._inner.readblocks(block, buf, offset);
  }
  writeblocks(block: number, buf: Uint8Array, offset?: number): number {
    this._call('writeblocks');
    return this._inner.writeblocks(block, buf, offset);
  }
  ioctl(op: number, arg: number): number | undefined {
    this._call('ioctl' + op);
    return this._inner.ioctl(op, arg);
  }
}

interface Kind {
  name: string;
  device(): Spied;
  make(bdev: BlockDevice): FileSystem;
  mkfs(bdev: BlockDevice): void;
  sound(bdev: BlockDevice): boolean;
}

const kinds: Kind[] = [
  {
    name: 'littlefs 2',
    device: () => new Spied(new RAMBlockDev(4096, 64)),
    make: (bdev) => new VfsLfs2(bdev),
    mkfs: (bdev) => VfsLfs2.mkfs(bdev),
    sound: (bdev) => fsckLfs2(bdev).findings.length === 0,
  },
  {
    name: 'FAT',
    device: () => new Spied(new RAMBlockDev(512, 2048)),
    make: (bdev) => new VfsFat(bdev),
    mkfs: (bdev) => (VfsFat.mkfs as (bdev: BlockDevice) => void)(bdev),
    sound: (bdev) => fsckFat(bdev).length === 0,
  },
];

const big = 'line of text\n'.repeat(1500);

/** What somebody may do with the volume, its files and its device. */
function uses(kind: Kind, bdev: Spied, fs: FileSystem, files: vfs.VfsFile[], listing: vfs.Listing | undefined): [string, () => unknown][] {
  const volume = fs as Required<FileSystem> & { close?: unknown };
  const list: [string, () => unknown][] = [
    ['fs.open', () => volume.open('/big', 'r')],
    ['fs.open w', () => volume.open('/new', 'w')],
    ['fs.stat', () => volume.stat('/big')],
    ['fs.statvfs', () => volume.statvfs('/')],
    ['fs.ilistdir', () => volume.ilistdir('/')],
    ['fs.mkdir', () => volume.mkdir('/d2')],
    ['fs.remove', () => volume.remove('/small')],
    ['fs.rename', () => volume.rename('/small', '/other')],
    ['fs.umount', () => volume.umount()],
    ['fs.mount', () => volume.mount(true, false)],
    ['fs.mount mkfs', () => volume.mount(false, true)],
    ['another volume object', () => kind.make(bdev)],
    ['mkfs', () => kind.mkfs(bdev)],
    ['mount', () => vfs.mount(bdev, '/again')],
    ['mount mkfs', () => vfs.mount(bdev, '/again', { mkfs: true })],
    ['check', () => kind.sound(bdev)],
  ];
  if (vfs.mount().some(([one]) => one === fs))
    list.push(
      ['readFile', () => vfs.readFile('/v/big')],
      ['writeFile', () => vfs.writeFile('/v/small', 'spoilt')],
      ['stat', () => vfs.stat('/v/big')],
      ['statvfs', () => vfs.statvfs('/v')],
      ['listdir', () => vfs.listdir('/v')],
      ['mkdir', () => vfs.mkdir('/v/d2')],
      ['remove', () => vfs.remove('/v/small')],
      ['rename', () => vfs.rename('/v/small', '/v/other')],
      ['rmdir', () => vfs.rmdir('/v/dir')],
      ['chdir', () => vfs.chdir('/v/dir')],
      ['copy', () => vfs.copy('/v/small', '/v/copy')],
      ['rmtree', () => vfs.rmtree('/v/dir')],
      ['umount forced', () => vfs.umount('/v', { force: true })],
    );
  for (const file of files)
    list.push(['file.read or write', () => (file === files[0] ? file.read(20) : file.write('x'))], ['file.close', () => file.close()]);
  if (listing) list.push(['next', () => listing.next()]);
  return list;
}

function expectDeadlock(what: string, action: () => unknown): void {
  try {
    action();
  } catch (error) {
    assert.is((error as VfsError).code, 'EDEADLK', `${what}: ${(error as Error).message}`);
    return;
  }
  assert.unreachable(`${what}: no EDEADLK`);
}

for (const kind of kinds) {
  test(`${kind.name}: every use of the volume from any method of its device is EDEADLK, in every operation, and nothing is damaged`, () => {
    const bdev = kind.device();
    kind.mkfs(bdev);
    const fs = kind.make(bdev);
    const seen = new Set<string>();
    let files: vfs.VfsFile[] = [];
    let listing: vfs.Listing | undefined;
    let operation = '';
    let n = 0;
    let failure: unknown;
    bdev.spy = (method) => {
      const list = uses(kind, bdev, fs, files, listing);
      // Each time some of them, so that all come in each operation.
      for (let k = 0; k < 7; k++) {
        const [what, action] = list[n++ % list.length];
        seen.add(`${operation} ${method}`);
        try {
          expectDeadlock(`${what} in ${method} of ${operation}`, action);
        } catch (error) {
          failure = failure || error;
        }
      }
    };
    const step = (name: string, action: () => void): void => {
      operation = name;
      action();
      if (failure) throw failure;
    };
    step('mount', () => vfs.mount(fs, '/v'));
    step('write', () => vfs.writeFile('/v/big', big));
    step('write small', () => vfs.writeFile('/v/small', 'small'));
    step('mkdir', () => vfs.makedirs('/v/dir/sub'));
    step('open', () => files.push(vfs.open('/v/big', 'rb'), vfs.open('/v/log', 'a')));
    step('listing', () => {
      listing = vfs.ilistdir('/v');
      const names: string[] = [];
      for (let one = listing.next(); !one.done; one = listing.next()) names.push((one.value as DirEntry)[0]);
      assert.equal(names.sort(), ['big', 'dir', 'log', 'small']);
      listing = undefined;
    });
    const [reader, log] = files;
    for (let i = 0; i < 40; i++) {
      step('read', () => assert.is(reader.read(300).length, 300));
      step('append', () => log.write('line of text\n'));
      step('flush', () => log.flush());
      assert.is(reader.tell(), 300 * (i + 1));
      assert.is(log.tell(), 13 * (i + 1));
    }
    step('statvfs', () => vfs.statvfs('/v'));
    step('rename', () => vfs.rename('/v/dir/sub', '/v/dir/sub2'));
    step('sync', () => vfs.sync());
    step('close', () => {
      for (const file of files) file.close();
      files = [];
    });
    step('remove', () => vfs.rmtree('/v/dir'));
    assert.is(vfs.readFile('/v/big', 'utf8'), big);
    assert.is(vfs.readFile('/v/small', 'utf8'), 'small');
    assert.is(vfs.readFile('/v/log', 'utf8'), 'line of text\n'.repeat(40));
    assert.equal(vfs.listdir('/v').sort(), ['big', 'log', 'small']);
    step('umount', () => vfs.umount('/v'));
    bdev.spy = undefined;
    assert.ok(kind.sound(bdev));
    vfs.mount(bdev, '/v');
    assert.is(vfs.readFile('/v/big', 'utf8'), big);
    vfs.umount('/v');
    for (const one of ['mount readblocks', 'write writeblocks', 'read readblocks', 'umount ioctl2'])
      assert.ok(seen.has(one), `${one} among ${[...seen].join(', ')}`);
  });

  test(`${kind.name}: a device that uses the volume while it is formatted, or found by mount`, () => {
    const bdev = kind.device();
    const fs = kind.make(bdev);
    let n = 0;
    let failure: unknown;
    bdev.spy = (method) => {
      for (const [what, action] of uses(kind, bdev, fs, [], undefined)) {
        n++;
        try {
          expectDeadlock(`${what} in ${method}`, action);
        } catch (error) {
          failure = failure || error;
        }
      }
    };
    kind.mkfs(bdev);
    vfs.mount(bdev, '/v');
    vfs.umount('/v');
    if (failure) throw failure;
    assert.ok(n > 100);
    assert.equal(
      vfs.mount().map(([, path]) => path),
      [],
    );
    bdev.spy = undefined;
    assert.ok(kind.sound(bdev));
  });

  test(`${kind.name}: what a device lets through of it is the operation's error, and the volume goes on`, () => {
    const bdev = kind.device();
    kind.mkfs(bdev);
    vfs.mount(bdev, '/v');
    vfs.writeFile('/v/big', big);
    const file = vfs.open('/v/big', 'rb');
    for (const use of [() => vfs.readFile('/v/big'), () => vfs.umount('/v', { force: true }), () => file.close()]) {
      bdev.spy = () => {
        bdev.spy = undefined;
        bdev.busy = false;
        use();
      };
      expectDeadlock('read', () => {
        for (;;) if (!file.read(4096).length) file.seek(0);
      });
      bdev.spy = undefined;
      bdev.busy = false;
      file.seek(0);
      assert.is(file.read(-1).length, big.length);
      file.seek(0);
      assert.is(vfs.readFile('/v/big', 'utf8'), big);
    }
    file.close();
    vfs.umount('/v');
    assert.ok(kind.sound(bdev));
  });

  test(`${kind.name}: a device that throws is no longer at work`, () => {
    const bdev = kind.device();
    kind.mkfs(bdev);
    vfs.mount(bdev, '/v');
    vfs.writeFile('/v/big', big);
    bdev.spy = () => {
      bdev.busy = false;
      throw new Error('mine');
    };
    assert.throws(() => vfs.readFile('/v/big'), 'mine');
    assert.throws(() => vfs.umount('/v'), 'mine');
    bdev.spy = undefined;
    vfs.mount(bdev, '/v');
    assert.is(vfs.readFile('/v/big', 'utf8'), big);
    vfs.umount('/v');
  });
}

test('whatever a file system throws at the end comes through, and it is unmounted, the file closed', () => {
  for (const thrown of [undefined, 0, '', 'text', new Error('mine')]) {
    const raw = {
      readAt: () => 0,
      size: () => 0,
      close: () => {
        throw thrown;
      },
    };
    const fs = {
      open: () => raw,
      umount: () => {
        throw thrown;
      },
    } as unknown as FileSystem;
    const caught = (action: () => void): unknown[] => {
      try {
        action();
      } catch (error) {
        return [error];
      }
      return [];
    };
    vfs.mount(fs, '/u');
    const file = vfs.open('/u/f');
    assert.equal(
      caught(() => file.close()),
      [thrown],
    );
    assert.equal(
      caught(() => file.close()),
      [],
    );
    assert.equal(
      caught(() => vfs.umount('/u')),
      [thrown],
    );
    assert.is(vfs.mount().length, 0);
  }
});

for (const outer of kinds)
  for (const inner of kinds)
    test(`${outer.name} on a device that lies in a file on ${inner.name}: that is another volume`, () => {
      const base = new Spied(new RAMBlockDev(inner.name === 'FAT' ? 512 : 4096, inner.name === 'FAT' ? 4096 : 512));
      inner.mkfs(base);
      vfs.mount(base, '/base');
      const size = outer.name === 'FAT' ? 512 : 4096;
      const blocks = outer.name === 'FAT' ? 512 : 32;
      vfs.writeFile('/base/image', new Uint8Array(size * blocks).fill(255));
      const image = vfs.open('/base/image', 'r+b');
      const bdev: BlockDevice = {
        readblocks: (block, buf, offset) => {
          image.seek(block * size + (offset || 0));
          return image.readinto(buf) === buf.length ? 0 : -5;
        },
        writeblocks: (block, buf, offset) => {
          image.seek(block * size + (offset || 0));
          image.write(buf);
        },
        ioctl: (op, arg) => {
          if (op === 6) {
            image.seek(arg * size);
            image.write(new Uint8Array(size).fill(255));
          }
          if (op === 3) image.flush();
          return op === 4 ? blocks : op === 5 ? size : 0;
        },
      };
      outer.mkfs(bdev);
      vfs.mount(bdev, '/v');
      for (let i = 0; i < 10; i++) vfs.writeFile(`/v/${i}`, big.slice(0, i * 700));
      vfs.writeFile('/base/beside', 'beside');
      for (let i = 0; i < 10; i++) assert.is(vfs.readFile(`/v/${i}`, 'utf8'), big.slice(0, i * 700));
      vfs.umount('/v');
      image.close();
      assert.is(vfs.readFile('/base/beside', 'utf8'), 'beside');
      vfs.umount('/base');
    });

test.run();
