import type { Case, Tester } from './tester';

/** Every file and directory from `top` on, as `path` or `path/`. */
function tree(t: Tester, top: string): string[] {
  const found: string[] = [];
  const steps = t.vfs.walk(top);
  for (let step = steps.next(); !step.done; step = steps.next()) {
    const value = step.value as [string, string[], string[]];
    const base = value[0] === '/' ? '/' : value[0] + '/';
    for (let i = 0; i < value[1].length; i++) found.push(base + value[1][i] + '/');
    for (let k = 0; k < value[2].length; k++) found.push(base + value[2][k]);
  }
  return found.sort();
}

/** Directories: listing, making, removing, renaming, and what works on whole trees. */
export function treeCases(): Case[] {
  return [
    {
      name: 'an empty volume lists nothing',
      run: function (t) {
        t.equal(t.vfs.listdir('/'), []);
        t.equal(t.vfs.listdir(), []);
        t.equal(t.vfs.ilistdir('/').next().done, true);
      },
    },
    {
      name: 'ilistdir gives name, type, inode and size, then is done for good',
      run: function (t) {
        t.put('/f', '123');
        t.vfs.mkdir('/d');
        t.put('/d/inner', '');
        const listing = t.vfs.ilistdir('/');
        const seen: unknown[] = [];
        for (let step = listing.next(); !step.done; step = listing.next()) seen.push(step.value);
        seen.sort(function (a, b) {
          return (a as string[])[0] < (b as string[])[0] ? -1 : 1;
        });
        t.equal(seen, [
          ['d', 0x4000, 0, 0],
          ['f', 0x8000, 0, 3],
        ]);
        t.equal(listing.next().done, true);
        t.equal(listing.next().done, true);
      },
    },
    {
      name: 'a listing holds every one of many names once',
      run: function (t) {
        const expected: string[] = [];
        t.vfs.mkdir('/m');
        for (let i = 0; i < 40; i++) {
          const name = 'file' + (100 + ((i * 7) % 40));
          t.put('/m/' + name, '' + i);
          expected.push(name);
        }
        t.equal(t.names('/m'), expected.sort());
      },
    },
    {
      name: 'what is removed while a listing runs does no harm',
      run: function (t) {
        for (let i = 0; i < 8; i++) t.put('/f' + i, '');
        const listing = t.vfs.ilistdir('/');
        let count = 0;
        for (let step = listing.next(); !step.done; step = listing.next()) {
          t.vfs.remove('/' + (step.value as unknown[])[0]);
          if (++count > 20) break;
        }
        t.ok(count >= 1 && count <= 8, 'entries seen: ' + count);
      },
    },
    {
      name: 'mkdir over anything is EEXIST',
      run: function (t) {
        t.put('/f', '');
        t.vfs.mkdir('/d');
        t.throws(
          'EEXIST',
          function () {
            t.vfs.mkdir('/d');
          },
          'mkdir',
          '/d',
        );
        t.throws('EEXIST', function () {
          t.vfs.mkdir('/f');
        });
        t.throws('EEXIST', function () {
          t.vfs.mkdir('/');
        });
      },
    },
    {
      name: 'remove takes files, rmdir empty directories',
      run: function (t) {
        t.put('/f', 'x');
        t.vfs.mkdir('/d');
        t.put('/d/g', '');
        t.throws(
          'EISDIR',
          function () {
            t.vfs.remove('/d');
          },
          'remove',
          '/d',
        );
        t.throws(
          'ENOTDIR',
          function () {
            t.vfs.rmdir('/f');
          },
          'rmdir',
          '/f',
        );
        t.throws('ENOTEMPTY', function () {
          t.vfs.rmdir('/d');
        });
        t.vfs.unlink('/d/g');
        t.vfs.rmdir('/d');
        t.vfs.remove('/f');
        t.equal(t.vfs.listdir('/'), []);
      },
    },
    {
      name: 'the root cannot be removed or renamed',
      run: function (t) {
        t.throws('EBUSY', function () {
          t.vfs.rmdir('/');
        });
        t.throws('EBUSY', function () {
          t.vfs.remove('/');
        });
        t.throws('EBUSY', function () {
          t.vfs.rename('/', '/x');
        });
        t.throws('EISDIR', function () {
          t.vfs.open('/', 'w');
        });
      },
    },
    {
      name: 'rename moves files, also between directories',
      run: function (t) {
        t.vfs.mkdir('/a');
        t.vfs.mkdir('/b');
        t.put('/a/f', 'content');
        t.vfs.rename('/a/f', '/a/g');
        t.equal(t.vfs.listdir('/a'), ['g']);
        t.vfs.rename('/a/g', '/b/h');
        t.equal(t.vfs.listdir('/a'), []);
        t.equal(t.get('/b/h'), 'content');
        t.vfs.rename('/b/h', '/h');
        t.equal(t.names('/'), ['a', 'b', 'h']);
      },
    },
    {
      name: 'rename moves directories with what is in them',
      run: function (t) {
        t.vfs.makedirs('/a/b/c');
        t.put('/a/b/c/f', 'deep');
        t.vfs.mkdir('/x');
        t.vfs.rename('/a/b', '/x/y');
        t.equal(t.get('/x/y/c/f'), 'deep');
        t.equal(t.vfs.exists('/a/b'), false);
        t.put('/x/y/c/g', 'more');
        t.equal(t.names('/x/y/c'), ['f', 'g']);
      },
    },
    {
      name: 'rename replaces a file, and an empty directory by a directory',
      run: function (t) {
        t.put('/f', 'new');
        t.put('/g', 'old content');
        t.vfs.rename('/f', '/g');
        t.equal(t.get('/g'), 'new');
        t.vfs.mkdir('/d');
        t.put('/d/in', '1');
        t.vfs.mkdir('/e');
        t.vfs.rename('/d', '/e');
        t.equal(t.get('/e/in'), '1');
        t.equal(t.names('/'), ['e', 'g']);
      },
    },
    {
      name: 'rename refuses to mix files and directories',
      run: function (t) {
        t.put('/f', 'file');
        t.vfs.mkdir('/d');
        t.vfs.mkdir('/e');
        t.put('/e/in', '1');
        t.throws(
          'ENOTDIR',
          function () {
            t.vfs.rename('/d', '/f');
          },
          'rename',
          '/d',
        );
        t.throws('EISDIR', function () {
          t.vfs.rename('/f', '/d');
        });
        t.throws('EISDIR', function () {
          t.vfs.rename('/f', '/e');
        });
        t.throws('ENOTEMPTY', function () {
          t.vfs.rename('/d', '/e');
        });
        t.equal(tree(t, '/'), ['/d/', '/e/', '/e/in', '/f']);
        t.equal(t.get('/f'), 'file');
      },
    },
    {
      name: 'rename of a directory into itself is EINVAL and changes nothing',
      run: function (t) {
        t.vfs.makedirs('/d/e');
        t.put('/d/e/f', 'x');
        t.throws('EINVAL', function () {
          t.vfs.rename('/d', '/d/e/g');
        });
        t.throws('EINVAL', function () {
          t.vfs.rename('/d', '/d/x');
        });
        t.equal(tree(t, '/'), ['/d/', '/d/e/', '/d/e/f']);
        t.vfs.rename('/d', '/dd');
        t.equal(t.get('/dd/e/f'), 'x', 'a name that only begins alike');
      },
    },
    {
      name: 'rename to itself changes nothing',
      run: function (t) {
        t.put('/f', 'x');
        t.vfs.mkdir('/d');
        t.put('/d/g', 'y');
        t.vfs.rename('/f', '/f');
        t.vfs.rename('/d', '/./d');
        t.equal(t.get('/f') + t.get('/d/g'), 'xy');
        t.throws('ENOENT', function () {
          t.vfs.rename('/no', '/no');
        });
      },
    },
    {
      name: 'rename into a missing directory or below a file fails',
      run: function (t) {
        t.put('/f', 'x');
        t.put('/g', 'y');
        t.throws('ENOENT', function () {
          t.vfs.rename('/f', '/no/f');
        });
        t.throws('ENOTDIR', function () {
          t.vfs.rename('/f', '/g/f');
        });
        t.throws('ENOENT', function () {
          t.vfs.rename('/no', '/f');
        });
        t.equal(t.get('/f') + t.get('/g'), 'xy');
      },
    },
    {
      name: 'an open file cannot be removed, renamed or replaced',
      run: function (t) {
        t.put('/f', 'x');
        t.put('/g', 'y');
        const file = t.vfs.open('/f');
        t.throws(
          'EBUSY',
          function () {
            t.vfs.remove('/f');
          },
          'remove',
          '/f',
        );
        t.throws('EBUSY', function () {
          t.vfs.rename('/f', '/h');
        });
        t.throws('EBUSY', function () {
          t.vfs.rename('/g', '/f');
        });
        t.equal(file.read(), 'x');
        file.close();
        t.vfs.remove('/f');
        t.equal(t.vfs.listdir('/'), ['g']);
      },
    },
    {
      name: 'makedirs makes what is missing and accepts what is there',
      run: function (t) {
        t.vfs.makedirs('/a/b/c');
        t.vfs.makedirs('/a/b/c');
        t.vfs.makedirs('/a/b/d/e/');
        t.vfs.chdir('/a');
        t.vfs.makedirs('b/f');
        t.vfs.makedirs('/');
        t.equal(tree(t, '/'), ['/a/', '/a/b/', '/a/b/c/', '/a/b/d/', '/a/b/d/e/', '/a/b/f/']);
        t.put('/file', '');
        t.throws('EEXIST', function () {
          t.vfs.makedirs('/file');
        });
        t.throws('ENOTDIR', function () {
          t.vfs.makedirs('/file/x/y');
        });
      },
    },
    {
      name: 'walk goes top down and skips what is taken out',
      run: function (t) {
        t.vfs.makedirs('/a/b');
        t.vfs.mkdir('/a/c');
        t.put('/a/f', '');
        t.put('/a/b/g', '');
        t.put('/a/c/h', '');
        t.equal(tree(t, '/a'), ['/a/b/', '/a/b/g', '/a/c/', '/a/c/h', '/a/f']);
        t.vfs.chdir('/a');
        const steps = t.vfs.walk('.');
        const seen: string[] = [];
        for (let step = steps.next(); !step.done; step = steps.next()) {
          const value = step.value as [string, string[], string[]];
          seen.push(value[0]);
          const at = value[1].indexOf('b');
          if (at >= 0) value[1].splice(at, 1);
        }
        t.equal(seen, ['/a', '/a/c']);
        t.throws('ENOENT', function () {
          t.vfs.walk('/missing').next();
        });
      },
    },
    {
      name: 'rmtree removes a directory with everything in it',
      run: function (t) {
        t.vfs.makedirs('/a/b/c');
        t.vfs.makedirs('/a/d');
        t.put('/a/f', '1');
        t.put('/a/b/g', '2');
        t.put('/a/b/c/h', '3');
        t.put('/keep', '4');
        t.vfs.rmtree('/a');
        t.equal(t.vfs.listdir('/'), ['keep']);
        t.throws('ENOENT', function () {
          t.vfs.rmtree('/a');
        });
        t.throws('ENOTDIR', function () {
          t.vfs.rmtree('/keep');
        });
        t.throws('EBUSY', function () {
          t.vfs.rmtree('/');
        });
        t.equal(t.get('/keep'), '4');
      },
    },
    {
      name: 'deep trees work to ten levels',
      run: function (t) {
        let path = '';
        for (let i = 0; i < 10; i++) path += '/level' + i;
        t.vfs.makedirs(path);
        t.put(path + '/f', 'deep');
        t.equal(t.get(path + '/f'), 'deep');
        t.vfs.rmtree('/level0');
        t.equal(t.vfs.listdir('/'), []);
      },
    },
  ];
}
