/** What the page changes, makes and repairs: what it saves is what the command line makes of the same. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import type { Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as tools from '../tools';
import { goldenImage, goldenNames } from './support/golden';
import { click, downloaded, enter, idle, listed, type Opened, openImage, runInBrowser, untilNext, view } from './support/page';
import { makeFolder, TIME } from './support/tools';

const folder = mkdtempSync(join(tmpdir(), 'microvfs-page-change-'));
const at = (name: string): string => join(folder, name);

let opened: Opened;
let source: string;

const saveImage = (page: Page): Promise<Buffer> => downloaded(page, () => page.getByRole('button', { name: 'Save image' }).click());

async function pathsOf(image: string): Promise<string[]> {
  const [{ entries }] = await tools.ls([`${image}:/`], { recursive: true, all: true });
  return entries.map(({ path }) => path);
}

async function textOf(place: string): Promise<string> {
  const parts: Buffer[] = [];
  await tools.cat([place], {}, (piece) => {
    parts.push(Buffer.from(piece));
  });
  return Buffer.concat(parts).toString();
}

for (const fs of ['lfs2', 'lfs1', 'fat', 'exfat'] as tools.MadeFormat[])
  test(`${fs}: what is changed is in the image that is saved, the original stays, and every step can be undone`, async () => {
    const name = `${fs}.img`;
    await tools.create(at(name), { fs, size: fs === 'exfat' ? '2M' : '512K', from: source });
    const original = readFileSync(at(name));
    const { page, errors } = await opened.page();
    page.on('dialog', (dialog) => dialog.accept());
    await openImage(page, at(name));
    assert.ok((await saveImage(page)).equals(original), 'saved unchanged');

    await page.getByRole('button', { name: 'New folder' }).click();
    await page.getByLabel('Name of the new folder').fill('logs');
    await page.keyboard.press('Enter');
    await enter(page, 'logs');
    writeFileSync(at('upload.txt'), 'uploaded');
    await page.getByLabel('Files to add').setInputFiles(at('upload.txt'));
    await click(page, 'upload.txt');
    await page.getByRole('button', { name: 'Edit' }).click();
    await page.getByLabel('Content', { exact: true }).fill('edited in the page\n');
    await page.getByRole('button', { name: 'Write' }).click();
    await idle(page);
    await page.getByRole('button', { name: 'Rename' }).click();
    await page.getByLabel('New name, or a path to move it to').fill('/moved.txt');
    await page.keyboard.press('Enter');
    await idle(page);
    await page.locator('.crumbs').getByRole('button').first().click();
    await click(page, 'boot.js');
    await page.getByRole('button', { name: 'Delete' }).click();
    await idle(page);
    await page.locator('.changes summary').click();
    const steps = await page.locator('.changes li').allTextContents();
    assert.equal(steps, [
      'new folder /logs',
      'add upload.txt',
      'edit /logs/upload.txt',
      '/logs/upload.txt → /moved.txt',
      'delete /boot.js',
    ]);

    writeFileSync(at('saved.img'), await saveImage(page));
    const { sound, findings } = await tools.fsck(at('saved.img'));
    assert.ok(sound, JSON.stringify(findings));
    const paths = await pathsOf(at(name));
    assert.equal((await pathsOf(at('saved.img'))).sort(), [...paths.filter((path) => path !== 'boot.js'), 'logs', 'moved.txt'].sort());
    assert.is(await textOf(`${at('saved.img')}:/moved.txt`), 'edited in the page\n');

    for (let left = steps.length; left; left--) {
      await page.keyboard.press('Control+z');
      await page.getByText(left > 1 ? `${left - 1} change${left > 2 ? 's' : ''} not saved` : 'Undone: new folder /logs').waitFor();
      await idle(page);
    }
    assert.ok((await saveImage(page)).equals(original), 'undone');
    assert.ok(readFileSync(at(name)).equals(original));
    assert.equal(errors, []);
  });

test('a change that fails leaves the image as it was, and says why', async () => {
  await tools.create(at('full.img'), { fs: 'lfs2', size: '64K' });
  const { page } = await opened.page();
  await openImage(page, at('full.img'));
  writeFileSync(at('large.bin'), new Uint8Array(100000));
  await page.getByLabel('Files to add').setInputFiles(at('large.bin'));
  await page.getByRole('alert').getByText('full.img:/large.bin: no space').waitFor();
  await idle(page);
  assert.is(await page.locator('tbody').textContent(), 'Nothing is in here. Drop files to add them.');
  assert.ok((await saveImage(page)).equals(readFileSync(at('full.img'))));
});

test('times and attributes are set', async () => {
  await tools.create(at('attributes.img'), { fs: 'fat', size: '256K', from: source });
  const { page } = await opened.page();
  await openImage(page, at('attributes.img'));
  await click(page, 'boot.js');
  await page.getByLabel('changed (UTC)').fill('2024-05-01T12:00:02');
  await idle(page);
  await page.getByLabel('readonly').check();
  await idle(page);
  writeFileSync(at('saved.img'), await saveImage(page));
  const [{ entries }] = await tools.ls([`${at('saved.img')}:/`], { times: true });
  const [{ mtime, readonly }] = entries.filter(({ name }) => name === 'boot.js');
  assert.equal({ mtime, readonly }, { mtime: Date.UTC(2024, 4, 1, 12, 0, 2) / 1000, readonly: true });
});

/** A worker whose answers take a while, as on a computer that has much to do; what it is asked is noted. */
const SLOW = `window.asked = [];
window.Worker = class extends Worker {
  postMessage(message, ...rest) {
    asked.push(message.path?.[0]);
    super.postMessage(message, ...rest);
  }
  addEventListener(type, listener, options) {
    super.addEventListener(type, (event) => setTimeout(listener, 150, event), options);
  }
}`;

