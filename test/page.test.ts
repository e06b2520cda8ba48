/** The page in a real browser: every function on images that the reference implementations wrote, downloads beside what the command line makes. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { unzipSync } from 'fflate';
import type { Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as tools from '../tools';
import { distPath } from '../tools/dist';
import { crcHex } from './independent/crc';
import { type GoldenManifest, goldenImage, goldenManifest, goldenNames } from './support/golden';
import { browserPath, type Opened, openBrowser } from './support/page';

const folder = mkdtempSync(join(tmpdir(), 'microvfs-page-'));
const at = (name: string): string => join(folder, name);

let opened: Opened;

async function fresh(options?: Parameters<Opened['page']>[0]) {
  const one = await opened.page(options);
  await one.page.getByRole('heading', { name: 'Drop an image here' }).waitFor();
  return one;
}

/** Waits until nothing is being done. */
async function idle(page: Page): Promise<void> {
  await page.locator('body:not([aria-busy="true"])').waitFor();
}

async function open(page: Page, file: string): Promise<void> {
  await page.getByLabel('Image or zip file').setInputFiles(file);
  await page.getByRole('tablist').waitFor();
  await idle(page);
}

async function view(page: Page, name: string): Promise<void> {
  await page.getByRole('tab', { name }).click();
  await idle(page);
}

async function downloaded(page: Page, act: () => Promise<unknown>): Promise<Buffer> {
  const [download] = await Promise.all([page.waitForEvent('download'), act()]);
  return readFileSync(await download.path());
}

/** Waits until the service worker has what it keeps. */
const OFFLINE = `navigator.serviceWorker.ready.then(({ active }) => new Promise((done) => {
  if (active.state === 'activated') done(true);
  active.onstatechange = () => active.state === 'activated' && done(true);
}))`;

const names = (page: Page): Promise<string[]> => page.locator('tbody .name').allInnerTexts();

function save(name: string, bytes: Uint8Array): string {
  writeFileSync(at(name), bytes);
  return at(name);
}

/** What a zip file holds, with the paths of directories too. */
const unzipped = (zip: Uint8Array): Map<string, Uint8Array> => new Map(Object.entries(unzipSync(zip)));

test('the first load is under 300 kB compressed, asks no other host, and all of it works without a network', async () => {
  const { page, errors, requests } = await fresh();
  const own = new URL(opened.served.address).host;
  assert.equal([...new Set(requests.map((url) => new URL(url).host))], [own]);
  const files = new Set(requests.map((url) => new URL(url).pathname).filter((path) => path !== '/'));
  const bytes = [...files, '/index.html'].reduce((sum, path) => sum + gzipSync(readFileSync(distPath(`page${path}`))).length, 0);
  assert.ok(bytes < 300000, `${bytes} bytes`);
  await page.evaluate(OFFLINE);
  await page.context().setOffline(true);
  await page.reload();
  await open(page, save('offline.img', await emptyImage({ fs: 'lfs2', size: '64K' })));
  assert.is(await page.locator('tbody').textContent(), 'Nothing is in here. Drop files to add them.');
  assert.equal(errors, []);
  await page.context().close();
});

async function emptyImage(options: { fs: tools.MadeFormat; size: string; from?: string }): Promise<Buffer> {
  rmSync(at('made.img'), { force: true });
  await tools.create(at('made.img'), options);
  return readFileSync(at('made.img'));
}

/** Images of each format, and where in them what they hold. */
const golden: [kind: string, name: string][] = [
  ['lfs2', 'basic-4096-prog256'],
  ['lfs1', 'basic-512'],
  ['fat', 'dos-fat12'],
  ['fat', 'dos-fat16'],
  ['fat', 'dos-fat32'],
  ['rom', goldenNames('rom').find((one) => one === 'mpremote') ?? ''],
];
for (const [kind, name] of golden) {
  if (!name || !goldenNames(kind).includes(name)) continue;
  test(`${kind}/${name}: everything in it comes out of the page as the reference wrote it`, async () => {
    const { page, errors } = await fresh();
    await open(page, save('golden.img', goldenImage(kind, name)));
    const zip = unzipped(await downloaded(page, () => page.getByRole('button', { name: 'Download as zip' }).click()));
    const { entries } = goldenManifest<GoldenManifest>(kind, name);
    const wanted = entries.map(({ path, type }) => path.replace(/^\//, '') + (type === 'dir' ? '/' : ''));
    assert.equal([...zip.keys()].sort(), wanted.sort());
    for (const { path, type, crc32 } of entries)
      if (type === 'file') assert.is(crcHex(zip.get(path.replace(/^\//, '')) as Uint8Array), crc32, path);
    await view(page, 'Check');
    assert.match((await page.locator('.verdict').textContent()) ?? '', kind === 'rom' ? /is not checked/ : /is sound/);
    await view(page, 'Blocks');
    await page.locator('canvas').click({ position: { x: 5, y: 5 } });
    await page.getByRole('region', { name: 'The block', exact: true }).waitFor();
    await view(page, 'About');
    assert.match(
      (await page.locator('.usage').textContent()) ?? '',
      new RegExp(`${entries.filter(({ type }) => type === 'file').length} files`),
    );
    assert.equal(errors, []);
    await page.context().close();
  });
}

if (goldenNames('flash').length)
  test('the flash of an ESP32 shows its partitions, and the volume in each', async () => {
    const { page, errors } = await fresh();
    await open(page, save('chip.bin', goldenImage('flash', 'esp32-4mb')));
    const { partitions } = goldenManifest<{ partitions: { label: string }[] }>('flash', 'esp32-4mb');
    const shown = page.getByRole('navigation', { name: 'Partitions' });
    for (const { label } of partitions) await shown.getByRole('button', { name: new RegExp(`^${label} ?`) }).waitFor();
    const info = await tools.info(at('chip.bin'));
    assert.is(await shown.getByRole('button').count(), info.regions.length);
    for (const { name, holds } of info.regions) {
      await shown.getByRole('button', { name: new RegExp(`^${name}`) }).click();
      await idle(page);
      if (!/littlefs|FAT/.test(holds ?? '')) continue;
      const [{ entries }] = await tools.ls([`${at('chip.bin')}#${name}:/`], { all: true });
      assert.equal(
        await names(page),
        entries.map((one) => one.path + (one.kind === 'directory' ? '/' : '')),
        name,
      );
    }
    assert.equal(errors, []);
    await page.context().close();
  });

test('what is damaged is opened as far as it can be, and the findings are shown', async () => {
  const { page } = await fresh();
  if (goldenNames('fat').includes('bad-lost')) {
    await open(page, save('lost.img', goldenImage('fat', 'bad-lost')));
    await view(page, 'Blocks');
    assert.match((await page.locator('.legend').textContent()) ?? '', /lost \d+/);
    await view(page, 'Check');
    assert.match((await page.locator('.findings').textContent()) ?? '', /clusters belong to no file/);
  }
  await page.context().close();
});

test.before(async () => {
  opened = await openBrowser();
});
test.after(async () => {
  await opened.close();
  rmSync(folder, { recursive: true, force: true });
});

if (browserPath) test.run();
else console.log('SKIP: no Chromium for the tests of the page (Debian: apt-get install chromium)');
