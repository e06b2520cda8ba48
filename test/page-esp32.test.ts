/** The flash of an ESP32 in the page, through its boot loader: it is read, changed, and written back block by block. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as tools from '../tools';
import { distPath } from '../tools/dist';
import { freshChip, partitionTable, TABLE_OFFSET } from '../tools/partition-table';
import { seriousIn } from './support/axe';
import { click, downloaded, idle, type Opened, runInBrowser } from './support/page';
import { connectChip, type PageChip } from './support/page-chip';
import { makeFolder } from './support/tools';

const folder = mkdtempSync(join(tmpdir(), 'microvfs-page-esp32-'));
const at = (name: string): string => join(folder, name);

const SIZE = 4 << 20;
const VFS = { offset: 0x200000, size: 0x20000 };

let opened: Opened;
/** A chip with a small volume of littlefs 2. */
let image: Uint8Array;

test.before(async () => {
  await tools.create(at('volume.bin'), { fs: 'lfs2', size: VFS.size, from: makeFolder(at('source')) });
  image = new Uint8Array(SIZE).fill(0xff);
  image.set(
    partitionTable([
      { label: 'nvs', type: 1, subtype: 2, offset: 0x9000, size: 0x6000 },
      { label: 'factory', type: 0, subtype: 0, offset: 0x10000, size: 0x1f0000 },
      { label: 'vfs', type: 1, subtype: 0x81, ...VFS },
    ]),
    TABLE_OFFSET,
  );
  image.set(readFileSync(at('volume.bin')), VFS.offset);
});

interface Connected extends PageChip {
  page: Page;
  errors: string[];
  requests: string[];
}

async function connected(flash: Uint8Array): Promise<Connected> {
  const one = await opened.page();
  return { ...one, ...(await connectChip(one.page, flash)) };
}

async function choose(page: Page, label: string): Promise<void> {
  await page.getByRole('dialog').getByRole('button', { name: label }).click();
  await page.getByRole('tablist').waitFor();
  await idle(page);
}

async function edit(page: Page): Promise<void> {
  await click(page, 'boot.js');
  await page.getByRole('button', { name: 'Edit' }).click();
  await page.getByLabel('Content', { exact: true }).fill('changed();\n');
  await page.getByRole('button', { name: 'Write', exact: true }).click();
  await page.locator('pre.text', { hasText: 'changed();' }).waitFor();
  await idle(page);
}

test('a partition is read and explored; what is changed is written back after asking, those blocks and no others', async () => {
  const { page, chip, port, errors, requests } = await connected(image.slice());
  assert.equal(await page.locator('.choices b').allTextContents(), ['nvs', 'factory', 'vfs', 'all of it']);
  assert.equal(await seriousIn(page), []);
  await choose(page, 'vfs');
  assert.is(chip.mode, 'stub');
  await edit(page);
  const wanted = await downloaded(page, () => page.getByRole('button', { name: 'Save image' }).click());
  assert.equal(chip.flash, image, 'nothing is written yet');
  let asked = '';
  page.once('dialog', (dialog) => {
    asked = dialog.message();
    dialog.dismiss();
  });
  await page.getByRole('button', { name: 'Write to the chip…' }).click();
  await idle(page);
  assert.match(asked, /^Write (one block|\d blocks) of 4 kB into vfs on the ESP32/);
  assert.equal(chip.flash, image, 'nor when the answer is no');
  page.on('dialog', (dialog) => dialog.accept());
  await page.keyboard.press('Control+s');
  await page.getByText(/^Written: /).waitFor();
  assert.equal(Buffer.from(chip.flash.subarray(VFS.offset, VFS.offset + VFS.size)).compare(wanted), 0);
  const changed: number[] = [];
  for (let sector = 0; sector < SIZE / 4096; sector++) {
    const [from, to] = [sector * 4096, (sector + 1) * 4096];
    if (Buffer.compare(chip.flash.subarray(from, to), image.subarray(from, to))) changed.push(sector);
  }
  assert.ok(changed.length);
  assert.equal(chip.erased, changed);
  assert.is(await page.getByRole('button', { name: 'Write to the chip…' }).isEnabled(), false, 'what is written is not to be saved');
  await page.getByRole('button', { name: 'Disconnect' }).click();
  await page.getByText('Drop an image here').waitFor();
  await idle(page);
  assert.is(chip.mode, 'program', 'it runs again');
  assert.not(port.isOpen());
  const own = new URL(opened.served.address).host;
  assert.equal([...new Set(requests.map((url) => new URL(url).host))], [own]);
  assert.equal(errors, []);
  writeFileSync(at('chip.bin'), chip.flash);
  const { findings } = await tools.fsck(`${at('chip.bin')}#vfs`);
  assert.equal(findings, []);
});

