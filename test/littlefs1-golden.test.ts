/** VfsLfs1 opens every golden image with the content that the reference implementation wrote, and writes on. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { NorBlockDev, norImage } from '../boards/sim';
import type { VfsLfs1 } from '../modules/littlefs1';
import { crcHex } from './independent/crc';
import { forGolden, goldenImage, goldenManifest } from './support/golden';
import {
  chip1,
  difference,
  exercise,
  geometry1,
  get,
  mount1,
  names,
  noLeaks1,
  sameTree,
  snapshot1,
  snapshotOf1,
  sound1,
  throwsCode,
} from './support/lfs1';

interface Shown {
  path: string;
  type: string;
  size?: number;
  crc32?: string;
}

function shown(fs: VfsLfs1, path: string): Shown[] {
  return names(fs, path || '/').flatMap(([name, type, inode, size]): Shown[] => {
    const at = `${path}/${name}`;
    assert.equal(fs.stat(at), [type, 0, 0, 0, 0, 0, size, 0, 0, 0], at);
    assert.is(inode, 0);
    if (type === 0x4000) return [{ path: at, type: 'dir' }, ...shown(fs, at)];
    return [{ path: at, type: 'file', size, crc32: crcHex(get(fs, at)) }];
  });
}

const byPath = (a: { path: string }, b: { path: string }): number => (a.path < b.path ? -1 : 1);

forGolden('lfs1', (name) => {
  const manifest = goldenManifest('lfs1', name);
  const g = geometry1(manifest.block_size, manifest.block_count, 32);

  test(`${name}: paths, types, sizes and contents are the manifest's, and nothing is written`, () => {
    const nor = chip1(g, goldenImage('lfs1', name));
    const fs = mount1(new NorBlockDev(nor), g.options);
    const wanted = manifest.entries.map(({ path, type, size, crc32 }) => (type === 'dir' ? { path, type } : { path, type, size, crc32 }));
    assert.equal(shown(fs, '').sort(byPath), wanted.sort(byPath));
    const check = sound1(nor, g, !name.startsWith('cut'), name);
    noLeaks1(fs, check, name);
    // What is half-moved the C library counts twice, and what nothing names as in use.
    if (manifest.statvfs && !check.half.length) assert.equal(fs.statvfs('/').slice(0, 5), manifest.statvfs.slice(0, 5));
    throwsCode(() => fs.stat('/no such file'), 'ENOENT');
    throwsCode(() => fs.ilistdir('/no such directory'), 'ENOENT');
    fs.umount();
    assert.is(nor.counters.programs + nor.counters.erases, 0, 'programs and erases');
  });

  test(`${name}: stays sound under further writes, the first of which ends what was half-done`, () => {
    const nor = chip1(g, goldenImage('lfs1', name));
    const fs = mount1(new NorBlockDev(nor), g.options);
    const tree = snapshot1(fs);
    fs.repair();
    let check = sound1(nor, g, true, 'repaired');
    assert.ok(sameTree(snapshotOf1(check), tree), `repaired: ${difference(snapshotOf1(check), tree)}`);
    Object.assign(tree, exercise(fs));
    let now = snapshot1(fs);
    assert.ok(sameTree(now, tree), difference(now, tree));
    check = sound1(nor, g, true, name);
    assert.ok(sameTree(snapshotOf1(check), tree), `by the judge: ${difference(snapshotOf1(check), tree)}`);
    assert.is(check.version, '1.1');
    noLeaks1(fs, check, name);
    const again = mount1(new NorBlockDev(nor), g.options);
    now = snapshot1(again);
    assert.ok(sameTree(now, tree), `after a new mount: ${difference(now, tree)}`);
    const before = Buffer.from(norImage(nor));
    again.umount();
    assert.ok(before.equals(norImage(nor)));
  });
});

test.run();
