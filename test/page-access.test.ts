/** Everybody can use the page: axe finds nothing serious in any view, the keyboard is enough, and so is a phone. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as tools from '../tools';
import { seriousIn } from './support/axe';
import { click, enter, idle, listed, type Opened, openImage, runInBrowser, untilNext, view } from './support/page';
import { makeFolder } from './support/tools';

const folder = mkdtempSync(join(tmpdir(), 'microvfs-page-access-'));
const at = (name: string): string => join(folder, name);

let opened: Opened;

async function sound(page: Page, where: string): Promise<void> {
  assert.equal(await seriousIn(page), [], where);
}

/** Whether nothing is wider than the window. */
const fits = (page: Page): Promise<boolean> => page.evaluate('document.documentElement.scrollWidth <= innerWidth');

for (const [name, options] of [
  ['light', {}],
  ['dark', { dark: true }],
  ['a phone', { width: 390, height: 800 }],
] as [string, { dark?: boolean; width?: number; height?: number }][])
  test(`${name}: axe finds nothing serious in any view, and nothing is wider than the window`, async () => {
    const { page, errors } = await opened.page(options);
    const look = async (where: string): Promise<void> => {
      await sound(page, where);
      assert.ok(await fits(page), `${where} is too wide`);
    };
    await look('start');
    await page.getByRole('button', { name: 'A new image…' }).click();
    await look('new image');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await openImage(page, at('sound.img'));
    await look('files');
    await enter(page, 'lib');
    await click(page, 'a.js');
    await page.locator('pre.text').waitFor();
    await look('a file');
    await view(page, 'Blocks');
    const map = page.getByRole('button', { name: /^Map of/ });
    await map.focus();
    await page.keyboard.press('ArrowRight');
    await page.locator('.notes li').first().waitFor();
    await look('blocks');
    await view(page, 'Check');
    await look('check');
    await view(page, 'About');
    await look('about');
    await page.getByRole('button', { name: 'microvfs' }).click();
    await page.getByRole('button', { name: 'A simulated board' }).click();
    await page.getByRole('button', { name: 'Power on' }).click();
    await page.getByRole('button', { name: 'Run' }).and(page.locator(':enabled')).waitFor();
    await look('board');
    assert.equal(errors, []);
  });

test('with the keyboard alone: through the list, into a directory and back, rename, delete, undo, from tab to tab', async () => {
  const { page } = await opened.page();
  page.on('dialog', (dialog) => dialog.accept());
  await openImage(page, at('sound.img'));
  await page.locator('tbody .name').first().focus();
  const focused = (): Promise<string> => page.evaluate('document.activeElement.textContent.trim()');
  await page.keyboard.press('End');
  const last = await focused();
  await page.keyboard.press('Home');
  assert.is.not(await focused(), last);
  while ((await focused()) !== 'lib/') await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await idle(page);
  assert.equal(await listed(page), ['a.js', 'b.js', 'deep/']);
  await page.locator('tbody .name').first().focus();
  await page.keyboard.press('F2');
  await page.keyboard.press('Control+a');
  await page.keyboard.type('c.js');
  await page.keyboard.press('Enter');
  await idle(page);
  assert.equal(await listed(page), ['b.js', 'c.js', 'deep/']);
  await page.locator('tbody .name').first().focus();
  await page.keyboard.press('Delete');
  await idle(page);
  assert.equal(await listed(page), ['c.js', 'deep/']);
  await page.keyboard.press('Control+z');
  await page.getByText('Undone: delete /lib/b.js').waitFor();
  assert.equal(await listed(page), ['b.js', 'c.js', 'deep/']);
  await page.locator('tbody .name').first().focus();
  await page.keyboard.press('Backspace');
  await idle(page);
  const inRoot = await listed(page);
  assert.ok(inRoot.includes('lib/'));
  await page.locator('tbody .name').first().focus();
  await page.keyboard.press('Backspace');
  assert.equal(await listed(page), inRoot, 'further up there is nothing');
  await page.getByRole('tab', { name: 'Files' }).focus();
  await page.keyboard.press('ArrowRight');
  await page.locator('canvas').waitFor();
  assert.is(await page.getByRole('tab', { name: 'Blocks' }).getAttribute('aria-selected'), 'true');
});

test('colours are those of the system, or the other ones if one likes, also the next time', async () => {
  const { page } = await opened.page({ dark: true });
  const back = (): Promise<string> => page.evaluate('getComputedStyle(document.body).backgroundColor');
  const dark = await back();
  await page.getByRole('button', { name: /^Colours/ }).click();
  const light = await back();
  assert.is.not(light, dark);
  await page.reload();
  assert.is(await back(), light);
});

test('a page that is asked for knows nothing of what was done in the one before', async () => {
  const before = await opened.page();
  await untilNext(before.page, before.page.addInitScript('window.added = 1'));
  await untilNext(
    before.page,
    before.page.exposeFunction('told', () => 1),
  );
  await before.page.evaluate("localStorage.setItem('theme', 'dark'); document.cookie = 'a=1'");
  await before.page.reload();
  const seen = 'JSON.stringify([typeof added, typeof told, localStorage.length, document.cookie, document.body.children.length > 0])';
  assert.is(await before.page.evaluate(seen), '["number","function",1,"a=1",true]');
  const after = await opened.page();
  assert.is(await after.page.evaluate(seen), '["undefined","undefined",0,"",true]');
  await after.page.evaluate("console.error('wrong'); throw new Error('wrong too')").catch(() => {});
  assert.equal([before.errors, after.errors], [[], ['wrong']]);
});

test.before(async () => {
  await tools.create(at('sound.img'), { fs: 'lfs2', size: '256K', from: makeFolder(at('source')) });
});

runInBrowser(test, folder, (one) => (opened = one));
