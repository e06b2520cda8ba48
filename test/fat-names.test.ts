/** Names that others wrote: what is listed can be opened, told of, renamed and removed; case and code pages are as on a PC. */

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { VfsError } from '../modules/contract/errno';
import { VfsFat } from '../modules/fat';
import '../modules/fat/codepages';
import { fsckFat as fsck } from '../modules/fat/check/fsck.lazy';
import { fold } from '../modules/fat/match.lazy';
import { format, fsckFat, hasTool, ImageDevice, list, mount, mtool, pattern, readFile, scratch, writeFile } from './support/fat';
import { clusterAt, layout } from './support/fat-damage';

const refused = (code: string, work: () => void, what = ''): void =>
  assert.throws(work, (error: VfsError) => error.code === code || assert.unreachable(`${what}: ${error.message}, expected ${code}`));

interface Entry {
  /** 11 bytes, as characters up to U+00FF. */
  short: string;
  /** UTF-16. */
  long?: string;
  attr?: number;
  cluster?: number;
}

/** Appends entries to the root directory, or to the directory in `cluster`. */
function add(image: Uint8Array, entries: Entry[], cluster = 0): void {
  const l = layout(image);
  let at = cluster ? clusterAt(l, cluster) : l.root;
  while (image[at]) at += 32;
  for (const { short, long, attr = 32, cluster: first = 0 } of entries) {
    const raw = Buffer.from(short, 'latin1');
    assert.is(raw.length, 11, short);
    const sum = raw.reduce((sum, byte) => (((sum & 1) << 7) + (sum >> 1) + byte) & 255, 0);
    const parts = long === undefined ? 0 : Math.max(1, Math.ceil(long.length / 13));
    for (let part = parts; part; part--, at += 32) {
      image.fill(0xff, at, at + 32);
      image[at] = part === parts ? part | 64 : part;
      image.set([15, 0, sum], at + 11);
      image.fill(0, at + 26, at + 28);
      for (let k = 0; k < 13; k++) {
        const i = part * 13 - 13 + k;
        const unit = i < (long as string).length ? (long as string).charCodeAt(i) : i === (long as string).length ? 0 : 0xffff;
        image.set([unit & 255, unit >> 8], at + 2 * k + (k > 10 ? 6 : k > 4 ? 4 : 1));
      }
    }
    image.set(raw, at);
    image.fill(0, at + 11, at + 32);
    image[at + 11] = attr;
    image.set([first & 255, first >> 8], at + 26);
    at += 32;
  }
}

const blank = format(4 * 1024 * 1024, { type: 16, clusterSize: 512 });
const made = (entries: Entry[]): ImageDevice => {
  const device = new ImageDevice(blank.image.slice());
  add(device.image, entries);
  return device;
};
const names = (fs: VfsFat, dir = '/'): string[] => list(fs, dir).map(([name]) => name);

/** Of every name that is listed: it can be told of, opened, written, renamed and removed, and then none is left. */
function allUsable(device: ImageDevice): string[] {
  const fs = mount(device);
  const listed = names(fs);
  for (const name of listed) {
    assert.ok(name && name !== '.' && name !== '..' && !/[/\0]/.test(name), JSON.stringify(name));
    assert.is(fs.stat('/' + name)[0], 0x8000, JSON.stringify(name));
  }
  listed.forEach((name, i) => {
    writeFile(fs, '/' + name, pattern(10 + i, i));
  });
  assert.equal(names(fs), listed);
  listed.forEach((name, i) => {
    assert.equal(readFile(fs, '/' + name), pattern(10 + i, i), JSON.stringify(name));
    refused('EEXIST', () => fs.open('/' + name, 'x'), name);
    if (i % 2) {
      fs.rename('/' + name, `/renamed ${i}`);
      assert.equal(readFile(fs, `/renamed ${i}`), pattern(10 + i, i));
      fs.remove(`/renamed ${i}`);
    } else fs.remove('/' + name);
  });
  assert.equal(names(fs), []);
  fs.umount();
  assert.equal(fsck(device), []);
  return listed;
}

const odd = [
  'report v1.',
  'notes ',
  'a. . .',
  '...',
  ' ',
  ' leading',
  'a:b.txt',
  'what?',
  'star*',
  'quo"te',
  'a<b>c',
  'pipe|',
  'back\\slash',
];

