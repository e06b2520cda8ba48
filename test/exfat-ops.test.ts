/** exFAT's own: contiguous files, sizes beyond 4 GB, what is valid, times with their distance to UTC, the mark of a volume in use, names. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { VfsError } from '../modules/contract/errno';
import type { RawFile } from '../modules/contract/filesystem';
import { exfat, VfsExFat } from '../modules/exfat';
import { fsckExFat } from '../modules/exfat/check';
import { addDriver } from '../modules/vfs';
import { format, fsckExfat, hasTool, ImageDevice, list, mount, pattern, readFile, SparseDevice, tree, writeFile } from './support/exfat';
import { layout, stampSet } from './support/exfat-damage';

const MB = 1048576;

function code(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return (error as VfsError).code;
  }
  return 'nothing';
}

/** Byte offset of the entry set of a name of the root directory. */
function setOf(image: Uint8Array, name: string): number {
  const { root, clusterSize } = layout(image);
  for (let at = root; at < root + clusterSize; at += 32) {
    const length = image[at + 35];
    if (image[at] !== 0x85 || length !== name.length) continue;
    if ([...name].every((letter, i) => image[at + 66 + i * 2 + Math.floor(i / 15) * 2] === letter.charCodeAt(0))) return at;
  }
  throw new Error(`no ${name}`);
}

const sound = (device: ImageDevice): void => {
  assert.equal(fsckExFat(device), []);
  if (hasTool('fsck.exfat')) assert.equal(fsckExfat(device.image), { exit: 0, lines: [] });
};

test('what lies together is read and written by one call, and the FAT says nothing of it', () => {
  const device = format(4 * MB);
  const fs = mount(device);
  const content = pattern(400000, 1);
  const file = fs.open('/large', 'w') as RawFile;
  device.resetCounts();
  file.writeAt(0, content.subarray(0, 393216));
  assert.ok(device.writes < 4, `${device.writes} writes`);
  file.writeAt(393216, content.subarray(393216));
  file.close();
  const view = new Uint8Array(393216);
  const again = fs.open('/large', 'r') as RawFile;
  device.resetCounts();
  again.readAt(0, view);
  assert.is(device.reads, 1);
  assert.ok(Buffer.from(view).equals(content.subarray(0, 393216)));
  again.close();
  fs.umount();
  assert.is(device.image[setOf(device.image, 'large') + 33], 3);
  sound(device);
});

test('files that grow by turns are scattered, and going backwards does not read their chain from its start', () => {
  const device = format(8 * MB, { clusterSize: 512 });
  const fs = mount(device);
  const files = ['/one', '/two'].map((name) => fs.open(name, 'w') as RawFile);
  const whole = files.map((_, n) => pattern(512 * 2500, n));
  for (let at = 0; at < whole[0].length; at += 512) files.forEach((file, n) => void file.writeAt(at, whole[n].subarray(at, at + 512)));
  for (const file of files) file.close();
  const file = fs.open('/two', 'r') as RawFile;
  const piece = new Uint8Array(512);
  for (let at = 0; at < 512 * 2500; at += 512) file.readAt(at, piece);
  for (let n = 2400; n > 100; n -= 300) {
    device.resetCounts();
    file.readAt(n * 512, piece);
    assert.ok(Buffer.from(piece).equals(whole[1].subarray(n * 512, n * 512 + 512)), `cluster ${n}`);
    assert.ok(device.reads <= 5, `cluster ${n}: ${device.reads} reads`);
  }
  file.close();
  // Cut off, and grown again.
  const cut = fs.open('/two', 'r+') as RawFile;
  cut.truncate(512 * 1200 + 7);
  cut.writeAt(512 * 1200 + 7, pattern(5000, 9));
  cut.close();
  assert.ok(Buffer.from(readFile(fs, '/two')).equals(Buffer.concat([whole[1].subarray(0, 512 * 1200 + 7), pattern(5000, 9)])));
  fs.umount();
  assert.is(device.image[setOf(device.image, 'two') + 33], 1);
  sound(device);
});

