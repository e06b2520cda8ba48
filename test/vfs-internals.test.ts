/** What the portable suite cannot see: how the VFS uses a driver, and detection over stand-in kinds of file system. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RAMBlockDev } from '../modules/blockdev';
import { EOPNOTSUPP, type VfsError, vfsError } from '../modules/contract/errno';
import type { BlockDevice, FileSystem, FileSystemType } from '../modules/contract/filesystem';
import { VfsFat } from '../modules/fat';
import { VfsLfs2 } from '../modules/littlefs2';
import * as vfs from '../modules/vfs';
import { MemFs, makeMedium } from './support/memfs';

const device = (kind: string): BlockDevice & { kind: string } => ({ kind, readblocks: () => 0, ioctl: () => 0 });
const log: string[] = [];

/** A kind that recognises devices of its name, and notes what is asked of it. */
function kind(name: string, canFormat: boolean): FileSystemType {
  return {
    probe: (bdev) => {
      const found = (bdev as unknown as { kind: string }).kind;
      log.push('probe ' + name);
      if (found === 'broken') throw vfsError('EIO', 'read');
      if (found === 'bug') throw new RangeError('a bug');
      return found === name || found === 'damaged ' + name;
    },
    create: (bdev) =>
      ({
        name,
        mount: (_readonly: boolean, mkfs: boolean) => {
          log.push('mount ' + name + (mkfs ? ' mkfs' : ''));
          if ((bdev as unknown as { kind: string }).kind.startsWith('damaged')) throw vfsError('ECORRUPT', 'mount');
          if (mkfs && !canFormat) throw vfsError(EOPNOTSUPP, 'mkfs');
        },
      }) as unknown as FileSystem,
  };
}
vfs.addDriver(kind('rom', false));
const second = kind('disk', true);
vfs.addDriver(second);
vfs.addDriver(second);

const mountKind = (name: string, options?: { mkfs?: boolean }) => {
  log.length = 0;
  vfs.mount(device(name), '/d', options);
  const [[fs]] = vfs.mount();
  vfs.umount('/d');
  return (fs as unknown as { name: string }).name;
};
const code = (expected: string) => (error: Error & { code?: string }) => error.code === expected;

test('kinds are probed in the order of registration, each once', () => {
  assert.is(mountKind('disk'), 'disk');
  assert.equal(log, ['probe rom', 'probe disk', 'mount disk']);
  assert.is(mountKind('rom'), 'rom');
  assert.equal(log, ['probe rom', 'mount rom']);
});

test('nothing recognised is ENODEV, or with mkfs the first kind that can format', () => {
  assert.throws(() => mountKind('blank'), code('ENODEV'));
  assert.is(mountKind('blank', { mkfs: true }), 'disk');
  assert.equal(log, ['probe rom', 'probe disk', 'mount rom mkfs', 'mount disk mkfs']);
});

test('a recognised volume is never formatted, a damaged one reports itself', () => {
  assert.is(mountKind('rom', { mkfs: true }), 'rom');
  assert.throws(() => mountKind('damaged disk', { mkfs: true }), code('ECORRUPT'));
  assert.not(log.some((line) => line.includes('mkfs')));
  assert.equal(vfs.mount(), []);
});

test('a device whose probe fails is not formatted, and what is no coded error passes through', () => {
  assert.throws(() => mountKind('broken', { mkfs: true }), code('EIO'));
  assert.not(log.some((line) => line.includes('mkfs')));
  assert.throws(() => mountKind('bug'), /a bug/);
  assert.equal(vfs.mount(), []);
});

test('reading by lines and by small pieces asks the driver once per buffer', () => {
  const fs = new MemFs(makeMedium(100000));
  vfs.mount(fs, '/');
  vfs.writeFile('/f', 'a line of text\n'.repeat(100));
  const file = vfs.open('/f');
  fs.reads = 0;
  assert.is(file.readlines().length, 100);
  assert.ok(fs.reads <= 14, fs.reads + ' reads of lines');
  file.seek(0);
  file.read(1);
  fs.reads = 0;
  for (let i = 0; i < 500; i++) file.read(1);
  assert.ok(fs.reads <= 6, fs.reads + ' reads of characters');
  file.close();
  const binary = vfs.open('/f', 'rb');
  fs.reads = 0;
  for (let i = 0; i < 50; i++) binary.read(10);
  assert.ok(fs.reads <= 6, fs.reads + ' sequential reads');
  fs.reads = 0;
  for (let i = 0; i < 10; i++) {
    binary.seek((i * 397) % 1400);
    binary.read(16);
  }
  assert.is(fs.reads, 10);
  binary.close();
  vfs.umount('/');
});