test('an attribute that is set does not look as before while that is still being read', async () => {
  await tools.create(at('slow.img'), { fs: 'fat', size: '256K', from: source });
  const { page } = await opened.page();
  await untilNext(page, page.addInitScript(SLOW));
  await page.reload();
  await openImage(page, at('slow.img'));
  await click(page, 'boot.js');
  const box = page.getByLabel('readonly');
  await box.waitFor();
  await page.getByLabel('changed (UTC)').fill('2024-05-01T12:00:02');
  // Its attributes are on their way then, as they were.
  while ((await page.evaluate("asked.filter((one) => one === 'details').length")) !== 2);
  await box.check();
  await page.evaluate(`seen = new Set();
    (function look() {
      seen.add([...document.querySelectorAll('.flag')].find((one) => one.textContent.trim() === 'readonly').firstChild.checked);
      requestAnimationFrame(look);
    })()`);
  await page.waitForTimeout(400);
  await idle(page);
  assert.equal(await page.evaluate('[...seen]'), [true]);
});

/** The dialog for a new image. */
async function make(page: Page, options: { [label: string]: string }): Promise<void> {
  const dialog = page.getByRole('dialog');
  for (const [label, value] of Object.entries(options)) {
    const field = dialog.getByLabel(label, { exact: true });
    if (label === 'Format') await field.selectOption(value);
    else await field.fill(value);
  }
  await dialog.getByRole('button', { name: 'Make it' }).click();
  await dialog.waitFor({ state: 'detached' });
  await idle(page);
}

for (const [fs, more] of [
  ['lfs2', { 'Block size': '512', 'Longest name': '64', 'Disk version': '2.0' }],
  ['lfs1', { 'Programs at once': '16' }],
  ['fat', { Label: 'DATA', 'Cluster size': '2K' }],
  ['exfat', { Label: 'DATA' }],
  ['rom', {}],
] as [tools.MadeFormat, { [label: string]: string }][])
  test(`${fs}: an image made of a folder is, byte by byte, that of the command line`, async () => {
    const options: tools.CreateOptions = { fs, from: source, size: fs === 'rom' ? 'auto' : fs === 'exfat' ? '2M' : '512K' };
    if (more['Block size']) Object.assign(options, { blockSize: '512', nameMax: 64, diskVersion: '2.0' });
    if (more['Programs at once']) options.progSize = 16;
    if (more['Cluster size']) options.clusterSize = '2K';
    if (more.Label) options.label = 'DATA';
    rmSync(at('made.img'), { force: true });
    await tools.create(at('made.img'), options);
    const { page, errors } = await opened.page();
    await page.getByLabel('Folder').setInputFiles(source);
    await page.getByRole('dialog').waitFor();
    const size: { [label: string]: string } = fs === 'rom' ? {} : { Size: options.size as string };
    await make(page, { Format: fs, ...size, ...more, 'File name': 'page.img' });
    const made = await saveImage(page);
    const wanted = readFileSync(at('made.img'));
    // FAT and exFAT have a number of their own, which is chosen by chance.
    if (fs !== 'fat' && fs !== 'exfat') assert.ok(made.equals(wanted));
    else {
      writeFileSync(at('page.img'), made);
      assert.is(made.length, wanted.length);
      assert.equal(await tools.diff(at('page.img'), at('made.img')), []);
      assert.is((await tools.info(at('page.img'))).facts.label, 'DATA');
      assert.ok((await tools.fsck(at('page.img'))).sound);
    }
    assert.equal(errors, []);
  });

