/** Boards with a console in the page: over Web Serial and Web Bluetooth, with a simulated board at the other end. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { native } from '../boards/devices/native';
import * as rp2 from '../boards/rp2';
import { chips, insertChip } from '../boards/sim';
import type { SimStorage } from '../boards/sim/storage';
import { RAMBlockDev } from '../modules/blockdev/ram';
import { VfsLfs2 } from '../modules/littlefs2';
import * as vfs from '../modules/vfs';
import { distPath } from '../tools/dist';
import { familyOf } from '../tools/page/src/port/family';
import { storedBundles } from '../tools/stored';
import { seriousIn } from './support/axe';
import { click, downloaded, enter, idle, listed, type Opened, runInBrowser, untilNext, view } from './support/page';
import { bluetoothPort, type FarEnd, type PagePort, serialPort } from './support/page-port';
import { type BoardOptions, StandInBoard } from './support/stand-in-board';

const folder = mkdtempSync(join(tmpdir(), 'microvfs-page-serial-'));
const at = (name: string): string => join(folder, name);

let opened: Opened;

interface Connected {
  page: Page;
  board: StandInBoard;
  port: PagePort;
  errors: string[];
  requests: string[];
}

/** A page whose port leads to a simulated board. */
async function behind(stand: typeof serialPort, options: Partial<BoardOptions> = {}): Promise<Connected> {
  const board = new StandInBoard({ modules: { vfs }, ...options });
  const stream = await board.connect();
  const one = await opened.page();
  const far: FarEnd = { hear: (bytes) => stream.write(bytes) };
  const port = await stand(one.page, far);
  stream.onData((bytes) => port.say(bytes));
  return { ...one, board, port };
}

async function connect(page: Page, button = 'A board on USB…'): Promise<void> {
  await page.getByRole('button', { name: button }).click();
  await page.getByRole('tablist').waitFor();
  await idle(page);
}

test.before.each(() => {
  const device = new RAMBlockDev(4096, 64);
  VfsLfs2.mkfs(device);
  vfs.mount(new VfsLfs2(device), '/');
});

test.after.each(() => {
  for (const [fs] of vfs.mount()) vfs.umount(fs, { force: true });
});

test('over USB: what a board has is listed, read, changed and added to, and the board is left as it was', async () => {
  vfs.mkdir('/lib');
  vfs.writeFile('/lib/a.js', 'exports.a = 1;\n');
  vfs.writeFile('/größe.txt', 'ä text');
  const { page, board, port, errors, requests } = await behind(serialPort);
  await connect(page);
  assert.equal(await listed(page), ['größe.txt', 'lib/']);
  await page.getByText('a JavaScript console').waitFor();
  await enter(page, 'lib');
  await click(page, 'a.js');
  assert.is(await page.locator('pre.text').textContent(), 'exports.a = 1;\n');
  await page.getByRole('button', { name: 'Edit' }).click();
  await page.getByLabel('Content', { exact: true }).fill('exports.a = 2;\n');
  await page.getByRole('button', { name: 'Write' }).click();
  await page.locator('pre.text', { hasText: 'exports.a = 2' }).waitFor();
  assert.is(vfs.readFile('/lib/a.js', 'utf8'), 'exports.a = 2;\n');
  const bytes = Uint8Array.from({ length: 5000 }, (_, i) => (i * 7919) >> 3);
  writeFileSync(at('bytes.bin'), bytes);
  await page.getByLabel('Files to add').setInputFiles(at('bytes.bin'));
  await page.locator('tbody').getByText('bytes.bin').waitFor();
  assert.equal(vfs.readFile('/lib/bytes.bin'), bytes);
  await click(page, 'bytes.bin');
  const file = await downloaded(page, () => page.getByRole('button', { name: 'Download', exact: true }).click());
  assert.equal(new Uint8Array(file), bytes);
  await page.getByRole('button', { name: 'Rename' }).click();
  await page.getByLabel('New name, or a path to move it to').fill('/moved.bin');
  await page.keyboard.press('Enter');
  await idle(page);
  await page.getByRole('button', { name: 'New folder' }).click();
  await page.getByLabel('Name of the new folder').fill('deep');
  await page.keyboard.press('Enter');
  await idle(page);
  assert.equal(await listed(page), ['a.js', 'deep/']);
  assert.equal(vfs.listdir('/').sort(), ['größe.txt', 'lib', 'moved.bin']);
  page.on('dialog', (dialog) => dialog.accept());
  await click(page, 'a.js');
  await page.getByRole('button', { name: 'Delete' }).click();
  await idle(page);
  assert.equal(vfs.listdir('/lib'), ['deep']);
  await page.getByRole('button', { name: 'Disconnect' }).click();
  await page.getByText('Drop an image here').waitFor();
  await idle(page);
  assert.is(board.evaluate('typeof $v'), 'undefined');
  assert.not(port.isOpen());
  const own = new URL(opened.served.address).host;
  assert.equal([...new Set(requests.map((url) => new URL(url).host))], [own]);
  assert.equal(errors, []);
});

