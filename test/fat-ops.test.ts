/** What a volume promises: partitions, names, the dirty bit, FSInfo, calls of the device, read-only media. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RAMBlockDev } from '../modules/blockdev';
import type { VfsError } from '../modules/contract/errno';
import type { RawFile } from '../modules/contract/filesystem';
import { fat, VfsFat } from '../modules/fat';
import { fsckFat as fsck } from '../modules/fat/check/fsck.lazy';
import { format, ImageDevice, list, mount, pattern, readFile, tree, writeFile } from './support/fat';
import { rounds } from './support/rounds';

const refused = (code: string, work: () => void): void =>
  assert.throws(work, (error: VfsError) => error.code === code || assert.unreachable(`${error.message}, expected ${code}`));

/** Volumes at sectors of a larger device, each with a file that tells its number. */
function place(device: ImageDevice, places: number[], size: number): void {
  places.forEach((sector, i) => {
    const volume = format(size);
    const fs = mount(volume);
    writeFile(fs, '/which', pattern(10, i));
    fs.umount();
    device.image.set(volume.image, sector * 512);
  });
}

function entry(image: Uint8Array, at: number, type: number, start: number, count: number): void {
  const view = new DataView(image.buffer, image.byteOffset + at);
  view.setUint8(4, type);
  view.setUint32(8, start, true);
  view.setUint32(12, count, true);
}

function sign(image: Uint8Array, sector: number): void {
  image[sector * 512 + 510] = 0x55;
  image[sector * 512 + 511] = 0xaa;
}

test('primary and logical partitions are mounted by number, or the first that holds FAT', () => {
  const device = new ImageDevice(new Uint8Array(512 * 2000));
  entry(device.image, 446, 0x83, 10, 100);
  entry(device.image, 462, 0x04, 200, 200);
  entry(device.image, 478, 0x05, 1000, 900);
  sign(device.image, 0);
  for (const [table, next] of [
    [1000, 300],
    [1300, 600],
    [1600, 0],
  ]) {
    entry(device.image, table * 512 + 446, 0x04, 10, 200);
    if (next) entry(device.image, table * 512 + 462, 0x05, next, 250);
    sign(device.image, table);
  }
  place(device, [200, 1010, 1310, 1610], 200 * 512);
  const expected: Record<string, number> = { 2: 0, 5: 1, 6: 2, 7: 3 };
  for (const n of Object.keys(expected)) assert.equal(readFile(mount(device, false, Number(n)), '/which'), pattern(10, expected[n]), n);
  assert.equal(readFile(mount(device), '/which'), pattern(10, 0));
  for (const n of [0, 1, 3, 4, 8, 99]) refused('ENODEV', () => mount(device, false, n));
  assert.ok(fat.probe(device));
  // A table that leads to itself.
  entry(device.image, 1600 * 512 + 462, 0x05, 600, 250);
  refused('ENODEV', () => mount(device, false, 99));
});

test('partitions of a GPT are mounted by number', () => {
  const device = new ImageDevice(new Uint8Array(512 * 1000));
  entry(device.image, 446, 0xee, 1, 999);
  sign(device.image, 0);
  const view = new DataView(device.image.buffer);
  device.image.set(new TextEncoder().encode('EFI PART'), 512);
  view.setUint32(512 + 72, 2, true);
  view.setUint32(512 + 80, 128, true);
  view.setUint32(512 + 84, 128, true);
  for (const [n, start] of [
    [1, 100],
    [6, 400],
  ]) {
    const at = 1024 + (n - 1) * 128;
    view.setUint32(at, 0xebd0a0a2, true);
    view.setUint32(at + 32, start, true);
    view.setUint32(at + 40, start + 199, true);
  }
  place(device, [100, 400], 200 * 512);
  assert.equal(readFile(mount(device), '/which'), pattern(10, 0));
  assert.equal(readFile(mount(device, false, 6), '/which'), pattern(10, 1));
  refused('ENODEV', () => mount(device, false, 2));
});

test('mkfs makes a partition table when asked, and aligns', () => {
  const device = format(4 * 1024 * 1024, { partition: true, align: 65536, label: 'CARD' });
  const fs = mount(device, false, 1);
  assert.is((fs as unknown as { _start: number })._start, 128);
  assert.is(((fs as unknown as { _start: number })._start + (fs as unknown as { _dataStart: number })._dataStart) % 128, 0);
  writeFile(fs, '/f', pattern(100, 1));
  fs.umount();
  assert.equal(readFile(mount(device), '/f'), pattern(100, 1));
});

