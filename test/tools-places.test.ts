/** Where volumes lie in images, and images that the reference implementations have made. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { boards } from '../boards/sim';
import { chips, insertChip } from '../boards/sim/chips';
import { NorFlash } from '../boards/sim/nor';
import * as stm32 from '../boards/stm32';
import * as vfs from '../modules/vfs';
import * as tools from '../tools';
import { freshChip, partitionTable } from '../tools/partition-table';
import { FileMedium } from '../tools/places/file-medium';
import { parsePlace } from '../tools/places/parse';
import { bytesOf, humanSize } from '../tools/places/size';
import { parentOf } from '../tools/places/tree';
import { forGolden, type GoldenManifest, goldenImage, goldenManifest } from './support/golden';
import { has, makeFolder, namesIn, rejects, textOf } from './support/tools';

const folder = mkdtempSync(join(tmpdir(), 'microvfs-places-'));
const at = (name: string) => join(folder, name);
const source = makeFolder(at('source'));

test('the directory that holds the root is the root, and that of a name alone is the current one', () => {
  assert.equal(['/', '/a', '/a/', '/a/b', 'a/b', 'a'].map(parentOf), ['/', '/', '/', '/a', 'a', '.']);
});

test('sizes are bytes, hexadecimal, or have a unit', () => {
  const given = ['512', '0x1000', '4K', '4kb', '4KiB', '1 M', '2G', '4X', '-1', '1.5M', ''];
  assert.equal(given.map(bytesOf), [512, 4096, 4096, 4096, 4096, 1 << 20, 2 ** 31, undefined, undefined, undefined, undefined]);
  assert.equal([0, 1023, 4096, 1536, 32 * 2 ** 30].map(humanSize), ['0 B', '1023 B', '4 kB', '1.5 kB', '32 GB']);
});

test('a place is what is there under that name, else an image and what is in it', () => {
  for (const name of ['image.bin', 'odd#1.bin', 'a:b']) writeFileSync(at(name), '');
  const brief = (text: string, bare: 'file' | 'volume' = 'file') => {
    const { host, image, path, inside, contents } = parsePlace(text, bare);
    return [host.replace(folder + '/', ''), image, path.replace(folder + '/', ''), inside, contents];
  };
  assert.equal(brief(at('image.bin')), ['image.bin', undefined, 'image.bin', true, false]);
  assert.equal(brief(at('image.bin'), 'volume'), ['image.bin', {}, '/', false, true]);
  assert.equal(brief(at('image.bin') + ':'), ['image.bin', {}, '/', true, true]);
  assert.equal(brief(at('image.bin') + ':/a/../b/./c'), ['image.bin', {}, '/b/c', true, false]);
  assert.equal(brief(at('image.bin') + ':a/'), ['image.bin', {}, '/a', true, true]);
  assert.equal(brief(at('image.bin') + '#vfs:/a'), ['image.bin', { partition: 'vfs' }, '/a', true, false]);
  assert.equal(brief(at('image.bin') + '@0x2000+1M'), ['image.bin', { offset: 0x2000, size: 1 << 20 }, '/', false, false]);
  assert.equal(brief(at('image.bin') + '@4K:/x'), ['image.bin', { offset: 4096, size: undefined }, '/x', true, false]);
  assert.equal(brief(at('odd#1.bin') + ':/x'), ['odd#1.bin', {}, '/x', true, false]);
  assert.equal(brief(at('a:b'))[1], undefined);
  assert.equal(brief(at('a:b') + ':/x'), ['a:b', {}, '/x', true, false]);
  assert.equal(brief(at('not yet.txt')), ['not yet.txt', undefined, 'not yet.txt', true, false]);
  assert.throws(() => brief(at('none.bin') + ':/x'), /there is no image .*none\.bin/);
  assert.throws(() => brief(at('none.bin') + '#vfs:/x'), /there is no image .*none\.bin/);
  assert.throws(() => brief(at('image.bin') + '@here'), /behind @ stand offset and size/);
});

test("an ESP32's partition is meant by its label, and nothing outside of it changes", async () => {
  const chip = at('chip.bin');
  writeFileSync(chip, freshChip(1 << 20));
  const before = readFileSync(chip);
  await rejects(tools.ls([chip]), /the flash of an ESP32: name a partition, as .*chip\.bin#vfs; it has nvs, phy_init, factory, vfs/);
  await rejects(tools.ls([chip + '#vfs']), /it is blank; 'microvfs create'/);
  await rejects(tools.ls([chip + '#other']), /no such partition; the table has nvs, phy_init, factory, vfs/);
  await tools.create(undefined, { into: chip + '#vfs', fs: 'lfs2', from: source });
  assert.equal((await tools.diff(chip + '#vfs', source)).length, 0);
  await tools.cp([join(source, 'boot.js')], chip + '#vfs:/main.js');
  assert.is(await textOf(chip + '#vfs:/main.js'), 'print("boot")\n');
  await rejects(tools.create(undefined, { into: chip + '#vfs', fs: 'lfs2' }), /is not blank: --force/);
  await rejects(tools.create(chip + '#vfs', { fs: 'fat', size: '2M', force: true }), /has 524288 bytes, the volume would have 2097152/);
  const after = readFileSync(chip);
  assert.ok(after.subarray(0, 512 * 1024).equals(before.subarray(0, 512 * 1024)));
  // The same by its place.
  assert.equal(await namesIn(chip + '@512K+512K:/lib'), ['a.js', 'b.js', 'deep']);
  await tools.mv([chip + '#vfs:/main.js'], at('moved.js'));
  assert.not((await namesIn(chip + '@0x80000')).includes('main.js'));
  // Two partitions of one image in one go.
  writeFileSync(
    chip,
    Buffer.concat([
      Buffer.alloc(0x8000, 0xff),
      partitionTable([
        { label: 'a', type: 1, subtype: 0x83, offset: 0x10000, size: 0x10000 },
        { label: 'b', type: 1, subtype: 0x81, offset: 0x20000, size: 0x40000 },
      ]),
      Buffer.alloc(0x60000, 0xff),
    ]).subarray(0, 0x60000),
  );
  await tools.create(chip + '#a', { fs: 'lfs2' });
  await tools.create(chip + '#b', { fs: 'fat' });
  await tools.cp([join(source, 'lib/a.js')], chip + '#a:/');
  await tools.cp([chip + '#a:/a.js', join(source, 'boot.js')], chip + '#b:/');
  assert.equal([await namesIn(chip + '#a'), await namesIn(chip + '#b')], [['a.js'], ['a.js', 'boot.js']]);
});

test('a part without a path is its bytes for cp and cat, as parttool reads and writes them', async () => {
  const chip = at('parts.bin');
  writeFileSync(chip, freshChip(1 << 20));
  writeFileSync(at('nvs.bin'), 'settings');
  await rejects(tools.cp([at('nvs.bin')], chip + '#nvs'), /#nvs is part of an image: .*#nvs:\/ is what is in it \(--force/);
  await tools.cp([at('nvs.bin')], chip + '#nvs', { force: true });
  const bytes = readFileSync(chip);
  assert.is(bytes.toString('latin1', 0x9000, 0x9008), 'settings');
  assert.ok(bytes.subarray(0x9008, 0xf000).every((byte) => byte === 0xff));
  mkdirSync(at('parts'));
  await tools.cp([chip + '#nvs', chip + '@0x8000+3K'], at('parts'));
  assert.ok(readFileSync(at('parts/parts.bin#nvs')).equals(bytes.subarray(0x9000, 0xf000)));
  await tools.cp([chip + '#nvs'], at('out.bin'));
  assert.is(statSync(at('out.bin')).size, 24 * 1024);
  assert.equal(await tools.diff(chip + '#nvs', at('out.bin')), []);
  await tools.create(chip + '#vfs', { fs: 'lfs2', from: source });
  await tools.cp([chip + '#vfs'], at('vfs.img'));
  assert.equal(await tools.diff(at('vfs.img'), source), []);
  writeFileSync(at('long.bin'), new Uint8Array(5000));
  await rejects(tools.cp([at('long.bin')], chip + '#phy_init', { force: true }), /there is room for 4096 bytes/);
  await rejects(tools.rm([chip + '#nvs']), /part of an image/);
  await rejects(tools.mv([chip + '#nvs'], at('moved.bin')), /cannot be moved/);
  assert.ok(!existsSync(at('moved.bin')));
  await tools.cp(['/dev/null'], chip + '#nvs', { force: true });
  assert.ok(
    readFileSync(chip)
      .subarray(0x9000, 0xf000)
      .every((byte) => byte === 0xff),
  );
});

test('--offset leaves room before the volume', async () => {
  await tools.create(at('offset.bin'), { fs: 'lfs2', size: '64K', offset: '16K' });
  assert.is(statSync(at('offset.bin')).size, 80 * 1024);
  assert.ok(
    readFileSync(at('offset.bin'))
      .subarray(0, 16384)
      .every((byte) => byte === 0xff),
  );
  assert.equal(await namesIn(at('offset.bin') + '@16K'), []);
});

if (has('sgdisk') && has('mkfs.fat') && has('mcopy'))
  test("a card's partition is meant by its number, with an MBR or a GPT made by other programs; without one what a device would mount", async () => {
    const card = at('card.img');
    writeFileSync(card, '');
    truncateSync(card, 64 << 20);
    execFileSync('sgdisk', ['-n', '1:2048:+16M', '-t', '1:ef00', '-n', '2:0:0', '-t', '2:0700', card], { stdio: 'ignore' });
    await tools.create(card + '#2', { fs: 'fat', label: 'DATA', from: source });
    assert.equal(await tools.diff(card + '#2', source), []);
    assert.equal(await tools.diff(card, source), []);
    const offset = 2048 * 512 + (16 << 20);
    const listed = execFileSync('mdir', ['-b', '-i', `${card}@@${offset}`, '::/lib'], {
      encoding: 'utf8',
      env: { ...process.env, MTOOLS_SKIP_CHECK: '1' },
    });
    assert.equal(listed.trim().split('\n').sort(), ['::/lib/a.js', '::/lib/b.js', '::/lib/deep/']);
    await rejects(tools.ls([card + '#3']), /no such partition; the table has 1, 2/);
    await rejects(tools.ls([card + '#1']), /it is blank/);
  });

test('what is no volume says what it is, and what to do', async () => {
  writeFileSync(at('text.bin'), Buffer.alloc(100000, 'some text '));
  await rejects(tools.ls([at('text.bin')]), /text\.bin: no volume that is known/);
  await rejects(tools.ls([at('text.bin') + '#1']), /there is no partition table in the image; @OFFSET\+SIZE/);
  await rejects(tools.ls([at('text.bin') + '@1M']), /the image has only 100000 bytes/);
  await rejects(tools.df([at('nothing.bin')]), /nothing\.bin/);
});

test('a board: the log of an STM32 is written and read as its firmware does', async () => {
  const flash = at('stm32.bin');
  const nor = new NorFlash({ size: 1 << 20, eraseSize: 16384, progSize: 4 });
  insertChip(stm32.native, chips.stm32f405, nor);
  const window = stm32.stm32.open('flash');
  stm32.VfsFat.mkfs(window);
  vfs.mount(new stm32.VfsFat(window), '/board');
  vfs.writeFile('/board/from-device.txt', 'written by the device');
  vfs.umount('/board');
  const image = new Uint8Array(1 << 20);
  nor.peek(0, image);
  writeFileSync(flash, image);

  await rejects(tools.ls([flash]), /no volume that is known/);
  const board = { board: 'stm32' };
  assert.is(await textOf(flash + ':/from-device.txt', board), 'written by the device');
  await tools.cp([source + '/'], flash + ':/', { ...board, recursive: true });
  assert.equal(await tools.diff(flash + ':/lib', join(source, 'lib'), board), []);

  const changed = new NorFlash({ size: 1 << 20, eraseSize: 16384, progSize: 4 });
  const bytes = readFileSync(flash);
  for (let block = 0; block < 64; block++) changed.poke(block, new Uint8Array(bytes.subarray(block * 16384, (block + 1) * 16384)));
  insertChip(stm32.native, chips.stm32f405, changed);
  vfs.mount(new stm32.VfsFat(stm32.stm32.open('flash')), '/board');
  assert.is(vfs.readFile('/board/lib/a.js', 'utf8'), 'exports.a = 1;\n');
  assert.is(vfs.readFile('/board/from-device.txt', 'utf8'), 'written by the device');
  vfs.umount('/board');
  await rejects(tools.ls([at('chip.bin')], board), /chip\.bin has \d+ bytes, and the flash of stm32 1048576/);
  await rejects(tools.ls([flash], { board: 'pdp11' }), /there is no board pdp11; there are .*stm32/);
});

test('every board: a volume in an image of its flash is made, written and read', async () => {
  for (const name of Object.keys(boards)) {
    const { chip, geometry } = boards[name].sim;
    const size = chip ? chip.sectors.reduce((sum, [length, count]) => sum + length * count, 0) : (geometry as { size: number }).size;
    const flash = at(`${name}.bin`);
    writeFileSync(flash, name === 'esp32' ? freshChip(size) : Buffer.alloc(size, 0xff));
    const fs = name === 'stm32' ? 'fat' : 'lfs2';
    await tools.create(undefined, { into: flash, board: name, fs });
    await tools.cp([join(source, 'boot.js'), join(source, 'lib/b.js')], flash + ':/', { board: name });
    assert.equal(await namesIn(flash, { board: name }), ['b.js', 'boot.js'], name);
    assert.is(await textOf(flash + ':/b.js', { board: name }), 'exports.b = 2;\n', name);
  }
});

test('a large image is read where it is wanted, and --in-place writes only what has changed', async () => {
  const large = at('large.img');
  writeFileSync(large, '');
  truncateSync(large, 8 * 2 ** 30);
  const created = await tools.create(large, { fs: 'fat', force: true, size: '8G' });
  assert.is(created.size, 8 * 2 ** 30);
  const began = Date.now();
  await tools.cp([join(source, 'boot.js')], large + ':/', { inPlace: true });
  assert.is(await textOf(large + ':/boot.js'), 'print("boot")\n');
  assert.ok(Date.now() - began < 10000, `${Date.now() - began} ms`);
  assert.ok(statSync(large).blocks * 512 < 64 << 20, 'the image is no longer sparse');
  rmSync(large);
});

test('more changes than memory holds are put aside, and all of them are kept', () => {
  const size = 48 << 20;
  const medium = new FileMedium(at('aside.bin'), { size, fill: 0 });
  const page = new Uint8Array(4096);
  for (let number = 0; number * 4096 < size; number++) {
    new DataView(page.buffer).setUint32(0, number);
    medium.write(number * 4096, page);
  }
  medium.write(4096 * 100 + 8, Uint8Array.of(1, 2, 3));
  const back = new Uint8Array(12);
  medium.read(4096 * 100, back);
  assert.equal([...back], [0, 0, 0, 100, 0, 0, 0, 0, 1, 2, 3, 0]);
  medium.keep();
  medium.close();
  const file = readFileSync(at('aside.bin'));
  assert.is(file.length, size);
  for (let number = 0; number * 4096 < size; number += 97) assert.is(file.readUInt32BE(number * 4096), number);
  assert.is(file[4096 * 100 + 9], 2);
  rmSync(at('aside.bin'));
});

test('an image that somebody else has changed meanwhile is left alone', async () => {
  await tools.create(at('race.img'), { fs: 'lfs2', size: '64K' });
  const medium = new FileMedium(at('race.img'));
  medium.write(0, Uint8Array.of(1));
  await new Promise((go) => setTimeout(go, 20));
  writeFileSync(at('race.img'), 'theirs');
  assert.throws(() => medium.keep(), /was changed by somebody else meanwhile: nothing was written/);
  medium.close();
  assert.is(readFileSync(at('race.img'), 'utf8'), 'theirs');
});

for (const kind of ['lfs2', 'lfs1', 'fat', 'rom'])
  forGolden(kind, (name) => {
    // What is cut or damaged is for fsck.
    if (/^(bad|cut)-/.test(name)) return;
    test(`${kind}/${name}, made by the reference code: everything in it is listed and read`, async () => {
      const image = at('golden.img');
      const manifest = goldenManifest<GoldenManifest>(kind, name);
      writeFileSync(image, goldenImage(kind, name));
      const before = readFileSync(image);
      const sums = (await tools.ls([image], { recursive: true, all: true }))[0].entries;
      const wanted = manifest.entries.map(({ path, type, size }) => [path.slice(1), type === 'dir' ? 0 : size]);
      const order = (a: unknown[], b: unknown[]) => (String(a[0]) < String(b[0]) ? -1 : 1);
      assert.equal(sums.map(({ path, size }) => [path, size]).sort(order), wanted.sort(order));
      for (const entry of manifest.entries.filter(({ type }) => type === 'file').slice(0, 20)) {
        const pieces: Uint8Array[] = [];
        // A name may hold what is a pattern.
        await tools.cat([`${image}:${entry.path}`], {}, (piece) => void pieces.push(piece.slice()));
        assert.is(crc32(Buffer.concat(pieces)).toString(16).padStart(8, '0'), entry.crc32, entry.path);
      }
      assert.ok(before.equals(readFileSync(image)), 'reading has written');
      if (kind === 'rom') return;
      await tools.cp([source + '/'], `${image}:/copied`, { recursive: true }).catch((error: tools.PlaceError) => {
        // Small and full ones.
        if (error.code !== 'ENOSPC') throw error;
      });
    });
  });

test.after(() => rmSync(folder, { recursive: true }));
test.run();
