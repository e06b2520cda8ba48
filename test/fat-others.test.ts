/** Volumes as others leave them: boot sectors, FSInfo, large cards, chains. What Linux, Windows and FatFs mount is mounted. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { VfsError } from '../modules/contract/errno';
import type { BlockDevice, RawFile } from '../modules/contract/filesystem';
import { VfsFat } from '../modules/fat';
import { fsckFat as fsck } from '../modules/fat/check/fsck.lazy';
import { format, hasTool, ImageDevice, list, mkfsFat, mount, pattern, random, readFile, writeFile } from './support/fat';
import { clusterAt, layout } from './support/fat-damage';
import { rounds } from './support/rounds';

const MB = 1024 * 1024;

const refused = (code: string, work: () => void, what = ''): void =>
  assert.throws(work, (error: VfsError) => error.code === code || assert.unreachable(`${what}: ${error.message}, expected ${code}`));

const put16 = (image: Uint8Array, at: number, value: number): void => image.set([value & 255, (value >> 8) & 255], at);
const put32 = (image: Uint8Array, at: number, value: number): void => {
  put16(image, at, value);
  put16(image, at + 2, value >>> 16);
};
const get32 = (image: Uint8Array, at: number): number => new DataView(image.buffer, image.byteOffset).getUint32(at, true);

/** By mkfs.fat, or by us where that is not installed; with a file. */
function made(type: number): Uint8Array {
  const size = type === 12 ? 200 * 1024 : type === 16 ? 5 * MB : 34 * MB;
  const image = hasTool('mkfs.fat') ? mkfsFat(size, '-F', String(type), '-s', '1') : format(size, { type, clusterSize: 512 }).image;
  const fs = mount(new ImageDevice(image));
  writeFile(fs, '/A.TXT', pattern(3000, type));
  fs.umount();
  return image;
}
const images = new Map([12, 16, 32].map((type) => [type, made(type)]));

/** A copy of such an image, changed. */
function changed(type: number, change: (image: Uint8Array) => void): ImageDevice {
  const image = (images.get(type) as Uint8Array).slice();
  change(image);
  return new ImageDevice(image);
}

interface Change {
  what: string;
  types?: number[];
  change(image: Uint8Array): void;
}

const set =
  (...bytes: number[]) =>
  (image: Uint8Array): void => {
    for (let i = 0; i < bytes.length; i += 2) image[bytes[i]] = bytes[i + 1];
  };

const harmless: Change[] = [
  { what: 'no name of the maker', change: (image) => image.fill(0, 3, 11) },
  ...[0xf0, 0xf9, 0xff, 0, 0x12].map((media) => ({ what: `media byte ${media}`, change: set(21, media) })),
  ...[0xe9, 0xe8, 0, 0x90, 0xff].map((jump) => ({ what: `jump ${jump}`, change: set(0, jump) })),
  { what: 'no signature', change: set(510, 0, 511, 0) },
  { what: 'neither jump nor signature', change: set(0, 0, 1, 0, 2, 0, 510, 0) },
  { what: 'other hidden sectors, heads and sectors of a track', change: (image) => image.fill(0x7b, 24, 32) },
  { what: 'no type string, label and number', change: (image) => image.fill(0, image[22] | image[23] ? 36 : 64, 90) },
  { what: 'a total of 16 and one of 32 bits', types: [12, 16], change: (image) => put32(image, 32, 0xfffffff0) },
  ...[0, 2, 31, 32, 0xffff].map((n) => ({ what: `FSInfo in ${n}`, types: [32], change: (image: Uint8Array) => put16(image, 48, n) })),
  ...[0, 1, 31, 32, 0xffff].map((n) => ({ what: `backup in ${n}`, types: [32], change: (image: Uint8Array) => put16(image, 50, n) })),
  ...[0x82, 0x8f, 0x0f].map((n) => ({ what: `active FAT ${n}`, types: [32], change: set(40, n) })),
  { what: 'FSInfo without a sign', types: [32], change: (image) => image.fill(0, 512, 1024) },
];