test('what holds no FAT is not recognised; what is damaged says so', () => {
  const blank = new ImageDevice(new Uint8Array(100 * 512));
  assert.not(fat.probe(blank));
  refused('ENODEV', () => mount(blank));
  const device = format(100 * 512);
  device.image[13] = 3;
  assert.ok(fat.probe(device));
  refused('ECORRUPT', () => mount(device));
  const short = format(100 * 512);
  short.image = short.image.slice(0, 50 * 512);
  refused('ECORRUPT', () => mount(short));
  refused('ENODEV', () => new VfsFat(device).stat('/'));
  assert.throws(() => new VfsFat({} as ImageDevice), TypeError);
});

test('names are found in any case, keep the case they were made with, and lose dots at their end', () => {
  const fs = mount(format(100 * 512));
  for (const name of ['readme.txt', 'UPPER', 'Mixed.Txt', 'Ünïcode ÿ', 'привет', 'ΑΒΓ']) writeFile(fs, '/' + name, pattern(3, 1));
  writeFile(fs, '/trailing. .', pattern(3, 1));
  const names = ['readme.txt', 'UPPER', 'Mixed.Txt', 'Ünïcode ÿ', 'привет', 'ΑΒΓ', 'trailing'];
  assert.equal(
    list(fs, '/').map(([name]) => name),
    names,
  );
  for (const name of ['README.TXT', 'Upper', 'mixed.txt', 'üNÏCODE Ÿ', 'ПРИВЕТ', 'αβγ', 'TRAILING...'])
    assert.is(fs.stat('/' + name)[6], 3, name);
  fs.rename('/upper', '/Upper');
  assert.is(list(fs, '/').filter(([name]) => name === 'Upper').length, 1);
  for (const name of ['a*b', 'a?', '"', 'a:b', '<', '>', 'a|b', 'back\\slash', 'tab\t', '. .', '...'])
    refused('EINVAL', () => fs.open('/' + name, 'w'));
  refused('ENAMETOOLONG', () => fs.open('/' + 'n'.repeat(256), 'w'));
  refused('ENAMETOOLONG', () => fs.open('/' + '😀'.repeat(128), 'w'));
  refused('EINVAL', () => fs.rename('/upper', '/a:b'));
});

test('an alias opens a long name, and removing it leaves no parts', () => {
  const device = format(100 * 512);
  const fs = mount(device);
  for (let i = 0; i < 30; i++) writeFile(fs, `/the same beginning ${i}`, pattern(i, i));
  assert.equal(readFile(fs, '/thesam~1'), pattern(0, 0));
  assert.equal(readFile(fs, '/THESAM~4'), pattern(3, 3));
  fs.remove('/thesam~2');
  refused('ENOENT', () => fs.stat('/the same beginning 1'));
  assert.is(list(fs, '/').length, 29);
});

test('the mark of a volume in use is set before the first change, and cleared by sync, umount, and when all is closed', () => {
  for (const options of [
    { type: 12, clusterSize: 512 },
    { type: 16, clusterSize: 512 },
    { type: 32, clusterSize: 512 },
  ]) {
    const device = format([100 * 1024, 4 * 1024 * 1024, 36 * 1024 * 1024][options.type >> 4], options);
    const reserved = device.image[14] | (device.image[15] << 8);
    const copy = device.image[36] | (device.image[37] << 8);
    const [at, bit] = { 12: [37, 1], 16: [reserved * 512 + 3, 128], 32: [reserved * 512 + 7, 8] }[options.type] as [number, number];
    // FAT12 has no room for it in the FAT: the byte of the boot sector is set where the others are cleared.
    const clean = (): boolean => (device.image[at] & bit) > 0 === options.type > 12;
    const fs = mount(device);
    refused('ENOENT', () => fs.remove('/none'));
    assert.is(readFile.length, 2);
    assert.is(device.blocksWritten > 0 && clean(), true);
    const file = fs.open('/f', 'w') as RawFile;
    assert.not(clean());
    file.writeAt(0, pattern(1000, 1));
    fs.sync();
    assert.ok(clean());
    file.writeAt(1000, pattern(1000, 1));
    assert.not(clean());
    const reader = fs.open('/f', 'r') as RawFile;
    file.close();
    assert.ok(clean());
    const changes: [string, () => void][] = [
      ['writing', () => writeFile(fs, '/g', pattern(2000, 2))],
      ['mkdir', () => fs.mkdir('/d')],
      ['rename', () => fs.rename('/g', '/d/h')],
      ['writing another', () => writeFile(fs, '/i', pattern(900, 3))],
      ['rename over a file', () => fs.rename('/i', '/d/h')],
      ['remove', () => fs.remove('/d/h')],
      ['rmdir', () => fs.rmdir('/d')],
      ['setLabel', () => fs.setLabel('LABEL')],
    ];
    for (const [name, change] of changes) {
      let seen = true;
      const image = device.image.slice();
      device.onSector = (block, data) => {
        const mark = block * 512 <= at && at < block * 512 + 512;
        if (mark) seen = (data[at - block * 512] & bit) > 0 === options.type > 12;
        else if (options.type < 32 || block !== reserved + copy) assert.not(seen, `${name}: written before the mark, or after it`);
      };
      change();
      device.onSector = undefined;
      assert.not.equal(device.image, image, name);
      assert.ok(clean(), name);
    }
    const before = device.blocksWritten;
    reader.close();
    fs.umount();
    assert.is(device.blocksWritten, before);
    // A volume that was dirty already stays so until it is checked.
    device.image[at] ^= bit;
    const again = mount(device);
    writeFile(again, '/g', pattern(10, 1));
    again.umount();
    assert.not(clean());
    fsck(device, { repair: true });
    assert.ok(clean());
  }
});

