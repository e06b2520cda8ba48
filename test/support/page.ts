/** The page in a real browser, Debian's Chromium. */
import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import { buildPage } from '../../tools/page/build';
import { type Served, servePage } from '../../tools/page/server';

const PLACES = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The program, if there is one. */
export const browserPath = PLACES.find((path): path is string => !!path && existsSync(path));

export interface Opened {
  browser: Browser;
  served: Served;
  /** A fresh page, and what went wrong in it. */
  page(options?: { width?: number; height?: number; dark?: boolean }): Promise<{ page: Page; errors: string[]; requests: string[] }>;
  close(): Promise<void>;
}

/** Builds the page if it is stale, serves it, starts the browser. @param image is served beside it */
export async function openBrowser(image?: string): Promise<Opened> {
  await buildPage(() => {});
  const served = await servePage({ image, port: 0 });
  const browser = await chromium.launch({ executablePath: browserPath as string, args: ['--no-sandbox'] });
  return {
    browser,
    served,
    async page({ width = 1280, height = 860, dark = false } = {}) {
      const context = await browser.newContext({
        viewport: { width, height },
        colorScheme: dark ? 'dark' : 'light',
        acceptDownloads: true,
      });
      context.setDefaultTimeout(8000);
      const page = await context.newPage();
      const errors: string[] = [];
      const requests: string[] = [];
      page.on('pageerror', (error) => errors.push(error.message));
      page.on('console', (message) => {
        if (message.type() === 'error') errors.push(message.text());
      });
      context.on('request', (request) => requests.push(request.url()));
      await page.goto(served.address);
      return { page, errors, requests };
    },
    async close() {
      await browser.close();
      served.close();
    },
  };
}
