/** What the page does with one format only, and with further images that others wrote. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import type { Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RAMBlockDev } from '../modules/blockdev/ram';
import { VfsLfs2 } from '../modules/littlefs2';
import * as vfs from '../modules/vfs';
import * as tools from '../tools';
import { freshChip, partitionTable, TABLE_OFFSET } from '../tools/partition-table';
import { crcHex } from './independent/crc';
import { hasTool, mkfsExfat, pattern } from './support/exfat';
import { type GoldenManifest, goldenImage, goldenManifest, goldenNames } from './support/golden';
import { click, downloaded, enter, idle, listed, type Opened, openImage, runInBrowser, view } from './support/page';
import { makeFolder } from './support/tools';

const folder = mkdtempSync(join(tmpdir(), 'microvfs-page-formats-'));
const at = (name: string): string => join(folder, name);

let opened: Opened;

const saveImage = (page: Page): Promise<Buffer> => downloaded(page, () => page.getByRole('button', { name: 'Save image' }).click());

function save(name: string, bytes: Uint8Array): string {
  writeFileSync(at(name), bytes);
  return at(name);
}

/** Opens an image in the place of the one that is open. */
async function openNext(page: Page, file: string): Promise<void> {
  await page.getByLabel('Image to open').setInputFiles(file);
  await page.locator('.title b', { hasText: file.replace(/^.*\//, '') }).waitFor();
  await idle(page);
}

/** Everything in the volume, with the paths of directories too. */
async function allOf(page: Page): Promise<Map<string, Uint8Array>> {
  const zip = await downloaded(page, () => page.getByRole('button', { name: 'Download as zip' }).click());
  return new Map(Object.entries(unzipSync(zip)));
}

const further: [kind: string, name: string][] = [
  ['lfs2', 'disk-2.0'],
  ['lfs2', 'esp-vfs'],
  ['lfs2', 'manyfiles-4096'],
  ['lfs2', 'mpy-basic'],
  ['lfs2', 'names'],
  ['lfs2', 'tiny-128'],
  ['lfs2', 'churn-cycles5'],
  ['lfs2', 'cut-rename-002'],
  ['lfs1', 'many-512'],
  ['lfs1', 'tiny-128'],
  ['lfs1', 'cut-009'],
  ['fat', 'mpy-fat12-4096'],
  ['fat', 'mpy-fat16'],
  ['fat', 'dos-fat12-many'],
  ['fat', 'mbr-fat16'],
  ['rom', 'indirect'],
  ['rom', 'empty'],
];
const there = further.filter(([kind, name]) => goldenNames(kind).includes(name));
if (there.length)
  test('further images of the reference implementations: everything in them comes out of the page', async () => {
    const { page, errors } = await opened.page();
    for (const [kind, name] of there) {
      await openNext(page, save(`${kind}-${name}.img`, goldenImage(kind, name)));
      const zip = await allOf(page);
      const { entries } = goldenManifest<GoldenManifest>(kind, name);
      const wanted = entries.map(({ path, type }) => path.replace(/^\//, '') + (type === 'dir' ? '/' : ''));
      assert.equal([...zip.keys()].sort(), wanted.sort(), `${kind}/${name}`);
      for (const { path, type, crc32 } of entries)
        if (type === 'file') assert.is(crcHex(zip.get(path.replace(/^\//, '')) as Uint8Array), crc32, `${kind}/${name}: ${path}`);
    }
    assert.equal(errors, []);
  });

/** As others write it: by mkfs.exfat, the files by FatFs. */
async function foreignExfat(files: Map<string, Uint8Array>): Promise<Uint8Array | undefined> {
  const library = await import('fatfs-wasm').catch(() => undefined);
  if (!library || !hasTool('mkfs.exfat')) return undefined;
  const { FatFsDisk, FatFsMode } = library;
  const image = mkfsExfat(8 << 20);
  const disk = await FatFsDisk.create(image, { exfat: true });
  disk.mount();
  for (const [path, content] of files) {
    if (path.endsWith('/')) disk.mkdir(`/${path.slice(0, -1)}`);
    else {
      const file = disk.open(`/${path}`, FatFsMode.WRITE | FatFsMode.CREATE_ALWAYS);
      if (content.length) file.write(content);
      file.close();
    }
  }
  disk.unmount();
  return image;
}

test('exFAT by mkfs.exfat with files of FatFs: everything comes out, and what is changed is read by others', async () => {
  const files = new Map([
    ['a directory/', new Uint8Array(0)],
    ['a directory/x+y=z.dat', pattern(40960, 7)],
    ['été-日本.txt', pattern(100, 4)],
    ['empty', new Uint8Array(0)],
    ['Mixed Case Name.Text', pattern(70000, 3)],
  ]);
  const image = await foreignExfat(files);
  if (!image) return console.log('SKIP: mkfs.exfat or fatfs-wasm is not installed');
  const { page, errors } = await opened.page();
  await openImage(page, save('foreign.img', image));
  const zip = await allOf(page);
  assert.equal([...zip.keys()].sort(), [...files.keys()].sort());
  for (const [path, content] of files) assert.equal(new Uint8Array(zip.get(path) as Uint8Array), new Uint8Array(content), path);
  await view(page, 'Check');
  assert.match((await page.locator('.verdict').textContent()) ?? '', /is sound/);
  await view(page, 'Files');
  await page.getByLabel('Files to add').setInputFiles(save('added.bin', pattern(9000, 5)));
  await idle(page);
  const { FatFsDisk } = await import('fatfs-wasm');
  const disk = await FatFsDisk.create(new Uint8Array(await saveImage(page)), { exfat: true });
  disk.mount();
  assert.ok(Buffer.from(disk.readFile('/added.bin')).equals(pattern(9000, 5)));
  assert.equal(errors, []);
});

test('user attributes of a littlefs 2 are set, changed, removed, and that is undone', async () => {
  await tools.create(at('attributes.img'), { fs: 'lfs2', size: '128K', from: makeFolder(at('source')) });
  const { page, errors } = await opened.page();
  await openImage(page, at('attributes.img'));
  await click(page, 'boot.js');
  const set = async (type: string, hex: string): Promise<void> => {
    await page.getByLabel('new attribute').fill(type);
    await page.getByLabel('Its bytes in hexadecimal').fill(hex);
    await page.getByRole('button', { name: 'Set' }).click();
    await idle(page);
  };
  const saved = async (): Promise<(type: number) => Uint8Array | undefined> => {
    const device = new RAMBlockDev(4096, 32);
    device.writeblocks(0, new Uint8Array(await saveImage(page)));
    const volume = new VfsLfs2(device);
    volume.mount(true, false);
    return (type) => volume.getattr('/boot.js', type);
  };
  await set('66', '01 02 ff');
  assert.is(await page.getByLabel('Attribute 66 in hexadecimal').inputValue(), '01 02 ff');
  await set('67', 'xyz');
  await page.getByText("'xyz' are no bytes in hexadecimal").waitFor();
  await page.getByLabel('Attribute 66 in hexadecimal').fill('0a0b');
  await page.getByLabel('Attribute 66 in hexadecimal').press('Tab');
  await idle(page);
  await set('200', '');
  const get = await saved();
  assert.equal([get(66), get(200), get(67)], [Uint8Array.of(10, 11), new Uint8Array(0), undefined]);
  await page.getByRole('button', { name: 'Remove attribute 66' }).click();
  await idle(page);
  assert.is((await saved())(66), undefined);
  await page.getByRole('button', { name: 'Undo' }).click();
  await idle(page);
  assert.equal((await saved())(66), Uint8Array.of(10, 11));
  assert.equal(errors, []);
});

test('a search in contents finds files by what is in them, across the pieces that are read', async () => {
  const source = makeFolder(at('searched'));
  writeFileSync(join(source, 'large.bin'), Buffer.concat([Buffer.alloc(65530, 'x'), Buffer.from('Grüße und Küsse'), Buffer.alloc(5000)]));
  await tools.create(at('searched.img'), { fs: 'fat', size: '512K', from: source });
  const { page } = await opened.page();
  await openImage(page, at('searched.img'));
  const search = async (text: string): Promise<string[]> => {
    await page.getByLabel('Search names').fill(text);
    await page
      .locator('body[aria-busy="true"]')
      .waitFor({ timeout: 500 })
      .catch(() => {});
    return listed(page);
  };
  assert.equal(await search('grüße und'), []);
  await page.getByLabel('in contents').check();
  assert.equal(await search('grüße und'), ['/large.bin']);
  assert.equal(await search('large'), ['/large.bin']);
});

test('of a ROMFS each step makes the image anew: what is saved is what the command line makes of the same, and is undone', async () => {
  await tools.create(at('one.rom'), { fs: 'rom', from: makeFolder(at('rom')) });
  const { page, errors } = await opened.page();
  page.on('dialog', (dialog) => dialog.accept());
  await openImage(page, at('one.rom'));
  await enter(page, 'lib');
  await page.getByLabel('Files to add').setInputFiles(save('added.js', Buffer.alloc(20000, 'added();\n')));
  await idle(page);
  await click(page, 'a.js');
  await page.getByRole('button', { name: 'Rename' }).click();
  await page.getByLabel('New name, or a path to move it to').fill('/moved.js');
  await page.keyboard.press('Enter');
  await idle(page);
  await page.locator('.crumbs').getByRole('button').first().click();
  await click(page, 'boot.js');
  await page.getByRole('button', { name: 'Delete' }).click();
  await idle(page);
  const larger = save('larger.rom', await saveImage(page));
  await tools.extract(larger, at('extracted'));
  await tools.create(at('again.rom'), { fs: 'rom', from: at('extracted') });
  assert.equal(readFileSync(at('again.rom')).compare(readFileSync(larger)), 0);
  const [{ entries }] = await tools.ls([`${larger}:/`], { recursive: true, all: true });
  const paths = entries.map(({ path }) => path);
  assert.equal(
    ['lib/added.js', 'moved.js', 'boot.js', 'lib/a.js'].map((path) => paths.includes(path)),
    [true, true, false, false],
  );
  for (let i = 0; i < 3; i++) {
    await page.getByRole('button', { name: 'Undo' }).click();
    await idle(page);
  }
  assert.equal((await saveImage(page)).compare(readFileSync(at('one.rom'))), 0);
  assert.equal(errors, []);
});

test('a ROMFS in a partition stays within it: what has no room changes nothing', async () => {
  const chip = freshChip(256 * 1024);
  chip.set(partitionTable([{ label: 'romfs', type: 1, subtype: 0x8f, offset: 0x10000, size: 0x8000 }]), TABLE_OFFSET);
  await tools.create(at('small.rom'), { fs: 'rom', from: makeFolder(at('small')) });
  chip.set(readFileSync(at('small.rom')), 0x10000);
  const { page } = await opened.page();
  page.on('dialog', (dialog) => dialog.accept());
  await openImage(page, save('chip.img', chip));
  const before = await listed(page);
  await page.getByLabel('Files to add').setInputFiles(save('much.bin', Buffer.alloc(20000)));
  await page.getByText(/there is no room: the image would have \d+ bytes of 32768/).waitFor();
  assert.equal(await listed(page), before);
  await click(page, 'boot.js');
  await page.getByRole('button', { name: 'Delete' }).click();
  await idle(page);
  const saved = await saveImage(page);
  assert.is(saved.length, chip.length);
  assert.equal(
    await listed(page),
    before.filter((name) => name !== 'boot.js'),
  );
});

test('the map tells the revisions of the pairs of a littlefs, and shows them as wear', async () => {
  const device = new RAMBlockDev(4096, 32);
  VfsLfs2.mkfs(device);
  vfs.mount(new VfsLfs2(device), '/');
  for (let i = 0; i < 200; i++) vfs.writeFile('/often', pattern(600, i));
  vfs.umount('/');
  const image = new Uint8Array(32 * 4096);
  device.readblocks(0, image);
  save('worn.img', image);
  const revision = Buffer.from(image).readUInt32LE(0);
  assert.ok(revision > 2, `${revision}`);
  const { page } = await opened.page();
  await openImage(page, at('worn.img'));
  await view(page, 'Blocks');
  await page.getByLabel('Block in the map').fill('0');
  await page.getByLabel('Block in the map').press('Enter');
  await page.getByRole('heading', { name: `block 0: system /, revision ${revision}` }).waitFor();
  const colours = (): Promise<string> => page.evaluate("document.querySelector('canvas').toDataURL()");
  const kinds = await colours();
  await page.getByRole('button', { name: 'Wear' }).click();
  await page.getByText(/by revision, up to \d+/).waitFor();
  assert.is.not(await colours(), kinds);
});

runInBrowser(test, folder, (one) => (opened = one));