test('what a second handle writes is seen after a seek', () => {
  vfs.mount(new MemFs(makeMedium(1000)), '/');
  vfs.writeFile('/f', 'old\nold\n');
  const reader = vfs.open('/f');
  assert.is(reader.readline(), 'old\n');
  const writer = vfs.open('/f', 'r+');
  writer.write('new\nnew\nmore\n');
  writer.close();
  reader.seek(4);
  assert.is(reader.readline(), 'new\n');
  assert.is(reader.readline(), 'more\n');
  assert.is(reader.readline(), '');
  reader.close();
  vfs.umount('/');
});

test('writeFile and copy go to a temporary file and clean up after any failure', () => {
  const calls: string[] = [];
  const fs = new MemFs(makeMedium(5000));
  for (const name of ['open', 'rename', 'remove'] as const) {
    const original = fs[name].bind(fs) as (a: string, b: string) => unknown;
    (fs as unknown as Record<string, unknown>)[name] = (a: string, b: string) => {
      calls.push([name, a, b].join(' ').trim());
      return original(a, b);
    };
  }
  vfs.mount(fs, '/m');
  fs.mkdir('/d');
  vfs.writeFile('/m/d/f', 'x');
  assert.equal(calls, ['open /d/~vfs.tmp wb', 'rename /d/~vfs.tmp /d/f']);
  calls.length = 0;
  assert.throws(
    () => vfs.writeFile('/m/d/f', new Uint8Array(6000)),
    (e: Error & { path: string; code: string }) => e.code === 'ENOSPC' && e.path === '/m/d/f',
  );
  assert.equal(calls, ['open /d/~vfs.tmp wb', 'remove /d/~vfs.tmp']);
  assert.equal(vfs.listdir('/m/d'), ['f']);
  vfs.umount('/m');
});

test('writeFile writes in place where the file system cannot rename', () => {
  const written: unknown[] = [];
  vfs.mount(
    {
      open: (path: string, mode: string) => ({
        write: (data: unknown) => written.push([path, mode, data]),
        close: () => written.push('close'),
      }),
    },
    '/dev',
  );
  vfs.writeFile('/dev/led', '1');
  assert.equal(written, [['/led', 'wb', '1'], 'close']);
  vfs.umount('/dev');
});

test('an unmounted mount is gone also when the driver fails to unmount', () => {
  vfs.mount(
    {
      mount: () => {},
      umount: () => {
        throw vfsError('EIO', 'umount');
      },
    },
    '/x',
  );
  assert.throws(() => vfs.umount('/x'), code('EIO'));
  assert.equal(vfs.mount(), []);
});

test('sync tries every mount and throws the first error', () => {
  const synced: string[] = [];
  vfs.mount(
    {
      mount: () => {},
      sync: () => {
        synced.push('a');
        throw vfsError('EIO', 'sync');
      },
    },
    '/a',
  );
  vfs.mount({ mount: () => {}, sync: () => void synced.push('b') }, '/b');
  vfs.mount({ mount: () => {} }, '/c');
  assert.throws(
    () => vfs.sync(),
    (e: Error & { path: string; code: string }) => e.code === 'EIO' && e.path === '/a',
  );
  assert.equal(synced, ['a', 'b']);
  for (const point of ['/a', '/b', '/c']) vfs.umount(point);
});

test('listings are for-of iterable, also over a driver that gives an array or a generator', () => {
  vfs.mount(
    {
      mount: () => {},
      ilistdir: () => [
        ['one', 0x8000, 0, 1],
        ['two', 0x8000, 0, 2],
      ],
    } as FileSystem,
    '/a',
  );
  vfs.mount(
    {
      mount: () => {},
      *ilistdir() {
        yield ['three', 0x8000, 0, 3];
      },
    } as unknown as FileSystem,
    '/a/sub',
  );
  assert.equal(
    [...vfs.ilistdir('/a')].map((entry) => entry[0]),
    ['sub', 'one', 'two'],
  );
  assert.equal(
    [...vfs.walk('/a')],
    [
      ['/a', ['sub'], ['one', 'two']],
      ['/a/sub', [], ['three']],
    ],
  );
  vfs.umount('/a');
  vfs.umount('/a/sub');
});

