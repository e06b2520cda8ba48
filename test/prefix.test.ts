/** Drivers that are registered by prefix: ESP-IDF's examples and rules, and which operation each function of the VFS reaches. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TYPE_DIR, TYPE_FILE } from '../modules/contract/filesystem';
import type { PrefixDriver } from '../modules/contract/prefix';
import { encodeText } from '../modules/engine';
import * as vfs from '../modules/index';
import { limits } from '../modules/vfs/limits';
import { MemFs, makeMedium } from './support/memfs';

const code = (expected: string) => (error: Error & { code?: string }) => error.code === expected;

/** A driver that notes what is asked of it, and answers stat by its name. */
function noting(name: string, log: string[]): PrefixDriver {
  const note = (operation: string, ...rest: unknown[]) => {
    log.push([name, operation, ...rest].join(' '));
    return 0;
  };
  return {
    stat: (path) => {
      note('stat', path);
      if (path === '/missing') return -2;
      return [TYPE_FILE, 0, 0, 0, 0, 0, name.length, 0, 0, 0];
    },
    unlink: (path) => note('unlink', path),
    rename: (from, to) => note('rename', from, to),
    mkdir: (path, mode) => note('mkdir', path, mode),
    rmdir: (path) => note('rmdir', path),
    open: (path, flags, mode) => {
      note('open', path, flags, mode);
      return 3;
    },
    close: (fd) => note('close', fd),
    read: (fd, buf) => {
      note('read', fd, buf.length);
      return 0;
    },
    write: (fd, bytes) => {
      note('write', fd, bytes.length);
      return bytes.length;
    },
  };
}

const clean = () => {
  for (const [fs] of vfs.mount()) vfs.umount(fs, { force: true });
};
test.before.each(clean);
test.after(clean);

test("ESP-IDF's example: one driver at two prefixes, each operation gets its context first", () => {
  const log: string[] = [];
  const contexts = [{ name: 'one' }, { name: 'two' }];
  const driver = {
    open: (context: { name: string }, path: string) => {
      log.push(context.name + ' open ' + path);
      return 0;
    },
    write: (context: { name: string }, fd: number, bytes: Uint8Array) => {
      log.push(context.name + ' write ' + fd + ' ' + bytes.length);
      return bytes.length;
    },
    close: (context: { name: string }) => {
      log.push(context.name + ' close');
      return 0;
    },
  } as unknown as PrefixDriver;
  vfs.register('/data1', driver, contexts[0]);
  vfs.register('/data2', driver, contexts[1]);
  for (const path of ['/data1/log', '/data2/dir/log']) {
    const file = vfs.open(path, 'w');
    file.write('four');
    file.close();
  }
  assert.equal(log, ['one open /log', 'one write 0 4', 'one close', 'two open /dir/log', 'two write 0 4', 'two close']);
  assert.equal(vfs.mount(), [
    [driver, '/data1'],
    [driver, '/data2'],
  ]);
});

test('a context may be anything but undefined: 0 and null come first too', () => {
  const seen: unknown[] = [];
  const driver = { mkdir: (...all: unknown[]) => void seen.push(all[0]) } as unknown as PrefixDriver;
  vfs.register('/d0', driver, 0);
  vfs.register('/d1', driver, null);
  vfs.register('/d2', driver, undefined);
  for (const i of [0, 1, 2]) vfs.mkdir(`/d${i}/x`);
  assert.equal(seen, [0, null, '/x']);
});

for (const order of [
  ['/data', '/data/static'],
  ['/data/static', '/data'],
])
  test(`the longest prefix wins, registered as ${order.join(', ')}, and what is not there is not looked for in the other`, () => {
    const log: string[] = [];
    for (const prefix of order) vfs.register(prefix, noting(prefix, log));
    vfs.stat('/data/file');
    vfs.stat('/data/static/file');
    vfs.stat('/data/statics');
    assert.throws(() => vfs.stat('/data/static/missing'), code('ENOENT'));
    assert.throws(() => vfs.stat('/data1'), code('ENODEV'));
    assert.equal(log, ['/data stat /file', '/data/static stat /file', '/data stat /statics', '/data/static stat /missing']);
  });

