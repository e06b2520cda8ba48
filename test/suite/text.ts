import type { Case } from './tester';

/** h e-acute euro G-clef z, in UTF-16 and UTF-8. */
const SAMPLE = 'h\u00e9\u20ac\ud834\udd1ez';
const SAMPLE_UTF8 = [0x68, 0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xf0, 0x9d, 0x84, 0x9e, 0x7a];

/** Text, lines, non-ASCII characters and names. */
export function textCases(): Case[] {
  return [
    {
      name: 'lines end at newlines only, and nothing is translated',
      run: function (t) {
        t.put('/f', 'one\ntwo\r\n\nthree\rfour');
        const file = t.vfs.open('/f');
        t.equal(file.readline(), 'one\n');
        t.equal(file.tell(), 4);
        t.equal(file.readline(), 'two\r\n');
        t.equal(file.readline(), '\n');
        t.equal(file.readline(), 'three\rfour');
        t.equal(file.readline(), '');
        file.seek(4);
        t.equal(file.readlines(), ['two\r\n', '\n', 'three\rfour']);
        t.equal(file.readlines(), []);
        file.close();
      },
    },
    {
      name: 'readline takes at most so many characters',
      run: function (t) {
        t.put('/f', 'abcdef\ngh\n');
        const file = t.vfs.open('/f');
        t.equal(file.readline(4), 'abcd');
        t.equal(file.readline(4), 'ef\n');
        t.equal(file.readline(3), 'gh\n');
        t.equal(file.readline(3), '');
        file.seek(0);
        t.equal(file.readline(0), '');
        t.equal(file.readline(-1), 'abcdef\n');
        file.close();
      },
    },
    {
      name: 'readline and read take turns at one position',
      run: function (t) {
        t.put('/f', 'head\nbody of it\ntail\n');
        const file = t.vfs.open('/f', 'r+');
        t.equal(file.readline(), 'head\n');
        t.equal(file.read(4), 'body');
        t.equal(file.readline(), ' of it\n');
        t.equal(file.tell(), 16);
        file.seek(5);
        file.write('BODY');
        t.equal(file.readline(), ' of it\n');
        file.seek(0);
        t.equal(file.read(), 'head\nBODY of it\ntail\n');
        file.close();
      },
    },
    {
      name: 'lines longer than any buffer come whole',
      run: function (t) {
        let line = '';
        for (let i = 0; i < 130; i++) line += 'x' + i;
        t.put('/f', line + '\n' + line);
        const file = t.vfs.open('/f');
        t.equal(file.readline(), line + '\n');
        t.equal(file.readline(), line);
        file.close();
      },
    },
    {
      name: 'binary readline gives bytes',
      run: function (t) {
        t.put('/f', new Uint8Array([200, 10, 255, 10, 1]));
        const file = t.vfs.open('/f', 'rb');
        t.bytes(file.readline(), [200, 10]);
        t.bytes(file.readline(1), [255]);
        t.bytes(file.readline(), [10]);
        t.bytes(file.readline(), [1]);
        t.bytes(file.readline(), []);
        file.close();
      },
    },
    {
      name: 'strings are written as UTF-8 and counted in bytes',
      run: function (t) {
        const file = t.vfs.open('/f', 'w');
        t.equal(file.write(SAMPLE), 11);
        t.equal(file.tell(), 11);
        file.close();
        t.bytes(t.vfs.readFile('/f'), SAMPLE_UTF8);
        t.equal(t.get('/f'), t.native(SAMPLE, SAMPLE_UTF8));
        t.equal(t.vfs.readFile('/f', 'utf8'), t.native(SAMPLE, SAMPLE_UTF8));
      },
    },
    {
      name: 'long strings with characters of every length are written whole',
      run: function (t) {
        let text = '';
        const bytes: number[] = [];
        for (let i = 0; i < 20; i++) {
          text += SAMPLE;
          for (let k = 0; k < SAMPLE_UTF8.length; k++) bytes.push(SAMPLE_UTF8[k]);
        }
        t.vfs.writeFile('/f', text);
        t.bytes(t.vfs.readFile('/f'), bytes);
        t.equal(t.get('/f'), t.native(text, bytes));
      },
    },
    {
      name: 'read(n) counts characters in text mode',
      run: function (t) {
        if (t.env.caps.byteStrings) return;
        t.put('/f', SAMPLE + SAMPLE);
        const file = t.vfs.open('/f');
        t.equal(file.read(2), 'h\u00e9');
        t.equal(file.tell(), 3);
        t.equal(file.read(1), '\u20ac');
        t.equal(file.read(1), '\ud834\udd1e');
        t.equal(file.tell(), 10);
        t.equal(file.read(3), 'zh\u00e9');
        t.equal(file.read(99), '\u20ac\ud834\udd1ez');
        t.equal(file.read(1), '');
        file.close();
      },
    },
    {
      name: 'characters across every border of a buffer are read right',
      run: function (t) {
        if (t.env.caps.byteStrings) return;
        for (let lead = 120; lead < 130; lead++) {
          let text = '';
          for (let i = 0; i < lead; i++) text += 'a';
          text += '\u20ac\ud834\udd1e\u00e9\nb';
          t.put('/f', text);
          const file = t.vfs.open('/f');
          t.equal(file.readline(), text.substring(0, text.length - 1), 'line after ' + lead);
          file.seek(0);
          t.equal(file.read(lead + 1), text.substring(0, lead + 1), 'characters after ' + lead);
          t.equal(file.read(1), '\ud834\udd1e');
          file.seek(0);
          let pieces = '';
          for (let one = file.read(1); one.length; one = file.read(1)) pieces += one;
          t.equal(pieces, text, 'one by one after ' + lead);
          file.close();
        }
      },
    },
    {
      name: 'bytes that are no UTF-8 read as U+FFFD, alike in pieces and whole',
      run: function (t) {
        if (t.env.caps.byteStrings) return;
        t.put('/f', new Uint8Array([0x41, 0xff, 0xc3, 0x42, 0x80, 0xf0, 0x9f, 0xe2, 0x82, 0xac, 0xe2, 0x82]));
        const whole = t.get('/f');
        t.equal(whole, 'A\ufffd\ufffdB\ufffd\ufffd\ufffd\u20ac\ufffd\ufffd');
        const file = t.vfs.open('/f');
        let pieces = '';
        for (let one = file.read(1); one.length; one = file.read(1)) pieces += one;
        file.close();
        t.equal(pieces, whole);
      },
    },
    {
      name: 'names may hold any character',
      run: function (t) {
        const name = t.native(SAMPLE, SAMPLE_UTF8);
        const other = t.env.caps.fatNames ? '/plus+' : '/back\\slash';
        t.put('/' + SAMPLE, '1');
        t.put('/with space', '2');
        t.put(other, '3');
        t.equal(t.vfs.exists('/' + SAMPLE), true);
        t.equal(t.vfs.listdir('/').indexOf(name) >= 0, true, 'listed');
        t.equal(t.vfs.listdir('/').length, 3);
        t.equal(t.get('/' + name), '1', 'opened as listed');
        t.equal(t.get('/with space') + t.get(other), '23');
        t.vfs.mkdir('/d');
        t.vfs.rename('/' + SAMPLE, '/d/' + SAMPLE);
        t.equal(t.vfs.listdir('/d'), [name]);
      },
    },
    {
      name: 'where names are found in any case, so are those beyond ASCII',
      run: function (t) {
        if (!t.env.caps.fatNames) return;
        // c and s with caron, omega, y with diaeresis, Cyrillic ya, fullwidth z; then the capitals.
        const small = t.native(
          '\u010de\u0161\u03c9\u00ff\u044f\uff5a',
          [0xc4, 0x8d, 0x65, 0xc5, 0xa1, 0xcf, 0x89, 0xc3, 0xbf, 0xd1, 0x8f, 0xef, 0xbd, 0x9a],
        );
        const capital = t.native(
          '\u010cE\u0160\u03a9\u0178\u042f\uff3a',
          [0xc4, 0x8c, 0x45, 0xc5, 0xa0, 0xce, 0xa9, 0xc5, 0xb8, 0xd0, 0xaf, 0xef, 0xbc, 0xba],
        );
        t.put('/' + small, '1');
        t.equal(t.get('/' + capital), '1');
        t.put('/' + capital, '2');
        t.equal(t.vfs.listdir('/'), [small]);
        t.equal(t.get('/' + small), '2');
      },
    },
    {
      name: 'a name too long is ENAMETOOLONG',
      run: function (t) {
        let name = '';
        for (let i = 0; i < 255; i++) name += 'n';
        const geometry = t.vfs.statvfs('/');
        // A block of 128 bytes cannot hold such a name.
        if (geometry[9] !== 255 || (geometry[0] > 1 && geometry[0] < 512)) return;
        t.put('/' + name, 'x');
        t.equal(t.vfs.listdir('/'), [name]);
        t.vfs.writeFile('/' + name, 'y');
        t.equal(t.get('/' + name), 'y');
        const operations = [
          function () {
            t.vfs.open('/' + name + 'n', 'w');
          },
          function () {
            t.vfs.mkdir('/' + name + 'n');
          },
          function () {
            t.vfs.rename('/' + name, '/' + name + 'n');
          },
        ];
        for (let i = 0; i < operations.length; i++) t.throws('ENAMETOOLONG', operations[i]);
        t.equal(t.vfs.listdir('/'), [name]);
      },
    },
  ];
}