for (const { what, types, change } of harmless)
  test(`mounts, reads and writes: ${what}`, () => {
    for (const type of types ?? [12, 16, 32]) {
      const device = changed(type, change);
      const fs = mount(device);
      assert.equal(readFile(fs, '/A.TXT'), pattern(3000, type), `FAT${type}`);
      writeFile(fs, '/new.txt', pattern(2000, 7));
      fs.umount();
      assert.equal(readFile(mount(device), '/new.txt'), pattern(2000, 7), `FAT${type}`);
      // Nothing but what fsck.fat has to say, too.
      assert.equal(
        fsck(device).filter(({ code }) => !['fat', 'label', 'backup', 'fsinfo'].includes(code)),
        [],
        `FAT${type}`,
      );
    }
  });

if (hasTool('mkfs.fat'))
  test('one, three and four FATs, and FAT32 with any number of clusters', () => {
    const shapes: [number, string[]][] = [
      ...[1, 3, 4].map((n): [number, string[]] => [300 * 1024, ['-F', '12', '-s', '1', '-f', String(n)]]),
      ...[1, 3].map((n): [number, string[]] => [36 * MB, ['-F', '32', '-s', '1', '-f', String(n)]]),
      [32 * MB, ['-F', '32']],
      [MB, ['-F', '32', '-s', '1']],
      [300 * 1024, ['-F', '32', '-s', '4']],
    ];
    for (const [size, args] of shapes) {
      const device = new ImageDevice(mkfsFat(size, ...args));
      const fs = mount(device);
      writeFile(fs, '/f', pattern(20000, 1));
      fs.umount();
      assert.equal(fsck(device), [], args.join(' '));
      assert.equal(readFile(mount(device), '/f'), pattern(20000, 1));
    }
  });

const broken: Change[] = [
  ...[0, 3, 6, 255].map((n) => ({ what: `clusters of ${n} sectors`, change: set(13, n) })),
  ...[0, 100, 256, 513, 8192].map((n) => ({ what: `sectors of ${n} bytes`, change: (image: Uint8Array) => put16(image, 11, n) })),
  { what: 'nothing reserved', change: (image) => put16(image, 14, 0) },
  { what: 'no FAT', change: set(16, 0) },
  { what: 'a FAT of no sectors', change: (image) => image.fill(0, 22, 24) && image[82] === 0x46 && image.fill(0, 36, 40) },
  { what: 'no sectors in all', change: (image) => image.fill(0, 19, 21) && image.fill(0, 32, 36) },
  { what: 'fewer sectors than the FATs need', change: (image) => put16(image, 19, 3) },
  { what: 'a root directory of no entries', types: [12, 16], change: (image) => put16(image, 17, 0) },
  { what: 'a root directory that ends within a sector', change: (image) => put16(image, 17, 517) },
  { what: 'a root directory of entries on FAT32', types: [32], change: (image) => put16(image, 17, 512) },
  ...[0, 1, 0xfffffff, 69999].map((n) => ({ what: `root cluster ${n}`, types: [32], change: (image: Uint8Array) => put32(image, 44, n) })),
];

for (const { what, types, change } of broken)
  test(`is ECORRUPT: ${what}`, () => {
    for (const type of types ?? [12, 16, 32]) refused('ECORRUPT', () => mount(changed(type, change)), `FAT${type}`);
  });

let library: typeof import('fatfs-wasm') | undefined;
try {
  library = await import('fatfs-wasm');
} catch {
  console.log('SKIP: fatfs-wasm is not installed');
}