test('whatever is thrown comes through, also nothing, and all mounts are synced', () => {
  for (const thrown of [undefined, null, 0, '', false, Number.NaN, 'text', new Error('mine')]) {
    const synced: string[] = [];
    vfs.mount(
      {
        mount: () => {},
        sync: () => {
          throw thrown;
        },
        stat: () => {
          throw thrown;
        },
        ilistdir: () => {
          throw thrown;
        },
        mkdir: () => {
          throw thrown;
        },
        open: () => ({
          size: () => 3,
          readAt: () => {
            throw thrown;
          },
          close: () => {},
        }),
      },
      '/a',
    );
    vfs.mount({ mount: () => {}, sync: () => void synced.push('b') }, '/b');
    vfs.mount(new MemFs(makeMedium(1000)), '/c');
    for (const [what, call] of Object.entries({
      sync: () => vfs.sync(),
      exists: () => vfs.exists('/a/x'),
      makedirs: () => vfs.makedirs('/a/x'),
      listdir: () => vfs.listdir('/a'),
      chdir: () => vfs.chdir('/a/x'),
      readFile: () => vfs.readFile('/a/x'),
      copy: () => vfs.copy('/a/x', '/c/x'),
    })) {
      const caught: unknown[] = [];
      try {
        call();
      } catch (error) {
        caught.push(error);
      }
      assert.is(caught.length, 1, `${what} swallowed ${String(thrown)}`);
      assert.ok(Object.is(caught[0], thrown), `${what}: ${String(caught[0])} instead of ${String(thrown)}`);
    }
    assert.equal(synced, ['b']);
    for (const point of ['/a', '/b', '/c']) vfs.umount(point);
  }
});

test('whatever a device throws or answers comes through the volumes on it', () => {
  for (const kind of [VfsLfs2, VfsFat])
    for (const [answer, expected] of [
      [-110, 110],
      [-5, 5],
      [-84, 84],
      [-2048, 2048],
    ]) {
      const ram = new RAMBlockDev(512, 100);
      kind.mkfs?.(ram);
      let failing = false;
      const volume = new kind({
        readblocks: (block: number, buf: Uint8Array, offset?: number) => (failing ? answer : ram.readblocks(block, buf, offset)),
        writeblocks: (block: number, buf: Uint8Array, offset?: number) => ram.writeblocks(block, buf, offset),
        ioctl: (op: number, arg: number) => (failing && op === 1 ? answer : ram.ioctl(op, arg)),
      });
      failing = true;
      assert.throws(
        () => vfs.mount(volume, '/a'),
        (error: VfsError) => error.errno === expected && error.message.startsWith(error.code + ': ') && error.operation === 'mount',
        `${kind.name} ${answer}`,
      );
      assert.equal(vfs.mount(), []);
    }
});

test('the errno of a file system passes through with its number, known or not, and its own words', () => {
  for (const [given, errno, name] of [
    [2, 2, 'ENOENT'],
    [-2, 2, 'ENOENT'],
    [110, 110, 'E110'],
    [-110, 110, 'E110'],
    [115, 115, 'E115'],
    [257, 257, 'E257'],
    [1, 1, 'EPERM'],
  ] as [number, number, string][]) {
    const fail = () => {
      throw Object.assign(new Error('own words'), { errno: given });
    };
    vfs.mount({ stat: fail, open: fail, sync: fail, mkdir: fail }, '/a');
    for (const call of [() => vfs.stat('/a/x'), () => vfs.open('/a/x'), () => vfs.sync(), () => vfs.mkdir('/a/x')])
      assert.throws(
        call,
        (e: VfsError) => e.errno === errno && e.code === name && e.message.includes('own words') && e.message.includes('/a'),
      );
    vfs.umount('/a');
  }
  assert.is(vfsError(110, 'read', '/x').message, "E110: I/O error, read '/x'");
  assert.is(vfsError(-110, 'read').errno, 110);
});

test('chdir asks a file system once', () => {
  let asked: string[] = [];
  vfs.mount(
    {
      stat: (path: string) => {
        asked.push(path);
        if (path === '/none') throw vfsError('ENOENT', 'stat');
        return [path === '/f' ? 0x8000 : 0x41ed, 0, 0, 0, 0, 0, 0, 0, 0, 0];
      },
    },
    '/u',
  );
  for (const [path, code] of [
    ['/u/d', ''],
    ['/u/d/', ''],
    ['e/.', ''],
    ['/u/f', 'ENOTDIR'],
    ['/u/none', 'ENOENT'],
    ['/u', ''],
    ['/', ''],
  ]) {
    asked = [];
    try {
      vfs.chdir(path);
      assert.is(code, '');
    } catch (error) {
      assert.is((error as VfsError).code, code);
      assert.is((error as VfsError).operation, 'chdir');
    }
    assert.is(asked.length, path === '/u' || path === '/' ? 0 : 1, path);
  }
  vfs.umount('/u');
});