test('behind what is valid of a file all reads as zeros, and is written before what lies behind it', () => {
  const device = format(4 * MB);
  const fs = mount(device);
  writeFile(fs, '/f', pattern(9000, 1));
  fs.umount();
  const at = setOf(device.image, 'f');
  device.image[at + 40] = 100;
  device.image[at + 41] = 0;
  stampSet(device.image, at);
  const again = mount(device);
  const wanted = new Uint8Array(9000);
  wanted.set(pattern(9000, 1).subarray(0, 100));
  assert.equal(readFile(again, '/f'), wanted);
  const file = again.open('/f', 'r+') as RawFile;
  file.writeAt(5000, new Uint8Array([1, 2, 3]));
  file.close();
  wanted.set([1, 2, 3], 5000);
  assert.equal(readFile(again, '/f'), wanted);
  again.umount();
  sound(device);
});

test('sizes beyond 4 GB', () => {
  const device = new SparseDevice(64 * 1024 * MB);
  VfsExFat.mkfs(device);
  const fs = mount(device);
  writeFile(fs, '/film', pattern(10, 1));
  fs.umount();
  // Made 5,000,000,000 bytes long by hand: contiguous, all zeros behind the first ten.
  for (const [block, data] of device.blocks) {
    const set = data.findIndex((byte, i) => i % 32 === 0 && byte === 0x85 && data[i + 66] === 0x66);
    if (set < 0) continue;
    const view = Buffer.from(data.buffer);
    view.writeBigUInt64LE(5000000000n, set + 40);
    view.writeBigUInt64LE(5000000000n, set + 56);
    stampSet(data, set);
    device.blocks.set(block, data);
  }
  const findings = fsckExFat(device, { repair: true });
  assert.equal(
    findings.map((one) => [one.code, one.repaired]),
    [['bitmap', true]],
  );
  const again = mount(device);
  assert.is(again.stat('/film')[6], 5000000000);
  const file = again.open('/film', 'r+') as RawFile;
  file.writeAt(5000000000, pattern(100, 2));
  file.writeAt(4500000001, pattern(50, 3));
  file.close();
  const read = again.open('/film', 'r') as RawFile;
  const view = new Uint8Array(102);
  assert.is(read.size(), 5000000100);
  assert.is(read.readAt(4999999998, view), 102);
  assert.equal(view, new Uint8Array([0, 0, ...pattern(100, 2)]));
  read.readAt(4500000000, view);
  assert.equal(view.subarray(0, 51), new Uint8Array([0, ...pattern(50, 3)]));
  assert.is(
    code(() => read.writeAt(0, view)),
    'EBADF',
  );
  read.close();
  const free = again.statvfs('/')[3];
  again.remove('/film');
  assert.is(again.statvfs('/')[3], free + Math.ceil(5000000100 / 131072));
  again.umount();
  assert.equal(fsckExFat(device), []);
});

test('free clusters are counted once, 4 KiB of the bitmap a call', () => {
  const device = new SparseDevice(64 * 1024 * MB);
  VfsExFat.mkfs(device);
  const fs = mount(device);
  device.reads = 0;
  const free = fs.statvfs('/')[3];
  assert.ok(device.reads <= 17, `${device.reads} reads`);
  writeFile(fs, '/x', pattern(300000, 1));
  device.reads = 0;
  assert.is(fs.statvfs('/')[3], free - 3);
  assert.is(device.reads, 0);
});

test('times are UTC here, and those of others are by their distance to it', () => {
  const device = format(4 * MB);
  const fs = mount(device);
  writeFile(fs, '/f', pattern(10, 1));
  const now = fs.stat('/f')[8];
  assert.ok(Math.abs(now - Date.now() / 1000) < 5);
  fs.umount();
  const at = setOf(device.image, 'f');
  assert.equal([...device.image.subarray(at + 22, at + 25)], [128, 128, 128]);
  for (const [offset, hours] of [
    [0x80 | 8, 2],
    [0x80 | (-20 & 127), -5],
    [0x80 | 23, 5.75],
    [8, 0],
  ]) {
    device.image[at + 23] = offset;
    assert.is(mount(device, true).stat('/f')[8], now - hours * 3600, `${offset}`);
  }
  // 100 to 199 are the odd second.
  device.image[at + 23] = 128;
  device.image[at + 21] = 50;
  const even = mount(device, true).stat('/f')[8];
  device.image[at + 21] = 150;
  assert.is(mount(device, true).stat('/f')[8], even + 1);
});

