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
import { servePage } from '../tools/page/server';
import { crcHex } from './independent/crc';
import { type GoldenManifest, goldenImage, goldenManifest, goldenNames } from './support/golden';
import { click, downloaded, enter, idle, listed, type Opened, openImage, runInBrowser, view } from './support/page';
import { makeFolder } from './support/tools';

const folder = mkdtempSync(join(tmpdir(), 'microvfs-page-'));
const at = (name: string): string => join(folder, name);

let opened: Opened;

/** Waits until the service worker has what it keeps. */
const OFFLINE = `navigator.serviceWorker.ready.then(({ active }) => new Promise((done) => {
  if (active.state === 'activated') done(true);
  active.onstatechange = () => active.state === 'activated' && done(true);
}))`;

function save(name: string, bytes: Uint8Array): string {
  writeFileSync(at(name), bytes);
  return at(name);
}

/** What a zip file holds, with the paths of directories too. */
const unzipped = (zip: Uint8Array): Map<string, Uint8Array> => new Map(Object.entries(unzipSync(zip)));

test('the first load is under 300 kB compressed, asks no other host, and all of it works without a network', async () => {
  const { page, errors, requests } = await opened.page({ offline: true });
  const own = new URL(opened.served.address).host;
  assert.equal([...new Set(requests.map((url) => new URL(url).host))], [own]);
  const files = new Set(requests.map((url) => new URL(url).pathname).filter((path) => path !== '/'));
  const bytes = [...files, '/index.html'].reduce((sum, path) => sum + gzipSync(readFileSync(distPath(`page${path}`))).length, 0);
  assert.ok(bytes < 300000, `${bytes} bytes`);
  await page.evaluate(OFFLINE);
  await page.context().setOffline(true);
  await page.reload();
  await openImage(page, save('offline.img', await emptyImage({ fs: 'lfs2', size: '64K' })));
  assert.is(await page.locator('tbody').textContent(), 'Nothing is in here. Drop files to add them.');
  assert.equal(errors, []);
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
    const { page, errors } = await opened.page();
    await openImage(page, save('golden.img', goldenImage(kind, name)));
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
  });
}

if (goldenNames('flash').length)
  test('the flash of an ESP32 shows its partitions, and the volume in each', async () => {
    const { page, errors } = await opened.page();
    await openImage(page, save('chip.bin', goldenImage('flash', 'esp32-4mb')));
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
        await listed(page),
        entries.map((one) => one.path + (one.kind === 'directory' ? '/' : '')),
        name,
      );
    }
    assert.equal(errors, []);
  });

test('what is damaged is opened as far as it can be, and the findings are shown', async () => {
  const { page } = await opened.page();
  if (goldenNames('fat').includes('bad-lost')) {
    await openImage(page, save('lost.img', goldenImage('fat', 'bad-lost')));
    await view(page, 'Blocks');
    assert.match((await page.locator('.legend').textContent()) ?? '', /lost \d+/);
    await view(page, 'Check');
    assert.match((await page.locator('.findings').textContent()) ?? '', /clusters belong to no file/);
  }
});

test('a card of 4 GB is open within two seconds, and is not read as a whole', async () => {
  await tools.create(at('card.img'), { fs: 'fat', size: '4G', from: makeFolder(at('source')) });
  const { page, errors } = await opened.page();
  const before = await memory();
  const began = Date.now();
  await openImage(page, at('card.img'));
  const took = Date.now() - began;
  assert.ok((await listed(page)).includes('boot.js'));
  assert.ok(took < 2000, `${took} ms`);
  await view(page, 'Blocks');
  await page.locator('canvas').waitFor();
  await view(page, 'About');
  const grown = (await memory()) - before;
  assert.ok(grown < 200 << 20, `${grown >> 20} MB`);
  console.log(`NOTE: a card of 4 GB opens in ${took} ms, with its map within ${grown >> 20} MB`);
  assert.equal(errors, []);
});

/** Bytes in RAM of all processes of the browser that show pages. */
async function memory(): Promise<number> {
  const session = await opened.browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  return processInfo
    .filter(({ type }) => type === 'renderer')
    .reduce((sum, { id }) => sum + 1024 * Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1]), 0);
}

test('previews: text with colours, hexadecimal, pictures; names are searched in the whole volume', async () => {
  const source = makeFolder(at('look'));
  writeFileSync(join(source, 'lib/dot.png'), Buffer.from(DOT, 'base64'));
  writeFileSync(join(source, 'lib/config.json'), '{"every": 60, "on": true}');
  const { page, errors } = await opened.page();
  await openImage(page, save('look.img', await emptyImage({ fs: 'lfs2', size: '256K', from: source })));
  await page.getByLabel('Search names').fill('A.JS');
  await idle(page);
  assert.equal(await listed(page), ['/lib/a.js']);
  await click(page, '/lib/a.js');
  const shown = page.getByRole('region', { name: 'File a.js' });
  assert.is(await shown.locator('pre.text').textContent(), 'exports.a = 1;\n');
  assert.ok((await shown.locator('[class^=sh-]').count()) > 2);
  await shown.getByRole('button', { name: 'Hex' }).click();
  assert.match((await shown.locator('pre.hex').textContent()) ?? '', /^00000000 {2}65 78 70 6f 72 74 73 2e/);
  await page.getByLabel('Search names').fill('');
  await enter(page, 'lib');
  await click(page, 'config.json');
  await page.locator('.sh-property, .sh-string').first().waitFor();
  await click(page, 'dot.png');
  const picture = page.getByRole('img', { name: 'dot.png' });
  await picture.waitFor();
  assert.is(await picture.evaluate((img) => (img as unknown as { naturalWidth: number }).naturalWidth), 1);
  await enter(page, 'deep');
  await click(page, 'big.bin');
  assert.match((await page.locator('pre.hex').textContent()) ?? '', /^00000000 {2}00 07 0e 15/);
  const file = await downloaded(page, () => page.getByRole('button', { name: 'Download', exact: true }).click());
  assert.ok(file.equals(readFileSync(join(source, 'lib/deep/big.bin'))));
  assert.equal(errors, []);
});

