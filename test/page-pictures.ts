/** Makes the pictures of the page in `docs/`: `npm run pictures`. They are looked at before they are committed. */
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Page } from 'playwright-core';
import * as tools from '../tools';
import { packagePath } from '../tools/dist';
import { buildPage } from '../tools/page/build';
import { freshChip } from '../tools/partition-table';
import { browserPath, click, enter, type Opened, openBrowser, openImage, view } from './support/page';
import { connectChip } from './support/page-chip';

/** Of all files. */
const TIME = Date.UTC(2026, 4, 1, 12) / 1000;
const folder = mkdtempSync(join(tmpdir(), 'microvfs-pictures-'));
const image = join(folder, 'weather.bin');

const content: { [path: string]: string | Uint8Array } = {
  'boot.js': `// Measures every minute, and sends once in an hour.
var vfs = require('vfs');
var config = JSON.parse(vfs.readFile('/config.json', 'utf8'));

setInterval(function () {
  var line = [Date.now(), sensor.read(), 'C'].join(' ');
  vfs.writeFile('/logs/last.txt', line + '\\n');
}, config.every * 1000);
`,
  'config.json': '{\n  "every": 60,\n  "name": "roof",\n  "send": true\n}\n',
  'lib/bme280.js': 'exports.connect = function (i2c) {\n  return { read: function () { return 21.5; } };\n};\n'.repeat(40),
  'lib/mqtt.js': 'exports.create = function (server) {};\n'.repeat(300),
  'logs/today.txt': Array.from({ length: 900 }, (_, i) => `${1777636800 + i * 60} ${(20 + Math.sin(i / 90) * 4).toFixed(1)} C\n`).join(''),
  'logs/2026-04-30.txt': Array.from(
    { length: 1440 },
    (_, i) => `${1777550400 + i * 60} ${(18 + Math.sin(i / 120) * 5).toFixed(1)} C\n`,
  ).join(''),
  'www/index.html': '<!doctype html>\n<title>Weather on the roof</title>\n<p id="now"></p>\n'.repeat(20),
  'www/chart.js': 'function draw(points) { return points.length; }\n'.repeat(400),
};

async function prepare(): Promise<void> {
  const source = join(folder, 'source');
  for (const [path, text] of Object.entries(content)) {
    mkdirSync(dirname(join(source, path)), { recursive: true });
    writeFileSync(join(source, path), text);
    utimesSync(join(source, path), TIME, TIME);
  }
  await tools.create(image, { fs: 'lfs2', size: '512K', from: source });
  // What was changed since, for a log with a history.
  for (const every of ['120', '30']) {
    writeFileSync(join(folder, 'config.json'), (content['config.json'] as string).replace('60', every));
    await tools.cp([join(folder, 'config.json')], `${image}:/config.json`);
  }
}

async function pictures({ page: fresh }: Opened): Promise<void> {
  const shoot = (page: Page, name: string): Promise<Buffer> => page.screenshot({ path: packagePath(`docs/page-${name}.png`) });
  const files = async (page: Page): Promise<void> => {
    await openImage(page, image);
    await click(page, 'boot.js');
    await page.locator('pre.text').waitFor();
  };
  const blocks = async (page: Page): Promise<void> => {
    await view(page, 'Blocks');
    await page.getByLabel('Block in the map').fill('0');
    await page.getByLabel('Block in the map').press('Enter');
    await page.locator('.notes li').first().waitFor();
  };
  const light = await fresh({ height: 760 });
  await files(light.page);
  await shoot(light.page, 'files');
  await light.page.locator('.crumbs').getByRole('button').first().click();
  await enter(light.page, 'logs');
  await click(light.page, 'today.txt');
  await blocks(light.page);
  await shoot(light.page, 'blocks');
  const dark = await fresh({ height: 760, dark: true });
  await files(dark.page);
  await blocks(dark.page);
  await shoot(dark.page, 'dark');
  const board = await fresh({ height: 760 });
  await board.page.getByRole('button', { name: 'A simulated board' }).click();
  await board.page.getByRole('button', { name: 'Power on' }).click();
  const ready = board.page.getByRole('button', { name: 'Run' }).and(board.page.locator(':enabled'));
  for (const example of ['Write and read a file', 'Many files in directories', 'A file of 100 kB', 'Light the LED']) {
    await ready.waitFor();
    await board.page.getByLabel('Example').selectOption(example);
    await ready.click();
  }
  await board.page.getByRole('img', { name: 'LED1 is on' }).waitFor();
  await board.page.getByLabel('Example').selectOption('A logger: 200 synced appends');
  await ready.click();
  await ready.waitFor();
  await board.page.waitForTimeout(300);
  await shoot(board.page, 'board');
  const chip = await fresh({ height: 760 });
  await connectChip(chip.page, freshChip(4 << 20));
  await shoot(chip.page, 'chip');
  const phone = await fresh({ width: 390, height: 800 });
  await files(phone.page);
  await shoot(phone.page, 'phone');
}

if (browserPath) {
  await prepare();
  await buildPage(console.log);
  const opened = await openBrowser();
  try {
    await pictures(opened);
  } finally {
    await opened.close();
    rmSync(folder, { recursive: true, force: true });
  }
} else console.log('There is no Chromium: apt-get install chromium');