test('a volume is marked before its first change, and not when all is closed', () => {
  const device = format(4 * MB);
  const fs = mount(device);
  const marks: number[] = [];
  device.onSector = (block) => void marks.push(block === 0 ? -1 : device.image[106] & 2);
  const file = fs.open('/f', 'w') as RawFile;
  file.writeAt(0, pattern(100, 1));
  assert.is(device.image[106], 2);
  file.close();
  assert.is(device.image[106], 0);
  assert.is(marks[0], -1);
  assert.ok(marks.every((mark) => mark));
  fs.statvfs('/');
  fs.mkdir('/d');
  assert.is(device.image[112], Math.floor((6 / (fs.statvfs('/')[2] as number)) * 100));
  fs.umount();
});

test('what was in use when it was mounted stays marked, and frees nothing until a check has run', () => {
  const device = format(4 * MB);
  const first = mount(device);
  writeFile(first, '/f', pattern(100000, 1));
  writeFile(first, '/g', pattern(5000, 2));
  first.umount();
  device.image[106] |= 2;
  const fs = mount(device);
  const free = fs.statvfs('/')[3];
  fs.remove('/f');
  writeFile(fs, '/g', new Uint8Array(0));
  assert.is(fs.statvfs('/')[3], free);
  writeFile(fs, '/h', pattern(5000, 3));
  fs.umount();
  assert.is(device.image[106] & 2, 2);
  assert.equal(
    fsckExFat(device, { repair: true }).map((one) => one.code),
    ['dirty', 'lost'],
  );
  sound(device);
  assert.ok(mount(device).statvfs('/')[3] > free + 20);
});

test('of two names of one file, as a rename that was cut leaves them, writing to one leaves the other alone; a check takes the old one', () => {
  for (const [from, to] of [
    ['/a', '/sub/a name of more letters than before'],
    ['/~vfs.tmp', '/sub/a'],
  ]) {
    const device = format(4 * MB, { clusterSize: 512 });
    const fs = mount(device);
    fs.mkdir('/sub');
    for (let i = 0; i < 5; i++) {
      writeFile(fs, from, pattern(700, i), 'a');
      writeFile(fs, '/other', pattern(700, i), 'a');
    }
    const content = readFile(fs, from);
    fs.sync();
    const names: string[][] = [];
    let writes = 0;
    device.onSector = () => void writes++;
    const before = device.image.slice();
    fs.rename(from, to);
    const all = writes;
    for (let n = 0; n < all; n++) {
      const cut = new ImageDevice(before.slice());
      const victim = mount(cut);
      let left = n;
      cut.onSector = () => {
        if (!left--) throw new Error('cut');
      };
      assert.throws(() => victim.rename(from, to));
      cut.onSector = undefined;
      const seen = mount(cut, true);
      const there = [from, to].filter((name) => name in tree(seen));
      names.push(there);
      for (const name of there) assert.equal(readFile(seen, name), content, `${n} ${name}`);
      if (there.length < 2) continue;
      const next = mount(cut);
      writeFile(next, to, pattern(300, 77), 'a');
      assert.equal(readFile(next, from), content);
      assert.is(readFile(next, to).length, content.length + 300);
      next.remove(from);
      assert.is(readFile(next, to).length, content.length + 300);
      // Without that, a check.
      const other = new ImageDevice(before.slice());
      const again = mount(other);
      left = n;
      other.onSector = () => {
        if (!left--) throw new Error('cut');
      };
      assert.throws(() => again.rename(from, to));
      other.onSector = undefined;
      assert.ok(fsckExFat(other, { repair: true }).some((one) => one.code === 'shared' && one.path === from));
      sound(other);
      assert.equal(readFile(mount(other), to), content);
    }
    assert.ok(names.some((each) => each.length === 2));
    assert.ok(names.every((each) => each.length));
  }
});