test('FSInfo with wrong numbers does no harm', () => {
  const device = format(36 * 1024 * 1024, { type: 32, clusterSize: 512 });
  const view = new DataView(device.image.buffer);
  for (const [free, next] of [
    [0, 2],
    [0xffffffff, 0xffffffff],
    [1, 0x0fffffff],
    [0x12345678, 0],
  ]) {
    view.setUint32(512 + 488, free, true);
    view.setUint32(512 + 492, next, true);
    const fs = mount(device);
    writeFile(fs, '/f', pattern(20000, 1));
    assert.equal(readFile(fs, '/f'), pattern(20000, 1));
    fs.umount();
  }
});

test('a read-only mount, or medium, writes nothing', () => {
  const device = format(200 * 512);
  const fs = mount(device);
  fs.mkdir('/d');
  writeFile(fs, '/d/f', pattern(100, 1));
  fs.umount();
  device.resetCounts();
  const view = mount(device, true);
  refused('EROFS', () => view.open('/new', 'w'));
  refused('EROFS', () => view.open('/d/f', 'r+'));
  refused('EROFS', () => view.mkdir('/e'));
  refused('EROFS', () => view.remove('/d/f'));
  refused('EROFS', () => view.rmdir('/d'));
  refused('EROFS', () => view.rename('/d', '/e'));
  refused('EROFS', () => view.setLabel('X'));
  assert.equal(Object.keys(tree(view)), ['/d', '/d/f']);
  view.umount();
  assert.is(device.writes, 0);
  refused('ENODEV', () => view.stat('/'));
  const reader = mount({ readblocks: (b: number, buf: Uint8Array) => device.readblocks(b, buf), ioctl: (op: number) => device.ioctl(op) });
  refused('EROFS', () => reader.open('/new', 'w'));
  assert.equal(readFile(reader, '/d/f'), pattern(100, 1));
});

test('files marked read-only are not written or removed', () => {
  const device = format(200 * 512);
  let fs = mount(device);
  writeFile(fs, '/LOCKED', pattern(100, 1));
  fs.umount();
  const at = Buffer.from(device.image).indexOf('LOCKED     ');
  device.image[at + 11] |= 1;
  fs = mount(device);
  refused('EACCES', () => fs.open('/locked', 'w'));
  refused('EACCES', () => fs.remove('/locked'));
  fs.rename('/locked', '/moved');
  assert.equal(readFile(fs, '/moved'), pattern(100, 1));
});

test('a sequential megabyte takes no more calls than FatFs needs', () => {
  const device = format(16 * 1024 * 1024, { type: 16, clusterSize: 2048 });
  const fs = mount(device);
  const content = pattern(1024 * 1024, 1);
  device.resetCounts();
  const file = fs.open('/big', 'w') as RawFile;
  for (let at = 0; at < content.length; at += 4096) file.writeAt(at, content.subarray(at, at + 4096));
  file.close();
  // FatFs writes each of the 512 clusters by itself. With FAT, entry, and the mark that is set and taken off:
  console.log(`NOTE: 1 MB in pieces of 4096: ${device.writes} writes, ${device.reads} reads`);
  assert.ok(device.writes <= 256 + 12, `${device.writes} writes`);
  assert.ok(device.reads <= 12, `${device.reads} reads`);
  device.resetCounts();
  assert.ok(Buffer.from(readFile(fs, '/big')).equals(content));
  console.log(`NOTE: read in one piece: ${device.reads} reads`);
  assert.ok(device.reads <= 8);
  device.resetCounts();
  writeFile(fs, '/again', content);
  console.log(`NOTE: written in one piece: ${device.writes} writes, ${device.reads} reads`);
  assert.ok(device.writes <= 12);
});

