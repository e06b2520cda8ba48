/** The map of blocks says whose each one is: judged by the C library's count, and by the content of files put together from their blocks. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { WearLevelling } from '../modules/blockdev/wear-levelling';
import { VfsFat } from '../modules/fat';
import { type Area, type BlockMap, blockMap, DATA, DIRECTORY, ERASED, FREE, LOST, SYSTEM } from '../tools/blocks';
import { mediumDevice } from '../tools/places/device';
import { detect, deviceFor, type Format, formatOf } from '../tools/places/formats';
import { type Medium, memoryMedium, piece } from '../tools/places/medium';
import { readAll, walk } from '../tools/places/tree';
import { VolumeTree } from '../tools/places/volume';
import { fill, type MadeFormat } from '../tools/verbs/make';
import { goldenImage, goldenManifest, goldenNames } from './support/golden';

interface Opened {
  medium: Medium;
  tree: VolumeTree;
  map: BlockMap;
}

function opened(bytes: Uint8Array): Opened {
  const medium = memoryMedium(bytes);
  const format = detect(medium) as Format;
  const tree = new VolumeTree('image', format, () => format.create(deviceFor(format, medium)));
  return { medium, tree, map: blockMap(tree, medium) };
}

const count = ({ kinds }: BlockMap, ...wanted: number[]): number => kinds.filter((kind) => wanted.includes(kind)).length;

const areaOf = (map: BlockMap, index: number): Area =>
  map.areas.find(({ first, count }) => index >= first && index < first + count) as Area;

/** The bytes of the blocks of a path, in the order of their places. */
function bytesOf({ map, medium }: Opened, path: string): Buffer {
  const owner = map.paths.indexOf(path);
  const parts: Uint8Array[] = [];
  map.owners.forEach((one, index) => {
    const { offset, unit, first } = areaOf(map, index);
    if (one === owner) parts.push(piece(medium, offset + (index - first) * unit, unit));
  });
  return Buffer.concat(parts);
}

for (const name of goldenNames('lfs2')) {
  const manifest = goldenManifest('lfs2', name);
  if (manifest.mount || manifest.blocks_used === undefined || name.startsWith('cut-')) continue;
  test(`lfs2/${name}: as many blocks are in use as the C library counts`, () => {
    const { map } = opened(goldenImage('lfs2', name));
    assert.is(map.problem, undefined);
    assert.is(count(map, DATA, DIRECTORY, SYSTEM), manifest.blocks_used);
  });
}

for (const kind of ['lfs1', 'fat', 'rom'])
  for (const name of goldenNames(kind)) {
    if (name.startsWith('cut-') || name.startsWith('bad-') || name.startsWith('mbr-')) continue;
    test(`${kind}/${name}: the blocks of each file hold its content, and no block is lost`, async () => {
      const image = opened(goldenImage(kind, name));
      assert.is(image.map.problem, undefined);
      assert.is(count(image.map, LOST), 0);
      for await (const { path, entry } of walk(image.tree, '/')) {
        if (entry.kind !== 'file' || entry.size < 2) continue;
        const content = Buffer.from(await readAll(image.tree, path));
        const bytes = bytesOf(image, path);
        // A littlefs has small files in its pairs, and pointers between pieces; ROMFS has several files in a block.
        if (kind === 'fat') assert.ok(bytes.subarray(0, content.length).equals(content) || isScattered(image, path), path);
        else if (bytes.length) assert.ok(bytes.includes(content.subarray(0, 16)) && bytes.length >= content.length, path);
      }
    });
  }

/** Whether the clusters of a file are not one behind the other: their order is then not that of their places. */
function isScattered({ map }: Opened, path: string): boolean {
  const owner = map.paths.indexOf(path);
  const own = Array.from(map.owners.keys()).filter((index) => map.owners[index] === owner);
  return own.some((index, i) => i > 0 && index !== own[i - 1] + 1);
}

for (const fs of ['lfs2', 'lfs1', 'fat', 'exfat'] as MadeFormat[])
  test(`${fs}: a new file is in blocks that were free, and these are free again without it`, async () => {
    const size = fs === 'exfat' ? 4 << 20 : 1 << 20;
    const bytes = new Uint8Array(size).fill(formatOf(fs).fill);
    await fill(memoryMedium(bytes), 'new', { fs }, undefined, 1e9, {});
    const before = opened(bytes.slice());
    const free = count(before.map, FREE, ERASED);
    const { tree, medium } = opened(bytes);
    const content = Uint8Array.from({ length: 40000 }, (_, i) => (i * 7) ^ (i >> 8));
    await tree.write('/file', [content]);
    const after = { tree, medium, map: blockMap(tree, medium) };
    const own = count(after.map, DATA) - count(before.map, DATA);
    assert.is(own, Math.ceil(40000 / (after.map.areas.at(-1) as Area).unit));
    assert.is(count(after.map, FREE, ERASED), free - own);
    assert.is(count(after.map, LOST), 0);
    assert.ok(bytesOf(after, '/file').includes(Buffer.from(content.subarray(0, 1024))));
    await tree.remove('/file');
    assert.is(count(blockMap(tree, medium), FREE, ERASED), free);
  });

test('FAT under wear levelling: clusters are counted, and their place is not told, as it changes', async () => {
  const medium = memoryMedium(new Uint8Array(1 << 20).fill(0xff));
  VfsFat.mkfs(new WearLevelling(mediumDevice(medium, 4096)));
  const format = formatOf('wl-fat');
  const tree = new VolumeTree('levelled', format, () => format.create(deviceFor(format, medium)));
  await tree.write('/file', [new Uint8Array(20000)]);
  const map = blockMap(tree, medium);
  const { unit } = map.areas.at(-1) as Area;
  assert.is(count(map, DATA), Math.ceil(20000 / unit));
  assert.is(count(map, LOST), 0);
  assert.ok(map.areas.every(({ offset }) => offset === -1));
});

test('a directory that is damaged leaves its blocks out, and the map says so', async () => {
  const bytes = new Uint8Array(1 << 20).fill(0xff);
  await fill(memoryMedium(bytes), 'new', { fs: 'lfs1' }, undefined, 1e9, {});
  const { tree, map: empty } = opened(bytes);
  await tree.mkdir('/d');
  await tree.write('/d/file', [new Uint8Array(20000)]);
  tree.close();
  const { map } = opened(bytes.slice());
  const pair = Array.from(map.owners.keys()).filter((index) => map.paths[map.owners[index]] === '/d');
  assert.is(pair.length, 2);
  for (const block of pair) bytes.fill(0xaa, block * 4096, block * 4096 + 64);
  const damaged = opened(bytes).map;
  assert.match(damaged.problem ?? '', /ECORRUPT/);
  assert.is(count(damaged, SYSTEM), count(empty, SYSTEM));
  assert.is(count(damaged, DATA), 0);
});

test.run();
