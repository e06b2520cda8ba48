import type { Case } from './tester';

/** Paths, the working directory, `stat`. */
export function pathCases(): Case[] {
  return [
    {
      name: 'dots and doubled slashes are resolved textually',
      run: function (t) {
        t.vfs.mkdir('/a');
        t.put('/a/f', '1');
        t.equal(t.vfs.stat('/a/./f')[6], 1);
        t.equal(t.vfs.stat('//a///f')[6], 1);
        t.equal(t.vfs.stat('/a/../a/f')[6], 1);
        t.equal(t.vfs.stat('/missing/../a/f')[6], 1, 'a missing component before ..');
        t.equal(t.vfs.stat('/../../a/f')[6], 1, '.. at the root stays');
      },
    },
    {
      name: 'names that begin with dots are names',
      run: function (t) {
        const dots = t.env.caps.fatNames ? '..3' : '...';
        t.put('/.hidden', '1');
        t.put('/..two', '2');
        t.put('/' + dots, '3');
        t.equal(t.names('/'), [dots, '..two', '.hidden']);
        t.equal(t.get('/' + dots), '3');
      },
    },
    {
      name: 'a path that is no string is a TypeError',
      run: function (t) {
        t.typeError(function () {
          t.vfs.open(5 as unknown as string);
        });
        t.typeError(function () {
          t.vfs.stat(undefined as unknown as string);
        });
        t.typeError(function () {
          t.vfs.listdir(null as unknown as string);
        });
        t.typeError(function () {
          t.vfs.rename('/a', {} as unknown as string);
        });
      },
    },
    {
      name: 'an empty path is ENOENT, but lists the working directory',
      run: function (t) {
        t.put('/f', '');
        t.throws('ENOENT', function () {
          t.vfs.stat('');
        });
        t.throws('ENOENT', function () {
          t.vfs.open('');
        });
        t.throws('ENOENT', function () {
          t.vfs.mkdir('');
        });
        t.equal(t.vfs.listdir(''), ['f']);
      },
    },
    {
      name: 'NUL in a path is EINVAL',
      run: function (t) {
        t.put('/a', '1');
        t.throws('EINVAL', function () {
          t.vfs.stat('/a\0b');
        });
        t.throws('EINVAL', function () {
          t.vfs.open('/a\0', 'w');
        });
      },
    },
    {
      name: 'relative paths start at the working directory',
      run: function (t) {
        t.equal(t.vfs.getcwd(), '/');
        t.vfs.makedirs('/a/b');
        t.vfs.chdir('a');
        t.equal(t.vfs.getcwd(), '/a');
        t.put('b/f', 'x');
        t.equal(t.get('/a/b/f'), 'x');
        t.vfs.chdir('b/');
        t.equal(t.vfs.getcwd(), '/a/b');
        t.equal(t.vfs.listdir(), ['f']);
        t.equal(t.get('../b/./f'), 'x');
        t.vfs.chdir('..');
        t.equal(t.vfs.getcwd(), '/a');
        t.vfs.chdir('../../..');
        t.equal(t.vfs.getcwd(), '/');
      },
    },
    {
      name: 'a chdir that fails changes nothing',
      run: function (t) {
        t.vfs.mkdir('/d');
        t.put('/f', '');
        t.vfs.chdir('/d');
        t.throws(
          'ENOENT',
          function () {
            t.vfs.chdir('missing');
          },
          'chdir',
          '/d/missing',
        );
        t.throws('ENOTDIR', function () {
          t.vfs.chdir('/f');
        });
        t.equal(t.vfs.getcwd(), '/d');
      },
    },
    {
      name: 'a slash at the end means a directory',
      run: function (t) {
        t.put('/f', 'x');
        t.vfs.mkdir('/d/');
        t.equal(t.vfs.stat('/d/')[0], 0x4000);
        t.equal(t.vfs.listdir('/d/'), []);
        t.throws('ENOTDIR', function () {
          t.vfs.stat('/f/');
        });
        t.throws('ENOTDIR', function () {
          t.vfs.open('/f/');
        });
        t.throws('ENOTDIR', function () {
          t.vfs.open('/f/.');
        });
        t.throws('ENOTDIR', function () {
          t.vfs.remove('/f/');
        });
        t.throws('ENOTDIR', function () {
          t.vfs.rename('/f', '/g/');
        });
        t.throws('ENOTDIR', function () {
          t.vfs.rename('/f/', '/g');
        });
        t.throws('ENOENT', function () {
          t.vfs.open('/new/', 'w');
        });
        t.vfs.rename('/d/', '/e/');
        t.vfs.rmdir('/e/');
        t.equal(t.names('/'), ['f']);
      },
    },
    {
      name: 'a component that is a file is ENOTDIR',
      run: function (t) {
        t.put('/f', 'x');
        t.throws('ENOTDIR', function () {
          t.vfs.stat('/f/x');
        });
        t.throws('ENOTDIR', function () {
          t.vfs.open('/f/x', 'w');
        });
        t.throws('ENOTDIR', function () {
          t.vfs.mkdir('/f/x');
        });
        t.throws('ENOTDIR', function () {
          t.vfs.listdir('/f');
        });
        t.throws('ENOTDIR', function () {
          t.vfs.listdir('/f/x');
        });
        t.equal(t.vfs.exists('/f/x'), false);
      },
    },
    {
      name: 'a missing component is ENOENT',
      run: function (t) {
        t.throws(
          'ENOENT',
          function () {
            t.vfs.open('/no/such');
          },
          'open',
          '/no/such',
        );
        t.throws('ENOENT', function () {
          t.vfs.open('/no/such', 'w');
        });
        t.throws('ENOENT', function () {
          t.vfs.mkdir('/no/such');
        });
        t.throws('ENOENT', function () {
          t.vfs.listdir('/no');
        });
        t.throws('ENOENT', function () {
          t.vfs.remove('/no');
        });
        t.throws('ENOENT', function () {
          t.vfs.rmdir('/no');
        });
      },
    },
    {
      name: 'stat tells files from directories and gives sizes',
      run: function (t) {
        t.put('/f', '12345');
        t.vfs.mkdir('/d');
        const file = t.vfs.stat('/f');
        t.equal(file.length, 10);
        t.equal(file[0], 0x8000);
        t.equal(file[6], 5);
        const directory = t.vfs.stat('/d');
        t.equal(directory[0], 0x4000);
        t.equal(directory[6], 0);
        t.equal(t.vfs.stat('/')[0], 0x4000);
      },
    },
    {
      name: 'statvfs gives ten numbers, and the free blocks shrink and come back',
      run: function (t) {
        const before = t.vfs.statvfs('/');
        t.equal(before.length, 10);
        t.ok(before[0] > 0 && before[2] > 0 && before[9] >= 32, 'geometry');
        if (t.env.caps.sharedRoom) return;
        const file = t.vfs.open('/f', 'wb');
        for (let i = 0; i < 16; i++) file.write(new Uint8Array(1024));
        file.close();
        const full = t.vfs.statvfs('/f');
        t.ok(full[3] * full[0] <= before[3] * before[0] - 16384, 'free after writing');
        t.equal(full[2], before[2]);
        t.vfs.remove('/f');
        t.equal(t.vfs.statvfs('/')[3], before[3]);
      },
    },
    {
      name: 'errors name operation and full path',
      run: function (t) {
        t.vfs.mkdir('/d');
        t.vfs.chdir('/d');
        t.throws(
          'ENOENT',
          function () {
            t.vfs.stat('../d/x');
          },
          'stat',
          '/d/x',
        );
        t.throws(
          'EEXIST',
          function () {
            t.vfs.mkdir('.');
          },
          'mkdir',
          '/d',
        );
        t.throws(
          'ENOENT',
          function () {
            t.vfs.rename('p', 'q');
          },
          'rename',
          '/d/p',
        );
      },
    },
    {
      name: 'exists is true for files and directories only',
      run: function (t) {
        t.put('/f', '');
        t.vfs.mkdir('/d');
        t.equal(t.vfs.exists('/f'), true);
        t.equal(t.vfs.exists('/d'), true);
        t.equal(t.vfs.exists('/'), true);
        t.equal(t.vfs.exists('/x'), false);
        t.equal(t.vfs.exists('/x/y'), false);
        t.typeError(function () {
          t.vfs.exists(1 as unknown as string);
        });
      },
    },
  ];
}