if (library) {
  const { FatFsDisk } = library;
  test('what FatFs mounts and reads is mounted and read, whatever bytes of the boot sector have changed', async () => {
    let agreed = 0;
    for (const type of [12, 16])
      for (let round = 0; round < rounds(20); round++) {
        const below = random(round * 7919 + type);
        const device = changed(type, (image) => {
          for (let n = 1 + below(3); n; n--)
            image[below(3) ? below(62) : [510, 511, 21, 16, 0, 13, 19, 20][below(8)]] = below(3) ? below(256) : [0, 1, 2, 255][below(4)];
        });
        let theirs: Uint8Array | undefined;
        try {
          const disk = await FatFsDisk.create(device.image.slice());
          disk.mount();
          theirs = disk.readFile('/A.TXT');
        } catch {
          continue;
        }
        if (Buffer.compare(theirs, pattern(3000, type))) continue;
        assert.equal(readFile(mount(device), '/A.TXT'), pattern(3000, type), `FAT${type}, round ${round}`);
        agreed++;
      }
    assert.ok(agreed > rounds(13), `${agreed}`);
  });
}

test('a volume somewhat larger than its card, or its partition, has the clusters that are there', () => {
  for (const type of [12, 16, 32])
    for (const missing of [1, 64, 130]) {
      const whole = images.get(type) as Uint8Array;
      const sectors = whole.length / 512;
      const short = new ImageDevice(whole.slice(0, (sectors - missing) * 512));
      const card = new ImageDevice(new Uint8Array((sectors + 200) * 512).fill(0xaa));
      card.image.fill(0, 0, 512);
      card.image.set(whole, 100 * 512);
      card.image.fill(0xaa, (100 + sectors - missing) * 512);
      card.image.set([0, 0, 0, 0, 6], 446);
      put32(card.image, 454, 100);
      put32(card.image, 458, sectors - missing);
      put16(card.image, 510, 0xaa55);
      // A table may promise more than the card has.
      const cut = new ImageDevice(card.image.slice(0, (100 + sectors - missing) * 512));
      put32(cut.image, 458, sectors);
      for (const device of [short, card, cut]) {
        const fs = mount(device);
        assert.equal(readFile(fs, '/A.TXT'), pattern(3000, type));
        const [size, , , free] = fs.statvfs('/');
        const clusters = mount(new ImageDevice(whole)).statvfs('/')[3];
        assert.is(free, clusters - missing, `FAT${type}, ${missing}`);
        if (type === 12) {
          // Full to the last sector that is there, and no further.
          writeFile(fs, '/all', pattern(free * size, 5));
          refused('ENOSPC', () => writeFile(fs, '/more', pattern(1, 1)));
          assert.ok(Buffer.from(readFile(fs, '/all')).equals(pattern(free * size, 5)));
          if (device === card) assert.ok(card.image.subarray((100 + sectors - missing) * 512).every((byte) => byte === 0xaa));
        }
        fs.umount();
      }
    }
  // Not half of it.
  refused('ECORRUPT', () => mount(new ImageDevice((images.get(16) as Uint8Array).slice(0, 2.4 * MB - ((2.4 * MB) % 512)))));
});

/** Free clusters by the FAT alone. */
function reallyFree(image: Uint8Array): number {
  const fresh = new ImageDevice(image.slice());
  if (layout(image).root === layout(image).data) put32(fresh.image, 512 + 488, 0xffffffff);
  return mount(fresh).statvfs('/')[3];
}

test('the number of free clusters is never that of a wrong FSInfo, however clean the volume', () => {
  const device = changed(32, () => {});
  for (const wrong of [0, 1, 255, 60000, 69000, 0xfffffffe, 0xffffffff]) {
    put32(device.image, 512 + 488, wrong);
    const fs = mount(device);
    writeFile(fs, `/before ${wrong}`, pattern(5000, 1));
    assert.is(fs.statvfs('/')[3], reallyFree(device.image), `${wrong}`);
    writeFile(fs, `/after ${wrong}`, pattern(5000, 1));
    fs.remove(`/before ${wrong}`);
    fs.sync();
    assert.is(fs.statvfs('/')[3], reallyFree(device.image), `${wrong}`);
    fs.umount();
    assert.is(get32(device.image, 512 + 488), reallyFree(device.image));
    assert.equal(fsck(device), []);
  }
});