test('the console is a terminal on the board, and the files go on after it', async () => {
  vfs.writeFile('/a.txt', 'text');
  const { page, board, errors } = await behind(serialPort);
  await connect(page);
  await view(page, 'Console');
  await page.locator('.xterm').waitFor();
  await page.keyboard.type('print("six: " + 2 * 3); var kept = 5');
  await page.keyboard.press('Enter');
  await page.locator('.xterm-accessibility [role=listitem]', { hasText: 'six: 6' }).last().waitFor();
  assert.equal(await seriousIn(page), []);
  await page.keyboard.type('half a li(');
  await view(page, 'Files');
  assert.equal(await listed(page), ['a.txt']);
  await click(page, 'a.txt');
  await page.locator('pre.text', { hasText: 'text' }).waitFor();
  assert.is(board.evaluate('kept'), 5);
  assert.equal(errors, []);
});

test('who looks at something else, or disconnects, has the console taken back from the terminal first', async () => {
  const { page, board, port, errors } = await behind(serialPort);
  page.setDefaultTimeout(6000);
  await connect(page);
  await view(page, 'Console');
  await page.locator('.xterm').waitFor();
  await view(page, 'About');
  await page.getByText(/free$/).waitFor();
  await view(page, 'Console');
  await page.locator('.xterm').waitFor();
  await page.keyboard.type('half a li(');
  await page.getByRole('button', { name: 'Disconnect' }).click();
  await page.getByText('Drop an image here').waitFor();
  await idle(page);
  assert.is(board.evaluate('typeof $v'), 'undefined');
  assert.not(port.isOpen());
  assert.equal(errors, []);
});

test('a board without our vfs gets it: the bundle goes into its Storage, byte by byte, with a volume; it boots, and is explored', async () => {
  vfs.umount('/');
  insertChip(native, chips.rp2040);
  const Storage = native.storage as SimStorage;
  const modules: BoardOptions['modules'] = { Storage };
  const { page, errors } = await behind(serialPort, { modules });
  await connect(page);
  await page.getByText('the board has no vfs: Bundle puts it there').waitFor();
  await view(page, 'Bundle');
  await page.getByLabel('Board').selectOption('rp2');
  await page.getByLabel('make a volume in Storage first, of').check();
  assert.equal(await seriousIn(page), []);
  await page.getByRole('button', { name: 'Upload' }).click();
  await page.getByRole('progressbar').waitFor();
  await page.getByRole('list', { name: 'Uploaded' }).waitFor();
  assert.equal(await page.getByRole('list', { name: 'Uploaded' }).getByRole('listitem').allTextContents(), [
    'vfs-volume: 128 kB, written',
    `vfs: ${await sizeOf('vfs')}, written`,
    `vfs-parts: ${await sizeOf('vfs-parts')}, written`,
    '.boot0: 21 B, written',
  ]);
  for (const [name, path] of Object.entries(storedBundles('rp2')))
    assert.ok(Storage.read(name) === readFileSync(distPath(path), 'latin1'), name);
  modules.vfs = { ...vfs, boot: () => quietly(rp2.boot) };
  await page.getByRole('button', { name: 'Boot now' }).click();
  await page.getByText('It has booted.').waitFor();
  await view(page, 'Files');
  await page.getByText('Nothing is in here. Drop files to add them.').waitFor();
  await view(page, 'About');
  await page.getByText(/free$/).waitFor();
  assert.equal(errors, []);
});