/** A picture of one point. */
const DOT = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

test('the map of blocks leads from a file to its blocks, and from a block to its file and what the format says of it', async () => {
  const { page, errors } = await opened.page();
  await openImage(page, save('blocks.img', await emptyImage({ fs: 'lfs2', size: '256K', from: makeFolder(at('mapped')) })));
  await enter(page, 'lib/deep');
  await click(page, 'big.bin');
  await page.getByRole('button', { name: 'Blocks', exact: true }).click();
  await idle(page);
  assert.match((await page.locator('.view').textContent()) ?? '', /big\.bin: 8 blocks in (one piece|\d pieces), marked/);
  const map = page.getByRole('button', { name: /^Map of 64 blocks/ });
  await map.focus();
  await page.keyboard.press('ArrowRight');
  const looked = page.getByRole('region', { name: 'The block', exact: true });
  await looked.locator('.notes li').first().waitFor();
  assert.match((await looked.textContent()) ?? '', /block 0: system \/.*superblock "littlefs"/s);
  assert.ok((await looked.locator('.notes .old').count()) > 0);
  // The block that is looked at has an edge, also when the map was drawn anew for it.
  const pixel = (x: number): Promise<string> =>
    page.evaluate(`document.querySelector('canvas').getContext('2d').getImageData(${x}, 10, 1, 1).data.join(' ')`);
  assert.is.not(await pixel(1), await pixel(10));
  // The log as it was after its first commit.
  await looked.getByLabel(/^Commit \d+ of \d+$/).fill('1');
  assert.is(await looked.locator('.notes .old').count(), 0);
  assert.not.match((await looked.locator('.notes').textContent()) ?? '', /boot\.js/);
  // From the block to its file.
  const number = page.getByLabel('Block in the map');
  const from = await tools.dump(at('blocks.img'), { blocks: Array.from({ length: 64 }, (_, i) => i) });
  const first = readFileSync(join(folder, 'mapped/lib/deep/big.bin')).subarray(0, 64);
  await number.fill(String(from.findIndex(({ bytes }) => Buffer.from(bytes).indexOf(first) === 0)));
  await number.press('Enter');
  await looked.getByRole('button', { name: 'Show /lib/deep/big.bin' }).click();
  await page.getByRole('region', { name: 'File big.bin' }).waitFor();
  assert.equal(errors, []);
});

/** Drops a file of that name on an element, as a file manager does. */
async function drop(page: Page, target: string, name: string, content: Uint8Array): Promise<void> {
  const transfer = await page.evaluateHandle(
    ([named, base64]) => {
      const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
      const browser = globalThis as unknown as {
        DataTransfer: new () => { items: { add(file: unknown): void } };
        File: new (parts: unknown[], name: string) => unknown;
      };
      const made = new browser.DataTransfer();
      made.items.add(new browser.File([bytes], named));
      return made;
    },
    [name, Buffer.from(content).toString('base64')],
  );
  await page.dispatchEvent(target, 'drop', { dataTransfer: transfer });
  await idle(page);
}

test('an image that is dropped is opened, what is dropped on the list is added to the volume, and beside it opened in its place', async () => {
  const { page, errors } = await opened.page();
  await drop(page, '.drop', 'first.img', await emptyImage({ fs: 'lfs2', size: '64K' }));
  await page.getByRole('tablist').waitFor();
  await drop(page, '.list', 'note.txt', Buffer.from('dropped'));
  assert.equal(await listed(page), ['note.txt']);
  await drop(page, 'header', 'second.img', await emptyImage({ fs: 'fat', size: '128K' }));
  assert.is(await page.locator('.title b').textContent(), 'second.img');
  assert.equal(errors, []);
});

test('an image that is served beside the page is opened, and read in ranges', async () => {
  await tools.create(at('served card.img'), { fs: 'fat', size: '512M', from: makeFolder(at('served')) });
  const served = await servePage({ image: at('served card.img'), port: 0 });
  const { page, errors, requests } = await opened.page();
  await page.goto(served.address);
  await page.reload();
  await page.getByRole('tablist').waitFor();
  await idle(page);
  assert.ok((await listed(page)).includes('boot.js'));
  assert.is(await page.locator('.title b').textContent(), 'served card.img');
  await click(page, 'boot.js');
  assert.is(await page.locator('pre.text').textContent(), 'print("boot")\n');
  const asked = requests.filter((url) => url.includes('/image/'));
  assert.ok(asked.length > 0 && asked.length < 40, `${asked.length} requests`);
  assert.equal(errors, []);
  served.close();
});

test('the page is served on the loopback address only, and what is not there is refused', async () => {
  assert.match(opened.served.address, /^http:\/\/127\.0\.0\.1:\d+\/$/);
  assert.throws(() => servePage({ image: at('none.img'), port: 0 }), /there is no image/);
  const port = Number(new URL(opened.served.address).port);
  const taken = await servePage({ port }).then(
    () => '',
    (error: Error) => error.message,
  );
  assert.match(taken, /cannot serve the page: .*EADDRINUSE/);
  const outside = await fetch(new URL('..%2f..%2fpackage.json', opened.served.address));
  assert.is(outside.status, 404);
});

runInBrowser(test, folder, (one) => (opened = one));
