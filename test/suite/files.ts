import { type Case, pattern } from './tester';

/** Modes, positions, bytes. */
export function fileCases(): Case[] {
  return [
    {
      name: 'w makes and empties, r reads, the default is r',
      run: function (t) {
        const file = t.vfs.open('/f', 'w');
        t.equal(file.write('hello'), 5);
        file.close();
        t.equal(t.get('/f'), 'hello');
        t.vfs.open('/f', 'w').close();
        t.equal(t.get('/f'), '');
        t.throws(
          'ENOENT',
          function () {
            t.vfs.open('/g');
          },
          'open',
          '/g',
        );
      },
    },
    {
      name: 'x makes a file that was not there',
      run: function (t) {
        const file = t.vfs.open('/f', 'x');
        file.write('1');
        file.close();
        t.throws(
          'EEXIST',
          function () {
            t.vfs.open('/f', 'x');
          },
          'open',
          '/f',
        );
        t.equal(t.get('/f'), '1');
      },
    },
    {
      name: 'a appends always, and tell says so',
      run: function (t) {
        t.put('/f', 'abc');
        const file = t.vfs.open('/f', 'a');
        t.equal(file.tell(), 3);
        file.write('d');
        file.seek(0);
        file.write('e');
        t.equal(file.tell(), 5);
        file.close();
        t.equal(t.get('/f'), 'abcde');
        const fresh = t.vfs.open('/new', 'a');
        t.equal(fresh.tell(), 0);
        fresh.write('n');
        fresh.close();
        t.equal(t.get('/new'), 'n');
      },
    },
    {
      name: 'a+ reads anywhere and writes at the end',
      run: function (t) {
        t.put('/f', 'abc');
        const file = t.vfs.open('/f', 'a+');
        t.equal(file.read(), '');
        file.seek(0);
        t.equal(file.read(2), 'ab');
        file.write('Z');
        t.equal(file.read(), '');
        file.seek(0);
        t.equal(file.read(), 'abcZ');
        file.close();
      },
    },
    {
      name: 'r+ reads and writes in place',
      run: function (t) {
        t.put('/f', 'abcdef');
        const file = t.vfs.open('/f', 'r+');
        t.equal(file.read(2), 'ab');
        file.write('XY');
        t.equal(file.tell(), 4);
        t.equal(file.read(), 'ef');
        file.seek(0);
        t.equal(file.read(), 'abXYef');
        file.close();
        t.equal(t.get('/f'), 'abXYef');
        t.throws('ENOENT', function () {
          t.vfs.open('/g', 'r+');
        });
      },
    },
    {
      name: 'w+ and x+ read back what they write',
      run: function (t) {
        t.put('/f', 'old content');
        const file = t.vfs.open('/f', 'w+');
        t.equal(file.read(), '');
        file.write('new');
        file.seek(1);
        t.equal(file.read(), 'ew');
        file.close();
        const other = t.vfs.open('/g', 'bx+');
        other.write('q');
        other.seek(0);
        t.bytes(other.read(), [113]);
        other.close();
      },
    },
    {
      name: 'mode letters come in any order',
      run: function (t) {
        t.put('/f', 'abc');
        const modes = ['rb', 'br', 'r+b', 'rb+', 'b+r', '+rb', 'rt', 'tr', '+r', 'rt+'];
        for (let i = 0; i < modes.length; i++) t.vfs.open('/f', modes[i]).close();
        t.equal(t.get('/f'), 'abc');
      },
    },
    {
      name: 'an invalid mode is EINVAL and touches nothing',
      run: function (t) {
        t.put('/f', 'abc');
        const modes = ['', 'b', '+', 'rw', 'wa', 'ra', 'xw', 'rr', 'ww', 'r++', 'rbb', 'rbt', 'q', 'rU', 'w ', 'R', 'tt'];
        for (let i = 0; i < modes.length; i++) {
          t.throws('EINVAL', function () {
            t.vfs.open('/f', modes[i]);
          });
        }
        t.typeError(function () {
          t.vfs.open('/f', 2 as unknown as string);
        });
        t.equal(t.get('/f'), 'abc');
      },
    },
    {
      name: 'the wrong direction is EBADF',
      run: function (t) {
        t.put('/f', 'abc');
        const reader = t.vfs.open('/f');
        t.throws(
          'EBADF',
          function () {
            reader.write('x');
          },
          'write',
          '/f',
        );
        t.throws('EBADF', function () {
          reader.truncate(0);
        });
        reader.flush();
        reader.close();
        const modes = ['w', 'a', 'x'];
        for (let i = 0; i < 3; i++) {
          const writer = t.vfs.open('/f' + modes[i], modes[i]);
          t.throws(
            'EBADF',
            function () {
              writer.read();
            },
            'read',
          );
          t.throws('EBADF', function () {
            writer.readline();
          });
          t.throws('EBADF', function () {
            writer.readlines();
          });
          t.throws('EBADF', function () {
            writer.readinto(new Uint8Array(1));
          });
          writer.close();
        }
        t.equal(t.get('/f'), 'abc');
      },
    },
    {
      name: 'a closed file is EBADF for everything but close',
      run: function (t) {
        t.put('/f', 'abc');
        const file = t.vfs.open('/f', 'r+');
        file.close();
        file.close();
        const uses = [
          function () {
            file.read();
          },
          function () {
            file.read(1);
          },
          function () {
            file.readinto(new Uint8Array(1));
          },
          function () {
            file.readline();
          },
          function () {
            file.readlines();
          },
          function () {
            file.write('x');
          },
          function () {
            file.seek(0);
          },
          function () {
            file.tell();
          },
          function () {
            file.flush();
          },
          function () {
            file.truncate(0);
          },
        ];
        for (let i = 0; i < uses.length; i++) t.throws('EBADF', uses[i], undefined, '/f');
        t.equal(t.get('/f'), 'abc');
      },
    },
    {
      name: 'binary mode gives and takes bytes of every value',
      run: function (t) {
        const all = new Uint8Array(256);
        for (let i = 0; i < 256; i++) all[i] = i;
        const file = t.vfs.open('/f', 'wb');
        t.equal(file.write(all), 256);
        t.equal(file.write(all.subarray(250)), 6);
        file.close();
        const reader = t.vfs.open('/f', 'rb');
        t.bytes(reader.read(256), all);
        t.bytes(reader.read(4), [250, 251, 252, 253]);
        t.bytes(reader.read(), [254, 255]);
        t.bytes(reader.read(), []);
        t.bytes(reader.read(5), []);
        reader.close();
      },
    },
    {
      name: 'write takes strings and bytes in either mode, nothing else',
      run: function (t) {
        const file = t.vfs.open('/f', 'w');
        file.write(new Uint8Array([65, 66]));
        file.write('C');
        t.equal(file.write(''), 0);
        t.equal(file.write(new Uint8Array(0)), 0);
        t.typeError(function () {
          file.write(5 as unknown as string);
        });
        t.typeError(function () {
          file.write(undefined as unknown as string);
        });
        t.typeError(function () {
          file.write([1, 2] as unknown as string);
        });
        file.close();
        const binary = t.vfs.open('/f', 'ab');
        binary.write('D');
        binary.close();
        t.equal(t.get('/f'), 'ABCD');
      },
    },
    {
      name: 'read with zero, negative and too large counts',
      run: function (t) {
        t.put('/f', 'abcdef');
        const file = t.vfs.open('/f');
        t.equal(file.read(0), '');
        t.equal(file.read(2), 'ab');
        t.equal(file.read(-1), 'cdef');
        t.equal(file.read(3), '');
        file.seek(4);
        t.equal(file.read(100), 'ef');
        t.typeError(function () {
          file.read('2' as unknown as number);
        });
        file.close();
      },
    },
    {
      name: 'readinto fills a buffer and says how far',
      run: function (t) {
        t.put('/f', 'abcdef');
        const file = t.vfs.open('/f', 'rb');
        const buf = new Uint8Array(4);
        t.equal(file.readinto(buf), 4);
        t.bytes(buf, [97, 98, 99, 100]);
        t.equal(file.readinto(buf, 1), 1);
        t.bytes(buf, [101, 98, 99, 100]);
        t.equal(file.readinto(buf, 9), 1);
        t.bytes(buf, [102, 98, 99, 100]);
        t.equal(file.readinto(buf), 0);
        t.typeError(function () {
          file.readinto([] as unknown as Uint8Array);
        });
        file.close();
      },
    },
    {
      name: 'seek from start, here and end, tell in bytes',
      run: function (t) {
        t.put('/f', '0123456789');
        const file = t.vfs.open('/f');
        t.equal(file.seek(4), 4);
        t.equal(file.read(1), '4');
        t.equal(file.seek(2, 1), 7);
        t.equal(file.read(1), '7');
        t.equal(file.seek(-3, 1), 5);
        t.equal(file.seek(-2, 2), 8);
        t.equal(file.read(), '89');
        t.equal(file.seek(0, 2), 10);
        t.equal(file.tell(), 10);
        t.equal(file.seek(0, 0), 0);
        file.close();
      },
    },
    {
      name: 'seek before the start or with a wrong whence is EINVAL and stays',
      run: function (t) {
        t.put('/f', 'abc');
        const file = t.vfs.open('/f');
        file.seek(1);
        t.throws(
          'EINVAL',
          function () {
            file.seek(-1);
          },
          'seek',
          '/f',
        );
        t.throws('EINVAL', function () {
          file.seek(-2, 1);
        });
        t.throws('EINVAL', function () {
          file.seek(-4, 2);
        });
        t.throws('EINVAL', function () {
          file.seek(0, 3);
        });
        t.throws('EINVAL', function () {
          file.seek(0.5);
        });
        t.typeError(function () {
          file.seek('1' as unknown as number);
        });
        t.equal(file.tell(), 1);
        file.close();
      },
    },
    {
      name: 'a seek past the end grows nothing until a write, then the gap reads as zeros',
      run: function (t) {
        t.put('/f', 'ab');
        const file = t.vfs.open('/f', 'r+b');
        t.equal(file.seek(6), 6);
        t.bytes(file.read(), []);
        t.equal(t.vfs.stat('/f')[6], 2);
        file.write('c');
        file.close();
        t.bytes(t.vfs.readFile('/f'), [97, 98, 0, 0, 0, 0, 99]);
      },
    },
    {
      name: 'a wide gap reads as zeros',
      run: function (t) {
        const file = t.vfs.open('/f', 'wb');
        file.write(new Uint8Array([1]));
        file.seek(3000);
        file.write(new Uint8Array([2]));
        file.close();
        const data = t.vfs.readFile('/f');
        t.equal(data.length, 3001);
        t.equal(data[0] + data[3000] * 10, 21);
        for (let i = 1; i < 3000; i++) if (data[i]) t.equal(data[i], 0, 'byte ' + i);
      },
    },
    {
      name: 'truncate cuts and lengthens, the position stays',
      run: function (t) {
        t.put('/f', 'abcdef');
        const file = t.vfs.open('/f', 'r+');
        file.seek(5);
        t.equal(file.truncate(3), 3);
        t.equal(file.tell(), 5);
        file.seek(0);
        t.equal(file.read(), 'abc');
        t.equal(file.truncate(5), 5);
        file.seek(2);
        t.equal(file.truncate(), 2);
        file.truncate(4);
        file.seek(0);
        t.equal(file.read(), 'ab\0\0');
        t.throws('EINVAL', function () {
          file.truncate(-1);
        });
        file.close();
        t.equal(t.vfs.stat('/f')[6], 4);
        t.equal(t.get('/f'), 'ab\0\0');
      },
    },
    {
      name: 'truncate of a large file keeps its beginning',
      run: function (t) {
        const data = pattern(6000, 3);
        t.put('/f', data);
        const file = t.vfs.open('/f', 'r+b');
        file.truncate(4097);
        file.seek(0, 2);
        file.write(new Uint8Array([7, 8, 9]));
        file.truncate(4099);
        file.close();
        const back = t.vfs.readFile('/f');
        t.equal(back.length, 4099);
        t.bytes(back.subarray(0, 4097), data.subarray(0, 4097));
        t.equal(back[4097] + back[4098] * 10, 87);
      },
    },
    {
      name: 'two writers of one file are EBUSY, readers are not',
      run: function (t) {
        t.put('/f', 'abc');
        const writer = t.vfs.open('/f', 'r+');
        t.throws(
          'EBUSY',
          function () {
            t.vfs.open('/f', 'a');
          },
          'open',
          '/f',
        );
        t.throws('EBUSY', function () {
          t.vfs.open('/f', 'w');
        });
        const reader = t.vfs.open('/f');
        t.equal(reader.read(), 'abc');
        reader.close();
        writer.close();
        t.vfs.open('/f', 'a').close();
        t.equal(t.get('/f'), 'abc');
      },
    },
    {
      name: 'several files open at once do not disturb each other',
      run: function (t) {
        const one = t.vfs.open('/1', 'w');
        const two = t.vfs.open('/2', 'w');
        const three = t.vfs.open('/3', 'w');
        for (let i = 0; i < 30; i++) {
          one.write('one' + i);
          two.write('two' + i);
          three.write('3');
          if (i === 10) three.close();
          if (i === 10) break;
        }
        for (let i = 11; i < 30; i++) {
          one.write('one' + i);
          two.write('two' + i);
        }
        two.close();
        one.close();
        let expected = '';
        for (let i = 0; i < 30; i++) expected += 'one' + i;
        t.equal(t.get('/1'), expected);
        t.equal(t.get('/2'), expected.split('one').join('two'));
        t.equal(t.get('/3'), '33333333333');
      },
    },
    {
      name: 'what is flushed is seen by a new reader',
      run: function (t) {
        const writer = t.vfs.open('/f', 'w');
        writer.write('first');
        writer.flush();
        t.equal(t.get('/f'), 'first');
        writer.write(' second');
        writer.flush();
        t.equal(t.get('/f'), 'first second');
        writer.close();
        t.equal(t.vfs.stat('/f')[6], 12);
      },
    },
    {
      name: '20 kB in odd pieces come back, by pieces and at random places',
      run: function (t) {
        const data = pattern(20000, 1);
        const file = t.vfs.open('/big', 'wb');
        for (let at = 0; at < 20000; at += 777) file.write(data.subarray(at, Math.min(at + 777, 20000)));
        file.close();
        t.equal(t.vfs.stat('/big')[6], 20000);
        const reader = t.vfs.open('/big', 'rb');
        let pos = 0;
        const buf = new Uint8Array(1000);
        for (let n = reader.readinto(buf); n; n = reader.readinto(buf)) {
          t.bytes(buf.subarray(0, n), data.subarray(pos, pos + n), 'from ' + pos);
          pos += n;
        }
        t.equal(pos, 20000);
        let x = 12345;
        for (let i = 0; i < 20; i++) {
          x = (x * 75 + 74) % 65537;
          const place = x % 19990;
          reader.seek(place);
          t.bytes(reader.read(10), data.subarray(place, place + 10), 'at ' + place);
        }
        reader.close();
      },
    },
    {
      name: 'parts of a large file are overwritten in place',
      run: function (t) {
        const data = pattern(9000, 2);
        t.put('/f', data);
        const file = t.vfs.open('/f', 'r+b');
        const places = [0, 4090, 8999, 2000];
        for (let i = 0; i < places.length; i++) {
          const piece = data.subarray(places[i], Math.min(places[i] + 20, 9000));
          for (let k = 0; k < piece.length; k++) piece[k] = 200 + i;
          file.seek(places[i]);
          file.write(piece);
        }
        file.close();
        t.bytes(t.vfs.readFile('/f'), data);
      },
    },
    {
      name: 'small appends add up',
      run: function (t) {
        let expected = '';
        for (let i = 0; i < 25; i++) {
          const file = t.vfs.open('/log', 'a');
          const line = 'entry number ' + i + '\n';
          file.write(line);
          file.close();
          expected += line;
        }
        t.equal(t.get('/log'), expected);
      },
    },
    {
      name: 'readFile and writeFile move whole files',
      run: function (t) {
        t.vfs.writeFile('/f', 'text');
        t.equal(t.vfs.readFile('/f', 'utf8'), 'text');
        t.bytes(t.vfs.readFile('/f'), [116, 101, 120, 116]);
        const data = pattern(3000, 5);
        t.vfs.writeFile('/f', data);
        t.bytes(t.vfs.readFile('/f'), data);
        t.vfs.writeFile('/f', '');
        t.bytes(t.vfs.readFile('/f'), []);
        t.equal(t.vfs.listdir('/'), ['f'], 'nothing else is left');
        t.throws(
          'ENOENT',
          function () {
            t.vfs.readFile('/no');
          },
          'open',
          '/no',
        );
        t.typeError(function () {
          t.vfs.readFile('/f', 'latin1' as 'utf8');
        });
        t.typeError(function () {
          t.vfs.writeFile('/f', 5 as unknown as string);
        });
      },
    },
    {
      name: 'a writeFile that fails leaves the old file and nothing else',
      run: function (t) {
        t.vfs.mkdir('/d');
        t.put('/d/f', 'old');
        const reader = t.vfs.open('/d/f');
        t.throws(
          'EBUSY',
          function () {
            t.vfs.writeFile('/d/f', 'new');
          },
          'writeFile',
          '/d/f',
        );
        reader.close();
        t.throws(
          'EISDIR',
          function () {
            t.vfs.writeFile('/d', 'new');
          },
          'writeFile',
          '/d',
        );
        t.throws('ENOENT', function () {
          t.vfs.writeFile('/no/f', 'new');
        });
        t.throws('ENOTDIR', function () {
          t.vfs.writeFile('/d/f/g', 'new');
        });
        t.equal(t.get('/d/f'), 'old');
        t.equal(t.vfs.listdir('/d'), ['f']);
        t.equal(t.vfs.listdir('/'), ['d']);
      },
    },
    {
      name: 'write takes the number of bytes, or where they begin and their number',
      run: function (t) {
        const file = t.vfs.open('/f', 'w+');
        t.equal(file.write('abcdef', 3), 3);
        t.equal(file.write('ghijkl', 2, 3), 3);
        t.equal(file.write('mno', 2, 9), 1);
        t.equal(file.write('pqr', 7, 2) + file.write('pqr', 0), 0);
        t.equal(file.write('st', 9), 2);
        t.equal(file.write(new Uint8Array([65, 66, 67, 68]), 1, 2), 2);
        // Bytes are counted, not characters.
        t.equal(file.write(t.native('\u00e9x', [0xc3, 0xa9, 120]), 2), 2);
        file.seek(0);
        t.equal(file.read(), t.native('abcijkostBC\u00e9', [97, 98, 99, 105, 106, 107, 111, 115, 116, 66, 67, 0xc3, 0xa9]));
        t.throws(
          'EINVAL',
          function () {
            file.write('x', -1);
          },
          'write',
          '/f',
        );
        t.throws('EINVAL', function () {
          file.write('x', 0, 0.5);
        });
        t.typeError(function () {
          file.write('x', '1' as unknown as number);
        });
        t.typeError(function () {
          file.write('x', 0, null as unknown as number);
        });
        t.equal(file.tell(), 13);
        file.close();
        const log = t.vfs.open('/f', 'a');
        log.write('end of it', 3);
        log.close();
        t.equal(t.vfs.stat('/f')[6], 16);
      },
    },
    {
      name: 'numbers that are none do nothing to an open file',
      run: function (t) {
        t.put('/f', 'content');
        const file = t.vfs.open('/f', 'r+');
        const wrong = ['', '1', '__proto__', 'length', null, true, {}, []] as unknown[];
        for (let i = 0; i < wrong.length; i++) {
          const value = wrong[i] as number;
          t.typeError(function () {
            file.truncate(value);
          });
          t.typeError(function () {
            file.seek(1, value);
          });
          t.typeError(function () {
            file.seek(value);
          });
          t.typeError(function () {
            file.read(value);
          });
          t.typeError(function () {
            file.readline(value);
          });
          t.typeError(function () {
            file.readinto(new Uint8Array(2), value);
          });
        }
        t.throws('EINVAL', function () {
          file.seek(1, 3);
        });
        t.throws('EINVAL', function () {
          file.seek(1e300);
        });
        t.throws('EINVAL', function () {
          file.truncate(0.5);
        });
        t.equal(file.tell(), 0);
        t.equal(file.read(), 'content');
        file.close();
      },
    },
    {
      name: 'copy makes a second file, or replaces one',
      run: function (t) {
        const data = pattern(2500, 9);
        t.vfs.writeFile('/f', data);
        t.vfs.mkdir('/d');
        t.vfs.copy('/f', '/d/g');
        t.bytes(t.vfs.readFile('/d/g'), data);
        t.vfs.writeFile('/f', 'small');
        t.vfs.copy('/f', '/d/g');
        t.equal(t.get('/d/g'), 'small');
        t.throws('EINVAL', function () {
          t.vfs.copy('/f', '/./f');
        });
        t.throws('EISDIR', function () {
          t.vfs.copy('/d', '/e');
        });
        t.throws('EISDIR', function () {
          t.vfs.copy('/f', '/d');
        });
        t.throws('ENOENT', function () {
          t.vfs.copy('/no', '/e');
        });
        t.equal(t.get('/f'), 'small');
        t.equal(t.names('/'), ['d', 'f']);
      },
    },
  ];
}