test('what arrives with a wrong byte is read again; when the plug is pulled, what was read is still there', async () => {
  const { page, chip, port } = await connected(image.slice());
  chip.garble = true;
  await choose(page, 'vfs');
  assert.not(chip.garble);
  const read = await downloaded(page, () => page.getByRole('button', { name: 'Save image' }).click());
  assert.equal(read.compare(readFileSync(at('volume.bin'))), 0);
  await port.unplug();
  await page.getByText('The connection to the chip was lost. What was read of it is still here').waitFor();
  assert.is(await page.getByRole('button', { name: 'Write to the chip…' }).count(), 0);
  await click(page, 'boot.js');
});

test('one thing at a time is done to a chip: who presses twice has it read once, and is asked once', async () => {
  const { page, chip, errors } = await connected(image.slice());
  await page.getByRole('dialog').getByRole('button', { name: 'vfs' }).dblclick();
  await page.getByRole('tablist').waitFor();
  await idle(page);
  assert.equal(await page.getByRole('alert').allTextContents(), ['']);
  await edit(page);
  const asked: string[] = [];
  page.on('dialog', (dialog) => {
    asked.push(dialog.message());
    dialog.accept();
  });
  await page.evaluate(`for (let i = 0; i < 3; i++) dispatchEvent(new KeyboardEvent('keydown', { key: 's', ctrlKey: true }))`);
  await page.getByText(/^Written: /).waitFor();
  await idle(page);
  assert.is(asked.length, 1);
  assert.equal(chip.erased, [...new Set(chip.erased)]);
  assert.equal(errors, []);
});

test('a change waits while a chip is written to, and is still to be written then', async () => {
  const { page, chip, line, errors } = await connected(image.slice());
  await choose(page, 'vfs');
  await edit(page);
  page.on('dialog', (dialog) => dialog.accept());
  let go = (): void => {};
  line.busy = new Promise((done) => (go = done));
  const write = page.getByRole('button', { name: 'Write to the chip…' });
  await write.click();
  await page.locator('.busy', { hasText: 'writing' }).waitFor();
  await page.getByRole('button', { name: 'New folder' }).click();
  await page.getByLabel('Name of the new folder').fill('late');
  await page.keyboard.press('Enter');
  await page.locator('.busy', { hasText: 'making a folder' }).waitFor();
  go();
  await page.locator('tbody').getByText('late').waitFor();
  await page.getByText(/^Written: /).waitFor();
  await idle(page);
  assert.ok(await write.isEnabled());
  const wanted = await downloaded(page, () => page.getByRole('button', { name: 'Save image' }).click());
  await write.click();
  await idle(page);
  assert.not(await write.isEnabled());
  assert.equal(Buffer.from(chip.flash.subarray(VFS.offset, VFS.offset + VFS.size)).compare(wanted), 0);
  assert.equal(errors, []);
});

test('without a table all of the flash can be chosen; who cancels lets the board run again at once', async () => {
  const flash = freshChip(SIZE);
  flash.fill(0xff, TABLE_OFFSET, TABLE_OFFSET + 4096);
  const { page, chip, port } = await connected(flash);
  await page.getByText('There is no partition table.').waitFor();
  assert.equal(await page.locator('.choices b').allTextContents(), ['all of it']);
  chip.stalled = true;
  await page.getByRole('dialog').getByRole('button', { name: 'all of it' }).click();
  await page.locator('.busy', { hasText: 'reading all of it' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await idle(page);
  assert.is(chip.mode, 'program');
  assert.not(port.isOpen());
});

test('beside the page lie the licences of the libraries that are in it, and in its workers', () => {
  const licences = readFileSync(distPath('page/licences.md'), 'utf8');
  for (const name of ['esptool-js', 'pako', '@xterm/xterm', 'quickjs-emscripten-core'])
    assert.match(licences, new RegExp(`^## ${name} \\d`, 'm'));
  assert.match(licences, 'Apache License');
});

runInBrowser(test, folder, (one) => (opened = one));
