import { crc32 } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { VfsError } from '../modules/contract/errno';
import { type RomTree, romfs, romIoctl, VfsRom } from '../modules/index';
import * as vfs from '../modules/vfs';
import { forGolden, type GoldenManifest, goldenImage, goldenManifest } from './support/golden';
import { mappedDevice } from './support/mapped';
import { exerciseRom, randomTree } from './support/rom';
import { generator } from './torture/random';

interface RomManifest extends GoldenManifest {
  damaged?: boolean;
  source?: { [path: string]: string };
}

const bytes = (...list: number[]): Uint8Array => Uint8Array.from(list);

function code(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    assert.instance(error, Error);
    return (error as VfsError).code || String(error);
  }
  return 'nothing';
}

/** Mounts at /r, runs, unmounts. */
function at<T>(fs: Parameters<typeof vfs.mount>[0], run: () => T, options?: vfs.MountOptions): T {
  vfs.mount(fs, '/r', options);
  try {
    return run();
  } finally {
    vfs.umount('/r', { force: true });
  }
}

const shown = () => {
  const list: unknown[] = [];
  const steps = vfs.walk('/r');
  for (let step = steps.next(); !step.done; step = steps.next()) {
    const [dir, dirs, files] = step.value as vfs.WalkStep;
    for (const name of dirs) list.push({ path: `${dir}/${name}`.slice(2), type: 'dir' });
    for (const name of files) {
      const path = `${dir}/${name}`;
      const data = vfs.readFile(path);
      const sum = (crc32(data) >>> 0).toString(16).padStart(8, '0');
      assert.is(vfs.stat(path)[6], data.length);
      list.push({ path: path.slice(2), type: 'file', size: data.length, crc32: sum });
    }
  }
  return list.sort((a, b) => ((a as { path: string }).path < (b as { path: string }).path ? -1 : 1));
};

forGolden('rom', (name) => {
  const manifest = goldenManifest<RomManifest>('rom', name);
  const image = goldenImage('rom', name);
  const ways: [string, () => VfsRom | ReturnType<typeof mappedDevice>][] = [
    ['as bytes', () => new VfsRom(image)],
    ['on a device that maps', () => mappedDevice(image, 512)],
    ['on a device that maps blocks of 16 bytes apart', () => mappedDevice(image, 16, 'copies')],
    ['on a device without map', () => mappedDevice(image, 32, 'none')],
  ];
  if (manifest.damaged) return;
  for (const [way, make] of ways)
    test(`${name} ${way}: paths, types, sizes and contents are the manifest's`, () => {
      assert.equal(at(make(), shown), manifest.entries);
    });
  if (manifest.source) {
    const source = manifest.source;
    test(`${name}: the tree it was made from gives the same bytes`, () => {
      const tree: RomTree = {};
      for (const { path, type } of manifest.entries) if (type === 'dir') tree[path.slice(1)] = {};
      // Backwards: the order of names does not matter.
      for (const path of Object.keys(source).reverse()) tree[path] = new Uint8Array(Buffer.from(source[path].replace(/^hex:/, ''), 'hex'));
      assert.equal(romfs.build(tree), image);
    });
  }
});

forGolden('rom', (name) => {
  if (name === 'bad-length')
    test('an image that is longer than the bytes is ENODEV, on a device that is too small ECORRUPT, and says so', () => {
      const image = goldenImage('rom', name);
      assert.is(
        code(() => new VfsRom(image)),
        'ENODEV',
      );
      assert.is(
        code(() => vfs.mount(mappedDevice(image, 16), '/r')),
        'ECORRUPT',
      );
      assert.throws(() => new VfsRom(image), /an image of 1005 bytes in 8/);
    });
  if (name === 'bad-pointer')
    test('content outside of the image is ECORRUPT to whoever asks for it', () =>
      at(new VfsRom(goldenImage('rom', name)), () => {
        assert.is(
          code(() => vfs.readFile('/r/p')),
          'ECORRUPT',
        );
        assert.is(
          code(() => vfs.stat('/r/p')),
          'ECORRUPT',
        );
        assert.is(
          code(() => vfs.listdir('/r')),
          'ECORRUPT',
        );
      }));
});

