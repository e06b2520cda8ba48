/** The simulated board in the page: its console, its flash, its power. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as tools from '../tools';
import { downloaded, idle, listed, type Opened, runInBrowser } from './support/page';

const folder = mkdtempSync(join(tmpdir(), 'microvfs-page-board-'));
const at = (name: string): string => join(folder, name);

let opened: Opened;

/** What the console shows. */
const shown = (page: Page) => page.locator('.xterm-rows > div');

async function board(options?: Parameters<Opened['page']>[0]) {
  const one = await opened.page(options);
  await one.page.getByRole('button', { name: 'A simulated board' }).click();
  await one.page.locator('.xterm').waitFor();
  return one;
}

async function powerOn(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Power on' }).click();
  await page.getByRole('button', { name: 'Run' }).and(page.locator(':enabled')).waitFor();
}

async function type(page: Page, script: string): Promise<void> {
  const input = page.getByLabel('Script for the board');
  await input.fill(script);
  await input.press('Enter');
}

async function run(page: Page, script: string, wanted: string | RegExp): Promise<void> {
  await type(page, script);
  await shown(page).filter({ hasText: wanted }).last().waitFor();
}

test('the board boots, runs what is typed, and has its files after the power was off', async () => {
  const { page, errors, requests } = await board();
  await powerOn(page);
  await run(page, "require('vfs').writeFile('/a.txt', 'kept'); 'written'", /^written$/);
  await run(page, "'content: ' + require('vfs').readFile('/a.txt', 'utf8')", 'content: kept');
  await run(page, "require('vfs').open('/none')", /ENOENT: no such file or directory/);
  const read = page.locator('.xterm-accessibility [role=listitem]');
  await read.filter({ hasText: 'ENOENT: no such file or directory' }).waitFor();
  await page.getByRole('button', { name: 'Cut the power' }).click();
  await shown(page).filter({ hasText: 'The power is off.' }).last().waitFor();
  await powerOn(page);
  await run(page, "'again: ' + require('vfs').readFile('/a.txt', 'utf8')", 'again: kept');
  const own = new URL(opened.served.address).host;
  assert.equal([...new Set(requests.map((url) => new URL(url).host))], [own]);
  assert.equal(errors, []);
});

test('the LED is seen, examples run, and the map shows what they changed', async () => {
  const { page, errors } = await board();
  await powerOn(page);
  await page.getByRole('img', { name: 'LED1 is off' }).waitFor();
  await page.getByLabel('Example').selectOption('Light the LED');
  await page.getByRole('button', { name: 'Run' }).click();
  await page.getByRole('img', { name: 'LED1 is on' }).waitFor();
  await page.getByLabel('Example').selectOption('A file of 100 kB');
  await page.getByRole('button', { name: 'Run' }).click();
  await shown(page)
    .filter({ hasText: /blocks free/ })
    .last()
    .waitFor();
  // 25 or more.
  await page.getByRole('img', { name: /^The volume on its flash.* (2[5-9]|[3-9]\d|\d{3,}) blocks changed/ }).waitFor();
  assert.equal(errors, []);
});

test('timers run on: the LED blinks, what they write is seen in the map, and what they throw in the console', async () => {
  const { page, errors } = await board();
  await powerOn(page);
  await type(
    page,
    "var n = 0, t = setInterval(function () { LED1.set(); require('vfs').writeFile('/ticks', '...'.slice(0, n + 1)); if (++n > 2) { clearInterval(t); throw new Error('third ' + n); } }, 20)",
  );
  await shown(page)
    .filter({ hasText: /Error: third 3/ })
    .first()
    .waitFor();
  await page.getByRole('img', { name: 'LED1 is on' }).waitFor();
  await page.getByRole('img', { name: /^The volume on its flash.* [1-9]\d* blocks? changed/ }).waitFor();
  await run(page, '"ticks: " + (n === require("vfs").stat("/ticks")[6])', 'ticks: true');
  assert.equal(errors, []);
});

test('the power goes in the middle of a write: what was synced is there, the volume is sound, and the flash can be looked at', async () => {
  const { page } = await board();
  await powerOn(page);
  await run(page, "require('vfs').writeFile('/first.txt', 'synced'); 'written'", /^written$/);
  await page.getByLabel('Cut the power in the middle of write').fill('5');
  await page.getByRole('button', { name: 'from now on' }).click();
  await shown(page).filter({ hasText: 'The power will go in the middle of write 5' }).last().waitFor();
  await type(page, "for (var i = 0; i < 100; i++) require('vfs').writeFile('/' + i, 'x')");
  await shown(page).filter({ hasText: 'The power was cut in the middle of a write.' }).last().waitFor();
  await page.getByRole('button', { name: 'Open its flash' }).click();
  await page.getByRole('tablist').waitFor();
  await idle(page);
  const image = await downloaded(page, () => page.getByRole('button', { name: 'Save image' }).click());
  writeFileSync(at('board.bin'), image);
  assert.ok((await listed(page)).includes('first.txt'));
  const { findings } = await tools.fsck(`${at('board.bin')}#vfs`);
  assert.equal(
    findings.filter(({ level }) => level === 'error'),
    [],
  );
});

test('what never ends is ended by the power, and the board starts again', async () => {
  const { page } = await board();
  await powerOn(page);
  await run(page, "require('vfs').writeFile('/b.txt', 'before'); 'written'", /^written$/);
  await type(page, 'for (;;);');
  await page.getByRole('button', { name: 'It runs…' }).waitFor();
  await page.getByRole('button', { name: 'Cut the power' }).click();
  await shown(page).filter({ hasText: 'The power was cut while something ran.' }).last().waitFor();
  await powerOn(page);
  await run(page, "'is: ' + require('vfs').readFile('/b.txt', 'utf8')", 'is: before');
});

test('with the button held the boot is one in safe mode', async () => {
  const { page } = await board();
  await powerOn(page);
  await run(page, "require('vfs').writeFile('/main.js', 'print(\"main.js ran\")'); 'written'", /^written$/);
  await page.getByRole('button', { name: 'Cut the power' }).click();
  await powerOn(page);
  await shown(page).filter({ hasText: 'main.js ran' }).last().waitFor();
  await page.getByRole('button', { name: 'Cut the power' }).click();
  await page.getByLabel('Button at power-on').selectOption('1200');
  await powerOn(page);
  await run(page, "'mode: ' + require('vfs').bootReport.mode", 'mode: safe');
});

runInBrowser(test, folder, (one) => (opened = one));