test('what was counted and unmounted here is not counted again; what others did in between is', () => {
  const device = changed(32, () => {});
  const first = mount(device);
  writeFile(first, '/e', pattern(5000, 1));
  first.statvfs('/');
  first.umount();
  device.resetCounts();
  const second = mount(device);
  const free = second.statvfs('/')[3];
  assert.ok(device.reads < 8, `${device.reads} reads`);
  writeFile(second, '/f', pattern(512 * 9, 1));
  assert.is(second.statvfs('/')[3], free - 9);
  second.umount();
  // One that knows nothing of our checksum, and was cut off before it wrote FSInfo.
  const info = device.image.slice(512, 1024);
  const other = mount(device);
  writeFile(other, '/g', pattern(512 * 1000, 1));
  other.umount();
  device.image.set(info, 512);
  assert.is(mount(device).statvfs('/')[3], free - 1009);
});

test('gc counts free clusters ahead of time, in steps as large as asked, while files come and go', () => {
  for (const type of [12, 16, 32]) {
    const device = changed(type, () => {});
    const fs = mount(device);
    let more = true;
    for (let step = 0; more; step++) {
      device.resetCounts();
      more = fs.gc(2);
      assert.ok(device.reads <= (type === 12 ? 6 : 4), `${device.reads} reads`);
      assert.ok(step < 200);
      writeFile(fs, `/${step}`, pattern(1500, step));
      if (step % 3 === 2) fs.remove(`/${step - 1}`);
    }
    assert.not(fs.gc());
    device.resetCounts();
    const told = fs.statvfs('/')[3];
    assert.is(device.reads, 0);
    fs.sync();
    assert.is(told, reallyFree(device.image), `FAT${type}`);
  }
});

/** A card of so many sectors, of which those that were never written are zeros. */
class Card implements BlockDevice {
  sectors = new Map<number, Uint8Array>();
  reads = 0;
  size: number;
  constructor(size: number) {
    this.size = size;
  }
  readblocks(block: number, buf: Uint8Array): void {
    this.reads++;
    for (let at = 0; at < buf.length; at += 512) {
      const sector = this.sectors.get(block + at / 512);
      if (sector) buf.set(sector, at);
      else buf.fill(0, at, at + 512);
    }
  }
  writeblocks(block: number, buf: Uint8Array): void {
    for (let at = 0; at < buf.length; at += 512) this.sectors.set(block + at / 512, buf.slice(at, at + 512));
  }
  ioctl(op: number): number {
    return op === 4 ? this.size : op === 5 ? 512 : 0;
  }
}

test('a card of 32 GB is searched and counted many sectors a call, and first where room is likely', () => {
  const fullSector = new Uint8Array(512).map((_, i) => (i % 4 === 3 ? 0x0f : 0xff));
  // Which of the 7,600 sectors of the FAT are full, and how many calls the first file may take.
  const cards: [string, (sector: number) => boolean, number][] = [
    ['empty', () => false, 40],
    ['three quarters full', (sector) => sector < 5700, 60],
    ['nearly full', (sector) => sector < 7500, 100],
    ['full but for one place', (sector) => sector !== 3001, 1000],
  ];
  for (const [what, isFull, most] of cards) {
    const card = new Card(62500000);
    VfsFat.mkfs?.(card, { type: 32, clusterSize: 32768 });
    const boot = card.sectors.get(0) as Uint8Array;
    const fatSize = get32(boot, 36);
    for (let sector = 0; sector < fatSize; sector++)
      for (let copy = 0; copy < 2; copy++)
        if (isFull(sector)) card.sectors.set(boot[14] + boot[15] * 256 + copy * fatSize + sector, fullSector);
    (card.sectors.get(1) as Uint8Array).fill(255, 488, 496);
    const fs = mount(card);
    card.reads = 0;
    writeFile(fs, '/new', pattern(10, 1));
    assert.ok(card.reads <= most, `${what}: the first file takes ${card.reads} reads`);
    card.reads = 0;
    writeFile(fs, '/second', pattern(10, 1));
    assert.ok(card.reads < 40, `${what}: the second file takes ${card.reads} reads`);
    card.reads = 0;
    fs.statvfs('/');
    assert.ok(card.reads < 1000, `${what}: free space takes ${card.reads} reads`);
    assert.equal(readFile(fs, '/new'), pattern(10, 1));
    fs.umount();
  }
});