test('a small file that is made takes a write for each thing that changes: mark, data, FAT, entry, mark', () => {
  const device = format(16 * 1024 * 1024, { type: 16, clusterSize: 2048 });
  const fs = mount(device);
  writeFile(fs, '/FIRST.TXT', pattern(100, 1));
  device.resetCounts();
  writeFile(fs, '/SECOND.TXT', pattern(100, 2));
  console.log(`NOTE: a file of 100 bytes: ${device.writes} writes, ${device.reads} reads`);
  assert.is(device.writes, 5);
  assert.ok(device.reads <= 3, `${device.reads} reads`);
  device.resetCounts();
  writeFile(fs, '/SECOND.TXT', pattern(50, 3), 'a');
  // No FAT, as the cluster has room.
  assert.is(device.writes, 4);
  assert.ok(device.reads <= 3, `${device.reads} reads`);
});

test('a file that was made and is still open has its entry as soon as anything else is asked', () => {
  const asked: Record<string, (fs: VfsFat) => void> = {
    'its stat': (fs) => assert.is(fs.stat('/a new name.text')[6], 0),
    'the listing': (fs) =>
      assert.equal(
        list(fs, '/').map(([name]) => name),
        ['d', 'a new name.text'],
      ),
    'another file of that directory': (fs) => writeFile(fs, '/another new name', pattern(600, 2)),
    'opening it again': (fs) => refused('EBUSY', () => fs.open('/A NEW NAME.TEXT', 'w')),
    'making a directory': (fs) => fs.mkdir('/another directory'),
    'moving something there': (fs) => fs.rename('/d', '/moved directory'),
    'removing it': (fs) => refused('EBUSY', () => fs.remove('/a new name.text')),
    'the label': (fs) => fs.setLabel('LABEL'),
    syncing: (fs) => fs.sync(),
    nothing: () => undefined,
  };
  for (const [name, ask] of Object.entries(asked)) {
    const device = format(400 * 512);
    let fs = mount(device);
    fs.mkdir('/d');
    const file = fs.open('/a new name.text', 'w') as RawFile;
    file.writeAt(0, pattern(1300, 1));
    ask(fs);
    file.close();
    fs.umount();
    assert.equal(fsck(device), [], name);
    fs = mount(device);
    assert.equal(readFile(fs, '/a new name.text'), pattern(1300, 1), name);
    if (name === 'another file of that directory') assert.equal(readFile(fs, '/another new name'), pattern(600, 2));
  }
});

test('a file that was made comes with its content: a cut leaves no empty one', () => {
  const base = format(400 * 512);
  for (let cut = 0, done = false; !done; cut++) {
    const device = new ImageDevice(base.image.slice());
    let count = 0;
    device.onSector = () => {
      if (count++ >= cut) throw new Error('power cut');
    };
    try {
      writeFile(mount(device), '/made', pattern(300, 1));
      done = true;
    } catch (error) {
      assert.is((error as Error).message, 'power cut');
    }
    device.onSector = undefined;
    const fs = mount(device);
    for (const [name] of list(fs, '/')) assert.equal(readFile(fs, '/' + name), pattern(300, 1), `cut ${cut}`);
  }
});

test('where the entry of a file that was made cannot be written, the rest of the volume goes on', () => {
  const device = format(400 * 512);
  const fs = mount(device);
  const file = fs.open('/made', 'w') as RawFile;
  file.writeAt(0, pattern(300, 1));
  device.onSector = () => {
    throw new Error('no');
  };
  assert.throws(() => file.close(), 'no');
  device.onSector = undefined;
  writeFile(fs, '/other', pattern(700, 2));
  assert.equal(readFile(fs, '/other'), pattern(700, 2));
  refused('ENOENT', () => fs.stat('/made'));
  fs.umount();
  assert.equal(
    fsck(device)
      .map(({ code }) => code)
      .filter((code) => code !== 'lost'),
    [],
  );
});