test('the driver of the empty prefix gets whole paths, where no mount and no other prefix matches', () => {
  const log: string[] = [];
  vfs.register('', noting('rest', log));
  vfs.register('/foo', noting('foo', log));
  vfs.mount(new MemFs(makeMedium(1e6)), '/m');
  vfs.stat('/foo/bar');
  vfs.stat('/foo1/bar');
  vfs.stat('tmp');
  assert.throws(() => vfs.stat('/m/x'), code('ENOENT'));
  assert.equal(log, ['foo stat /bar', 'rest stat /foo1/bar', 'rest stat /tmp']);
  vfs.mount(new MemFs(makeMedium(1e6)), '/');
  assert.throws(() => vfs.stat('/foo1/bar'), code('ENOENT'));
  assert.equal(log.length, 3);
  vfs.unregister('');
  assert.throws(() => vfs.unregister(''), code('EINVAL'));
});

test('prefixes that ESP-IDF refuses are EINVAL, dots are resolved, and the ninth is ENOMEM until one has gone', () => {
  const driver = noting('d', []);
  for (const prefix of ['/', 'a', 'aa', '/aaa/', '/aaaaaaaaaaaaaaa', '/..', 'data'])
    assert.throws(() => vfs.register(prefix, driver), code('EINVAL'), prefix);
  vfs.register('/aaaaaaaaaaaaaa', driver);
  vfs.register('/x/../b', driver);
  assert.is(vfs.stat('/b/./c/../d')[6], 1);
  for (let i = 0; i < 6; i++) vfs.register(`/p${i}`, driver);
  assert.throws(() => vfs.register('/p6', driver), code('ENOMEM'));
  vfs.unregister('/b');
  vfs.register('/p6', driver);
  limits.prefixes = 9;
  vfs.register('/p7', driver);
  limits.prefixes = 8;
  assert.throws(() => vfs.register(7 as never, driver), /prefix/);
  assert.throws(() => vfs.register('/ok', undefined as never), /driver/);
});

test('one place has one mount or driver: the second is EPERM, whichever it is', () => {
  vfs.register('/p', noting('p', []));
  assert.throws(() => vfs.register('/p', noting('q', [])), code('EPERM'));
  assert.throws(() => vfs.mount(new MemFs(makeMedium(1e6)), '/p'), code('EPERM'));
  vfs.mount(new MemFs(makeMedium(1e6)), '/m');
  assert.throws(() => vfs.register('/m', noting('q', [])), code('EPERM'));
  assert.throws(() => vfs.unregister('/m'), code('EINVAL'));
  assert.equal(
    vfs.mount().map(([, point]) => point),
    ['/p', '/m'],
  );
});

test('unregister goes by the whole prefix, closes what is open, and leaves the working directory', () => {
  const log: string[] = [];
  vfs.register('/foo', noting('foo', log));
  vfs.register('/foo/bar', noting('bar', log));
  const file = vfs.open('/foo/bar/f');
  vfs.chdir('/foo/bar');
  vfs.unregister('/foo');
  assert.throws(() => vfs.unregister('/foo'), code('EINVAL'));
  assert.is(vfs.getcwd(), '/foo/bar');
  vfs.unregister('/foo/bar');
  assert.is(vfs.getcwd(), '/');
  assert.equal(log, ['bar open /f 0 438', 'bar close 3']);
  assert.throws(() => file.read(), code('EBADF'));
  assert.throws(() => vfs.stat('/foo/bar/f'), code('ENODEV'));
});