test('long names that end in dots or spaces, or hold what PCs refuse', () => {
  const more = [
    'tab\there',
    'bell\x07',
    '\x7f',
    'n'.repeat(255),
    'é'.repeat(255) + '',
    '日本語. ',
    '😀:😀',
    'a+b,c;d=e[f]',
    '.hidden',
    '..x',
    'x..',
  ];
  const all = [...odd, ...more];
  const device = made(all.map((long, i) => ({ short: `ODD~${String(i).padEnd(4)}TXT`, long })));
  assert.equal(fsck(device), []);
  if (hasTool('fsck.fat')) assert.is(fsckFat(device.image).exit, 0);
  assert.equal(allUsable(device), all);
});

test('of names that differ by dots at their end each is the one that is meant', () => {
  const device = made([
    { short: 'A~1        ', long: 'a' },
    { short: 'A~2        ', long: 'a.' },
    { short: 'A~3        ', long: 'a..' },
  ]);
  const fs = mount(device);
  writeFile(fs, '/a', pattern(1, 1));
  writeFile(fs, '/a.', pattern(2, 1));
  writeFile(fs, '/A..', pattern(3, 1));
  // As on a PC, where there is none like it.
  writeFile(fs, '/a. ', pattern(4, 1));
  assert.equal(
    list(fs, '/').map(([name, , , size]) => [name, size]),
    [
      ['a', 4],
      ['a.', 2],
      ['a..', 3],
    ],
  );
});

test('what cannot be made is not made, whatever is there', () => {
  const device = made([{ short: 'A_B~1   TXT', long: 'a:b.txt' }]);
  const fs = mount(device);
  for (const name of ['a:c', 'x*', '. .', 'tab\t']) {
    refused('EINVAL', () => fs.open('/' + name, 'w'), name);
    refused('EINVAL', () => fs.stat('/' + name), name);
    refused('EINVAL', () => fs.rename('/a:b.txt', '/' + name), name);
  }
  fs.rename('/A:B.TXT', '/fine.txt');
  assert.equal(names(fs), ['fine.txt']);
});

test('8.3 names without a long one: lower case, spaces and dots within, every byte in every place', () => {
  const some = [
    'readme  txt',
    'Data    bin',
    'MY FILE TXT',
    ' AB     TXT',
    'A.B     TXT',
    'A.B        ',
    'A+B     TX=',
    '.HID    TXT',
    'A  B    T T',
  ];
  const device = made(some.map((short) => ({ short })));
  assert.equal(allUsable(device), [
    'readme.txt',
    'Data.bin',
    'MY FILE.TXT',
    ' AB.TXT',
    'A.B.TXT',
    'A.B',
    'A+B.TX=',
    '.HID.TXT',
    'A  B.T T',
  ]);
  for (const place of [0, 1, 10]) {
    const entries: Entry[] = [];
    for (let byte = place ? 0 : 1; byte < 256; byte++) {
      // Deleted; a small letter, which is the same name as with the capital; what stands for `/` and NUL.
      if ((byte === 0xe5 && !place) || (byte > 96 && byte < 123) || byte === 95) continue;
      entries.push({ short: 'ABCDEFGHIJK'.substring(0, place) + String.fromCharCode(byte) + 'ABCDEFGHIJK'.substring(place + 1) });
    }
    // In batches: two of them are the same name in capitals where code page 437 has both.
    for (let i = 0; i < entries.length; i += 60) {
      const batch = made(entries.slice(i, i + 60).filter((_, k) => k % 2 === place % 2));
      const fs = mount(batch);
      for (const name of names(fs)) assert.is(fs.stat('/' + name)[0], 0x8000, JSON.stringify(name));
      for (const name of names(fs)) fs.remove('/' + name);
      assert.equal(names(fs), []);
    }
  }
});

test('a name in lower case on the medium is found, written in place, and not made again', () => {
  const device = made([{ short: 'readme  txt' }]);
  const fs = mount(device);
  writeFile(fs, '/readme.txt', pattern(5, 1));
  writeFile(fs, '/README.TXT', pattern(6, 1));
  writeFile(fs, '/ReadMe.txt', pattern(7, 1));
  assert.equal(
    list(fs, '/').map(([name, , , size]) => [name, size]),
    [['readme.txt', 7]],
  );
  // Nor does an alias take it.
  writeFile(fs, '/a long name.txt', pattern(1, 1));
  fs.umount();
  const lower = device.image;
  const at = Buffer.from(lower).indexOf('ALONGN~1TXT');
  for (let i = 0; i < 6; i++) lower[at + i] |= 32;
  const again = mount(device);
  writeFile(again, '/a long name too.txt', pattern(1, 1));
  again.umount();
  assert.is(Buffer.from(lower).indexOf('ALONGN~1TXT'), -1);
  assert.ok(Buffer.from(lower).indexOf('ALONGN~2TXT') > 0);
});

