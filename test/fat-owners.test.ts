/** One chain has one owner: volumes with two names of one chain, as cuts and other systems leave them, and what comes of them. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { RawFile } from '../modules/contract/filesystem';
import { VfsFat } from '../modules/fat';
import { fsckFat as fsck } from '../modules/fat/check/fsck.lazy';
import { format, fsckFat, hasTool, ImageDevice, list, mkfsFat, mount, mtool, pattern, readFile, writeFile } from './support/fat';
import { layout } from './support/fat-damage';

const KINDS: [string, () => ImageDevice][] = [
  ['FAT12', () => format(200 * 512, { clusterSize: 512 })],
  ['FAT16', () => format(4300 * 512, { type: 16, clusterSize: 512 })],
  ['FAT32', () => format(67300 * 512, { type: 32, clusterSize: 512 })],
];

const GOOD = pattern(1800, 7);

/** Byte of the 8.3 entry of that name. */
function entryAt(image: Uint8Array, name: string): number {
  const raw = name.split('.');
  const wanted = raw[0].padEnd(8) + (raw[1] ?? '').padEnd(3);
  for (let at = layout(image).root; at < image.length; at += 32)
    if (Buffer.from(image.subarray(at, at + 11)).toString('latin1') === wanted && image[at + 11] !== 15) return at;
  throw new Error(`no ${name}`);
}

/** Marks a volume as in use, as this driver does it. */
function markDirty(image: Uint8Array): void {
  const { fat } = layout(image);
  const type = Buffer.from(image.subarray(54, 59)).toString() === 'FAT12' ? 12 : image[22] ? 16 : 32;
  if (type === 12) image[37] |= 1;
  else image[fat + type / 4 - 1] &= ~(2048 >> (type / 4));
}

/** `A` and `D/B` name the chain of `GOOD`; `older` says which of them is 10 ms older, neither if it is ''. */
function twoNames(make: () => ImageDevice, older: string, names = ['A', 'B']): ImageDevice {
  const device = make();
  const fs = mount(device);
  fs.mkdir('/D');
  writeFile(fs, '/first', pattern(600, 1));
  writeFile(fs, `/${names[0]}`, GOOD);
  writeFile(fs, `/D/${names[1]}`, new Uint8Array(0));
  writeFile(fs, '/last', pattern(600, 2));
  fs.umount();
  const [a, b] = names.map((name) => entryAt(device.image, name.toUpperCase()));
  device.image.copyWithin(b + 12, a + 12, a + 32);
  device.image[a + 13] = older === names[1] ? 0 : 199;
  device.image[b + 13] = older === names[0] ? 0 : 199;
  markDirty(device.image);
  return device;
}

const write = (fs: VfsFat, path: string, mode: string, work: (file: RawFile) => void): void => {
  const file = fs.open(path, mode) as RawFile;
  work(file);
  file.close();
};
const CHANGES: [string, (fs: VfsFat, path: string, other: string) => void, boolean?][] = [
  ['removed', (fs, path) => fs.remove(path)],
  ['emptied and written', (fs, path) => writeFile(fs, path, pattern(900, 3))],
  ['truncated', (fs, path) => write(fs, path, 'r+', (file) => file.truncate(700))],
  ['appended to', (fs, path) => writeFile(fs, path, pattern(900, 4), 'a')],
  ['overwritten in its middle', (fs, path) => write(fs, path, 'r+', (file) => file.writeAt(600, pattern(500, 5)))],
  ['moved', (fs, path) => fs.rename(path, '/D/moved with a long name')],
  ['replaced by another', (fs, path) => fs.rename('/first', path)],
  ['renamed again to the other', (fs, path, other) => fs.rename(path, other)],
];