test('the functions of the tree reach the operations, a missing one is ENOSYS, a negative number the errno', () => {
  const log: string[] = [];
  vfs.register('/d', noting('d', log));
  vfs.register('/e', {});
  vfs.remove('/d/f');
  vfs.rename('/d/f', '/d/g');
  vfs.mkdir('/d/h');
  vfs.rmdir('/d/h');
  vfs.writeFile('/d/w', 'abc');
  assert.equal(log, [
    'd unlink /f',
    'd rename /f /g',
    'd mkdir /h 511',
    'd rmdir /h',
    'd open /~vfs.tmp 577 438',
    'd write 3 3',
    'd close 3',
    'd rename /~vfs.tmp /w',
  ]);
  assert.throws(() => vfs.rename('/d/f', '/e/f'), code('EXDEV'));
  for (const call of [
    () => vfs.stat('/e/x'),
    () => vfs.listdir('/e'),
    () => vfs.open('/e/x'),
    () => vfs.mkdir('/e/x'),
    () => vfs.rmdir('/e/x'),
    () => vfs.remove('/e/x'),
    () => vfs.rename('/e/x', '/e/y'),
  ])
    assert.throws(call, code('ENOSYS'));
  assert.equal(vfs.stat('/e'), [TYPE_DIR, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  assert.equal(vfs.statvfs('/e'), [0, 0, 0, 0, 0, 0, 0, 0, 0, 255]);
  assert.equal(vfs.listdir('/'), ['d', 'e']);
});

test('opendir, readdir and closedir list a directory; it is closed also where readdir fails', () => {
  const log: string[] = [];
  const names = ['a', '..', 'b'];
  vfs.register('/l', {
    opendir: (path) => (path === '/' ? { at: 0 } : path === '/bad' ? { at: -5 } : -20),
    readdir: (dir) => {
      const own = dir as { at: number };
      if (own.at < 0) return own.at as never;
      return own.at < names.length ? ([names[own.at++], TYPE_FILE] as never) : undefined;
    },
    closedir: () => {
      log.push('closed');
      return 0;
    },
  });
  assert.equal(
    [...vfs.ilistdir('/l')],
    [
      ['a', TYPE_FILE, 0, 0],
      ['b', TYPE_FILE, 0, 0],
    ],
  );
  assert.throws(() => vfs.listdir('/l/bad'), code('EIO'));
  assert.throws(() => vfs.listdir('/l/f'), code('ENOTDIR'));
  assert.equal(log, ['closed', 'closed']);
});

/** A driver with one regular file in RAM, by positions or by the place where the file is. */
function regular(placed: boolean): { driver: PrefixDriver; content: () => string } {
  let data = Buffer.from('one\ntwo\n');
  let at = 0;
  const read = (buf: Uint8Array, from: number) => data.copy(buf, 0, from, from + Math.min(buf.length, 3));
  const write = (bytes: Uint8Array, to: number) => {
    const n = Math.min(bytes.length, 3);
    if (data.length < to + n) data = Buffer.concat([data, Buffer.alloc(to + n - data.length)]);
    data.set(bytes.subarray(0, n), to);
    return n;
  };
  const driver: PrefixDriver = {
    open: (_path, flags) => {
      if (flags & 0x200) data = Buffer.alloc(0);
      return 9;
    },
    fstat: () => [TYPE_FILE, 0, 0, 0, 0, 0, data.length, 0, 0, 0],
    ftruncate: (_fd, length) => {
      data = data.subarray(0, length);
      return 0;
    },
  };
  if (placed) {
    driver.pread = (_fd, buf, offset) => read(buf, offset);
    driver.pwrite = (_fd, bytes, offset) => write(bytes, offset);
  } else {
    driver.lseek = (_fd, offset) => {
      at = offset;
      return at;
    };
    driver.read = (_fd, buf) => {
      const n = read(buf, at);
      at += n;
      return n;
    };
    driver.write = (_fd, bytes) => {
      const n = write(bytes, at);
      at += n;
      return n;
    };
  }
  return { driver, content: () => data.toString() };
}

for (const placed of [true, false])
  test(`a regular file of a driver is one as on a file system, by ${placed ? 'pread and pwrite' : 'lseek, read and write'}`, () => {
    const { driver, content } = regular(placed);
    vfs.register('/r', driver);
    const file = vfs.open('/r/f', 'r+');
    assert.is(file.readline(), 'one\n');
    assert.is(file.tell(), 4);
    assert.is(file.seek(-2, 2), 6);
    assert.is(file.write('oink'), 4);
    file.seek(0);
    assert.equal(file.readlines(), ['one\n', 'twoink']);
    file.truncate(5);
    file.flush();
    file.close();
    assert.is(content(), 'one\nt');
    assert.is(vfs.readFile('/r/f', 'utf8'), 'one\nt');
    assert.throws(() => vfs.open('/r/f').write('x'), code('EBADF'));
  });

/** A driver of something that is read as it comes: what a test feeds. */
function feed(): { driver: PrefixDriver; give: (text: string) => void; sent: string[] } {
  let waiting: Uint8Array = new Uint8Array(0);
  const sent: string[] = [];
  return {
    sent,
    give: (text) => {
      waiting = Buffer.concat([waiting, encodeText(text)]);
    },
    driver: {
      open: () => 0,
      read: (_fd, buf) => {
        if (!waiting.length) return -11;
        const n = Math.min(buf.length, waiting.length);
        buf.set(waiting.subarray(0, n));
        waiting = waiting.subarray(n);
        return n;
      },
      write: (_fd, bytes) => {
        sent.push(Buffer.from(bytes.subarray(0, 4)).toString());
        return Math.min(bytes.length, 4);
      },
    },
  };
}

test('a file without positions gives what is there, EAGAIN where nothing is, and keeps what has come of a line', () => {
  const { driver, give, sent } = feed();
  vfs.register('/s', driver);
  const file = vfs.open('/s/0', 'r+');
  assert.throws(() => file.read(), code('EAGAIN'));
  give('12 34\n5');
  assert.is(file.readline(), '12 34\n');
  assert.throws(() => file.readline(), code('EAGAIN'));
  give('6\nrest');
  assert.is(file.readline(3), '56\n');
  assert.is(file.read(2), 're');
  assert.is(file.read(10), 'st');
  assert.is(file.write('six six'), 7);
  assert.equal(sent, ['six ', 'six']);
  give('xyz');
  const buf = new Uint8Array(2);
  assert.is(file.readinto(buf), 2);
  assert.equal([...buf], [0x78, 0x79]);
  assert.throws(() => file.seek(0), code('ENOSYS'));
  assert.throws(() => file.tell(), code('ENOSYS'));
  assert.throws(() => file.truncate(1), code('ENOSYS'));
  file.flush();
  vfs.sync();
  file.close();
  file.close();
  assert.throws(() => file.read(), code('EBADF'));
  assert.throws(() => vfs.open('/s/0', 'w').read(), code('EBADF'));
  assert.throws(() => vfs.open('/s/0', 'r').write('x'), code('EBADF'));
});

test('numbers of a driver begin at its fdOffset: a lower one, or what is none, is EIO', () => {
  let next: unknown = 40;
  const seen: number[] = [];
  vfs.register('/n', {
    fdOffset: 40,
    open: () => next as number,
    read: (fd) => {
      seen.push(fd);
      return 0;
    },
  });
  assert.is(vfs.readFile('/n/x').length, 0);
  assert.equal(seen, [40]);
  for (next of [39, 'x', 40.5]) assert.throws(() => vfs.open('/n/x'), code('EIO'));
  next = -24;
  assert.throws(() => vfs.open('/n/x'), code('EMFILE'));
});

test('what a driver throws keeps its errno and gets the path; what has none passes', () => {
  vfs.register('/t', {
    stat: () => {
      throw vfs.vfsError('ENOSPC', 'inner');
    },
    mkdir: () => {
      throw new RangeError('a bug');
    },
  });
  assert.throws(
    () => vfs.stat('/t/x'),
    (error: vfs.VfsError) => error.code === 'ENOSPC' && error.path === '/t/x' && error.operation === 'stat',
  );
  assert.throws(() => vfs.mkdir('/t/x'), /a bug/);
});

test.run();