test('a full volume is searched once, and keeps what was written', () => {
  const device = format(400 * 512);
  const fs = mount(device);
  const file = fs.open('/f', 'w') as RawFile;
  refused('ENOSPC', () => file.writeAt(0, pattern(400 * 512, 1)));
  const size = file.size();
  device.resetCounts();
  refused('ENOSPC', () => file.writeAt(size, pattern(1000, 1)));
  assert.is(device.reads, 0);
  assert.is(size, fs.statvfs('/')[2] * 512);
  file.close();
  assert.equal(readFile(fs, '/f'), pattern(400 * 512, 1).subarray(0, size));
  refused('ENOSPC', () => fs.mkdir('/d'));
  fs.remove('/f');
  fs.mkdir('/d');
  fs.umount();
});

test('a directory that is removed ends its listing, one that moves too', () => {
  const fs = mount(format(400 * 512));
  fs.mkdir('/d');
  for (let i = 0; i < 5; i++) writeFile(fs, `/d/${i}`, pattern(1, 1));
  const listing = fs.ilistdir('/d');
  listing.next();
  fs.rename('/d', '/e');
  refused('ENOENT', () => listing.next());
});

test('media of any damage give a coded error or an answer', () => {
  let x = 1;
  const below = (n: number): number => {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    return (x >>> 8) % n;
  };
  const base = format(300 * 512);
  const made = mount(base);
  made.mkdir('/docs');
  for (let i = 0; i < 12; i++) writeFile(made, `/docs/A long name for file ${i}`, pattern(600 * i, i));
  made.umount();
  for (let round = 0; round < rounds(1000); round++) {
    const device = new ImageDevice(base.image.slice());
    // Boot sector, FAT and directories are where it hurts.
    for (let k = 1 + below(4); k--; ) device.image[below(below(2) ? 70 : 45 * 512)] = below(3) ? below(256) : [0, 255, 0xe5, 1][below(4)];
    const coded = (work: () => void): void => {
      try {
        work();
      } catch (error) {
        if (!(error as VfsError).code) throw Object.assign(error as Error, { message: `round ${round}: ${(error as Error).message}` });
      }
    };
    coded(() => {
      const fs = mount(device);
      coded(() => {
        for (const [name, type] of [...list(fs, '/'), ...list(fs, '/docs').map(([one, kind]) => ['docs/' + one, kind] as const)])
          if (type === 0x8000) coded(() => readFile(fs, '/' + name));
      });
      coded(() => writeFile(fs, '/docs/new', pattern(3000, 1)));
      coded(() => writeFile(fs, '/docs/A long name for file 3', pattern(3000, 1), 'a'));
      coded(() => fs.remove('/docs/A long name for file 4'));
      coded(() => fs.rename('/docs/A long name for file 5', '/moved'));
      coded(() => fs.mkdir('/docs/more'));
      coded(() => fs.statvfs('/'));
      fs.umount();
    });
    assert.ok(device.reads + device.writes < 20000, `round ${round}: ${device.reads} reads`);
  }
});

for (const [type, sectors] of [
  [12, 4000],
  [16, 9000],
  [32, 70000],
])
  test(`FAT${type}: the last free cluster is found wherever it is`, () => {
    const bdev = new RAMBlockDev(512, sectors);
    VfsFat.mkfs(bdev, { type, clusterSize: 512 });
    const boot = new Uint8Array(512);
    bdev.readblocks(0, boot);
    const word = (i: number) => boot[i] | (boot[i + 1] << 8);
    const start = word(14);
    const size = word(22) || word(36);
    const volume = new VfsFat(bdev);
    volume.mount(true, false);
    const clusters = volume.statvfs('/')[2];
    volume.umount();
    for (const cluster of [3, 513, Math.floor(clusters / 2), clusters, clusters + 1]) {
      const table = new Uint8Array(size * 512).fill(255);
      const bit = cluster * type;
      for (let k = 0; k < type; k += 4) table[(bit + k) >> 3] &= (bit + k) & 4 ? 0x0f : 0xf0;
      for (let i = 0; i < size; i++) bdev.writeblocks(start + i, table.subarray(i * 512, i * 512 + 512));
      const full = new VfsFat(bdev);
      full.mount(false, false);
      const file = full.open(`/${cluster}.bin`, 'w');
      file.writeAt(0, new Uint8Array(512));
      refused('ENOSPC', () => file.writeAt(512, new Uint8Array(1)));
      file.close();
      assert.is(full.statvfs('/')[3], 0);
      full.umount();
    }
  });

test.run();