for (const [kind, make] of KINDS) {
  test(`${kind}: whatever is done by one of two names of a chain, the other keeps the content`, () => {
    for (const older of kind === 'FAT32' ? [''] : ['', 'A', 'B'])
      for (const [what, change] of CHANGES)
        for (const [path, other] of [
          ['/A', '/D/B'],
          ['/D/B', '/A'],
        ]) {
          const device = twoNames(make, older);
          let fs = mount(device);
          assert.equal(readFile(fs, path), GOOD);
          change(fs, path, other);
          const check = (when: string): void => {
            assert.equal(readFile(fs, other), GOOD, `${path} ${what}, ${when}: ${other}`);
            assert.equal(readFile(fs, '/last'), pattern(600, 2));
          };
          check('then');
          // What is free now is used.
          for (let i = 0; i < 6; i++) writeFile(fs, `/fill${i}`, pattern(1500, 20 + i));
          check('and other files were written');
          fs.umount();
          fs = mount(device);
          check('and mounted again');
          // The last of the names frees the chain.
          fs.remove(other);
          for (let i = 0; i < 6; i++) assert.equal(readFile(fs, `/fill${i}`), pattern(1500, 20 + i));
          fs.umount();
          fsck(device, { repair: true });
          assert.equal(fsck(device), []);
        }
  });

  test(`${kind}: a check keeps the newer of two names, and a user's name rather than ~vfs.tmp`, () => {
    for (const [names, older, kept] of [
      [['A', 'B'], 'A', '/D/B'],
      [['A', 'B'], 'B', '/A'],
      [['~VFS.TMP', 'B'], '', '/D/B'],
      [['A', '~VFS.TMP'], '', '/A'],
    ] as [string[], string, string][]) {
      const device = twoNames(make, older, names);
      const found = fsck(device, { repair: true });
      assert.is(found.filter((each) => each.code === 'shared').length, 1);
      const fs = mount(device);
      assert.equal(readFile(fs, kept), GOOD);
      assert.is(list(fs, '/').length + list(fs, '/D').length, 4, JSON.stringify(found));
    }
  });

  test(`${kind}: a check keeps the newest of several names, also if it was renamed again after the cut`, () => {
    for (const [older, path, left] of [
      ['A', '/D/B', '/A'],
      ['B', '/A', '/D/B'],
    ]) {
      const device = twoNames(make, older);
      let fs = mount(device);
      fs.rename(path, '/D/again');
      fs.rename('/D/again', '/at last');
      fs.umount();
      fsck(device, { repair: true });
      fs = mount(device);
      assert.equal(readFile(fs, '/at last'), GOOD);
      assert.throws(() => fs.stat(left), /ENOENT/);
    }
  });

  test(`${kind}: of two names of a directory the old one goes with the first change, and nothing in it`, () => {
    for (const older of ['A', 'B']) {
      const device = make();
      let fs = mount(device);
      fs.mkdir('/A');
      fs.mkdir('/D');
      writeFile(fs, '/A/inside', GOOD);
      writeFile(fs, '/D/B', new Uint8Array(0));
      fs.umount();
      const [a, b] = ['A', 'B'].map((name) => entryAt(device.image, name));
      device.image.copyWithin(b + 11, a + 11, a + 32);
      device.image[a + 13] = older === 'B' ? 0 : 199;
      device.image[b + 13] = older === 'A' ? 0 : 199;
      markDirty(device.image);
      fs = mount(device);
      writeFile(fs, '/new', pattern(10, 1));
      const [gone, kept] = older === 'A' ? ['/A', '/D/B'] : ['/D/B', '/A'];
      assert.throws(() => fs.stat(gone), /ENOENT/);
      assert.equal(readFile(fs, `${kept}/inside`), GOOD);
    }
  });

  test(`${kind}: a deleted slot names no cluster`, () => {
    const device = make();
    const fs = mount(device);
    const sizes = (): number => {
      let found = 0;
      const l = layout(device.image);
      for (let at = l.root; at < l.data + 40 * l.clusterSize; at += 32)
        if (device.image[at] === 0xe5 && device.image.subarray(at + 20, at + 22).some(Boolean)) found++;
        else if (device.image[at] === 0xe5 && device.image.subarray(at + 26, at + 32).some(Boolean)) found++;
      return found;
    };
    for (const name of ['/PLAIN', '/a long name of a file', '/another long name of a file'])
      writeFile(fs, name, new Uint8Array(700).fill(65));
    fs.remove('/PLAIN');
    fs.mkdir('/dir');
    fs.rename('/a long name of a file', '/dir/moved');
    fs.rename('/another long name of a file', '/dir/moved');
    fs.remove('/dir/moved');
    fs.rmdir('/dir');
    fs.umount();
    assert.is(sizes(), 0);
  });
}