test('what is no image is ENODEV, what is neither bytes nor a device a TypeError', () => {
  for (const wrong of [bytes(), bytes(0xd2, 0xcd, 0x31), bytes(0xd2, 0xcd, 0x32, 0), new Uint8Array(4), bytes(0xd2, 0xcd, 0x31, 0x81)])
    assert.is(
      code(() => new VfsRom(wrong)),
      'ENODEV',
    );
  assert.is(
    code(() => new VfsRom(mappedDevice(new Uint8Array(100), 32))),
    'ENODEV',
  );
  for (const wrong of [undefined, null, 4, 'RM1', {}, []]) assert.throws(() => new VfsRom(wrong as never), /argument: buffer/);
});

test('records that are none, or longer than what they lie in, are ECORRUPT; what comes before them is there', () => {
  const good = [5, 6, 1, 97, 2, 2, 104, 105];
  for (const bad of [[0, 0], [5], [5, 3, 1, 98], [5, 1, 9], [4, 2, 0x80, 0x80], [2, 9], [0x80], [5, 2, 1, 98], [5, 4, 1, 98, 3, 0]]) {
    const records = [...good, ...bad];
    at(new VfsRom(bytes(0xd2, 0xcd, 0x31, records.length, ...records)), () => {
      assert.is(vfs.readFile('/r/a', 'utf8'), 'hi', String(bad));
      assert.is(
        code(() => vfs.listdir('/r')),
        'ECORRUPT',
        String(bad),
      );
    });
  }
});

test('records of kinds that are not known, and padded numbers, are passed over; trailing bytes do not matter', () => {
  const records = [1, 1, 9, 0x83, 0x7f, 2, 8, 8, 0x80, 0x80, 5, 0x80, 8, 0x80, 1, 97, 0x7e, 0, 2, 1, 33];
  at(new VfsRom(bytes(0xd2, 0xcd, 0x31, 0x80, records.length, ...records, 0, 0, 0)), () => {
    assert.equal(vfs.listdir('/r'), ['a']);
    assert.is(vfs.readFile('/r/a', 'utf8'), '!');
  });
});

test('names that are paths are never given', () => {
  const file = (name: string) => [5, name.length + 3, name.length, ...Buffer.from(name), 2, 0];
  const records = ['', '.', '..', 'a/b', '/', 'a\0', 'ok'].flatMap(file);
  const rom = new VfsRom(bytes(0xd2, 0xcd, 0x31, records.length, ...records));
  rom.mount(true, false);
  const entries = rom.ilistdir('/');
  assert.equal(entries.next().value, ['ok', 0x8000, 0, 0]);
  assert.is(entries.next().done, true);
});

const tree: RomTree = { 'a.txt': 'one\ntwo\n', dir: { 'b.bin': bytes(1, 2, 3), deep: { c: 'ç' } }, empty: '' };