test('code pages: each byte has a name of its own that is usable, the one that a PC shows', () => {
  const pages = VfsFat.codePages as Record<number, string>;
  const letters: [number, number, string][] = [
    [437, 0x9a, 'Ü'],
    [437, 0xe0, 'α'],
    [850, 0xb5, 'Á'],
    [852, 0xac, 'Č'],
    [855, 0xa1, 'А'],
    [858, 0xd5, '€'],
    [866, 0x80, 'А'],
    [1250, 0xc8, 'Č'],
    [1251, 0xc6, 'Ж'],
    [1252, 0xc4, 'Ä'],
    [1253, 0xd9, 'Ω'],
    [775, 0xb6, 'Č'],
    [737, 0x80, 'Α'],
    [857, 0x98, 'İ'],
  ];
  for (const [page, byte, letter] of letters) {
    const device = made([{ short: `X${String.fromCharCode(byte)}Y     TXT` }]);
    const fs = new VfsFat(device, { codepage: page });
    fs.mount(false, false);
    assert.equal(names(fs), [`X${letter}Y.TXT`], `${page}`);
    assert.is(fs.stat(`/x${letter}y.txt`)[0], 0x8000);
    if (letter.toLowerCase().length === 1) assert.is(fs.stat(`/x${letter.toLowerCase()}y.txt`)[0], 0x8000, letter);
  }
  for (const page of Object.keys(pages).map(Number)) {
    assert.is(pages[page].length, 128, `${page}`);
    if (![437, 852, 864, 1257].includes(page)) continue;
    // Of two bytes that are one letter in both cases, the first.
    const seen = new Set<number>();
    const entries: Entry[] = [];
    for (let byte = 128; byte < 256; byte++) {
      const key = fold(pages[page].charCodeAt(byte - 128));
      if (key === 0xfffd || !seen.has(key)) entries.push({ short: `X${String.fromCharCode(byte)}      TXT` });
      seen.add(key);
    }
    const fs = new VfsFat(made(entries), { codepage: page });
    fs.mount(false, false);
    const listed = names(fs);
    assert.is(new Set(listed).size, entries.length, `${page}`);
    for (const name of listed) assert.is(fs.stat('/' + name)[0], 0x8000, `${page} ${name}`);
    for (const name of listed) fs.remove('/' + name);
  }
  const device = made([]);
  for (const page of [1, 932, 65001]) refused('EINVAL', () => new VfsFat(device, { codepage: page }).mount(false, false), `${page}`);
});

test('where there is no code page, names stay apart and usable', () => {
  const pages = VfsFat.codePages;
  try {
    VfsFat.codePages = undefined;
    const entries: Entry[] = [];
    for (let byte = 128; byte < 256; byte++) entries.push({ short: `X${String.fromCharCode(byte)}      TXT` });
    assert.is(new Set(allUsable(made(entries))).size, 128);
    assert.is(allUsable(made([{ short: '\x05BC     TXT' }])).length, 1);
    refused('EINVAL', () => new VfsFat(blank, { codepage: 437 }).mount(false, false));
  } finally {
    VfsFat.codePages = pages;
  }
});

if (hasTool('mdir'))
  test('mtools shows the same names in code page 850', () => {
    const entries: Entry[] = [];
    for (let byte = 128; byte < 256; byte++) if (byte !== 0xff) entries.push({ short: `X${String.fromCharCode(byte)}      TXT` });
    const device = made(entries);
    const rc = path.join(scratch, 'mtoolsrc');
    writeFileSync(rc, 'default_codepage=850\n');
    process.env.MTOOLSRC = rc;
    const theirs = mtool('mdir', device.image, '-b', '::').toString().trim().split('\n');
    delete process.env.MTOOLSRC;
    const fs = new VfsFat(device, { codepage: 850 });
    fs.mount(false, false);
    assert.equal(
      names(fs),
      theirs.map((line) => line.replace('::/', '')),
    );
  });

