/** Others read what is written here, and the other way round: fsck.fat, mtools. */

import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { VfsError } from '../modules/contract/errno';
import { VfsFat } from '../modules/fat';
import { format, fsckFat, hasTool, ImageDevice, list, mkfsFat, mount, mtool, pattern, readFile, scratch, writeFile } from './support/fat';

const MB = 1024 * 1024;

const files: [string, Uint8Array][] = [
  ['/HELLO.TXT', pattern(5, 1)],
  ['/lower.txt', pattern(513, 2)],
  ['/Mixed Case Name.Text', pattern(5000, 3)],
  ['/été-日本.txt', pattern(100, 4)],
  // Beyond the basic plane mtools cannot name a file.
  ['/ελληνικά και русский.bin', pattern(70000, 5)],
  ['/' + 'long'.repeat(63), pattern(1, 6)],
  ['/empty', new Uint8Array(0)],
  ['/dir/x+y=z.dat', pattern(2048, 7)],
];

/** Nor does mtools make a directory longer by two clusters at once. */
const theirs = files.filter(([name]) => !/^.(dir|long)/.test(name));

const kinds: [string, () => ImageDevice][] = [
  ['FAT12', () => format(2 * MB)],
  ['FAT12 with sectors of 4096', () => format(4 * MB, {}, 4096)],
  ['FAT16', () => format(16 * MB)],
  ['FAT32', () => format(40 * MB, { type: 32, label: 'WIDE' })],
];

if (hasTool('mcopy') && hasTool('fsck.fat') && hasTool('mkfs.fat')) {
  for (const [title, make] of kinds) {
    test(`${title}: mtools lists and extracts what was written here, fsck.fat finds nothing`, () => {
      const device = make();
      const fs = mount(device);
      fs.mkdir('/dir');
      for (const [name, content] of files) writeFile(fs, name, content);
      fs.umount();
      assert.equal(fsckFat(device.image), { exit: 0, lines: [] });
      for (const [name, content] of files) assert.ok(mtool('mtype', device.image, '::' + name).equals(content), name);
      const listing = mtool('mdir', device.image, '-b', '-/', '::').toString().trim().split('\n');
      assert.equal(listing.sort(), ['::/dir/', ...files.map(([name]) => '::' + name)].sort());
      const today = new Date().toISOString().slice(0, 10);
      assert.match(mtool('mdir', device.image, '::/HELLO.TXT').toString(), new RegExp(`HELLO +TXT +5 +${today}`));
    });

    test(`${title}: what mtools writes is read here, with its time, and may be changed`, () => {
      const device = make();
      mtool('mmd', device.image, '::/Sub Directory');
      for (const [name, content] of theirs) {
        const source = path.join(scratch, 'source');
        writeFileSync(source, content);
        mtool('mcopy', device.image, source, '::/Sub Directory' + name);
      }
      const fs = mount(device);
      const now = Date.now() / 1000;
      for (const [name, content] of theirs) {
        assert.ok(Buffer.from(readFile(fs, '/Sub Directory' + name)).equals(content), name);
        assert.ok(Math.abs(fs.stat('/Sub Directory' + name)[8] - now) < 100, `${name}: ${fs.stat('/Sub Directory' + name)[8]}`);
      }
      assert.is(list(fs, '/sub directory').length, theirs.length);
      fs.rename('/sub directory/hello.txt', '/Sub Directory/Hello Again.txt');
      fs.remove('/sub directory/ΕΛΛΗΝΙΚά ΚΑΙ РУССКИЙ.bin');
      writeFile(fs, '/Sub Directory/lower.txt', pattern(9000, 8), 'a');
      fs.umount();
      assert.equal(fsckFat(device.image), { exit: 0, lines: [] });
    });
  }

  test('volumes of every size and option are accepted by fsck.fat and mtools', () => {
    const shapes: [number, Parameters<typeof format>[1], number?][] = [
      [20 * 1024, {}],
      [32 * 1024, {}],
      [100 * 1024, { label: 'TINY' }],
      [360 * 1024, {}],
      [1440 * 1024, {}],
      [2 * MB, { clusterSize: 4096 }],
      [5 * MB, {}],
      [10 * MB, { type: 12 }],
      [10 * MB, { type: 16, clusterSize: 1024 }],
      [33 * MB, { align: 65536 }],
      [100 * MB, {}],
      [64 * 4096, {}, 4096],
      [1024 * 1024, {}, 1024],
    ];
    for (const [size, options, blockSize] of shapes) {
      const what = `${size} ${JSON.stringify(options)}`;
      const device = format(size, options, blockSize);
      const fs = mount(device);
      const bytes = fs.statvfs('/')[2] * fs.statvfs('/')[0];
      assert.ok(bytes > size * 0.55, `${what}: ${bytes} bytes of data`);
      assert.is(fs.label(), options?.label ?? '');
      writeFile(fs, '/f', pattern(3000, 1));
      fs.umount();
      assert.equal(fsckFat(device.image), { exit: 0, lines: [] }, what);
      assert.ok(mtool('mtype', device.image, '::/f').equals(pattern(3000, 1)), what);
    }
  });

  test('the label and the volume number are those that others see', () => {
    for (const type of ['12', '16', '32']) {
      const device = new ImageDevice(
        mkfsFat((type === '32' ? 36 : 5) * MB, '-F', type, '-s', type === '12' ? '4' : '1', '-n', 'FIRST', '-i', 'abcd1234'),
      );
      const fs = mount(device);
      assert.is(fs.label(), 'FIRST');
      assert.is(fs.volumeId(), 0xabcd1234);
      fs.setLabel('Second one');
      assert.is(fs.label(), 'SECOND ONE');
      writeFile(fs, '/f', pattern(10, 1));
      fs.umount();
      assert.match(mtool('mlabel', device.image, '-s', '::').toString(), /SECOND ONE/);
      const again = mount(device);
      again.setLabel('');
      assert.is(again.label(), '');
      again.setLabel('third');
      assert.throws(
        () => again.setLabel('a.b'),
        (error: VfsError) => error.code === 'EINVAL',
      );
      assert.throws(
        () => again.setLabel('twelve chars'),
        (error: VfsError) => error.code === 'EINVAL',
      );
      again.umount();
      assert.match(mtool('mlabel', device.image, '-s', '::').toString(), /THIRD/);
    }
  });
}

test('volumes that cannot be are refused', () => {
  const refused = (code: string, work: () => void): void => assert.throws(work, (error: VfsError) => error.code === code);
  refused('ENOSPC', () => format(3 * 512));
  refused('EINVAL', () => format(1 * MB, { type: 32 }));
  refused('EINVAL', () => format(1 * MB, { type: 16 }));
  refused('EINVAL', () => format(1 * MB, { type: 13 }));
  refused('EINVAL', () => format(1 * MB, { clusterSize: 1000 }));
  refused('EINVAL', () => format(1 * MB, { clusterSize: 256 }));
  refused('EINVAL', () => format(1 * MB, { label: 'much too long' }));
  refused('EROFS', () => VfsFat.mkfs?.({ readblocks: () => 0, ioctl: (op: number) => (op === 4 ? 100 : 0) || (op === 5 ? 512 : 0) }));
});

test.run();
