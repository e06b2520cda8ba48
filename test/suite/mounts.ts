import type { FileSystem } from '../../modules/contract/filesystem';
import type { Case } from './tester';

/** A user's file system, as MicroPython users write them: it notes its calls and opens one file of its own kind. */
class UserFs {
  calls: string[] = [];
  mount(readonly: boolean, mkfs: boolean): void {
    this.calls.push('mount ' + readonly + ' ' + mkfs);
  }
  umount(): void {
    this.calls.push('umount');
  }
  open(path: string, mode: string): unknown {
    this.calls.push('open ' + path + ' ' + mode);
    const answer = 'content of ' + path;
    let given = false;
    return {
      read: function () {
        const text = given ? '' : answer;
        given = true;
        return text;
      },
      close: function () {},
    };
  }
  stat(path: string): number[] {
    this.calls.push('stat ' + path);
    if (path === '/own') throw new TypeError('my own');
    if (path === '/coded') {
      const error = new Error('the card is out') as Error & { errno: number };
      error.errno = 5;
      throw error;
    }
    if (path !== '/f') throw { errno: 2 };
    return [0x8000, 0, 0, 0, 0, 0, 7, 0, 0, 0];
  }
  ilistdir(path: string): [string, number, number, number][] {
    this.calls.push('ilistdir ' + path);
    return [['f', 0x8000, 0, 7]];
  }
}