test('case is folded as exFAT recommends, one unit to one', () => {
  if (hasTool('mkfs.exfat')) {
    const file = path.join(scratch, 'exfat.img');
    writeFileSync(file, new Uint8Array(8 << 20));
    execFileSync('mkfs.exfat', [file], { stdio: 'ignore' });
    const image = readFileSync(file);
    // The table that it wrote: entry 82 of the root directory; runs that map to themselves are given by FFFF and their length.
    const cluster = (n: number): number => (image.readUInt32LE(88) + ((n - 2) << image[109])) << image[108];
    let entry = cluster(image.readUInt32LE(96));
    while (image[entry] !== 0x82) entry += 32;
    const table = cluster(image.readUInt32LE(entry + 20));
    const length = image.readUInt32LE(entry + 24);
    let unit = 0;
    const wrong: number[] = [];
    const told = (): number => image.readUInt16LE(table + at);
    let at = 0;
    for (; at < length; at += 2) {
      if (told() === 0xffff && at + 2 < length) {
        at += 2;
        for (let n = told(); n; n--, unit++) if (fold(unit) !== unit) wrong.push(unit);
      } else if (fold(unit) !== told()) wrong.push(unit++);
      else unit++;
    }
    assert.is(unit, 65536);
    assert.equal(wrong, []);
  }
  const fs = mount(made([]));
  const same = [
    ['Čeština.txt', 'ČEŠTINA.TXT', 'čeština.TXT'],
    ['łódź', 'ŁÓDŹ'],
    ['ρωσία', 'ΡΩΣΊΑ'],
    ['ёлка', 'ЁЛКА'],
    ['ÿ', 'Ÿ'],
    ['ǆ', 'Ǆ'],
    ['ａｂｃ', 'ＡＢＣ'],
    ['հայ', 'ՀԱՅ'],
  ];
  same.forEach(([one, ...others], i) => {
    writeFile(fs, '/' + one, pattern(i + 1, i));
    others.forEach((other, k) => {
      assert.equal(readFile(fs, '/' + other), pattern(i + k + 1, i), other);
      writeFile(fs, '/' + other, pattern(i + k + 2, i));
    });
    assert.equal(readFile(fs, '/' + one), pattern(i + others.length + 1, i));
  });
  assert.equal(
    names(fs),
    same.map(([one]) => one),
  );
  // The same name in another case, of the same length and of one that fits into fewer entries.
  fs.rename('/Čeština.txt', '/ČEŠTINA.txt');
  assert.ok(names(fs).includes('ČEŠTINA.txt') && !names(fs).includes('Čeština.txt'));
  const apart = ['ſ.txt', 'S.TXT', 'ı.txt', 'I.TXT', 'ß', 'ss', 'K', '\u212a', 'µ', 'Μ', 'café', 'cafe\u0301', 'ﬁ', 'fi'];
  const second = mount(made([]));
  apart.forEach((name, i) => {
    writeFile(second, '/' + name, pattern(i + 1, i));
  });
  assert.equal(names(second), apart);
  apart.forEach((name, i) => {
    assert.equal(readFile(second, '/' + name), pattern(i + 1, i), name);
  });
});

/** Long names, and 8.3 names, that are paths or nothing. */
const paths: Entry[] = [
  { short: 'DOTS~1     ', long: '..' },
  { short: 'DOT~1      ', long: '.' },
  { short: 'NONE~1     ', long: '' },
  { short: 'SLASH~1    ', long: 'a/b' },
  { short: 'UP~1       ', long: '../../boot.js' },
  { short: 'ROOT~1     ', long: '/' },
  { short: 'A/B     TXT' },
  { short: 'C\0D     TXT' },
  { short: '        .  ' },
  { short: '           ' },
  { short: '../..   JS ' },
];

test('a name that is a path, or none, is not what is listed: there is another one, which can be used', () => {
  const listed = allUsable(made(paths));
  assert.is(listed.length, paths.length);
  assert.equal(listed.slice(0, 6), ['DOTS~1', 'DOT~1', 'NONE~1', 'SLASH~1', 'UP~1', 'ROOT~1']);
  const device = made(paths);
  // Repaired, they are so on the medium too.
  fsck(device, { repair: true });
  assert.equal(fsck(device), []);
  if (hasTool('fsck.fat')) assert.is(fsckFat(device.image).exit, 0);
  for (const name of names(mount(device))) assert.not.match(name, /[/\0]|^\.\.?$/);
});

test('a long name of more than 255 units is none', () => {
  const device = made([{ short: 'LONG~1     ', long: 'n'.repeat(258) }]);
  assert.equal(allUsable(device), ['LONG~1']);
});

test('units that pair with none are U+FFFD in the name, by which it is found', () => {
  const device = made([
    { short: 'HALF~1     ', long: 'x\ud800y' },
    { short: 'HALF~2     ', long: 'lone\udc00' },
    { short: 'HALF~3     ', long: 'end\ud83d' },
  ]);
  assert.equal(allUsable(device), ['x\ufffdy', 'lone\ufffd', 'end\ufffd']);
});

test.run();