/** What it says on the console is not this test's. */
function quietly<T>(work: () => T): T {
  const { log } = console;
  console.log = () => {};
  try {
    return work();
  } finally {
    console.log = log;
  }
}

async function sizeOf(name: 'vfs' | 'vfs-parts'): Promise<string> {
  const { humanSize } = await import('../tools/places/size');
  return humanSize(readFileSync(distPath(storedBundles('rp2')[name])).length);
}

test('a plug that is pulled is told, and the page goes on', async () => {
  const { page, port } = await behind(serialPort);
  await connect(page);
  await port.unplug();
  await page.getByText('The connection to Raspberry Pi Pico was lost.').waitFor();
  await page.getByText('Drop an image here').waitFor();
});

test('over Bluetooth, 20 bytes at a time', async () => {
  vfs.writeFile('/a.txt', 'over the air');
  const { page, port, errors } = await behind(bluetoothPort);
  await connect(page, 'A board over Bluetooth…');
  assert.equal(await listed(page), ['a.txt']);
  await page.getByText('Puck.js 1a2b').waitFor();
  await click(page, 'a.txt');
  assert.is(await page.locator('pre.text').textContent(), 'over the air');
  await page.getByRole('button', { name: 'Disconnect' }).click();
  await page.getByText('Drop an image here').waitFor();
  await idle(page);
  assert.not(port.isOpen());
  assert.equal(errors, []);
});

test('a browser without Web Serial and Web Bluetooth says which have it, and what else there is', async () => {
  const { page } = await opened.page();
  await untilNext(page, page.addInitScript('delete Navigator.prototype.serial; delete Navigator.prototype.bluetooth'));
  await page.reload();
  const row = (name: string) => page.locator('.ways li', { hasText: name });
  assert.is(await page.getByRole('button', { name: 'A board on USB…' }).isEnabled(), false);
  assert.match((await row('A board on USB…').textContent()) ?? '', /no Web Serial; Chrome and Edge on a computer have it.*--port PATH/);
  assert.match((await row('over Bluetooth').textContent()) ?? '', /no Web Bluetooth; Chrome and Edge .*--bluetooth NAME/);
});

test('where no console answers, that is said, and the port is free again', async () => {
  const { page } = await opened.page();
  const port = await serialPort(page, { hear: () => port.unplug() });
  await page.getByRole('button', { name: 'A board on USB…' }).click();
  await page.getByText('Raspberry Pi Pico: no console answers there').waitFor();
  assert.not(port.isOpen());
});

test('a board of Espruino tells by its name which bundle is its own', () => {
  const builds = [
    'RP2040_PICO',
    'RP2350_PICO2',
    'ESP32',
    'ESP32C3_IDF4',
    'ESP8266_4MB',
    'PUCKJS',
    'BANGLEJS2',
    'BANGLEJS3',
    'PICO_R1_3',
    'LINUX',
  ];
  assert.equal(builds.map(familyOf), ['rp2', 'rp2', 'esp32', 'esp32', 'esp8266', 'nrf52', 'nrf52', 'zephyr', 'stm32', '']);
});

runInBrowser(test, folder, (one) => (opened = one));