/** The mount table: nesting, listing, user-written file systems, read-only mounts, autodetection. */
export function mountCases(): Case[] {
  return [
    {
      name: 'mount() lists what is mounted in order',
      run: function (t) {
        const other = t.env.makeVolume();
        t.vfs.mount(other, '/sd');
        const list = t.vfs.mount();
        t.equal(list.length, 2);
        t.ok(list[0][0] === t.volume && list[1][0] === other, 'objects');
        t.equal([list[0][1], list[1][1]], ['/', '/sd']);
        t.vfs.umount('/sd');
        t.equal(t.vfs.mount().length, 1);
      },
    },
    {
      name: 'a conflict is found before the file system is touched',
      run: function (t) {
        const user = new UserFs();
        t.throws(
          'EPERM',
          function () {
            t.vfs.mount(user as unknown as FileSystem, '/');
          },
          'mount',
          '/',
        );
        t.vfs.mount(t.env.makeVolume(), '/sd');
        t.throws('EPERM', function () {
          t.vfs.mount(user as unknown as FileSystem, '/x/../sd/');
        });
        t.throws('EINVAL', function () {
          t.vfs.mount(user as unknown as FileSystem, '');
        });
        t.throws('EINVAL', function () {
          t.vfs.mount(user as unknown as FileSystem, 'sd2');
        });
        t.typeError(function () {
          t.vfs.mount(user as unknown as FileSystem, 5 as unknown as string);
        });
        t.typeError(function () {
          t.vfs.mount({} as FileSystem, '/y');
        });
        t.typeError(function () {
          t.vfs.mount(null as unknown as FileSystem, '/y');
        });
        t.equal(user.calls, []);
        t.equal(t.vfs.mount().length, 2);
      },
    },
    {
      name: 'mounts nest to any depth, the longest point wins',
      run: function (t) {
        const deep = t.env.makeVolume();
        const middle = t.env.makeVolume();
        t.vfs.mount(deep, '/a/b/c');
        t.vfs.mount(middle, '/a');
        t.put('/f', 'root');
        t.put('/a/f', 'middle');
        t.put('/a/b/c/f', 'deep');
        t.equal(t.get('/f') + t.get('/a/f') + t.get('/a/b/c/f'), 'rootmiddledeep');
        t.equal(t.get('/a/b/c/../../../f'), 'root');
        t.equal(t.vfs.exists('/ab'), false, 'a name that only begins alike');
        t.vfs.umount('/a');
        t.equal(t.get('/a/b/c/f'), 'deep', 'the nested one stays');
        t.throws('ENOENT', function () {
          t.vfs.open('/a/f');
        });
      },
    },
    {
      name: 'mount points are listed once and hide what is below',
      run: function (t) {
        t.vfs.mkdir('/sd');
        t.put('/sd/hidden', '');
        t.put('/f', '');
        t.vfs.mount(t.env.makeVolume(), '/sd');
        t.equal(t.names('/'), ['f', 'sd']);
        t.equal(t.vfs.listdir('/sd'), []);
        t.equal(t.vfs.listdir('.').sort(), ['f', 'sd']);
        t.vfs.umount('/sd');
        t.equal(t.vfs.listdir('/sd'), ['hidden']);
      },
    },
    {
      name: 'parents of a mount point are directories, though they exist nowhere',
      run: function (t) {
        t.vfs.mount(t.env.makeVolume(), '/media/cards/one');
        t.vfs.mount(t.env.makeVolume(), '/media/cards/two');
        t.equal(t.vfs.listdir('/'), ['media']);
        t.equal(t.vfs.listdir('/media'), ['cards']);
        t.equal(t.names('/media/cards'), ['one', 'two']);
        t.equal(t.vfs.stat('/media/cards')[0], 0x4000);
        t.equal(t.vfs.exists('/media'), true);
        t.vfs.chdir('/media/cards');
        t.equal(t.vfs.getcwd(), '/media/cards');
        t.put('one/f', 'x');
        t.equal(t.get('/media/cards/one/f'), 'x');
        t.throws('EBUSY', function () {
          t.vfs.rmdir('/media');
        });
        t.throws('EBUSY', function () {
          t.vfs.rename('/media', '/m');
        });
        t.throws('EISDIR', function () {
          t.vfs.open('/media');
        });
        t.vfs.makedirs('/media/cards/three');
        t.equal(t.names(), ['one', 'three', 'two']);
      },
    },
    {
      name: 'without a root mount only the mount points are there',
      run: function (t) {
        t.vfs.umount('/');
        t.equal(t.vfs.listdir('/'), []);
        t.equal(t.vfs.stat('/')[0], 0x4000);
        t.equal(t.vfs.statvfs('/').length, 10);
        t.throws(
          'ENODEV',
          function () {
            t.vfs.open('/f', 'w');
          },
          'open',
          '/f',
        );
        t.throws('ENODEV', function () {
          t.vfs.listdir('/x');
        });
        t.throws('ENODEV', function () {
          t.vfs.mkdir('/x');
        });
        t.throws('EEXIST', function () {
          t.vfs.mkdir('/');
        });
        t.equal(t.vfs.exists('/x'), false);
        t.vfs.mount(t.volume, '/v');
        t.equal(t.vfs.listdir('/'), ['v']);
        t.vfs.makedirs('/v/a/b');
        t.equal(t.vfs.listdir('/v/a'), ['b']);
        t.vfs.umount('/v');
      },
    },
    {
      name: 'a mount point cannot be made, removed or renamed',
      run: function (t) {
        t.vfs.mount(t.env.makeVolume(), '/sd');
        t.throws('EEXIST', function () {
          t.vfs.mkdir('/sd');
        });
        t.throws('EBUSY', function () {
          t.vfs.rmdir('/sd');
        });
        t.throws('EBUSY', function () {
          t.vfs.remove('/sd/');
        });
        t.throws('EBUSY', function () {
          t.vfs.rename('/sd', '/x');
        });
        t.put('/f', '');
        t.throws('EBUSY', function () {
          t.vfs.rename('/f', '/sd');
        });
        t.throws('EBUSY', function () {
          t.vfs.rmtree('/sd');
        });
      },
    },
    {
      name: 'rename across mounts is EXDEV, copy does it',
      run: function (t) {
        t.vfs.mount(t.env.makeVolume(), '/sd');
        t.put('/f', 'content');
        t.throws(
          'EXDEV',
          function () {
            t.vfs.rename('/f', '/sd/f');
          },
          'rename',
          '/f',
        );
        t.vfs.copy('/f', '/sd/g');
        t.equal(t.get('/sd/g'), 'content');
        t.equal(t.get('/f'), 'content');
      },
    },
    {
      name: 'umount takes a point or an object, and knows what is not mounted',
      run: function (t) {
        const other = t.env.makeVolume();
        t.vfs.mount(other, '/sd');
        t.vfs.umount(other);
        t.vfs.mount(other, '/sd');
        t.vfs.chdir('/sd');
        t.vfs.umount('../sd/');
        t.equal(t.vfs.getcwd(), '/');
        t.throws('EINVAL', function () {
          t.vfs.umount('/sd');
        });
        t.throws('EINVAL', function () {
          t.vfs.umount(other);
        });
        t.throws('EINVAL', function () {
          t.vfs.umount('');
        });
        t.throws('EINVAL', function () {
          t.vfs.umount(3 as unknown as string);
        });
      },
    },
    {
      name: 'umount with open files is EBUSY, by force they are closed',
      run: function (t) {
        const file = t.vfs.open('/f', 'w');
        file.write('kept');
        t.throws(
          'EBUSY',
          function () {
            t.vfs.umount('/');
          },
          'umount',
          '/',
        );
        file.write('!');
        t.vfs.umount('/', { force: true });
        t.throws('EBADF', function () {
          file.write('x');
        });
        file.close();
        t.volume = t.env.reopen(t.volume);
        t.vfs.mount(t.volume, '/');
        t.equal(t.get('/f'), 'kept!');
      },
    },
    {
      name: 'the working directory survives the umount of another mount',
      run: function (t) {
        t.vfs.mount(t.env.makeVolume(), '/a');
        t.vfs.mount(t.env.makeVolume(), '/a/b');
        t.vfs.chdir('/a/b');
        t.vfs.umount('/a');
        t.equal(t.vfs.getcwd(), '/a/b');
        t.vfs.umount('/a/b');
        t.equal(t.vfs.getcwd(), '/');
      },
    },
    {
      name: 'on a read-only mount every mutator is EROFS and reading works',
      run: function (t) {
        t.put('/f', 'abc');
        t.vfs.mkdir('/d');
        t.vfs.umount('/');
        t.volume = t.env.reopen(t.volume);
        t.vfs.mount(t.volume, '/', { readonly: true });
        const mutators = [
          function () {
            t.vfs.mkdir('/e');
          },
          function () {
            t.vfs.rmdir('/d');
          },
          function () {
            t.vfs.remove('/f');
          },
          function () {
            t.vfs.rename('/f', '/g');
          },
          function () {
            t.vfs.writeFile('/f', 'x');
          },
          function () {
            t.vfs.copy('/f', '/g');
          },
          function () {
            t.vfs.rmtree('/d');
          },
          function () {
            t.vfs.makedirs('/x/y');
          },
        ];
        for (let i = 0; i < mutators.length; i++) t.throws('EROFS', mutators[i]);
        const modes = ['w', 'a', 'x', 'r+', 'w+b'];
        for (let i = 0; i < modes.length; i++) {
          t.throws(
            'EROFS',
            function () {
              t.vfs.open('/f', modes[i]);
            },
            'open',
            '/f',
          );
        }
        t.vfs.makedirs('/d');
        t.equal(t.get('/f'), 'abc');
        t.equal(t.names('/'), ['d', 'f']);
        t.vfs.sync();
        t.vfs.umount('/');
        t.volume = t.env.reopen(t.volume);
        t.vfs.mount(t.volume, '/');
        t.put('/f', 'now');
        t.equal(t.get('/f'), 'now');
      },
    },
    {
      name: 'a file system object can be mounted again after umount, and read-only is not kept',
      run: function (t) {
        t.put('/f', '1');
        t.vfs.umount('/');
        t.vfs.mount(t.volume, '/', { readonly: true });
        t.equal(t.get('/f'), '1');
        t.vfs.umount('/');
        t.vfs.mount(t.volume, '/');
        t.put('/f', '2');
        t.equal(t.get('/f'), '2');
      },
    },
    {
      name: 'a user-written file system gets normalised paths and its files go through',
      run: function (t) {
        const user = new UserFs();
        t.vfs.mount(user as unknown as FileSystem, '/u', { mkfs: true });
        const file = t.vfs.open('/u//x/../f');
        t.equal(file.read(), 'content of /f');
        file.close();
        t.vfs.chdir('/u');
        t.equal(t.vfs.stat('f')[6], 7);
        t.equal(t.vfs.listdir(), ['f']);
        t.vfs.umount('/u');
        t.equal(user.calls, ['mount false true', 'open /f r', 'stat /f', 'ilistdir /', 'umount']);
      },
    },
    {
      name: 'errors of a user-written file system are completed or passed on',
      run: function (t) {
        t.vfs.mount(new UserFs() as unknown as FileSystem, '/u');
        t.throws(
          'ENOENT',
          function () {
            t.vfs.stat('/u/none');
          },
          'stat',
          '/u/none',
        );
        t.equal(t.vfs.exists('/u/none'), false);
        let text = '';
        t.throws(
          'EIO',
          function () {
            try {
              t.vfs.stat('/u/coded');
            } catch (caught) {
              text = (caught as Error).message;
              throw caught;
            }
          },
          'stat',
          '/u/coded',
        );
        t.ok(text.indexOf('the card is out') > 0, 'its own words stay: ' + text);
        let own: unknown;
        try {
          t.vfs.stat('/u/own');
        } catch (other) {
          own = other;
        }
        t.ok(own instanceof TypeError, 'passed on');
      },
    },
    {
      name: 'a method that is missing is EOPNOTSUPP naming the operation',
      run: function (t) {
        t.vfs.mount(new UserFs() as unknown as FileSystem, '/u');
        t.throws(
          'EOPNOTSUPP',
          function () {
            t.vfs.mkdir('/u/x');
          },
          'mkdir',
          '/u/x',
        );
        t.throws(
          'EOPNOTSUPP',
          function () {
            t.vfs.rename('/u/x', '/u/y');
          },
          'rename',
        );
        t.throws(
          'EOPNOTSUPP',
          function () {
            t.vfs.statvfs('/u');
          },
          'statvfs',
        );
        t.vfs.sync();
      },
    },
    {
      name: 'one file system has one mount point at a time',
      run: function (t) {
        const user = new UserFs();
        t.vfs.mount(user as unknown as FileSystem, '/u');
        t.throws('EPERM', function () {
          t.vfs.mount(user as unknown as FileSystem, '/v');
        });
        t.vfs.umount('/u');
        t.vfs.mount(user as unknown as FileSystem, '/v');
        t.equal(t.vfs.stat('/v/f')[6], 7);
        t.vfs.umount('/v');
        t.equal(user.calls, ['mount false false', 'umount', 'mount false false', 'stat /f', 'umount']);
      },
    },
    {
      name: 'a mount that fails is not in the table',
      run: function (t) {
        const broken = {
          mount: function () {
            throw { errno: 84 };
          },
        };
        t.throws(
          'ECORRUPT',
          function () {
            t.vfs.mount(broken as FileSystem, '/b');
          },
          'mount',
          '/b',
        );
        t.equal(t.vfs.mount().length, 1);
        t.equal(t.vfs.exists('/b'), false);
      },
    },
    {
      name: 'for-of works over listings where the engine has it',
      run: function (t) {
        if (typeof Symbol !== 'function' || !Symbol.iterator) return;
        t.put('/f', '');
        const listing = t.vfs.ilistdir('/') as unknown as { [key: symbol]: () => unknown };
        t.ok(listing[Symbol.iterator]() === listing, 'its own iterator');
        const walk = t.vfs.walk('/') as unknown as { [key: symbol]: () => unknown };
        t.ok(walk[Symbol.iterator]() === walk, 'its own iterator');
      },
    },
    {
      name: 'a blank device is ENODEV, mkfs formats it, and it is found afterwards',
      run: function (t) {
        if (!t.env.makeDevice) return;
        const device = t.env.makeDevice();
        t.throws(
          'ENODEV',
          function () {
            t.vfs.mount(device, '/dev');
          },
          'mount',
          '/dev',
        );
        t.vfs.mount(device, '/dev', { mkfs: true });
        t.put('/dev/f', 'kept');
        t.vfs.umount('/dev');
        t.vfs.mount(device, '/dev');
        t.equal(t.get('/dev/f'), 'kept');
        t.vfs.umount('/dev');
        t.vfs.mount(device, '/dev', { mkfs: true });
        t.equal(t.get('/dev/f'), 'kept', 'mkfs leaves a recognised volume alone');
        t.vfs.umount('/dev');
      },
    },
    {
      name: 'a device that cannot be read is not formatted',
      run: function (t) {
        if (!t.env.makeDevice) return;
        let writes = 0;
        const device = {
          readblocks: function (_block: number, _buf: Uint8Array, _offset?: number) {
            return -5;
          },
          writeblocks: function (_block: number, _buf: Uint8Array, _offset?: number) {
            writes++;
          },
          ioctl: function (op: number) {
            if (op === 6) writes++;
            return op === 4 ? 64 : op === 5 ? 512 : 0;
          },
        };
        t.throws('EIO', function () {
          t.vfs.mount(device, '/dev', { mkfs: true });
        });
        t.equal(writes, 0);
      },
    },
  ];
}
