/** `fs` and `vfs.fd` have one table of descriptors, 0 to 2 are the standard streams, and drivers and devices are in it, too. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TYPE_FILE } from '../modules/contract/filesystem';
import type { PrefixDriver } from '../modules/contract/prefix';
import { table } from '../modules/fd/table';
import * as vfs from '../modules/index';
import { RAMBlockDev, VfsLfs2 } from '../modules/index';

const { fd, fs } = vfs;
const code = (expected: string) => (error: Error & { code?: string }) => error.code === expected;

const clean = () => {
  for (let i = 0; i < 3; i++) vfs.redirect(i);
  for (let i = 3; i < 70; i++) {
    try {
      fd.close(i);
    } catch {
      // It is free.
    }
  }
  for (const [one] of vfs.mount()) vfs.umount(one, { force: true });
  for (const prefix of ['/dev', '/data'])
    try {
      vfs.unregister(prefix);
    } catch {
      // It is not there.
    }
  vfs.chdir('/');
  fd.limits.fds = 64;
};
test.before.each(() => {
  clean();
  const disk = new RAMBlockDev(512, 300);
  VfsLfs2.mkfs(disk);
  vfs.mount(new VfsLfs2(disk), '/m');
  vfs.writeFile('/m/f', 'hello world');
});
test.after(clean);

/** What is printed by `console.log` while `work` runs. */
function printed(work: () => void): string[] {
  const lines: string[] = [];
  const { log } = console;
  console.log = (...all: unknown[]) => void lines.push(all.join(' '));
  try {
    work();
  } finally {
    console.log = log;
  }
  return lines;
}

test('fs and vfs.fd give numbers of one table, and each works with those of the other', () => {
  const one = fs.openSync('/m/f', 'r+');
  const two = fd.open('/m/f');
  const three = fs.openSync('/m/f');
  assert.equal([one, two, three], [3, 4, 5]);
  const buf = new Uint8Array(5);
  assert.is(fd.read(one, buf), 5);
  assert.is(Buffer.from(buf).toString(), 'hello');
  assert.is(fs.readSync(one, buf, 0, 5), 5);
  assert.is(Buffer.from(buf).toString(), ' worl');
  assert.is(fs.readSync(two, buf, 0, 5, 6), 5);
  assert.is(Buffer.from(buf).toString(), 'world');
  assert.is(fs.fstatSync(two).size, 11);
  assert.is(fs.readFileSync(two, 'utf8'), 'hello world');
  fs.closeSync(two);
  assert.throws(() => fd.read(two, buf), code('EBADF'));
  fd.close(one);
  assert.throws(() => fs.readSync(one, buf), code('EBADF'));
  assert.throws(() => fs.closeSync(one), code('EBADF'));
  assert.is(fd.open('/m/f'), 3);
  assert.is(fs.openSync('/m/f'), 4);
  for (const n of [3, 4, 5]) fd.close(n);
  assert.is(table.length, 3);
  vfs.umount('/m');
});

test('the limit is one for both, and what is beyond opens nothing', () => {
  fd.limits.fds = 5;
  fs.openSync('/m/f');
  fd.open('/m/f');
  assert.throws(() => fs.openSync('/m/made', 'w'), code('EMFILE'));
  assert.throws(() => fs.openSync('/m', 'r'), code('EMFILE'));
  assert.throws(() => fs.readFileSync('/m/f', { flag: 'r+' }), code('EMFILE'));
  assert.not(vfs.exists('/m/made'));
});

test('numbers made by dup and dup2 are those of fs, with one position', () => {
  const one = fs.openSync('/m/f');
  const two = fd.dup(one);
  const buf = new Uint8Array(1);
  fs.readSync(one, buf);
  fs.closeSync(one);
  fs.readSync(two, buf);
  assert.is(buf[0], 101);
  assert.is(fd.dup2(two, 1), 1);
  fs.readSync(1, buf);
  assert.is(buf[0], 108);
  fs.closeSync(two);
  assert.throws(() => vfs.umount('/m'), code('EBUSY'));
  vfs.redirect(1);
  vfs.umount('/m');
});