test('a mounted ROM is read like any file system, and everything that would change it is EROFS', () => {
  at(new VfsRom(romfs.build(tree)), () => {
    assert.equal(vfs.listdir('/r'), ['a.txt', 'dir', 'empty']);
    assert.equal(vfs.stat('/r/dir/b.bin'), [0x8000, 0, 0, 0, 0, 0, 3, 0, 0, 0]);
    assert.equal(vfs.stat('/r/dir'), [0x4000, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    assert.equal(vfs.statvfs('/r').slice(3), [0, 0, 0, 0, 0, 0, 32767]);
    assert.is(vfs.readFile('/r/dir/deep/c', 'utf8'), 'ç');
    const file = vfs.open('/r/a.txt');
    assert.is(file.readline(), 'one\n');
    file.seek(1, 1);
    assert.is(file.read(), 'wo\n');
    file.close();
    for (const mode of ['w', 'a', 'x', 'r+', 'w+b'])
      assert.is(
        code(() => vfs.open('/r/a.txt', mode)),
        'EROFS',
        mode,
      );
    assert.is(
      code(() => vfs.mkdir('/r/new')),
      'EROFS',
    );
    assert.is(
      code(() => vfs.rmdir('/r/dir')),
      'EROFS',
    );
    assert.is(
      code(() => vfs.remove('/r/a.txt')),
      'EROFS',
    );
    assert.is(
      code(() => vfs.rename('/r/a.txt', '/r/b')),
      'EROFS',
    );
    assert.is(
      code(() => vfs.open('/r/dir')),
      'EISDIR',
    );
    assert.is(
      code(() => vfs.open('/r/none')),
      'ENOENT',
    );
    assert.is(
      code(() => vfs.open('/r/a.txt/x')),
      'ENOTDIR',
    );
    assert.is(
      code(() => vfs.listdir('/r/a.txt')),
      'ENOTDIR',
    );
  });
});

test('view() gives the bytes of a file in place', () => {
  const image = romfs.build({ big: new Uint8Array(5000).map((_, i) => i), none: '' });
  at(new VfsRom(image), () => {
    const file = vfs.open('/r/big', 'rb');
    const view = file.view();
    assert.is(view.buffer, image.buffer);
    assert.equal(view, file.read());
    assert.is(vfs.open('/r/none').view().length, 0);
    file.close();
    assert.is(
      code(() => file.view()),
      'EBADF',
    );
  });
  at(mappedDevice(image, 512), () => {
    const view = vfs.open('/r/big').view();
    assert.equal(view, vfs.readFile('/r/big'));
    assert.is(view.buffer, vfs.open('/r/big').view().buffer, 'no copy');
  });
  at(mappedDevice(image, 512, 'copies'), () =>
    assert.is(
      code(() => vfs.open('/r/big').view()),
      'EOPNOTSUPP',
    ),
  );
  at(mappedDevice(image, 512, 'none'), () =>
    assert.is(
      code(() => vfs.open('/r/big').view()),
      'EOPNOTSUPP',
    ),
  );
});

test('an image within an image is mounted from its view', () => {
  const inner = romfs.build({ x: 'inside' });
  at(new VfsRom(romfs.build({ 'x.romfs': inner })), () => {
    vfs.mount(new VfsRom(vfs.open('/r/x.romfs', 'rb').view()), '/in');
    assert.is(vfs.readFile('/in/x', 'utf8'), 'inside');
    vfs.umount('/in');
  });
});

test('a ROM may be used without being mounted', () => {
  const rom = new VfsRom(romfs.build(tree));
  assert.equal(rom.listdir('dir'), ['b.bin', 'deep']);
  rom.chdir('/dir/deep');
  assert.is(rom.getcwd(), '/dir/deep');
  const file = rom.open('c', 'r') as unknown as vfs.VfsFile;
  assert.is(file.read(), 'ç');
});

test('a device that carries an image is found by autodetection, is not formatted, and can be mounted again', () => {
  const device = mappedDevice(romfs.build(tree), 512);
  at(device, () => assert.instance(vfs.mount()[0][0], VfsRom));
  at(device, () => assert.is(vfs.readFile('/r/a.txt', 'utf8'), 'one\ntwo\n'), { mkfs: true });
  const rom = new VfsRom(device);
  at(rom, () => assert.is(vfs.listdir('/r').length, 3));
  at(rom, () => assert.is(vfs.listdir('/r').length, 3));
});

test('build aligns the content of files, makes images of even length, and the same for the same tree', () => {
  const random = generator(7);
  for (let i = 0; i < 200; i++) {
    const made = randomTree(random, 3);
    const plain = romfs.build(made);
    assert.is(plain.length % 2, 0);
    for (const align of [1, 2, 4, 16, 256, 4096]) {
      const image = romfs.build(made, { align });
      assert.is(image.length % 2, 0);
      assert.equal(romfs.build(Object.fromEntries(Object.entries(made).reverse()), { align }), image);
      if (align === 1) assert.equal(image, plain);
      const got = at(new VfsRom(image), () => {
        const list = shown() as { path: string; type: string }[];
        for (const { path, type } of list)
          if (type === 'file') assert.is((vfs.open('/r' + path).view().byteOffset - image.byteOffset) % align, 0);
        return list;
      });
      assert.equal(got, at(new VfsRom(plain), shown));
    }
  }
});

test('build sorts as Python does, and refuses what cannot be', () => {
  at(new VfsRom(romfs.build({ '\u{1f600}': '', '\uff5e': '', a: '', B: '', ab: '' })), () =>
    assert.equal(vfs.listdir('/r'), ['B', 'a', 'ab', '\uff5e', '\u{1f600}']),
  );
  for (const name of ['', '.', '..', 'a//b', 'a/', '/a', 'a/../b', 'a\0', 'x'.repeat(32768)])
    assert.is(
      code(() => romfs.build({ [name]: '' })),
      'EINVAL',
      name,
    );
  assert.is(
    code(() => romfs.build({ a: '', 'a/b': '' })),
    'EEXIST',
  );
  assert.is(
    code(() => romfs.build({ 'a/b': '', a: { b: '' } })),
    'EEXIST',
  );
  for (const align of [0, 3, -1, 1.5, 2 ** 40])
    assert.is(
      code(() => romfs.build({}, { align })),
      'EINVAL',
      String(align),
    );
  for (const wrong of [undefined, null, 4, 'x', new Uint8Array(2), { a: 4 }, { a: null }])
    assert.throws(() => romfs.build(wrong as never), TypeError);
});

/** A device of 4 blocks that needs to be erased before it is written. */
function flash(): { device: Parameters<typeof romIoctl>[0][0]; data: Uint8Array; synced: number } {
  const data = new Uint8Array(256);
  const state = { data, synced: 0, device: undefined as never };
  state.device = {
    progsize: 4,
    readblocks: (block: number, buf: Uint8Array, offset: number) =>
      void buf.set(data.subarray(block * 64 + offset, block * 64 + offset + buf.length)),
    writeblocks(block: number, buf: Uint8Array, offset: number) {
      for (let i = 0; i < buf.length; i++) data[block * 64 + offset + i] &= buf[i];
    },
    ioctl(op: number, arg: number) {
      if (op === 3) state.synced++;
      if (op === 6) data.fill(0xff, arg * 64, arg * 64 + 64);
      return op === 4 ? 4 : op === 5 ? 64 : 0;
    },
  } as never;
  return state;
}

test('rom_ioctl writes an image to memory and to a block device, and the board mounts it', () => {
  const memory = new Uint8Array(256);
  const chip = flash();
  const ioctl = romIoctl([memory, chip.device]);
  const image = romfs.build({ f: 'from the host' });
  assert.is(ioctl(1), 2);
  assert.is(ioctl(2, 0), memory);
  assert.is(ioctl(2, 1), chip.device);
  assert.is(ioctl(6, 0), 1);
  assert.is(ioctl(6, 1), 64);
  assert.is(ioctl(3, 0, 100), 1);
  assert.equal(memory.subarray(98, 102), bytes(255, 255, 0, 0));
  assert.is(ioctl(3, 1, 0, 128), 4);
  assert.equal(chip.data.subarray(126, 130), bytes(255, 255, 0, 0));
  assert.is(ioctl(3, 1, 128, 1), 4, 'all of the block');
  assert.equal(chip.data.subarray(190, 194), bytes(255, 255, 0, 0));
  for (const id of [0, 1]) {
    assert.is(ioctl(4, id, 0, image.subarray(0, 4)), 0);
    assert.is(ioctl(4, id, 4, image.subarray(4)), 0);
    assert.is(ioctl(5, id), 0);
    at(new VfsRom(ioctl(2, id) as Uint8Array), () => assert.is(vfs.readFile('/r/f', 'utf8'), 'from the host'));
  }
  assert.is(chip.synced, 1);
  assert.is(ioctl(4, 1, 60, bytes(1, 2, 3, 4, 5, 6, 7, 8)), 0, 'across blocks');
});

test('rom_ioctl gives errors back: what is not there or out of range is -22, what the device says as it says it', () => {
  const chip = flash();
  const ioctl = romIoctl([new Uint8Array(8), chip.device, { ...(chip.device as object), writeblocks: undefined } as never]);
  for (const call of [
    [0, 0],
    [7, 0],
    [1.5, 0],
    [2, 3],
    [2, -1],
    [2, 0.5],
    [3, 3, 4],
    [6, 9],
    [3, 0, 9],
    [3, 0, 4, 5],
    [3, 0, -1],
    [4, 0, 7, bytes(1, 2)],
    [4, 0, -1, bytes(1)],
    [3, 1, 1, 4],
    [3, 1, 257],
  ] as [number, number][])
    assert.is(ioctl(...call), -22, String(call));
  assert.is(ioctl(3, 2, 64), -30);
  assert.is(ioctl(4, 2, 0, bytes(1)), -30);
  assert.is(romIoctl([{ readblocks() {}, ioctl: () => -5 } as never])(3, 0, 4), -5);
  assert.is(romIoctl([])(1), 0);
  assert.throws(() => ioctl('1' as never), /argument: op/);
  assert.throws(() => ioctl(2), /argument: id/);
  assert.throws(() => ioctl(3, 0), /argument: length/);
  assert.throws(() => ioctl(4, 0, 0, 'x' as never), /argument: bytes/);
  assert.throws(() => romIoctl([{}] as never), /argument: places/);
});

test('damaged images end in coded errors, within the image', () => {
  for (let seed = 1; seed <= 3000; seed++) exerciseRom(seed);
});

test.run();