test('renaming in place is one write', () => {
  const device = format(4 * MB);
  const fs = mount(device);
  writeFile(fs, '/a longer name', pattern(100, 1));
  fs.umount();
  const again = mount(device);
  const written: number[] = [];
  device.onSector = (block) => void written.push(block);
  again.rename('/a longer name', '/A Longer Name');
  again.rename('/A Longer Name', '/short');
  // The mark, the directory, the mark.
  assert.is(written.filter((block) => block).length, 2);
  assert.equal(Object.keys(tree(again)), ['/short']);
});

test('label and number', () => {
  const device = format(4 * MB);
  const fs = mount(device);
  assert.is(fs.label(), '');
  fs.setLabel('Käse 日本 😀');
  assert.is(fs.label(), 'Käse 日本 😀');
  assert.is(
    code(() => fs.setLabel('twelve units')),
    'EINVAL',
  );
  fs.setLabel('');
  assert.is(fs.label(), '');
  fs.setLabel('eleven char');
  fs.umount();
  assert.is(mount(device).label(), 'eleven char');
  assert.is(mount(device).volumeId(), Buffer.from(device.image).readUInt32LE(100));
  sound(device);
});

test('names: any case, 255 units, no dots and spaces at the end, what Windows forbids is EINVAL', () => {
  const device = format(4 * MB);
  const fs = mount(device);
  writeFile(fs, '/Straße Ünïcode ﬁ.txt', pattern(3, 1));
  assert.equal(readFile(fs, '/STRAßE ÜNÏCODE ﬁ.TXT'), pattern(3, 1));
  const long = '😀'.repeat(127) + 'x';
  writeFile(fs, `/${long}`, pattern(4, 1));
  assert.is(
    code(() => fs.open(`/${long}y`, 'w')),
    'ENAMETOOLONG',
  );
  writeFile(fs, '/dots. . ', pattern(5, 1));
  assert.equal(readFile(fs, '/DOTS'), pattern(5, 1));
  assert.equal(readFile(fs, '/dots...'), pattern(5, 1));
  for (const name of ['a:b', 'a*', 'a?', 'a"', 'a<', 'a>', 'a|', 'a\\b', 'a\u0001', '...', ' '])
    assert.is(
      code(() => fs.open(`/${name}`, 'w')),
      'EINVAL',
      name,
    );
  assert.equal(
    list(fs, '/')
      .map(([name]) => name)
      .sort(),
    ['Straße Ünïcode ﬁ.txt', 'dots', long],
  );
  fs.umount();
  // By others: what is listed can be opened.
  const at = setOf(device.image, 'dots');
  device.image[at + 72] = 46;
  device.image[at + 36] = device.image[at + 37] = 0;
  let hash = 0;
  for (const letter of 'DOT.') for (const byte of [letter.charCodeAt(0), 0]) hash = (((hash & 1) << 15) + (hash >> 1) + byte) & 0xffff;
  device.image[at + 36] = hash;
  device.image[at + 37] = hash >> 8;
  assert.equal(readFile(mount(device), '/dot.'), pattern(5, 1));
  stampSet(device.image, at);
  sound(device);
});

test('names that are paths do not leave the driver, and a directory in itself is ECORRUPT', () => {
  const device = format(4 * MB);
  const fs = mount(device);
  fs.mkdir('/dd');
  writeFile(fs, '/xx', pattern(5, 1));
  writeFile(fs, '/yy', pattern(5, 2));
  fs.umount();
  const xx = setOf(device.image, 'xx');
  device.image[xx + 66] = device.image[xx + 68] = 46;
  device.image[setOf(device.image, 'yy') + 66] = 47;
  assert.equal(
    list(mount(device), '/').map(([name]) => name),
    ['dd'],
  );
  // Its own first cluster as that of a directory in it.
  const root = layout(device.image);
  const dd = setOf(device.image, 'dd');
  const child = root.heap + (device.image[dd + 52] - 2) * root.clusterSize;
  device.image.copyWithin(child, dd, dd + 96);
  const damaged = mount(device);
  assert.is(
    code(() => damaged.stat('/dd/dd')),
    'ECORRUPT',
  );
  assert.ok(fsckExFat(device, { repair: true }).some((one) => one.code === 'shared'));
  sound(device);
});

