/** Descriptors over mounts and registered drivers: POSIX's rules, and which operation of a driver each function reaches. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EIO, vfsError } from '../modules/contract/errno';
import { type FileSystem, TYPE_DIR, TYPE_FILE } from '../modules/contract/filesystem';
import type { PrefixDriver } from '../modules/contract/prefix';
import * as vfs from '../modules/index';
import { RAMBlockDev, VfsFat, VfsLfs2 } from '../modules/index';

const { fd } = vfs;
const code = (expected: string) => (error: Error & { code?: string }) => error.code === expected;
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

const clean = () => {
  for (const [fs] of vfs.mount()) vfs.umount(fs, { force: true });
  for (let i = 3; i < 70; i++) {
    try {
      fd.close(i);
    } catch {
      // It is free.
    }
  }
};
test.before.each(clean);
test.after(clean);

function readAll(n: number, most = 100): string {
  const buf = new Uint8Array(most);
  return text(buf.subarray(0, fd.read(n, buf)));
}

for (const [name, kind] of Object.entries({ VfsLfs2, VfsFat }))
  test(`${name}: descriptors read, write and move as POSIX has it`, () => {
    const disk = new RAMBlockDev(512, 300);
    kind.mkfs?.(disk);
    vfs.mount(new kind(disk), '/m');
    assert.throws(() => fd.open('/m/f'), code('ENOENT'));
    const n = fd.open('/m/f', fd.O_RDWR | fd.O_CREAT);
    assert.is(n, 3);
    assert.is(fd.write(n, 'hello world'), 11);
    assert.is(fd.fstat(n)[6], 11);
    assert.is(fd.lseek(n, 0), 0);
    assert.is(readAll(n, 5), 'hello');
    const buf = new Uint8Array(5);
    assert.is(fd.pread(n, buf, 6), 5);
    assert.is(text(buf), 'world');
    assert.is(fd.pwrite(n, 'W', 6), 1);
    assert.is(fd.lseek(n, 0, 1), 5);
    assert.is(readAll(n), ' World');
    assert.is(readAll(n), '');
    assert.throws(() => fd.lseek(n, -20, 1), code('EINVAL'));
    fd.ftruncate(n, 4);
    fd.fsync(n);
    assert.is(fd.fstat(n)[6], 4);
    assert.throws(() => fd.ioctl(n, 1), code('ENOSYS'));
    fd.close(n);
    assert.throws(() => fd.close(n), code('EBADF'));
    assert.throws(() => fd.read(n, buf), code('EBADF'));
    assert.is(vfs.readFile('/m/f', 'utf8'), 'hell');
    assert.throws(() => fd.open('/m/f', fd.O_WRONLY | fd.O_CREAT | fd.O_EXCL), code('EEXIST'));
    assert.throws(() => fd.open('/m'), code('EISDIR'));
    assert.throws(() => fd.open('/m/f/'), code('ENOTDIR'));
    vfs.umount('/m');
  });

const mounted = () => {
  const disk = new RAMBlockDev(512, 300);
  VfsLfs2.mkfs(disk);
  vfs.mount(new VfsLfs2(disk), '/m');
  vfs.writeFile('/m/f', 'abc');
};

test('flags: direction, O_APPEND, O_TRUNC with and without O_CREAT, O_CREAT for reading', () => {
  mounted();
  const reads = fd.open('/m/f');
  assert.throws(() => fd.write(reads, 'x'), code('EBADF'));
  assert.throws(() => fd.ftruncate(reads, 0), code('EBADF'));
  fd.close(reads);
  const appends = fd.open('/m/f', fd.O_RDWR | fd.O_APPEND);
  fd.lseek(appends, 0);
  fd.write(appends, 'd');
  assert.is(fd.lseek(appends, 0, 1), 4);
  fd.fcntl(appends, 4, 0);
  fd.lseek(appends, 0);
  fd.write(appends, 'A');
  assert.is(fd.fcntl(appends, 3), fd.O_RDWR);
  assert.throws(() => fd.fcntl(appends, 99), code('EINVAL'));
  fd.close(appends);
  assert.is(vfs.readFile('/m/f', 'utf8'), 'Abcd');
  const writes = fd.open('/m/f', fd.O_WRONLY);
  fd.write(writes, '12');
  assert.throws(() => readAll(writes), code('EBADF'));
  fd.close(writes);
  assert.is(vfs.readFile('/m/f', 'utf8'), '12cd');
  fd.close(fd.open('/m/f', fd.O_WRONLY | fd.O_TRUNC));
  assert.is(vfs.stat('/m/f')[6], 0);
  fd.close(fd.open('/m/new', fd.O_CREAT));
  assert.is(vfs.stat('/m/new')[6], 0);
  assert.throws(() => fd.open('/m/none', fd.O_WRONLY | fd.O_TRUNC), code('ENOENT'));
  assert.throws(() => fd.open('/m/f', -1), code('EINVAL'));
  assert.throws(() => fd.open('/m/f', 'r' as never), /flags/);
  assert.throws(() => fd.read('3' as never, new Uint8Array(1)), /fd/);
  assert.throws(() => fd.open('/nowhere'), code('ENODEV'));
});

test('a descriptor is the lowest free number, and EMFILE beyond the limit opens nothing', () => {
  mounted();
  fd.limits.fds = 6;
  const all = [fd.open('/m/f'), fd.open('/m/f'), fd.open('/m/f')];
  assert.equal(all, [3, 4, 5]);
  assert.throws(() => fd.open('/m/made', fd.O_CREAT), code('EMFILE'));
  assert.throws(() => fd.dup(3), code('EMFILE'));
  assert.not(vfs.exists('/m/made'));
  fd.close(4);
  fd.close(3);
  assert.is(fd.open('/m/f'), 3);
  assert.is(fd.dup(5), 4);
  fd.limits.fds = 64;
});

test('dup and dup2 share one position; what is open is closed with its last number', () => {
  mounted();
  const one = fd.open('/m/f');
  const two = fd.dup(one);
  assert.is(readAll(one, 1), 'a');
  assert.is(readAll(two, 1), 'b');
  const other = fd.open('/m/f');
  assert.is(fd.dup2(one, other), other);
  assert.is(fd.dup2(one, one), one);
  assert.is(fd.dup2(one, 20), 20);
  fd.close(one);
  fd.close(two);
  fd.close(20);
  assert.throws(() => vfs.umount('/m'), code('EBUSY'));
  assert.is(readAll(other), 'c');
  fd.close(other);
  assert.throws(() => fd.dup2(one, 4), code('EBADF'));
  assert.throws(() => fd.dup2(0, 64), code('EBADF'));
  assert.is(fd.open('/m/f'), 3);
  fd.close(3);
  vfs.umount('/m');
});

/** A file system whose files fail in what `fails` names. */
function failing(fails: string[]): { fs: FileSystem; open: string[] } {
  const open: string[] = [];
  const call = (name: string): void => {
    if (fails.includes(name)) throw vfsError(EIO, name);
  };
  const fs: FileSystem = {
    stat: () => [TYPE_FILE, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    open: (path) => {
      open.push(path);
      return {
        readAt: () => 0,
        writeAt: () => undefined,
        size: () => 5,
        truncate: () => call('truncate'),
        close: () => {
          open.splice(open.indexOf(path), 1);
          call('close');
        },
      };
    },
  };
  return { fs, open };
}

test('a file that cannot be emptied at its opening is not left open', () => {
  const { fs, open } = failing(['truncate', 'close']);
  vfs.mount(fs, '/m');
  assert.throws(() => fd.open('/m/f', fd.O_WRONLY | fd.O_TRUNC), /EIO.*truncate/);
  assert.equal(open, []);
  vfs.umount('/m');
});

test('a number whose closing fails is free all the same, and dup2 has it', () => {
  const { fs, open } = failing(['close']);
  vfs.mount(fs, '/m');
  const one = fd.open('/m/one');
  assert.throws(() => fd.close(one), code('EIO'));
  assert.throws(() => fd.close(one), code('EBADF'));
  const two = fd.open('/m/two');
  const three = fd.open('/m/three');
  assert.is(two, one);
  assert.is(fd.dup2(two, three), three);
  assert.equal(open, ['/two']);
  fd.close(two);
  assert.equal(open, ['/two']);
  assert.throws(() => fd.close(three), code('EIO'));
  assert.equal(open, []);
  vfs.umount('/m');
});

test('unmounting by force leaves a number that is EBADF until it is closed', () => {
  mounted();
  const n = fd.open('/m/f');
  vfs.umount('/m', { force: true });
  assert.throws(() => readAll(n), code('EBADF'));
  fd.close(n);
  assert.throws(() => fd.close(n), code('EBADF'));
});

/** A driver that notes every operation of ESP-IDF's structure, and gives what `answers` has, or 0. */
function noting(answers: { [operation: string]: unknown } = {}): { driver: PrefixDriver; log: string[] } {
  const log: string[] = [];
  const driver: { [operation: string]: unknown } = { fdOffset: 54 };
  const operations =
    'open close read write pread pwrite lseek fstat fcntl ioctl fsync stat link unlink rename opendir readdir seekdir telldir ' +
    'closedir mkdir rmdir access truncate ftruncate utime';
  for (const name of operations.split(' '))
    driver[name] = (...all: unknown[]) => {
      log.push([name, ...all.map((one) => (one instanceof Uint8Array ? `[${one.length}]` : one))].join(' '));
      return answers[name] ?? 0;
    };
  return { driver: driver as PrefixDriver, log };
}

test('each function of descriptors reaches its operation of a driver, with the driver’s own number', () => {
  const { driver, log } = noting({ open: 54, write: 2, lseek: 7, fcntl: 5, ioctl: 6, fstat: [TYPE_FILE, 0, 0, 0, 0, 0, 9, 0, 0, 0] });
  vfs.register('/d', driver);
  const n = fd.open('/d/x', fd.O_RDWR | fd.O_NONBLOCK, 0o600);
  assert.is(n, 3);
  assert.is(fd.read(n, new Uint8Array(4)), 0);
  assert.is(fd.write(n, 'abc'), 2);
  fd.pread(n, new Uint8Array(5), 10);
  fd.pwrite(n, 'xy', 11);
  assert.is(fd.lseek(n, -1, 2), 7);
  assert.is(fd.fstat(n)[6], 9);
  assert.is(fd.fcntl(n, 4, 2048), 5);
  assert.is(fd.ioctl(n, 77, 'arg'), 6);
  fd.fsync(n);
  fd.ftruncate(n, 3);
  const again = fd.dup(n);
  fd.close(n);
  fd.close(again);
  assert.equal(log, [
    `open /x ${2 | 2048} ${0o600}`,
    'read 54 [4]',
    'write 54 [3]',
    'pread 54 [5] 10',
    'pwrite 54 [2] 11',
    'lseek 54 -1 2',
    'fstat 54',
    'fcntl 54 4 2048',
    'ioctl 54 77 arg',
    'fsync 54',
    'ftruncate 54 3',
    'close 54',
  ]);
});

test('each function of names reaches its operation of a driver', () => {
  const { driver, log } = noting({ opendir: 'dir', readdir: ['a', TYPE_FILE, 0, 1], telldir: 4 });
  vfs.register('/d', driver);
  fd.link('/d/a', '/d/b');
  fd.access('/d/a', 6);
  fd.truncate('/d/a', 5);
  fd.utime('/d/a', 1, 2);
  const dir = fd.opendir('/d/sub');
  assert.equal(fd.readdir(dir), ['a', TYPE_FILE, 0, 1]);
  assert.is(fd.telldir(dir), 4);
  fd.seekdir(dir, 3);
  fd.closedir(dir);
  assert.throws(() => fd.readdir(dir), code('EBADF'));
  assert.equal(log, [
    'link /a /b',
    'access /a 6',
    'truncate /a 5',
    'utime /a 1 2',
    'opendir /sub',
    'readdir dir',
    'telldir dir',
    'seekdir dir 3',
    'closedir dir',
  ]);
  vfs.register('/e', {});
  assert.throws(() => fd.link('/d/a', '/e/b'), code('EXDEV'));
});

test('what a driver does not have is ENOSYS by descriptor and by name; closing needs no operation', () => {
  vfs.register('/e', { open: () => 0 });
  const n = fd.open('/e/x', fd.O_RDWR);
  const buf = new Uint8Array(1);
  for (const call of [
    () => fd.read(n, buf),
    () => fd.write(n, 'x'),
    () => fd.pread(n, buf, 0),
    () => fd.pwrite(n, buf, 0),
    () => fd.lseek(n, 0),
    () => fd.fstat(n),
    () => fd.fcntl(n, 3),
    () => fd.ioctl(n, 3),
    () => fd.fsync(n),
    () => fd.ftruncate(n, 0),
    () => fd.link('/e/x', '/e/y'),
    () => fd.access('/e/x'),
    () => fd.truncate('/e/x', 1),
    () => fd.utime('/e/x', 1, 1),
    () => fd.opendir('/e/x'),
  ])
    assert.throws(call, code('ENOSYS'));
  fd.close(n);
});

test('access, truncate and directories on a mount', () => {
  mounted();
  fd.access('/m/f', 6);
  fd.access('/m', 7);
  assert.throws(() => fd.access('/m/f', 1), code('EACCES'));
  assert.throws(() => fd.access('/m/none'), code('ENOENT'));
  fd.truncate('/m/f', 2);
  assert.is(vfs.readFile('/m/f', 'utf8'), 'ab');
  assert.throws(() => fd.link('/m/f', '/m/g'), code('EOPNOTSUPP'));
  vfs.mkdir('/m/d');
  const dir = fd.opendir('/m');
  const first = fd.readdir(dir);
  const place = fd.telldir(dir);
  const second = fd.readdir(dir);
  assert.equal([first, second].map((entry) => entry?.slice(0, 2)).sort(), [
    ['d', TYPE_DIR],
    ['f', TYPE_FILE],
  ]);
  assert.is(fd.readdir(dir), null);
  fd.seekdir(dir, place);
  assert.equal(fd.readdir(dir), second);
  fd.seekdir(dir, 0);
  assert.equal(fd.readdir(dir), first);
  fd.closedir(dir);
  assert.throws(() => fd.closedir(dir), code('EBADF'));
  vfs.umount('/m');
});

test('two drivers may give the same number of their own; unregister takes the descriptors of one', () => {
  const one = noting({ open: 54 });
  const two = noting({ open: 54 });
  vfs.register('/a', one.driver);
  vfs.register('/b', two.driver);
  const numbers = [fd.open('/a/x'), fd.open('/b/y'), fd.open('/a/z')];
  assert.equal(numbers, [3, 4, 5]);
  fd.dup2(3, 8);
  vfs.unregister('/a');
  for (const n of [3, 5, 8]) assert.throws(() => readAll(n), code('EBADF'));
  assert.is(readAll(4), '');
  assert.is(one.log.filter((line) => line === 'close 54').length, 2);
  assert.is(two.log.filter((line) => line === 'close 54').length, 0);
  vfs.sync();
  assert.is(two.log[two.log.length - 1], 'fsync 54');
});

test.run();