test('what was formatted here need not be counted', () => {
  const device = format(40 * MB, { type: 32, clusterSize: 512 });
  const fs = mount(device);
  device.resetCounts();
  const free = fs.statvfs('/')[3];
  assert.is(device.reads, 0);
  assert.is(free, reallyFree(device.image));
});

test('a free cluster anywhere is found', () => {
  for (const type of [12, 16, 32]) {
    const last = mount(changed(type, () => {})).statvfs('/')[2] + 1;
    for (const cluster of [9, 130, Math.floor(last / 2), last - 1, last]) {
      const device = changed(type, (image) => {
        const l = layout(image);
        for (let copy = 0; copy < image[16]; copy++) {
          image.fill(0xff, l.fat + copy * l.fatBytes + Math.floor(((type > 16 ? 9 : 8) * type) / 8), l.fat + (copy + 1) * l.fatBytes);
          const at = l.fat + copy * l.fatBytes + Math.floor((cluster * type) / 8);
          if (type > 12) image.fill(0, at, at + type / 8);
          // FAT32: the upper four bits say nothing.
          if (type > 16) image[at + 3] = 0xf0;
          if (type === 12) {
            image[at] &= cluster & 1 ? 0x0f : 0;
            image[at + 1] &= cluster & 1 ? 0 : 0xf0;
          }
        }
      });
      const fs = mount(device);
      assert.is(fs.statvfs('/')[3], 1, `FAT${type}, ${cluster}`);
      writeFile(fs, '/one', pattern(300, 1));
      assert.is(fs.statvfs('/')[3], 0);
      assert.equal(readFile(fs, '/one'), pattern(300, 1));
      refused('ENOSPC', () => writeFile(fs, '/two', pattern(1, 1)));
    }
  }
});

/** Lets the entry of cluster `from` lead to `to`. */
function link(image: Uint8Array, from: number, to: number): void {
  const l = layout(image);
  for (let copy = 0; copy < image[16]; copy++) put16(image, l.fat + copy * l.fatBytes + 2 * from, to);
}

test('a chain that leads back into itself is ECORRUPT at once, for files and directories', () => {
  for (const length of [2, 3, 5, 40, 200])
    for (const back of [0, 1, Math.floor(length / 2), length - 1]) {
      const device = format(5 * MB, { type: 16, clusterSize: 512 });
      const fs = mount(device);
      fs.mkdir('/d');
      const first = fs.statvfs('/')[2] - fs.statvfs('/')[3] + 2;
      writeFile(fs, '/looped', pattern(512 * length, 1));
      fs.umount();
      link(device.image, first + length - 1, first + back);
      const entry = Buffer.from(device.image).indexOf('LOOPED  ');
      // A size for which the loop would be gone through a thousand times.
      put32(device.image, entry + 28, 4 * MB);
      const looped = mount(device);
      device.resetCounts();
      refused('ECORRUPT', () => readFile(looped, '/looped'), `${length}, ${back}`);
      assert.ok(device.blocksRead < length + 30, `${length}, ${back}: ${device.blocksRead} sectors read`);
      // The same clusters as a directory that does not end.
      const l = layout(device.image);
      device.image[entry + 11] = 16;
      put32(device.image, entry + 28, 0);
      for (let i = 0; i < length; i++)
        for (let slot = 0; slot < 16; slot++) {
          const at = clusterAt(l, first + i) + slot * 32;
          device.image.fill(0, at, at + 32);
          device.image.set(new TextEncoder().encode(`${String(i * 16 + slot).padStart(8, '0')}TXT `), at);
        }
      const listed = mount(device);
      device.resetCounts();
      refused('ECORRUPT', () => list(listed, '/looped'), `${length}, ${back}`);
      refused('ECORRUPT', () => listed.stat('/looped/none'));
      assert.ok(device.blocksRead < 6 * length + 60, `${length}, ${back}: ${device.blocksRead} sectors read`);
    }
});

