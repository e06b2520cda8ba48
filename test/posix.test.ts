import { execFileSync } from 'node:child_process';
import fs, { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { VfsError } from '../modules/contract/errno';
import { VfsPosix } from '../modules/index';
import { ways } from '../modules/posix/beneath';
import * as vfs from '../modules/vfs';

function code(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    assert.instance(error, Error);
    assert.ok((error as VfsError).errno > 0, String(error));
    return (error as VfsError).code;
  }
  return 'nothing';
}

interface Place {
  /** A directory with `in/`, which is mounted at `/h`, beside what must stay secret and as it is. */
  folder: string;
  root: string;
}

for (const steps of ways.steps ? [true, false] : [false]) {
  const test = suite<Place>('a directory of the host' + (steps ? '' : ', as where there is no /proc'));
  test.before.each((place) => {
    ways.steps = steps;
    place.folder = fs.realpathSync(mkdtempSync(join(tmpdir(), 'microvfs-posix-')));
    place.root = join(place.folder, 'in');
    mkdirSync(join(place.root, 'd'), { recursive: true });
    mkdirSync(join(place.folder, 'out', 'dir'), { recursive: true });
    writeFileSync(join(place.folder, 'out', 'secret'), 'secret');
    writeFileSync(join(place.root, 'a'), 'text');
    vfs.mount(new VfsPosix(place.root), '/h');
  });
  test.after.each(({ folder }) => {
    vfs.umount('/h', { force: true });
    assert.equal(readdirSync(join(folder, 'out')), ['dir', 'secret'], 'nothing was made or removed outside');
    assert.equal(readdirSync(join(folder, 'out', 'dir')), []);
    assert.is(readFileSync(join(folder, 'out', 'secret'), 'utf8'), 'secret');
    rmSync(folder, { recursive: true });
  });

  test('files and directories are those of the host', ({ root }) => {
    vfs.writeFile('/h/new', 'written');
    assert.is(readFileSync(join(root, 'new'), 'utf8'), 'written');
    assert.equal(vfs.listdir('/h').sort(), ['a', 'd', 'new']);
    assert.is(vfs.stat('/h/new')[0], 0x8000);
    assert.is(vfs.stat('/h/new')[6], 7);
    assert.is(vfs.stat('/h/d')[0], 0x4000);
    assert.is(vfs.statvfs('/h')[0], fs.statfsSync(root).bsize);
  });

  test('without a root it is the current directory, as it was when it was made', ({ root }) => {
    const before = process.cwd();
    process.chdir(root);
    const here = new VfsPosix();
    process.chdir(before);
    assert.is(here.root, root);
    assert.equal(here.listdir('/').sort(), ['a', 'd']);
    assert.throws(() => new VfsPosix(4 as never), /argument: root/);
    here.umount?.();
  });

  test('errors of the host keep their numbers', ({ root }) => {
    assert.is(
      code(() => vfs.open('/h/none')),
      'ENOENT',
    );
    assert.is(
      code(() => vfs.open('/h/a/x')),
      'ENOTDIR',
    );
    assert.is(
      code(() => vfs.open('/h/d')),
      'EISDIR',
    );
    assert.is(
      code(() => vfs.open('/h/d', 'w')),
      'EISDIR',
    );
    assert.is(
      code(() => vfs.mkdir('/h/d')),
      'EEXIST',
    );
    assert.is(
      code(() => vfs.open('/h/' + 'n'.repeat(300), 'w')),
      'ENAMETOOLONG',
    );
    writeFileSync(join(root, 'd', 'f'), '');
    assert.is(
      code(() => vfs.rmdir('/h/d')),
      'ENOTEMPTY',
    );
    assert.is(
      code(() => vfs.mount(new VfsPosix(join(root, 'a')), '/x')),
      'ENOTDIR',
    );
    assert.is(
      code(() => vfs.mount(new VfsPosix(join(root, 'gone')), '/x')),
      'ENOENT',
    );
    rmSync(root, { recursive: true });
    assert.is(
      code(() => vfs.readFile('/h/a')),
      'ENOENT',
    );
    mkdirSync(root);
  });

  test('read-only, everything that would change something is EROFS', ({ root }) => {
    const locked = new VfsPosix(root);
    locked.mount(true, false);
    for (const mode of ['w', 'a', 'x', 'r+'])
      assert.is(
        code(() => locked.open('/a', mode)),
        'EROFS',
      );
    assert.is(
      code(() => locked.mkdir('/n')),
      'EROFS',
    );
    assert.is(
      code(() => locked.rmdir('/d')),
      'EROFS',
    );
    assert.is(
      code(() => locked.remove('/a')),
      'EROFS',
    );
    assert.is(
      code(() => locked.rename('/a', '/b')),
      'EROFS',
    );
    locked.umount();
    vfs.umount('/h');
    vfs.mount(new VfsPosix(root), '/h', { readonly: true });
    assert.is(
      code(() => vfs.remove('/h/a')),
      'EROFS',
    );
    assert.is(vfs.readFile('/h/a', 'utf8'), 'text');
  });

  test('`..` and absolute paths end at the root', ({ root }) => {
    const raw = new VfsPosix(root);
    raw.mount(false, false);
    for (const path of ['/../out/secret', '/d/../../out/secret', '../out/secret', '/d/../../in/../out/secret'])
      assert.is(
        code(() => raw.open(path, 'r')),
        'EACCES',
        path,
      );
    assert.is(
      code(() => raw.mkdir('/../out/new')),
      'EACCES',
    );
    assert.is(
      code(() => raw.rename('/a', '/../out/a')),
      'EACCES',
    );
    assert.is(
      code(() => raw.open(join(root, 'a'), 'r')),
      'ENOENT',
      'absolute is from the root',
    );
    assert.is(raw.stat('/d/../a')[6], 4);
    raw.umount();
    assert.is(vfs.readFile('/h/../../h/a', 'utf8'), 'text');
  });

  test('links that stay below the root are followed', ({ root }) => {
    symlinkSync('d', join(root, 'dir'));
    symlinkSync('../a', join(root, 'd', 'up'));
    symlinkSync('./d/../dir/up', join(root, 'round'));
    symlinkSync('d/fresh', join(root, 'tobe'));
    assert.is(vfs.readFile('/h/dir/up', 'utf8'), 'text');
    assert.is(vfs.readFile('/h/round', 'utf8'), 'text');
    assert.equal(vfs.listdir('/h/dir'), ['up']);
    assert.is(vfs.stat('/h/dir')[0], 0x4000);
    const file = vfs.open('/h/tobe', 'w');
    file.write('made');
    file.close();
    assert.is(readFileSync(join(root, 'd', 'fresh'), 'utf8'), 'made');
    assert.is(
      code(() => vfs.open('/h/tobe', 'x')),
      'EEXIST',
    );
    // Links themselves.
    vfs.remove('/h/round');
    vfs.rename('/h/dir', '/h/renamed');
    assert.is(fs.readlinkSync(join(root, 'renamed')), 'd');
    assert.is(
      code(() => vfs.rmdir('/h/renamed')),
      'ENOTDIR',
    );
  });

  test('links that lead outside are EACCES, and can be removed', ({ folder, root }) => {
    symlinkSync(join(folder, 'out', 'secret'), join(root, 'absolute'));
    symlinkSync('../out/secret', join(root, 'relative'));
    symlinkSync('../out', join(root, 'dir'));
    symlinkSync('../../out/dir', join(root, 'd', 'deep'));
    symlinkSync('..', join(root, 'above'));
    symlinkSync(join(root, 'a'), join(root, 'inside'));
    symlinkSync('loop', join(root, 'loop'));
    for (const path of ['absolute', 'relative', 'dir/secret', 'd/deep/x', 'above/out/secret', 'inside'])
      for (const run of [
        () => vfs.open('/h/' + path),
        () => vfs.open('/h/' + path, 'w'),
        () => vfs.open('/h/' + path, 'a'),
        () => vfs.stat('/h/' + path),
        () => vfs.listdir('/h/' + path),
      ])
        assert.is(code(run), 'EACCES', path);
    for (const path of ['dir/new', 'd/deep/new', 'above/out/new']) {
      assert.is(
        code(() => vfs.mkdir('/h/' + path)),
        'EACCES',
        path,
      );
      assert.is(
        code(() => vfs.open('/h/' + path, 'x')),
        'EACCES',
        path,
      );
      assert.is(
        code(() => vfs.rename('/h/a', '/h/' + path)),
        'EACCES',
        path,
      );
      assert.is(
        code(() => vfs.remove('/h/' + path)),
        'EACCES',
        path,
      );
    }
    assert.is(
      code(() => vfs.open('/h/loop')),
      'E40',
    );
    assert.equal(vfs.listdir('/h').sort(), ['a', 'above', 'absolute', 'd', 'dir', 'inside', 'loop', 'relative']);
    vfs.rmtree('/h/d');
    for (const name of ['above', 'absolute', 'dir', 'inside', 'loop', 'relative']) vfs.remove('/h/' + name);
    assert.equal(vfs.listdir('/h'), ['a']);
  });

  test('removing or renaming an open file is EBUSY under each of its names, and so is a second writer', ({ root }) => {
    fs.linkSync(join(root, 'a'), join(root, 'b'));
    const file = vfs.open('/h/a', 'r+');
    assert.is(
      code(() => vfs.open('/h/b', 'a')),
      'EBUSY',
    );
    assert.is(
      code(() => vfs.remove('/h/b')),
      'EBUSY',
    );
    assert.is(
      code(() => vfs.rename('/h/a', '/h/c')),
      'EBUSY',
    );
    assert.is(vfs.readFile('/h/b', 'utf8'), 'text');
    file.close();
    vfs.remove('/h/b');
  });

  test('what is no file is neither opened nor waited for', ({ root }) => {
    if (process.platform === 'win32') return;
    execFileSync('mkfifo', [join(root, 'pipe')]);
    assert.is(
      code(() => vfs.open('/h/pipe')),
      'EOPNOTSUPP',
    );
    assert.equal(vfs.listdir('/h').sort(), ['a', 'd', 'pipe']);
    vfs.remove('/h/pipe');
  });

  /** Has the directory `d`, or the file `d/f`, exchanged for a link that leads outside before the `n`th call of the host. */
  function swapped(place: Place, n: number, what: 'd' | 'd/f', run: () => unknown): { calls: number; error: unknown } {
    const target = join(place.root, what);
    const names = [
      'openSync',
      'lstatSync',
      'readlinkSync',
      'realpathSync',
      'mkdirSync',
      'unlinkSync',
      'rmdirSync',
      'renameSync',
      'readdirSync',
      'fstatSync',
      'statfsSync',
    ] as const;
    const own = new Map<string, unknown>(names.map((name) => [name, fs[name]]));
    const mutable = fs as unknown as Record<string, unknown>;
    let calls = 0;
    let error: unknown;
    const swap = (): void => {
      for (const name of names) mutable[name] = own.get(name);
      renameSync(target, join(place.root, 'aside'));
      symlinkSync(what === 'd' ? '../out' : '../../out/secret', target);
      for (const name of names) mutable[name] = hooked(name);
    };
    const hooked = (name: string) =>
      Object.assign((...args: unknown[]) => {
        if (++calls === n) swap();
        return (own.get(name) as (...all: unknown[]) => unknown)(...args);
      }, own.get(name));
    for (const name of names) mutable[name] = hooked(name);
    try {
      run();
    } catch (caught) {
      error = caught;
    } finally {
      for (const name of names) mutable[name] = own.get(name);
    }
    return { calls, error };
  }

  const calls: [string, (read: (text: unknown) => void) => unknown][] = [
    ['reading', (read) => read(vfs.readFile('/h/d/f', 'utf8'))],
    ['writing', () => vfs.open('/h/d/f', 'w').close()],
    ['appending', () => vfs.open('/h/d/f', 'r+').close()],
    ['making', () => vfs.open('/h/d/new', 'x').close()],
    ['a directory', () => vfs.mkdir('/h/d/new')],
    ['removing', () => vfs.remove('/h/d/f')],
    ['removing a directory', () => vfs.rmdir('/h/d/dir')],
    ['renaming', () => vfs.rename('/h/d/f', '/h/d/secret')],
    ['moving there', () => vfs.rename('/h/a', '/h/d/new')],
    ['listing', (read) => read(vfs.listdir('/h/d').join())],
    ['asking', (read) => read(vfs.stat('/h/d/f')[6])],
  ];
  if (steps)
    for (const [name, run] of calls)
      for (const what of ['d', 'd/f'] as const)
        test(`${name}, nothing outside is reached when ${what} is exchanged for a link at any moment`, (place) => {
          for (let n = 1; ; n++) {
            rmSync(place.root, { recursive: true });
            mkdirSync(join(place.root, 'd', 'dir'), { recursive: true });
            writeFileSync(join(place.root, 'a'), '');
            writeFileSync(join(place.root, 'd', 'f'), 'four');
            vfs.umount('/h');
            vfs.mount(new VfsPosix(place.root), '/h');
            let seen: unknown;
            const { calls: made, error } = swapped(place, n, what, () => run((text) => (seen = text)));
            assert.not(String(seen).includes('secret'), `call ${n}: ${seen}`);
            assert.not(seen === 6, `call ${n}: the size of what is outside`);
            assert.is(readFileSync(join(place.folder, 'out', 'secret'), 'utf8'), 'secret', `call ${n}`);
            assert.equal(readdirSync(join(place.folder, 'out')), ['dir', 'secret'], `call ${n}`);
            if (error) assert.ok((error as VfsError).errno, `call ${n}: ${error}`);
            if (made < n) {
              assert.ok(n > 2, 'the calls are seen');
              break;
            }
          }
        });

  test('descriptors are given back', ({ root }) => {
    if (!ways.steps) return;
    const open = () => readdirSync('/proc/self/fd').length;
    symlinkSync('../out', join(root, 'dir'));
    const before = open();
    for (let i = 0; i < 20; i++) {
      vfs.readFile('/h/a');
      vfs.listdir('/h/d');
      code(() => vfs.open('/h/dir/x'));
      code(() => vfs.open('/h/d/none/x'));
      code(() => vfs.open('/h/d', 'w'));
      vfs.rename('/h/a', '/h/d/a');
      vfs.rename('/h/d/a', '/h/a');
    }
    assert.is(open(), before);
  });

  test.run();
}
