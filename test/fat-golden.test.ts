import { crc32 } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { VfsError } from '../modules/contract/errno';
import { fat } from '../modules/fat';
import { ImageDevice, list, mount, readFile } from './support/fat';
import { forGolden, type GoldenManifest, goldenImage, goldenManifest } from './support/golden';

interface FatManifest extends GoldenManifest {
  damaged?: boolean;
}

interface Shown {
  path: string;
  type: string;
  size?: number;
  crc32?: string;
  mtime?: number;
}

function shown(fs: ReturnType<typeof mount>, path: string): Shown[] {
  return list(fs, path || '/').flatMap(([name, type, , size]): Shown[] => {
    const at = `${path}/${name}`;
    const stat = fs.stat(at);
    assert.is(stat[0], type, at);
    assert.is(stat[6], size, at);
    if (type === 0x4000) return [{ path: at, type: 'dir' }, ...shown(fs, at)];
    const content = readFile(fs, at);
    return [{ path: at, type: 'file', size, crc32: (crc32(content) >>> 0).toString(16).padStart(8, '0'), mtime: stat[8] }];
  });
}

const byPath = (a: { path: string }, b: { path: string }): number => (a.path < b.path ? -1 : 1);

forGolden('fat', (name) => {
  const manifest = goldenManifest<FatManifest>('fat', name);
  const device = new ImageDevice(goldenImage('fat', name), manifest.block_size ?? 512);

  if (!manifest.damaged)
    test(`${name}: paths, types, sizes and contents are the manifest's, and nothing is written`, () => {
      assert.ok(fat.probe(device));
      const fs = mount(device);
      const times = manifest.entries.some((entry) => entry.mtime);
      const got = shown(fs, '').map((entry) => (times && entry.type === 'file' ? entry : { ...entry, mtime: undefined }));
      const wanted = manifest.entries.map(({ path, type, size, crc32, mtime }) =>
        type === 'dir' ? { path, type } : { path, type, size, crc32, mtime },
      );
      assert.equal(JSON.parse(JSON.stringify(got.sort(byPath))), JSON.parse(JSON.stringify(wanted.sort(byPath))));
      if (manifest.statvfs) assert.equal(fs.statvfs('/'), manifest.statvfs);
      fs.umount();
      assert.is(device.writes, 0);
    });
  else
    test(`${name}: is read as far as it can be, with coded errors`, () => {
      const fs = mount(device);
      const errors: string[] = [];
      const walk = (path: string): void => {
        for (const [entry, type] of list(fs, path || '/')) {
          if (type === 0x4000) walk(`${path}/${entry}`);
          else
            try {
              readFile(fs, `${path}/${entry}`);
            } catch (error) {
              errors.push(`${path}/${entry}: ${(error as VfsError).code}`);
            }
        }
      };
      walk('');
      assert.equal(errors, name === 'bad-range' || name === 'bad-loop' ? ['/Docs/deep/big.bin: ECORRUPT'] : []);
      fs.umount();
      assert.is(device.writes, 0);
    });
});

test.run();