test('a size that the volume cannot hold is ECORRUPT before memory is taken for it, and can be done away with', () => {
  for (const type of [12, 16, 32])
    for (const size of [0xffffffff, 0x7fffffff, 40 * MB]) {
      const device = changed(type, (image) => put32(image, Buffer.from(image).indexOf('A       TXT') + 28, size));
      const fs = mount(device);
      assert.is(fs.stat('/a.txt')[6], size);
      for (const mode of ['r', 'a', 'r+']) refused('ECORRUPT', () => fs.open('/a.txt', mode));
      (fs.open('/a.txt', 'w') as RawFile).close();
      assert.is(fs.stat('/a.txt')[6], 0);
    }
});

test('times are those of the calendar to 2107, 2100 without a leap day, and impossible ones are 0', () => {
  const at = (y: number, mo: number, d: number, h = 0, mi = 0, s = 0): number =>
    (((y - 1980) << 25) | (mo << 21) | (d << 16) | (h << 11) | (mi << 5) | (s >> 1)) >>> 0;
  const device = format(100 * 512);
  writeFile(mount(device), '/F', pattern(1, 1));
  const entry = Buffer.from(device.image).indexOf('F          ');
  const read = (time: number): number => {
    put32(device.image, entry + 22, time);
    return mount(device).stat('/F')[8];
  };
  for (const [y, mo, d, h, mi, s] of [
    [1980, 1, 1, 0, 0, 0],
    [1980, 2, 29, 23, 59, 58],
    [2000, 2, 29, 12, 0, 0],
    [2024, 12, 31, 1, 2, 4],
    [2038, 1, 19, 3, 14, 8],
    [2099, 12, 31, 0, 0, 0],
    [2100, 2, 28, 23, 59, 58],
    [2100, 3, 1, 0, 0, 0],
    [2104, 2, 29, 0, 0, 0],
    [2107, 12, 31, 23, 59, 58],
  ])
    assert.is(read(at(y, mo, d, h, mi, s)), Date.UTC(y, mo - 1, d, h, mi, s) / 1000, `${y}-${mo}-${d}`);
  for (const [y, mo, d, h, mi, s] of [
    [1980, 0, 0, 0, 0, 0],
    [2021, 0, 5, 0, 0, 0],
    [2021, 13, 1, 0, 0, 0],
    [2021, 15, 1, 0, 0, 0],
    [2021, 5, 0, 0, 0, 0],
    [2021, 2, 29, 0, 0, 0],
    [2020, 2, 30, 0, 0, 0],
    [2100, 2, 29, 0, 0, 0],
    [2021, 4, 31, 0, 0, 0],
    [2021, 11, 31, 0, 0, 0],
    [2021, 5, 5, 24, 0, 0],
    [2021, 5, 5, 31, 0, 0],
    [2021, 5, 5, 5, 60, 0],
    [2021, 5, 5, 5, 5, 60],
  ])
    assert.is(read(at(y, mo, d, h, mi, s)), 0, `${y}-${mo}-${d} ${h}:${mi}:${s}`);
  const now = Date.now;
  try {
    for (const moment of [Date.UTC(2100, 1, 28, 12), Date.UTC(2100, 2, 1), Date.UTC(2104, 1, 29), Date.UTC(2107, 11, 31, 23, 59, 58)]) {
      Date.now = () => moment;
      const fs = mount(device);
      writeFile(fs, '/F', pattern(2, 1));
      assert.is(fs.stat('/F')[8] * 1000, moment);
      fs.umount();
    }
    Date.now = () => Date.UTC(2200, 0, 1);
    const fs = mount(device);
    writeFile(fs, '/F', pattern(3, 1));
    assert.is(new Date(fs.stat('/F')[8] * 1000).getUTCFullYear(), 2107);
  } finally {
    Date.now = now;
  }
});

test.run();
