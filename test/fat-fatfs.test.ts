/** FatFs itself, compiled to WebAssembly, reads what is written here, and the other way round. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fsckFat as fsck } from '../modules/fat/check/fsck.lazy';
import { format, fsckFat, hasTool, ImageDevice, list, mount, pattern, readFile, tree, writeFile } from './support/fat';

const MB = 1024 * 1024;
const files: [string, Uint8Array][] = [
  ['/PLAIN.TXT', pattern(5, 1)],
  ['/lower.txt', pattern(513, 2)],
  ['/Mixed Case Name.Text', pattern(70000, 3)],
  ['/été-日本.txt', pattern(100, 4)],
  ['/emoji 😀.png', pattern(300, 5)],
  ['/' + 'long'.repeat(60), pattern(1, 6)],
  ['/empty', new Uint8Array(0)],
  ['/a directory/x+y=z.dat', pattern(4096, 7)],
];

const kinds: [string, () => ImageDevice][] = [
  ['FAT12', () => format(2 * MB)],
  ['FAT16', () => format(16 * MB, { type: 16 })],
  ['FAT32', () => format(40 * MB, { type: 32, label: 'WIDE' })],
];

let library: typeof import('fatfs-wasm') | undefined;
try {
  library = await import('fatfs-wasm');
} catch {
  console.log('SKIP: fatfs-wasm is not installed');
}

if (library) {
  const { FatFsDisk, FatFsMode } = library;
  for (const [title, make] of kinds) {
    test(`${title}: FatFs mounts, lists and reads what was written here`, async () => {
      const device = make();
      const fs = mount(device);
      fs.mkdir('/a directory');
      for (const [name, content] of files) writeFile(fs, name, content);
      fs.remove('/lower.txt');
      writeFile(fs, '/lower.txt', pattern(513, 2));
      fs.umount();
      const disk = await FatFsDisk.create(device.image);
      disk.mount();
      for (const [name, content] of files) {
        assert.is(disk.stat(name)?.size, content.length, name);
        if (content.length) assert.ok(Buffer.from(disk.readFile(name)).equals(content), name);
      }
      const names: string[] = [];
      const root = disk.openDir('/');
      for (const { name } of root) names.push(name);
      root.close();
      assert.equal(names.sort(), ['a directory', ...files.map(([name]) => name.slice(1)).filter((name) => !name.includes('/'))].sort());
      const time = disk.stat('/PLAIN.TXT')?.date as Date;
      assert.is(time.getFullYear(), new Date().getUTCFullYear());
    });

    test(`${title}: what FatFs writes is read here, and a volume that both have written is sound`, async () => {
      const device = make();
      const first = mount(device);
      writeFile(first, '/before.txt', pattern(3000, 8));
      first.umount();
      const disk = await FatFsDisk.create(device.image);
      disk.mount();
      disk.mkdir('/a directory');
      for (const [name, content] of files) {
        const file = disk.open(name, FatFsMode.WRITE | FatFsMode.CREATE_ALWAYS);
        if (content.length) file.write(content);
        file.close();
      }
      disk.unlink('/lower.txt');
      disk.rename('/PLAIN.TXT', '/a directory/Moved.txt');
      disk.unmount();
      const image = device.image;
      const there = new ImageDevice(image);
      const fs = mount(there);
      for (const [name, content] of files.slice(2)) assert.ok(Buffer.from(readFile(fs, name)).equals(content), name);
      assert.equal(readFile(fs, '/a directory/Moved.txt'), pattern(5, 1));
      assert.equal(readFile(fs, '/before.txt'), pattern(3000, 8));
      assert.is(list(fs, '/').length, files.length - 1);
      writeFile(fs, '/mixed case name.text', pattern(100, 9), 'a');
      fs.rename('/été-日本.txt', '/é.txt');
      fs.umount();
      assert.equal(fsck(there), []);
      if (hasTool('fsck.fat')) assert.equal(fsckFat(image), { exit: 0, lines: [] });
      assert.ok('/é.txt' in tree(mount(there)));
    });
  }
}

test.run();