test('a zip file becomes an image, as large as it has to be', async () => {
  const { page } = await opened.page();
  writeFileSync(at('files.zip'), zipSync({ 'a.txt': Buffer.from('A'), d: { 'b.txt': Buffer.from('B') } }));
  await page.getByLabel('Image or zip file').setInputFiles(at('files.zip'));
  await make(page, { Format: 'lfs2', 'File name': 'zip.img' });
  assert.equal(await listed(page), ['a.txt', 'd/']);
  const image = await saveImage(page);
  assert.ok(image.length <= 5 * 4096, `${image.length}`);
});

test('a volume is converted: what was in it is in the new one, with times', async () => {
  await tools.create(at('old.img'), { fs: 'lfs2', size: '512K', from: source });
  const { page } = await opened.page();
  await openImage(page, at('old.img'));
  await view(page, 'About');
  await page.getByRole('button', { name: /^Convert/ }).click();
  await make(page, { Format: 'fat', Size: '1M' });
  writeFileSync(at('new.img'), await saveImage(page));
  assert.is((await tools.info(at('new.img'))).holds, 'fat');
  assert.equal(await tools.diff(at('new.img'), at('old.img')), []);
  const [{ entries }] = await tools.ls([`${at('new.img')}:/`], { times: true });
  assert.is(entries.find(({ name }) => name === 'boot.js')?.mtime, TIME);
});

if (goldenNames('fat').length)
  test('what is damaged is repaired as the command line does it', async () => {
    for (const name of ['bad-lost', 'bad-fatdiff', 'bad-loop']) {
      writeFileSync(at('bad.img'), goldenImage('fat', name));
      const { page } = await opened.page();
      await openImage(page, at('bad.img'));
      await view(page, 'Check');
      await page.getByRole('button', { name: 'Repair' }).click();
      await page.getByText('Repaired: the volume is sound.').waitFor();
      await idle(page);
      assert.match((await page.locator('.verdict').textContent()) ?? '', /is sound/);
      const repaired = await saveImage(page);
      await tools.fsck(at('bad.img'), { repair: true });
      assert.ok(repaired.equals(readFileSync(at('bad.img'))), name);
    }
  });

test('a littlefs 2 that cannot be repaired is made anew of what can be read', async () => {
  await tools.create(at('broken.img'), { fs: 'lfs2', size: '512K', from: source });
  const bytes = readFileSync(at('broken.img'));
  const blocks = await tools.dump(at('broken.img'), { blocks: Array.from({ length: 128 }, (_, i) => i) });
  // Both blocks of the pair of `lib/deep`, whose file is big.bin.
  for (const { offset } of blocks.filter(({ notes }) => notes.some(({ text }) => /name of a file "big\.bin"/.test(text))))
    bytes.fill(0xaa, offset, offset + 4096);
  writeFileSync(at('broken.img'), bytes);
  const { page } = await opened.page();
  await openImage(page, at('broken.img'));
  await view(page, 'Check');
  assert.ok((await page.locator('.findings li').count()) > 0);
  await page.getByRole('button', { name: 'Repair' }).click();
  await page.getByText(/Made anew of what could be read: \d+ files/).waitFor();
  await idle(page);
  writeFileSync(at('saved.img'), await saveImage(page));
  assert.ok((await tools.fsck(at('saved.img'))).sound);
  assert.is(await textOf(`${at('saved.img')}:/lib/a.js`), 'exports.a = 1;\n');
});

test('a partition of a chip is changed, and nothing else of the chip', async () => {
  if (!goldenNames('flash').length) return;
  writeFileSync(at('chip.bin'), goldenImage('flash', 'esp32-4mb'));
  const before = readFileSync(at('chip.bin'));
  const { page } = await opened.page();
  await openImage(page, at('chip.bin'));
  writeFileSync(at('new.txt'), 'new');
  await page.getByLabel('Files to add').setInputFiles(at('new.txt'));
  await idle(page);
  const after = await saveImage(page);
  const { regions } = await tools.info(at('chip.bin'));
  const changed = regions.filter(
    ({ offset, size }) => !after.subarray(offset, offset + size).equals(before.subarray(offset, offset + size)),
  );
  assert.is(changed.length, 1);
  assert.ok(after.subarray(0, 0x10000).equals(before.subarray(0, 0x10000)));
  writeFileSync(at('saved.img'), after);
  assert.is(await textOf(`${at('saved.img')}#${changed[0].name}:/new.txt`), 'new');
});

test.before(async () => {
  source = makeFolder(at('source'));
  // A browser tells of folders only where files are in them.
  rmSync(join(source, 'empty'), { recursive: true });
});

runInBrowser(test, folder, (one) => (opened = one));
