import type { FileSystem } from '../../modules/contract/filesystem';
import { type Case, pattern } from './tester';

interface WithAttributes extends FileSystem {
  getattr(path: string, type: number): Uint8Array | undefined;
  setattr(path: string, type: number, value: Uint8Array): void;
  removeattr(path: string, type: number): void;
}

/** What lies on the medium: content after a restart, attributes, times, a full volume. */
export function volumeCases(): Case[] {
  return [
    {
      name: 'content is there after a restart',
      run: function (t) {
        const data = pattern(5000, 4);
        t.vfs.makedirs('/a/b');
        t.put('/a/b/f', data);
        t.put('/small', 's');
        t.put('/empty', '');
        t.vfs.mkdir('/gone');
        t.vfs.rmdir('/gone');
        t.remount();
        t.equal(t.names('/'), ['a', 'empty', 'small']);
        t.bytes(t.vfs.readFile('/a/b/f'), data);
        t.equal(t.get('/small'), 's');
        t.equal(t.vfs.stat('/empty')[6], 0);
        t.put('/a/g', 'after');
        t.remount();
        t.equal(t.names('/a'), ['b', 'g']);
        t.equal(t.get('/a/g'), 'after');
      },
    },
    {
      name: 'renames, appends and truncations are there after a restart',
      run: function (t) {
        t.vfs.mkdir('/d');
        t.put('/f', 'one');
        t.vfs.rename('/f', '/d/g');
        const log = t.vfs.open('/d/g', 'a');
        log.write(' two');
        log.close();
        t.put('/cut', '0123456789');
        const cut = t.vfs.open('/cut', 'r+');
        cut.truncate(4);
        cut.close();
        t.remount();
        t.equal(t.get('/d/g'), 'one two');
        t.equal(t.get('/cut'), '0123');
        t.equal(t.names('/'), ['cut', 'd']);
      },
    },
    {
      name: 'what is flushed or synced is on the medium before close',
      run: function (t) {
        const one = t.vfs.open('/one', 'w');
        one.write('flushed');
        one.flush();
        const two = t.vfs.open('/two', 'w');
        two.write('synced');
        t.vfs.sync();
        // The volume itself may not be mounted twice, but somebody's own file system may look at what lies on its medium.
        const view = t.env.reopen(t.volume) as Required<FileSystem>;
        view.mount(true, false);
        t.vfs.mount({ open: (path: string, mode: string) => view.open(path, mode) }, '/view', { readonly: true });
        t.equal(t.get('/view/one') + t.get('/view/two'), 'flushedsynced');
        t.vfs.umount('/view');
        one.close();
        two.close();
      },
    },
    {
      name: 'many small files are there after a restart, and after most are removed',
      run: function (t) {
        t.vfs.mkdir('/m');
        for (let i = 0; i < 30; i++) t.put('/m/f' + i, 'content ' + i);
        t.remount();
        t.equal(t.vfs.listdir('/m').length, 30);
        t.equal(t.get('/m/f17'), 'content 17');
        for (let i = 0; i < 28; i++) t.vfs.remove('/m/f' + i);
        t.remount();
        t.equal(t.names('/m'), ['f28', 'f29']);
        t.equal(t.get('/m/f29'), 'content 29');
      },
    },
    {
      name: 'one file rewritten many times stays right',
      run: function (t) {
        for (let i = 0; i < 40; i++) t.vfs.writeFile('/cfg', '{"count":' + i + ',"pad":"0123456789012345678901234567890123456789"}');
        t.remount();
        t.equal(t.vfs.readFile('/cfg', 'utf8').substring(0, 12), '{"count":39,');
        t.equal(t.vfs.listdir('/'), ['cfg']);
      },
    },
    {
      name: 'a full volume is ENOSPC, what was there stays, and room comes back',
      run: function (t) {
        t.put('/keep', 'kept');
        const free = t.vfs.statvfs('/');
        const piece = pattern(1024, 6);
        // On an engine that interprets source text filling a large volume takes too long.
        const room = free[3] * free[0];
        if (room > 300000) return;
        let full = false;
        const file = t.vfs.open('/fill', 'wb');
        for (let i = 0; i < room / 1024 + 8 && !full; i++) {
          try {
            file.write(piece);
          } catch (error) {
            full = true;
            t.equal((error as { code: string }).code, 'ENOSPC');
          }
        }
        t.ok(full, 'it got full');
        try {
          file.close();
        } catch (late) {
          t.equal((late as { code: string }).code, 'ENOSPC');
        }
        t.equal(t.get('/keep'), 'kept');
        if (t.vfs.exists('/fill')) t.vfs.remove('/fill');
        t.vfs.writeFile('/after', piece);
        t.remount();
        t.equal(t.get('/keep'), 'kept');
        t.bytes(t.vfs.readFile('/after'), piece);
      },
    },
    {
      name: 'a writeFile that finds no room leaves the old file and nothing else',
      run: function (t) {
        const free = t.vfs.statvfs('/');
        const room = free[3] * free[0];
        // In Espruino a view begins within 64 kB of its array.
        if (room > (t.env.caps.byteStrings ? 60000 : 300000)) return;
        t.vfs.writeFile('/f', 'old');
        const large = new Uint8Array(room + 4096);
        t.throws(
          'ENOSPC',
          function () {
            t.vfs.writeFile('/f', large);
          },
          'writeFile',
          '/f',
        );
        t.equal(t.get('/f'), 'old');
        t.equal(t.vfs.listdir('/'), ['f']);
        t.vfs.writeFile('/f', 'new');
        t.remount();
        t.equal(t.get('/f'), 'new');
      },
    },
    {
      name: 'attributes belong to files and directories',
      run: function (t) {
        if (!t.env.caps.attrs) return;
        const fs = t.volume as WithAttributes;
        t.put('/f', 'x');
        t.vfs.mkdir('/d');
        fs.setattr('/f', 0x41, new Uint8Array([1, 2, 3]));
        fs.setattr('/f', 0x42, new Uint8Array([9]));
        fs.setattr('/d', 0x41, new Uint8Array([7]));
        t.bytes(fs.getattr('/f', 0x41), [1, 2, 3]);
        fs.setattr('/f', 0x41, new Uint8Array([4, 5]));
        t.vfs.rename('/f', '/d/g');
        t.remount();
        const again = t.volume as WithAttributes;
        t.bytes(again.getattr('/d/g', 0x41), [4, 5]);
        t.bytes(again.getattr('/d/g', 0x42), [9]);
        t.bytes(again.getattr('/d', 0x41), [7]);
        again.removeattr('/d/g', 0x42);
        t.equal(again.getattr('/d/g', 0x42), undefined);
        t.throws('ENODATA', function () {
          again.removeattr('/d/g', 0x42);
        });
        t.throws('ENOENT', function () {
          again.getattr('/none', 0x41);
        });
        t.equal(t.get('/d/g'), 'x');
      },
    },
    {
      name: 'writing sets the time, reading does not',
      run: function (t) {
        if (!t.env.caps.mtime || typeof Date === 'undefined' || !Date.now) return;
        const before = Math.floor(Date.now() / 1000);
        t.put('/f', 'x');
        const time = t.vfs.stat('/f')[8];
        t.ok(time >= before - 2 && time <= before + 100, 'time ' + time + ' after ' + before);
        t.equal(t.get('/f'), 'x');
        t.equal(t.vfs.stat('/f')[8], time);
        t.equal(t.vfs.stat('/f')[7], time);
        t.remount();
        t.equal(t.vfs.stat('/f')[8], time);
      },
    },
    {
      name: 'utime sets the time of a file and of a directory, which a copy can keep',
      run: function (t) {
        const set = function (): void {
          t.vfs.utime('/f', [1600000000, 1500000000]);
        };
        t.put('/f', 'x');
        t.vfs.mkdir('/d');
        if (!t.env.caps.mtime) {
          t.throws('EOPNOTSUPP', set, 'utime', '/f');
          t.throws(
            'EOPNOTSUPP',
            function () {
              t.vfs.copy('/f', '/g', { times: true });
            },
            'copy',
            '/g',
          );
          t.equal(t.names('/'), ['d', 'f']);
          return;
        }
        set();
        t.vfs.utime('/d/', [0, 1400000000.25]);
        t.equal(t.vfs.stat('/f')[8], 1500000000);
        t.vfs.copy('/f', '/d/copy', { times: true });
        t.vfs.copy('/f', '/d/fresh');
        t.ok(t.vfs.stat('/d/fresh')[8] !== 1500000000, 'a copy is new');
        t.vfs.utime('/d', [1400000000, 1400000000]);
        t.remount();
        t.equal(t.vfs.stat('/f')[8], 1500000000);
        t.equal(t.vfs.stat('/d')[8], 1400000000);
        t.equal(t.vfs.stat('/d/copy')[8], 1500000000);
        t.equal(t.get('/f') + t.get('/d/copy'), 'xx');
        t.throws(
          'ENOENT',
          function () {
            t.vfs.utime('/none', [1, 1]);
          },
          'utime',
          '/none',
        );
        t.throws('ENOTDIR', function () {
          t.vfs.utime('/f/', [1, 1]);
        });
        t.throws('EBUSY', function () {
          t.vfs.utime('/', [1, 1]);
        });
        const wrong = [-1, NaN, Infinity, 2e10];
        for (let i = 0; i < wrong.length; i++)
          t.throws('EINVAL', function () {
            t.vfs.utime('/f', [1, wrong[i]]);
          });
        const none: unknown[] = [undefined, 5, [1], [1, 2, 3], ['1', 2], [1, undefined]];
        for (let i = 0; i < none.length; i++)
          t.typeError(function () {
            t.vfs.utime('/f', none[i] as number[]);
          });
        t.equal(t.vfs.stat('/f')[8], 1500000000);
        t.vfs.umount('/');
        t.vfs.mount(t.volume, '/', { readonly: true });
        t.throws('EROFS', set, 'utime', '/f');
      },
    },
  ];
}