test('a volume that was in use stays so until it is checked; then it is marked anew', () => {
  for (const [kind, make] of KINDS) {
    const device = make();
    markDirty(device.image);
    const before = device.image.slice(0, 1024 * 40);
    const fs = mount(device);
    fs.mkdir('/d');
    fs.umount();
    assert.ok(
      fsck(device).some((each) => each.code === 'dirty'),
      kind,
    );
    VfsFat.fsck?.(device, { repair: true });
    assert.equal(fsck(device), []);
    assert.not.equal(device.image.slice(0, 1024 * 40), before);
  }
});

test('renaming thousands of duplicates takes a device as many calls for each as for a few', () => {
  const calls = (count: number): number => {
    const device = format(3 * 1024 * 1024, { type: 12, clusterSize: 4096 });
    const fs = mount(device);
    fs.mkdir('/D');
    for (let i = 0; i < count; i++) fs.open(`/D/F${i}`, 'w').close();
    fs.umount();
    for (let at = layout(device.image).data; at < device.image.length; at += 32)
      if (device.image[at] === 70 && device.image[at + 11] === 32) device.image.set(Buffer.from('F       '), at);
    device.resetCounts();
    const found = fsck(device, { repair: true });
    assert.is(found.filter((each) => each.code === 'duplicate').length, count - 1);
    assert.equal(fsck(device), []);
    return device.blocksRead / count;
  };
  const few = calls(200);
  const many = calls(1600);
  assert.ok(many < 2 * few + 5, `${few} sectors for each of 200, ${many} for each of 1600`);
});

if (hasTool('fsck.fat') && hasTool('mkfs.fat') && hasTool('mtype')) {
  const images: [string, () => Uint8Array, number][] = [
    ['FAT12', () => mkfsFat(1024 * 1024, '-F', '12', '-s', '1'), 36],
    ['FAT16', () => mkfsFat(8 * 1024 * 1024, '-F', '16', '-s', '1'), 36],
    ['FAT32', () => mkfsFat(36 * 1024 * 1024, '-F', '32', '-s', '1'), 64],
  ];
  const clean = (what: string, image: Uint8Array): void => {
    const device = new ImageDevice(image);
    fsck(device, { repair: true });
    assert.equal(fsck(device), [], what);
    assert.equal(fsckFat(image), { exit: 0, lines: [] }, what);
  };
  test('mtools reads a volume that was written to and not unmounted', () => {
    for (const [kind, make] of KINDS) {
      const device = make();
      const fs = mount(device);
      writeFile(fs, '/READ.ME', GOOD);
      fs.mkdir('/D');
      assert.equal(new Uint8Array(mtool('mtype', device.image, '::READ.ME')), GOOD, kind);
      assert.equal(fsckFat(device.image), { exit: 0, lines: [] }, kind);
    }
  });
  test('FAT32 whose copy of the boot sector has no place of its own: a repair ends clean', () => {
    for (const [info, copy] of [
      [1, 1],
      [6, 6],
      [1, 0],
      [6, 0],
      [1, 32],
      [1, 0xffff],
    ]) {
      const image = images[2][1]();
      image[48] = info;
      image[50] = copy;
      image[51] = copy >> 8;
      clean(`FSInfo ${info}, copy ${copy}`, image);
    }
  });
  for (const [kind, make, tail] of images)
    test(`${kind}: labels without the extended signature, or with the bit of a directory: a repair ends clean`, () => {
      for (const signature of [0x29, 0x28, 0])
        for (const attributes of [0, 8, 0x18, 0x38]) {
          const image = make();
          image[tail + 2] = signature;
          if (attributes) {
            image.set(Buffer.from('VOLUME     '), layout(image).root);
            image[layout(image).root + 11] = attributes;
          }
          const name = `signature ${signature}, attributes ${attributes}`;
          clean(name, image);
          if (attributes) assert.is(mount(new ImageDevice(image)).label(), 'VOLUME', name);
        }
    });
}

test.run();