test('what is marked as read-only is neither written nor removed', () => {
  const device = format(4 * MB);
  const fs = mount(device);
  writeFile(fs, '/f', pattern(5, 1));
  fs.umount();
  const at = setOf(device.image, 'f');
  device.image[at + 4] |= 1;
  const again = mount(device);
  for (const work of [() => again.open('/f', 'a'), () => again.remove('/f')]) assert.is(code(work), 'EACCES');
  assert.equal(readFile(again, '/f'), pattern(5, 1));
});

test('a full volume is ENOSPC, and what was there stays', () => {
  const device = format(2 * MB, { clusterSize: 512 });
  const fs = mount(device);
  writeFile(fs, '/keep', pattern(700, 1));
  const file = fs.open('/fill', 'w') as RawFile;
  let n = 0;
  assert.is(
    code(() => {
      for (; ; n++) file.writeAt(n * 4000, pattern(4000, n));
    }),
    'ENOSPC',
  );
  file.close();
  assert.is(fs.statvfs('/')[3], 0);
  assert.is(
    code(() => fs.mkdir('/d')),
    'ENOSPC',
  );
  fs.umount();
  sound(device);
  const again = mount(device);
  assert.equal(readFile(again, '/keep'), pattern(700, 1));
  assert.ok(readFile(again, '/fill').length >= n * 4000);
  again.remove('/fill');
  again.mkdir('/d');
  assert.ok(again.statvfs('/')[3] > 3000);
});

test('directories grow over many clusters, contiguous or not, with entry sets of every length', () => {
  const device = format(4 * MB, { clusterSize: 512 });
  const fs = mount(device);
  fs.mkdir('/d');
  fs.mkdir('/e');
  const names: string[] = [];
  for (let i = 0; i < 120; i++) {
    const name = `${i}-${'n'.repeat((i * 37) % 250)}`;
    names.push(name);
    for (const dir of ['/d', '/e']) writeFile(fs, `${dir}/${name}`, pattern(10, i));
  }
  for (const dir of ['/d', '/e'])
    assert.equal(
      list(fs, dir)
        .map(([name]) => name)
        .sort(),
      names.slice().sort(),
    );
  fs.umount();
  sound(device);
  const again = mount(device);
  for (const name of names) again.remove(`/d/${name}`);
  again.rmdir('/d');
  assert.is(list(again, '/e').length, 120);
  again.umount();
  sound(device);
});

test('a volume can be used by itself', () => {
  addDriver(exfat);
  const fs = new VfsExFat(format(4 * MB));
  fs.mkdir('logs');
  fs.chdir('/logs');
  const file = fs.open('a.txt', 'w');
  file.write('line');
  file.close();
  assert.equal(fs.listdir(), ['a.txt']);
  assert.is(fs.open('/LOGS/A.TXT').read(), 'line');
  assert.is(fs.getcwd(), '/logs');
});

test('a device that fails tells by its own error, and what was there stays', () => {
  const device = format(4 * MB);
  const fs = mount(device);
  writeFile(fs, '/keep', pattern(700, 1));
  device.onSector = () => {
    throw new Error('worn out');
  };
  assert.throws(() => writeFile(fs, '/new', pattern(5000, 2)), /worn out/);
  assert.throws(() => fs.rename('/keep', '/kept'), /worn out/);
  assert.equal(readFile(fs, '/keep'), pattern(700, 1));
  device.onSector = undefined;
  fs.rename('/keep', '/kept');
  assert.equal(Object.keys(tree(fs)), ['/kept']);
  fs.umount();
  sound(device);
});

test.run();
