/** The independent reader agrees with the C library on every golden image: this is what makes it a judge. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { crcHex } from './independent/crc';
import { checkLfs2 } from './independent/lfs2-reader';
import { forGolden, goldenImage, goldenManifest, goldenNames } from './support/golden';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const attrsOf = (attrs: Map<number, Uint8Array>) => Object.fromEntries([...attrs].map(([type, value]) => [type, hex(value)]));

forGolden('lfs2', (name) => {
  test(`${name}: same tree, attributes, limits and used blocks as the C library, and nothing wrong`, () => {
    const manifest = goldenManifest('lfs2', name);
    const check = checkLfs2(goldenImage('lfs2', name), manifest.block_size, manifest.block_count, {
      progSize: manifest.prog_size ?? manifest.progsize,
      asC: true,
      strict: !name.startsWith('cut-'),
    });
    assert.equal(check.problems, []);
    const shown = [...check.tree].map(([path, node]) => ({
      path,
      type: node.type,
      ...(node.type === 'file' ? { size: node.size, crc32: crcHex(node.content) } : {}),
      attrs: attrsOf(node.attrs),
    }));
    const wanted = manifest.entries.map((entry) => ({
      path: entry.path,
      type: entry.type,
      ...(entry.type === 'file' ? { size: entry.size, crc32: entry.crc32 } : {}),
      attrs: entry.attrs ?? shown.find((each) => each.path === entry.path)?.attrs ?? {},
    }));
    const byPath = (a: { path: string }, b: { path: string }) => (a.path < b.path ? -1 : 1);
    assert.equal(shown.sort(byPath), wanted.sort(byPath));
    for (const entry of manifest.entries) {
      const attr = check.tree.get(entry.path)?.attrs.get(1);
      if (entry.mtime) assert.is(Number(Buffer.from(attr as Uint8Array).readBigUInt64LE() / 1000000000n), entry.mtime);
    }
    if (manifest.disk_version) {
      assert.equal(attrsOf(check.rootAttrs), manifest.root_attrs ?? {});
      assert.is(check.version, manifest.disk_version);
      assert.is(check.nameMax, manifest.name_max);
      assert.is(check.fileMax, manifest.file_max);
      assert.is(check.attrMax, manifest.attr_max);
      // The C library counts the blocks on the thread, without the new half of a pair that is relocated in part.
      const halves = check.orphans.filter((each) => each.startsWith('half')).length;
      assert.is(check.used.size - halves, manifest.blocks_used);
    }
    // MicroPython's figure counts a block for each use, and was taken while files were open.
    if (manifest.statvfs) assert.ok(check.blockCount - check.used.size >= manifest.statvfs[3]);
  });
});

/** Problems that the judge finds in a golden image after a change to it. */
function planted(name: string, change: (image: Uint8Array, blockSize: number) => void): string[] {
  const manifest = goldenManifest('lfs2', name);
  const image = goldenImage('lfs2', name);
  change(image, manifest.block_size);
  return checkLfs2(image, manifest.block_size, undefined, { strict: true, erased: true }).problems;
}

if (goldenNames('lfs2').length) {
  test('the judge finds planted damage', () => {
    const manifest = goldenManifest('lfs2', 'basic-512');
    const check = checkLfs2(goldenImage('lfs2', 'basic-512'), 512);
    const used = [...check.used];
    assert.equal(
      planted('basic-512', () => {}),
      [],
    );
    // Every pointer of the longest file: the first words of its blocks.
    const longest = manifest.entries.reduce((a, b) => ((a.size ?? 0) > (b.size ?? 0) ? a : b));
    assert.ok((longest.size ?? 0) > 16 * 512);
    const found = used.filter(
      (block) =>
        planted('basic-512', (image) => {
          image[block * 512 + 4] ^= 0x40;
        }).length,
    );
    assert.ok(found.length > manifest.blocks_used! / 3, `${found.length} of ${used.length} changes found`);
    assert.ok(planted('basic-512', (image) => image.fill(0, 0, 1024)).length);
    // The first byte after a log is no longer erased.
    const torn = planted('empty-512', (image) => {
      for (const block of [0, 1]) {
        let end = 511;
        while (image[block * 512 + end] === 0xff) end--;
        image[block * 512 + (end | 15) + 1] = 0;
      }
    });
    assert.is(torn.length, 1);
    assert.match(torn[0], 'pair {0, 1}');
  });
}

test.run();