test('fs.writeSync(1) prints, and follows where the stream leads', () => {
  assert.equal(
    printed(() => {
      assert.is(fs.writeSync(1, 'one\ntwo'), 7);
      assert.is(fs.writeSync(2, new Uint8Array([10])), 1);
      fs.writeFileSync(1, 'whole\n');
      fs.appendFileSync(1, 'more\n');
      vfs.redirect(1, '/m/log');
      fs.writeSync(1, 'to the file');
      fs.fsyncSync(1);
      assert.is(fs.fstatSync(1).size, 11);
      assert.ok(fs.fstatSync(1).isFile());
      vfs.redirect(1);
      fs.writeSync(1, 'and back\n');
    }),
    ['one', 'two', 'whole', 'more', 'and back'],
  );
  assert.is(vfs.readFile('/m/log', 'utf8'), 'to the file');
  assert.ok(fs.fstatSync(1).isCharacterDevice());
  assert.not(fs.fstatSync(1).isFile());
  assert.throws(() => fs.readSync(1, new Uint8Array(1)), code('EBADF'));
  assert.throws(() => fs.readSync(0, new Uint8Array(1)), code('EAGAIN'));
  assert.throws(() => fs.writeSync(0, 'x'), code('EBADF'));
  fs.closeSync(0);
  assert.is(fs.openSync('/m/f'), 0);
  assert.is(fs.readFileSync(0, 'utf8'), 'hello world');
});

test('a stream that leads to a relative path is found after chdir', () => {
  vfs.chdir('/m');
  vfs.redirect(1, 'log');
  vfs.chdir('/');
  fs.writeSync(1, 'abc');
  assert.is(fs.fstatSync(1).size, 3);
  assert.is(fd.fstat(1)[6], 3);
});

test('devices are opened, read, written, told and closed by fs, whoever has opened them', () => {
  vfs.register('/dev', vfs.devfs());
  const buf = new Uint8Array(3).fill(1);
  for (const open of [fs.openSync, fd.open] as ((path: string, flags: number) => number)[]) {
    const none = open('/dev/null', 2);
    assert.is(none, 3);
    assert.is(fs.writeSync(none, 'abc'), 3);
    assert.is(fs.readSync(none, buf), 0);
    assert.is(fs.readFileSync(none, 'utf8'), '');
    assert.ok(fs.fstatSync(none).isCharacterDevice());
    fs.closeSync(none);
    const zero = open('/dev/zero', 0);
    assert.is(fs.readSync(zero, buf, 0, 2, 7), 2);
    assert.equal([...buf], [0, 0, 1]);
    fs.closeSync(zero);
    const full = open('/dev/full', 1);
    assert.throws(() => fs.writeSync(full, 'abc'), code('ENOSPC'));
    fs.closeSync(full);
  }
  assert.ok(fs.statSync('/dev/null').isCharacterDevice());
  assert.not(fs.statSync('/m/f').isCharacterDevice());
  fs.writeFileSync('/dev/null', 'abc');
  vfs.unregister('/dev');
});

test("a driver's descriptor goes with the driver, and fs says EBADF", () => {
  vfs.register('/dev', vfs.devfs());
  const one = fs.openSync('/dev/null', 'r+');
  fs.writeSync(one, 'x');
  vfs.unregister('/dev');
  assert.throws(() => fs.writeSync(one, 'x'), code('EBADF'));
  assert.is(table.length, 3);
});

/** A regular file of a driver, which takes two bytes at once. */
function memory(placed: boolean): PrefixDriver & { bytes: number[]; pos: number; mode: number } {
  const own = {
    bytes: [...Buffer.from('0123456789')],
    pos: 0,
    mode: 0,
    open: (_path: string, _flags: number, mode: number) => {
      own.mode = mode;
      return 0;
    },
    read: (_fd: number, buf: Uint8Array) => {
      const some = own.bytes.slice(own.pos, own.pos + Math.min(buf.length, 2));
      buf.set(some);
      own.pos += some.length;
      return some.length;
    },
    write: (_fd: number, bytes: Uint8Array) => {
      const some = [...bytes.slice(0, 2)];
      own.bytes.splice(own.pos, some.length, ...some);
      own.pos += some.length;
      return some.length;
    },
    lseek: (_fd: number, offset: number, whence: number) => {
      own.pos = [0, own.pos, own.bytes.length][whence] + offset;
      return own.pos;
    },
    fstat: () => [TYPE_FILE, 0, 0, 0, 0, 0, own.bytes.length, 0, 0, 0],
  };
  const at = {
    pread: (_fd: number, buf: Uint8Array, offset: number) => {
      const some = own.bytes.slice(offset, offset + buf.length);
      buf.set(some);
      return some.length;
    },
    pwrite: (_fd: number, bytes: Uint8Array, offset: number) => {
      own.bytes.splice(offset, bytes.length, ...bytes);
      return bytes.length;
    },
  };
  return Object.assign(own, placed ? at : {}) as never;
}

