/** FatFs itself, compiled to WebAssembly, reads what is written here, and the other way round. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fsckExFat } from '../modules/exfat/check';
import { format, fsckExfat, hasTool, ImageDevice, list, mkfsExfat, mount, pattern, readFile, tree, writeFile } from './support/exfat';

const MB = 1024 * 1024;
const files: [string, Uint8Array][] = [
  ['/PLAIN.TXT', pattern(5, 1)],
  ['/lower.txt', pattern(513, 2)],
  ['/Mixed Case Name.Text', pattern(70000, 3)],
  ['/été-日本.txt', pattern(100, 4)],
  ['/emoji 😀.png', pattern(300, 5)],
  ['/' + 'long'.repeat(60), pattern(1, 6)],
  ['/empty', new Uint8Array(0)],
  ['/a directory/x+y=z.dat', pattern(40960, 7)],
];

let library: typeof import('fatfs-wasm') | undefined;
try {
  library = await import('fatfs-wasm');
} catch {
  console.log('SKIP: fatfs-wasm is not installed');
}

if (library) {
  const { FatFsDisk, FatFsFormat, FatFsMode } = library;
  const open = async (image: Uint8Array) => {
    const disk = await FatFsDisk.create(image, { exfat: true });
    disk.mount();
    return disk;
  };
  const kinds: [string, () => Promise<ImageDevice>][] = [
    ['of ours', async () => format(4 * MB, { label: 'ours' })],
    ['of ours, clusters of 512', async () => format(4 * MB, { clusterSize: 512 })],
    ['of ours, in a partition', async () => format(8 * MB, { partition: true })],
    [
      'by FatFs, with its own up-case table',
      async () => {
        const image = new Uint8Array(8 * MB);
        const disk = await FatFsDisk.create(image, { exfat: true });
        disk.mkfs({ fmt: FatFsFormat.EXFAT | FatFsFormat.SFD });
        return new ImageDevice(image);
      },
    ],
  ];
  if (hasTool('mkfs.exfat')) kinds.push(['by mkfs.exfat', async () => new ImageDevice(mkfsExfat(8 * MB))]);
  for (const [title, make] of kinds) {
    test(`${title}: FatFs mounts, lists and reads what was written here`, async () => {
      const device = await make();
      const fs = mount(device);
      fs.mkdir('/a directory');
      for (const [name, content] of files) writeFile(fs, name, content);
      fs.remove('/lower.txt');
      writeFile(fs, '/lower.txt', pattern(513, 2));
      fs.umount();
      const disk = await open(device.image);
      for (const [name, content] of files) {
        assert.is(disk.stat(name)?.size, content.length, name);
        if (content.length) assert.ok(Buffer.from(disk.readFile(name)).equals(content), name);
      }
      const names: string[] = [];
      const root = disk.openDir('/');
      for (const { name } of root) names.push(name);
      root.close();
      assert.equal(names.sort(), ['a directory', ...files.map(([name]) => name.slice(1)).filter((name) => !name.includes('/'))].sort());
      assert.is(disk.stat('/PLAIN.TXT')?.date?.getFullYear(), new Date().getUTCFullYear());
    });

    test(`${title}: what FatFs writes is read here, and a volume that both have written is sound`, async () => {
      const device = await make();
      const first = mount(device);
      writeFile(first, '/before.txt', pattern(3000, 8));
      first.umount();
      const disk = await open(device.image);
      disk.mkdir('/a directory');
      for (const [name, content] of files) {
        const file = disk.open(name, FatFsMode.WRITE | FatFsMode.CREATE_ALWAYS);
        if (content.length) file.write(content);
        file.close();
      }
      // Two that grow by turns are scattered: their clusters are linked by the FAT.
      for (let i = 0; i < 6; i++)
        for (const name of ['/one', '/two']) {
          const file = disk.open(name, FatFsMode.WRITE | FatFsMode.OPEN_APPEND);
          file.write(pattern(5000, i));
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
      for (const name of ['/one', '/TWO'])
        assert.ok(Buffer.from(readFile(fs, name)).equals(Buffer.concat([0, 1, 2, 3, 4, 5].map((i) => pattern(5000, i)))), name);
      assert.equal(readFile(fs, '/ÉTÉ-日本.TXT'), pattern(100, 4), 'in any case');
      assert.is(list(fs, '/').length, files.length + 1);
      writeFile(fs, '/mixed case name.text', pattern(100, 9), 'a');
      fs.rename('/été-日本.txt', '/é.txt');
      fs.umount();
      assert.equal(fsckExFat(there), []);
      if (hasTool('fsck.exfat') && !title.includes('partition')) assert.equal(fsckExfat(image), { exit: 0, lines: [] });
      assert.ok('/é.txt' in tree(mount(there)));
    });
  }
}

test.run();