test('entries of a user with less than four items come out as four, and stay as they were', () => {
  const three = ['one', 0x8000, 7];
  const entries = [three, ['two', 0x4000, 0, 0], ['three', 0x8000], ['four', 0x8000, 0, 12]];
  const forms: [string, () => unknown][] = [
    ['an array', () => entries],
    ['an iterator', () => entries[Symbol.iterator]()],
    [
      'a generator',
      function* () {
        yield* entries;
      },
    ],
    ['a set', () => new Set(entries)],
  ];
  for (const [what, ilistdir] of forms) {
    vfs.mount({ mount: () => {}, ilistdir } as unknown as FileSystem, '/a');
    vfs.mount({ mount: () => {} }, '/a/two');
    assert.equal(
      [...vfs.ilistdir('/a')],
      [
        ['two', 0x4000, 0, 0],
        ['one', 0x8000, 7, 0],
        ['three', 0x8000, 0, 0],
        ['four', 0x8000, 0, 12],
      ],
      what,
    );
    vfs.umount('/a/two');
    vfs.umount('/a');
  }
  assert.is(three.length, 3);
});

test('a seek ends where the file system does', () => {
  for (const [kind, limit] of [
    [VfsLfs2, 0x7fffffff],
    [VfsFat, 0xffffffff],
  ] as const) {
    const ram = new RAMBlockDev(512, 100);
    kind.mkfs?.(ram);
    vfs.mount(new kind(ram), '/');
    vfs.writeFile('/f', 'content');
    for (const mode of ['r', 'r+', 'rb']) {
      const file = vfs.open('/f', mode);
      assert.is(file.seek(limit), limit);
      for (const [offset, whence] of [
        [limit + 1, 0],
        [1, 1],
        [limit, 2],
        [limit - 6, 2],
        [2 ** 52, 0],
        [2 ** 53, 0],
      ])
        assert.throws(
          () => file.seek(offset, whence),
          (e: VfsError) => e.code === 'EINVAL' && e.path === '/f' && e.message.includes('offset'),
        );
      assert.is(file.tell(), limit, 'it stays where it was');
      assert.is(file.seek(-7, 2), 0);
      assert.is(file.read(1).length, 1);
      file.close();
    }
    vfs.umount('/');
  }
});

test('opening with w moves the time of a file, an empty one too; reading and a refused mode do not', () => {
  const clock = Date.now;
  let seconds = 1_700_000_000;
  Date.now = () => seconds * 1000;
  try {
    for (const kind of [VfsLfs2, VfsFat]) {
      const ram = new RAMBlockDev(512, 100);
      kind.mkfs?.(ram);
      vfs.mount(new kind(ram), '/');
      for (const content of ['', 'content']) {
        const time = () => vfs.stat('/f')[8];
        vfs.writeFile('/f', content);
        assert.is(time(), seconds);
        for (const mode of ['w', 'wb', 'w+']) {
          const before = seconds;
          seconds += 100;
          vfs.open('/f', 'r').close();
          vfs.open('/f', 'r+').close();
          assert.throws(() => vfs.open('/f', 'x'));
          assert.is(time(), before, kind.name + ' is only read');
          vfs.open('/f', mode).close();
          assert.is(time(), seconds, `${kind.name} ${mode} of ${content.length} bytes`);
        }
      }
      vfs.umount('/');
      vfs.mount(new kind(ram), '/', { readonly: true });
      assert.is(vfs.stat('/f')[8], seconds, 'also after a restart');
      vfs.umount('/');
    }
    const ram = new RAMBlockDev(512, 100);
    VfsLfs2.mkfs(ram);
    vfs.mount(new VfsLfs2(ram, { mtime: false }), '/');
    vfs.writeFile('/f', '');
    vfs.open('/f', 'w').close();
    assert.is(vfs.stat('/f')[8], 0);
    vfs.umount('/');
  } finally {
    Date.now = clock;
  }
});

test.run();
