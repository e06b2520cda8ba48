/** The page in a real browser, Debian's Chromium. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { type Browser, chromium, type Disposable, type Page } from 'playwright-core';
import type { test as suite } from 'uvu';
import { type Served, servePage } from '../../tools/page/server';

const PLACES = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The program, if there is one. */
export const browserPath = PLACES.find((path): path is string => !!path && existsSync(path));

export interface PageOptions {
  width?: number;
  height?: number;
  dark?: boolean;
  /** With its service worker, and in a browser that has seen nothing yet. */
  offline?: boolean;
}

export interface Opened {
  browser: Browser;
  served: Served;
  /** The page as who comes for the first time sees it, and what goes wrong in it, until the next is asked for. */
  page(options?: PageOptions): Promise<{ page: Page; errors: string[]; requests: string[] }>;
  close(): Promise<void>;
}

/** What a test has put into a page. */
const added = new WeakMap<Page, Disposable[]>();

/** What is added to a page is there until the next test. */
export async function untilNext(page: Page, adding: Promise<Disposable>): Promise<void> {
  added.set(page, [...(added.get(page) ?? []), await adding]);
}

/** Serves the page, and starts the browser. @param image is served beside it */
export async function openBrowser(image?: string): Promise<Opened> {
  const served = await servePage({ image, port: 0 });
  const browser = await chromium.launch({ executablePath: browserPath as string, args: ['--no-sandbox'] });
  /** By their options: to begin a process for each test takes three times as long as to load the page again. */
  const kept = new Map<string, Page>();
  let last: Page | undefined;
  /** Nothing of a test is left in its page. */
  const clear = async (page: Page): Promise<void> => {
    if (![...kept.values()].includes(page)) return page.context().close();
    page.removeAllListeners();
    page.context().removeAllListeners();
    await page.goto('about:blank');
    for (const one of added.get(page) ?? []) await one.dispose();
    added.delete(page);
    const session = await page.context().newCDPSession(page);
    await session.send('Storage.clearDataForOrigin', { origin: new URL(served.address).origin, storageTypes: 'all' });
    await session.detach();
  };
  const keptOrNew = async (options: PageOptions): Promise<Page> => {
    const { width = 1280, height = 860, dark = false, offline = false } = options;
    const key = JSON.stringify([width, height, dark]);
    // One that has failed may hang.
    if (last) await clear(last).catch(() => kept.clear());
    const page = (!offline && kept.get(key)) || undefined;
    if (page) return page;
    const context = await browser.newContext({
      viewport: { width, height },
      colorScheme: dark ? 'dark' : 'light',
      acceptDownloads: true,
      serviceWorkers: offline ? 'allow' : 'block',
    });
    const made = await context.newPage();
    if (!offline) kept.set(key, made);
    return made;
  };
  return {
    browser,
    served,
    async page(options = {}) {
      const page = await keptOrNew(options);
      last = page;
      // Others may be at work on the same computer.
      page.setDefaultTimeout(20000);
      const errors: string[] = [];
      const requests: string[] = [];
      page.on('pageerror', (error) => errors.push(error.message));
      page.on('console', (message) => {
        if (message.type() === 'error') errors.push(message.text());
      });
      page.context().on('request', (request) => requests.push(request.url()));
      await page.goto(served.address);
      await page.locator('main > *').first().waitFor();
      return { page, errors, requests };
    },
    async close() {
      await browser.close();
      served.close();
    },
  };
}

/** Runs the tests of a file, with a browser that is told to them first. @param folder of theirs, which is gone then */
export function runInBrowser(test: typeof suite, folder: string, began: (opened: Opened) => void): void {
  let opened: Opened;
  test.before(async () => {
    opened = await openBrowser();
    began(opened);
  });
  test.after(async () => {
    await opened.close();
    rmSync(folder, { recursive: true, force: true });
  });
  if (browserPath) test.run();
  else console.log('SKIP: no Chromium for the tests of the page (Debian: apt-get install chromium)');
}

/** Waits until nothing is being done. */
export async function idle(page: Page): Promise<void> {
  await page.locator('body:not([aria-busy="true"])').waitFor();
}

/** Opens an image from the start of the page. */
export async function openImage(page: Page, file: string): Promise<void> {
  await page.getByLabel('Image or zip file').setInputFiles(file);
  await page.getByRole('tablist').waitFor();
  await idle(page);
}

/** Looks at another view of the volume. */
export async function view(page: Page, name: string): Promise<void> {
  await page.getByRole('tab', { name }).click();
  await idle(page);
}

export async function downloaded(page: Page, act: () => Promise<unknown>): Promise<Buffer> {
  const [download] = await Promise.all([page.waitForEvent('download'), act()]);
  return readFileSync(await download.path());
}

/** What is listed, directories with a `/`. */
export async function listed(page: Page): Promise<string[]> {
  await idle(page);
  return page.locator('tbody .name').allTextContents();
}

/** Goes to a directory, name by name. */
export async function enter(page: Page, path: string): Promise<void> {
  for (const name of path.split('/').filter(Boolean)) await click(page, `${name}/`);
}

/** An entry of the list: a directory is gone to, a file is shown. */
export async function click(page: Page, name: string): Promise<void> {
  await page.locator('tbody').getByRole('button', { name, exact: true }).click();
  await idle(page);
}
