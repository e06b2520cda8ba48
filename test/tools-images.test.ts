/** Whole volumes: info, convert, migrate, romfs, the options of create. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RAMBlockDev } from '../modules/blockdev';
import { WearLevelling } from '../modules/blockdev/wear-levelling';
import { VfsFat } from '../modules/fat';
import { VfsLfs2 } from '../modules/littlefs2';
import * as tools from '../tools';
import { freshChip } from '../tools/partition-table';
import { mediumDevice } from '../tools/places/device';
import { FileMedium } from '../tools/places/file-medium';
import { checkLfs2 } from './independent/lfs2-reader';
import { goldenImage, goldenManifest, goldenNames } from './support/golden';
import { ALL, has, makeFolder, namesIn, rejects, TIME } from './support/tools';

const folder = mkdtempSync(join(tmpdir(), 'microvfs-images-'));
const at = (name: string) => join(folder, name);
const source = makeFolder(at('source'));
const SIZES = { lfs2: '256K', lfs1: '256K', fat: '256K', exfat: '4M', rom: '64K' } as const;
const FORMATS = ['lfs2', 'lfs1', 'fat', 'exfat', 'rom'] as const;

test('what is there and no file, as a device, is never replaced by an image', async () => {
  const pipe = at('pipe');
  execFileSync('mkfifo', [pipe]);
  await tools.create(at('one.img'), { fs: 'lfs2', size: '64K' });
  await rejects(tools.create(pipe, { fs: 'fat', size: '64K', force: true }), /cannot write .*pipe: it is no file/);
  await rejects(tools.convert(at('one.img'), pipe, { fs: 'fat', size: '64K', force: true }), /cannot write .*pipe: it is no file/);
  await rejects(tools.create(folder, { fs: 'fat', size: '64K', force: true }), /it is no file/);
  assert.ok(statSync(pipe).isFIFO());
  assert.equal(
    readdirSync(folder).filter((name) => /new|lock/.test(name)),
    [],
  );
});

for (const fs of FORMATS) {
  const image = at(`${fs}.img`);
  test(`${fs}: info tells format, geometry, usage and what lies where`, async () => {
    await tools.create(image, { fs, size: SIZES[fs], from: source, ...(fs === 'fat' || fs === 'exfat' ? { label: 'DATA' } : {}) });
    const told = await tools.info(image);
    assert.is(told.holds, fs);
    assert.is(told.size, statSync(image).size);
    assert.equal([told.files, told.directories, told.problem], [7, 3, undefined]);
    const { facts, regions } = told;
    if (fs === 'lfs2') assert.equal([facts.version, facts['block size'], facts.blocks, facts['longest name']], ['2.1', 4096, 64, 255]);
    if (fs === 'lfs1') assert.equal([facts.version, facts['block size'], facts.blocks], ['1.1', 4096, 64]);
    if (fs === 'fat')
      assert.equal(
        [facts.version, facts.label, regions.map(({ name }) => name).join()],
        ['FAT12', 'DATA', 'reserved,FAT 1,root directory,clusters'],
      );
    if (fs === 'exfat') assert.equal([facts['cluster size'], facts.label], [4096, 'DATA']);
    if (fs === 'rom') assert.ok((facts['image bytes'] as number) > 30000);
    for (const { offset, size, name } of regions)
      assert.ok(offset >= 0 && size > 0 && offset + size <= told.size, `${name} ${offset} ${size}`);
  });

  for (const to of FORMATS)
    if (fs === 'lfs2' || to === 'lfs2' || fs === to)
      test(`convert: ${fs} becomes ${to}, and holds the same`, async () => {
        const out = at('converted.img');
        await tools.convert(image, out, { fs: to, size: SIZES[to], force: true });
        assert.is((await tools.info(out)).holds, to);
        assert.equal(await tools.diff(out, source), []);
        if (![fs, to].includes('lfs1' as never) && ![fs, to].includes('rom' as never))
          assert.is((await tools.ls([`${out}:/boot.js`], { times: true }))[0].entries[0].mtime ?? TIME, TIME);
      });
}

test('convert makes an image larger and smaller in its place, with other blocks, and keeps it where there is no room', async () => {
  const image = at('grow.img');
  await tools.create(image, { fs: 'lfs2', size: '256K', from: source });
  await tools.convert(image, image, { size: '512K', blockSize: 512 });
  assert.is(statSync(image).size, 512 * 1024);
  assert.is((await tools.info(image)).facts['block size'], 512);
  assert.equal(checkLfs2(new Uint8Array(readFileSync(image)), 512, 1024).problems, []);
  await tools.convert(image, image, { size: 'auto' });
  assert.ok(statSync(image).size < 64 * 1024);
  const before = readFileSync(image);
  await rejects(tools.convert(image, image, { size: '16K' }), /no space/);
  assert.ok(before.equals(readFileSync(image)));
  await rejects(tools.convert(image, at('lfs1.img')), /is there already: --force/);
  assert.equal(await tools.diff(image, source), []);
});

test('convert of a partition stays in its place', async () => {
  const chip = at('chip.bin');
  writeFileSync(chip, freshChip(1 << 20));
  await tools.create(chip + '#vfs', { fs: 'lfs1', from: source });
  const before = readFileSync(chip);
  await tools.convert(chip + '#vfs', chip + '#vfs', { fs: 'fat' });
  assert.equal(await tools.diff(chip + '#vfs', source), []);
  assert.ok(readFileSync(chip).subarray(0, 0x80000).equals(before.subarray(0, 0x80000)));
  const told = await tools.info(chip);
  assert.is(told.holds, 'esp32');
  assert.equal(
    told.regions.map(({ name, holds }) => [name, holds]),
    [
      ['nvs', 'blank'],
      ['phy_init', 'blank'],
      ['factory', 'blank'],
      ['vfs', 'FAT'],
    ],
  );
});

test('convert in its place does not take partitions, or wear levelling, away unasked', async () => {
  const card = Buffer.alloc(4 << 20);
  // One partition of FAT from sector 64 on.
  card.set([0, 0, 0, 0, 6, 0, 0, 0, 64, 0, 0, 0, 0xc0, 0x1f, 0, 0], 446);
  card.set([0x55, 0xaa], 510);
  writeFileSync(at('card.img'), card);
  await tools.create(at('card.img') + '#1', { fs: 'fat', from: source });
  assert.is((await tools.info(at('card.img'))).holds, 'card');
  await rejects(
    tools.convert(at('card.img'), at('card.img'), { fs: 'exfat' }),
    /has partitions, which would be gone: name one, as .*card\.img#1/,
  );
  await tools.convert(at('card.img') + '#1', at('card.img') + '#1', { clusterSize: '4K' });
  assert.equal(await tools.diff(at('card.img'), source), []);
});

test('attributes of littlefs 2 go along', async () => {
  const device = new RAMBlockDev(512, 128);
  VfsLfs2.mkfs(device);
  const volume = new VfsLfs2(device);
  volume.open('/a.txt', 'w').close();
  volume.setattr('/a.txt', 7, Uint8Array.of(1, 2, 3));
  volume.umount();
  const image = new Uint8Array(65536);
  for (let block = 0; block < 128; block++) device.readblocks(block, image.subarray(block * 512, (block + 1) * 512));
  writeFileSync(at('attributes.img'), image);
  await tools.convert(at('attributes.img'), at('attributes2.img'), { blockSize: 4096 });
  const medium = new FileMedium(at('attributes2.img'));
  const copied = new VfsLfs2(mediumDevice(medium, 4096));
  copied.mount(true, false);
  assert.equal([...(copied.getattr('/a.txt', 7) as Uint8Array)], [1, 2, 3]);
  medium.close();
});

test('create takes the options of the formats, and refuses those of others', async () => {
  const image = at('options.img');
  const of = async (options: tools.CreateOptions) => {
    await tools.create(image, { ...options, force: true });
    return tools.info(image);
  };
  let told = await of({ fs: 'lfs2', size: '64K', blockSize: '1K', progSize: 256, nameMax: 32, diskVersion: '2.0' });
  assert.equal([told.facts.version, told.facts['block size'], told.facts['longest name']], ['2.0', 1024, 32]);
  assert.equal(checkLfs2(new Uint8Array(readFileSync(image)), 1024, 64).problems, []);
  writeFileSync(at('a'.repeat(33)), '');
  writeFileSync(at('b'.repeat(32)), '');
  await rejects(tools.cp([at('a'.repeat(33))], image + ':/'), /too long/);
  await tools.cp([at('b'.repeat(32))], image + ':/');
  told = await of({ fs: 'fat', size: '8M', clusterSize: '4K', label: 'CARD' });
  assert.equal([told.facts['cluster size'], told.facts.label, told.facts.version], [4096, 'CARD', 'FAT12']);
  told = await of({ fs: 'exfat', size: '8M', clusterSize: '16K' });
  assert.is(told.facts['cluster size'], 16384);
  told = await of({ fs: 'lfs1', size: '64K', blockSize: 512 });
  assert.is(told.facts['block size'], 512);
  for (const [options, message] of [
    [{ fs: 'lfs2', label: 'X' }, /--label is for fat and exfat, not for lfs2/],
    [{ fs: 'fat', nameMax: 10 }, /--name-max is for lfs2/],
    [{ fs: 'rom', blockSize: 512 }, /--block-size/],
    [{ fs: 'lfs2', nameMax: 2000 }, /1 to 1022/],
    [{ fs: 'ntfs' }, /ntfs: a volume is made as lfs2/],
    [{ fs: 'lfs2', size: 'big' }, /--size big/],
    [{ fs: 'fat', label: 'a label that is too long' }, /label/],
  ] as [tools.CreateOptions, RegExp][])
    await rejects(tools.create(at('never.img'), { size: '64K', ...options }), message);
  await rejects(tools.create(at('never.img'), { fs: 'lfs2' }), /give the size of the volume/);
  await rejects(tools.create(undefined, { fs: 'lfs2', size: '64K' }), /give an image, or --into/);
  await rejects(tools.create(at('never.img'), { fs: 'lfs2', from: at('nothing') }), /no such directory/);
});

test('SOURCE_DATE_EPOCH is the latest time that anything gets', async () => {
  process.env.SOURCE_DATE_EPOCH = '1600000000';
  try {
    await tools.create(at('epoch.img'), { fs: 'lfs2', size: '256K', from: source });
  } finally {
    delete process.env.SOURCE_DATE_EPOCH;
  }
  const [{ entries }] = await tools.ls([at('epoch.img')], { times: true });
  assert.is(entries.find(({ name }) => name === 'boot.js')?.mtime, 1600000000);
});

test('1,000 files are made into an image in seconds, and the other programs find all of them', async () => {
  const many = at('many');
  for (let i = 0; i < 1000; i++) {
    if (i % 100 === 0) mkdirSync(join(many, `d${i / 100}`), { recursive: true });
    writeFileSync(join(many, `d${Math.floor(i / 100)}`, `file-${i}.txt`), `${i}\n`.repeat(1 + (i % 300)));
  }
  for (const [fs, size] of [
    ['lfs2', '8M'],
    ['fat', '8M'],
    ['exfat', '16M'],
  ] as const) {
    const image = at(`many-${fs}.img`);
    const began = Date.now();
    const made = await tools.create(image, { fs, size, from: many });
    assert.ok(Date.now() - began < 60000, `${fs}: ${Date.now() - began} ms`);
    assert.equal([made.files, made.directories], [1000, 10]);
    assert.equal(await tools.diff(image, many), []);
    if (fs === 'lfs2') assert.is(checkLfs2(new Uint8Array(readFileSync(image)), 4096, 2048).problems.length, 0);
    else if (has(`fsck.${fs}`)) execFileSync(`fsck.${fs}`, ['-n', image], { stdio: 'ignore' });
  }
});

test('migrate: littlefs 1 becomes littlefs 2, and holds the same; what is none is left alone', async () => {
  const image = at('migrate.img');
  await tools.create(image, { fs: 'lfs1', size: '256K', from: source });
  await tools.migrate(image);
  assert.is((await tools.info(image)).holds, 'lfs2');
  assert.equal(await tools.diff(image, source), []);
  assert.equal(checkLfs2(new Uint8Array(readFileSync(image)), 4096, 64).problems, []);
  await rejects(tools.migrate(image), /littlefs 2 is there, and only littlefs 1 is migrated/);
});

if (goldenNames('lfs1').includes('basic-512'))
  test('migrate: an image of the reference implementation', async () => {
    writeFileSync(at('golden1.img'), goldenImage('lfs1', 'basic-512'));
    await tools.migrate(at('golden1.img'));
    assert.equal(
      (await namesIn(at('golden1.img'), { recursive: true, all: true })).sort(),
      goldenManifest('lfs1', 'basic-512')
        .entries.map(({ path }) => path.slice(1))
        .sort(),
    );
  });

test('romfs: an image is built, put into its place, and found there', async () => {
  const size = await tools.romBuild(source, at('data.romfs'));
  assert.is(statSync(at('data.romfs')).size, size);
  assert.equal(await namesIn(at('data.romfs'), { recursive: true, all: true }), ALL);
  const chip = at('rom-chip.bin');
  writeFileSync(chip, freshChip(1 << 20));
  assert.equal(await tools.romQuery(chip + '#vfs'), { place: chip + '#vfs', size: 0x80000, used: 0 });
  await tools.romDeploy(source, chip + '#vfs');
  assert.is((await tools.romQuery(chip + '#vfs')).used, size);
  assert.equal(await tools.diff(chip + '#vfs', source), []);
  await tools.romDeploy(at('data.romfs'), chip + '@0x20000+64K');
  assert.equal(await tools.diff(chip + '@0x20000+64K', source), []);
  await rejects(tools.romDeploy(source, chip + '#nvs'), /there is room for 24576/);
  await rejects(tools.romDeploy(at('lfs2.img'), chip + '#vfs'), /is no image of ROMFS/);
});

test('info of what is damaged, blank or nothing says so', async () => {
  writeFileSync(at('blank.bin'), new Uint8Array(65536).fill(0xff));
  assert.is((await tools.info(at('blank.bin'))).holds, 'blank');
  writeFileSync(at('text.bin'), 'text '.repeat(1000));
  assert.is((await tools.info(at('text.bin'))).holds, 'unknown');
  const image = readFileSync(at('lfs2.img'));
  image.fill(0, 24, 4096);
  image.fill(0, 4096 + 24, 8192);
  writeFileSync(at('damaged.img'), image);
  const told = await tools.info(at('damaged.img'));
  assert.is(told.holds, 'lfs2');
  assert.match(told.problem as string, /'microvfs fsck .*' tells more/);
});

test('fsck as a function: sound volumes, what a power cut has left, and what cannot be repaired', async () => {
  for (const fs of ['lfs2', 'lfs1', 'fat', 'exfat'] as const) {
    const told = await tools.fsck(at(`${fs}.img`));
    assert.equal([told.format, told.sound, told.repaired], [fs, true, false], fs);
  }
  await rejects(tools.fsck(at('rom.img')), /ROMFS is not checked/);
  await rejects(tools.fsck(at('text.bin')), /no volume that is known/);
  // A lost cluster.
  const image = readFileSync(at('fat.img'));
  const first = (await tools.info(at('fat.img'))).regions.find(({ name }) => name === 'FAT 1') as tools.Region;
  image.set([0xff, 0x0f], first.offset + 300);
  writeFileSync(at('lost.img'), image);
  const found = await tools.fsck(at('lost.img'));
  assert.equal([found.sound, found.findings[0].code], [false, 'lost']);
  assert.ok(image.equals(readFileSync(at('lost.img'))), 'a check has written');
  assert.equal((await tools.fsck(at('lost.img'), { repair: true })).repaired, true);
  assert.is((await tools.fsck(at('lost.img'))).sound, true);
  assert.equal(await tools.diff(at('lost.img'), source), []);
  const damaged = readFileSync(at('damaged.img'));
  assert.equal(
    await tools.fsck(at('damaged.img'), { repair: true, type: 'lfs2' }).then(
      ({ sound, repaired }) => [sound, repaired],
      () => [false, false],
    ),
    [false, false],
  );
  assert.ok(damaged.equals(readFileSync(at('damaged.img'))));
});

test('FAT under wear levelling is read and written like any', async () => {
  const medium = new FileMedium(at('wl.img'), { size: 512 * 1024, fill: 0xff });
  VfsFat.mkfs(new WearLevelling(mediumDevice(medium, 4096)));
  medium.keep();
  medium.close();
  await tools.cp([source + '/'], at('wl.img') + ':/', { recursive: true });
  assert.equal(await tools.diff(at('wl.img'), source), []);
  const told = await tools.info(at('wl.img'));
  assert.equal([told.holds, told.facts['moves after']], ['wl-fat', '16 erases']);
  await rejects(tools.convert(at('wl.img'), at('wl.img')), /wear levelling is not made; --fs says/);
});

test.after(() => rmSync(folder, { recursive: true }));
test.run();
