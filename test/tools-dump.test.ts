import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as tools from '../tools';
import { forGolden, goldenImage } from './support/golden';
import { makeFolder, rejects } from './support/tools';

const folder = mkdtempSync(join(tmpdir(), 'microvfs-dump-'));
const at = (name: string) => join(folder, name);
const source = makeFolder(at('source'));

async function textOf(image: string, ...blocks: number[]): Promise<string> {
  const shown = await tools.dump(image, blocks.length ? { blocks } : {});
  for (const { bytes, notes } of shown)
    for (const note of notes) assert.ok(note.at >= 0 && note.length > 0 && note.at + note.length <= bytes.length + 4096, note.text);
  return shown.map(({ what, notes }) => [what, ...notes.map(({ text }) => text)].join('\n')).join('\n');
}

test('littlefs 2: the tags of a metadata pair', async () => {
  await tools.create(at('lfs2.img'), { fs: 'lfs2', size: '128K', from: source });
  const text = await textOf(at('lfs2.img'));
  assert.match(text, /a block of a metadata pair, \d+ commits/);
  assert.match(text, /0: superblock "littlefs"/);
  assert.match(text, /version 2\.1, 32 blocks of 4096, names 255/);
  assert.match(text, /name of a file "boot\.js"/);
  assert.match(text, /name of a directory "lib"/);
  assert.match(text, /directory at blocks \d+ and \d+/);
  assert.match(text, /attribute 1, 8 bytes/);
  assert.match(text, /commit 1 ends here, its CRC is right/);
  const broken = readFileSync(at('lfs2.img'));
  broken[20] ^= 1;
  writeFileSync(at('broken.img'), broken);
  assert.match(await textOf(at('broken.img'), 0), /^no metadata/);
});

test('littlefs 1: the entries of a pair', async () => {
  await tools.create(at('lfs1.img'), { fs: 'lfs1', size: '128K', from: source });
  const text = await textOf(at('lfs1.img'));
  assert.match(text, /superblock "littlefs"/);
  const [, root] = /superblock "littlefs" at blocks (\d+)/.exec(text) as RegExpExecArray;
  assert.match(await textOf(at('lfs1.img'), Number(root), Number(root) + 1), /file "boot\.js", last block \d+, 14 bytes/);
});

test('FAT: boot sector, FAT, directories', async () => {
  await tools.create(at('fat.img'), { fs: 'fat', size: '256K', label: 'DATA', from: source });
  const told = await tools.info(at('fat.img'));
  const sector = (name: string) => (told.regions.find((region) => region.name === name) as tools.Region).offset / 512;
  assert.match(await textOf(at('fat.img')), /the boot sector\nbytes in a sector: 512\n[\s\S]*label: "DATA {7}"\ntype: "FAT12 {3}"/);
  assert.match(await textOf(at('fat.img'), sector('FAT 1')), /FAT 1, sector 0\ncluster 0: 0xff8\ncluster 1: 0xfff\ncluster 2: the end/);
  const root = await textOf(at('fat.img'), sector('root directory'));
  assert.match(root, /label "DATA/);
  assert.match(root, /part 1 of a long name/);
  assert.match(root, /"BOOT {4}JS " \(archive\): cluster \d+, 14 bytes, 2023-11-14T22:13:20/);
  const [, lib] = /"LIB {8}" \(directory\): cluster (\d+)/.exec(root) as RegExpExecArray;
  const perCluster = (told.facts['cluster size'] as number) / 512;
  assert.match(await textOf(at('fat.img'), sector('clusters') + (Number(lib) - 2) * perCluster), /a directory\n"\. {10}" \(directory\)/);
});

test('exFAT: boot sector, FAT, directories', async () => {
  await tools.create(at('exfat.img'), { fs: 'exfat', size: '4M', label: 'DATA', from: source });
  const boot = await textOf(at('exfat.img'));
  const number = (name: string) => Number((new RegExp(`${name}: (\\d+)`).exec(boot) as RegExpExecArray)[1]);
  assert.match(boot, /name: "EXFAT {3}"/);
  const root = number('first sector of the clusters') + (number('cluster of the root directory') - 2) * number('sectors in a cluster');
  const text = await textOf(at('exfat.img'), root);
  assert.match(text, /label "DATA"\nallocation bitmap: cluster 2/);
  assert.match(text, /its name: "\.hidden"/);
  assert.match(await textOf(at('exfat.img'), number('first sector of the FAT')), /cluster 2: the end/);
});

test('ROMFS: the records', async () => {
  await tools.create(at('rom.img'), { fs: 'rom', from: source });
  const text = await textOf(at('rom.img'));
  assert.match(
    text,
    /records\nimage of \d+ bytes\n[\s\S]*file "boot\.js", \d+ bytes\n {2}content, 14 bytes\n[\s\S]*directory "lib"[\s\S]*\n {2}file "a\.js"/,
  );
});

test('what is nothing known is shown as it is, and a block that is not there is told', async () => {
  writeFileSync(at('text.bin'), 'x'.repeat(1000));
  assert.equal(await tools.dump(at('text.bin'), { blocks: [1] }).then((shown) => [shown[0].offset, shown[0].bytes.length]), [512, 488]);
  await rejects(tools.dump(at('text.bin'), { blocks: [2] }), /has 2 blocks of 512 bytes, and no block 2/);
});

for (const kind of ['lfs2', 'lfs1', 'fat', 'rom'])
  forGolden(kind, (name) => {
    if (!/^(bad|attrs|basic-512|mpremote|indirect|cut-000|dos-fat32|mpy-fat16|churn)/.test(name)) return;
    test(`${kind}/${name}: every block can be shown`, async () => {
      const image = goldenImage(kind, name);
      writeFileSync(at('golden.img'), image);
      const size = (await tools.dump(at('golden.img')))[0].bytes.length;
      const blocks = Array.from({ length: Math.min(200, Math.floor(image.length / size)) }, (_, number) => number);
      const text = await textOf(at('golden.img'), ...blocks);
      if (kind !== 'fat') assert.match(text, kind === 'rom' ? /records/ : /metadata pair/);
    });
  });

test.after(() => rmSync(folder, { recursive: true }));
test('what a later commit of a littlefs 2 replaces or deletes is told to be superseded, and nothing else', async () => {
  const image = at('log.img');
  await tools.create(image, { fs: 'lfs2', size: '64K', blockSize: 4096 });
  writeFileSync(at('one'), 'first');
  writeFileSync(at('two'), 'second');
  await tools.cp([at('one')], `${image}:/b`);
  await tools.cp([at('two')], `${image}:/b`);
  await tools.cp([at('one')], `${image}:/a`);
  await tools.rm([`${image}:/b`]);
  const blocks = await tools.dump(image);
  const notes = blocks.flatMap((block) => block.notes).filter(({ commit }) => commit !== undefined);
  const of = (text: RegExp) => notes.filter((note) => text.test(note.text));
  assert.ok(
    of(/"b"/).length > 0 && of(/"b"/).every(({ superseded, commit }) => superseded !== undefined && superseded > (commit as number)),
  );
  assert.is(of(/"a"/).filter(({ superseded }) => superseded !== undefined).length, 0);
  assert.is(of(/^0: .*superblock|version 2/).filter(({ superseded }) => superseded !== undefined).length, 0);
  // The content of `b` was written twice, and of the two only `a` is left.
  assert.is(of(/inline content/).filter(({ superseded, text }) => superseded === undefined && !text.includes('version')).length, 1);
});

test.run();