for (const placed of [true, false])
  test(`files of a driver ${placed ? 'with pread and pwrite' : 'with lseek only'} have positions for fs`, () => {
    const driver = memory(placed);
    vfs.register('/data', driver);
    const one = fs.openSync('/data/f', 'r+', 0o640);
    assert.is(driver.mode, 0o640);
    const buf = new Uint8Array(2);
    assert.is(fs.readSync(one, buf, 0, 2, 6), 2);
    assert.is(Buffer.from(buf).toString(), '67');
    assert.is(fs.writeSync(one, 'ab', 4), 2);
    assert.is(driver.pos, 0);
    assert.is(fs.readFileSync(one, 'utf8'), '0123ab6789');
    fs.writeFileSync(one, 'ABCDE');
    assert.is(fs.fstatSync(one).size, 15);
    assert.ok(fs.fstatSync(one).isFile());
    assert.throws(() => fs.ftruncateSync(one, 3), code('ENOSYS'));
    fs.closeSync(one);
    assert.is(Buffer.from(driver.bytes).toString(), '0123ab6789ABCDE');
  });

test('a directory that fs has opened is told of and closed by vfs.fd, and cannot be read', () => {
  fs.mkdirSync('/m/d');
  const one = fs.openSync('/m/d', 'r');
  assert.ok(fs.fstatSync(one).isDirectory());
  assert.is(fd.fstat(one)[0] & 0xf000, 0x4000);
  assert.throws(() => fd.read(one, new Uint8Array(1)), code('EISDIR'));
  assert.throws(() => fd.lseek(one, 0), code('EISDIR'));
  fs.fsyncSync(one);
  fd.close(one);
  assert.is(table.length, 3);
});

test('what was written and not synced counts for stat of fs, by whatever number', () => {
  const one = fd.open('/m/new', fd.O_WRONLY | fd.O_CREAT);
  fd.write(one, 'abcd');
  assert.is(fs.statSync('/m/new').size, 4);
  assert.is(fs.readFileSync('/m/new', 'utf8'), 'abcd');
  fd.close(one);
});

test('what appends does so wherever it is told to write, as on Linux', () => {
  const one = fs.openSync('/m/f', 'a+');
  assert.is(fs.writeSync(one, '!', 0), 1);
  assert.is(fd.pwrite(one, '?', 0), 1);
  fs.closeSync(one);
  assert.is(vfs.readFile('/m/f', 'utf8'), 'hello world!?');
});

test('streams of fs take numbers of vfs.fd', async () => {
  const stream = fs.createReadStream('', { fd: fd.open('/m/f') } as never);
  let text = '';
  for await (const chunk of stream as never as AsyncIterable<Buffer>) text += chunk;
  assert.is(text, 'hello world');
  assert.is(table.length, 3);
});

test("a file of a user's own file system that has nothing but read can be read by number", () => {
  const own = {
    mount: () => {},
    umount: () => {},
    stat: () => [0x8000, 0, 0, 0, 0, 0, 3, 0, 0, 0],
    open: () => {
      let left = 'abc';
      return {
        read: (n: number) => {
          const some = left.slice(0, n);
          left = left.slice(n);
          return some;
        },
        close: () => {},
      };
    },
  };
  vfs.mount(own as never, '/own');
  const one = fs.openSync('/own/f');
  const buf = new Uint8Array(2);
  assert.is(fs.readSync(one, buf), 2);
  assert.is(fs.readSync(one, buf), 1);
  assert.is(fs.readSync(one, buf), 0);
  fs.closeSync(one);
});

test.run();
