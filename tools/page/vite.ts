/** How the page is built: what of the tools is Node's has another file in its place. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { InlineConfig, Plugin } from 'vite';
import { packagePath } from '../dist';

const source = packagePath('tools/page/src');

/** Files that are not of the first load: they are kept when they were used. */
const LATER = /board|quickjs|emscripten/i;

/** The service worker, which gets the list of what is to be kept. */
function offline(): Plugin {
  return {
    name: 'offline',
    generateBundle(_, bundle) {
      const names = Object.keys(bundle).filter((name) => !LATER.test(name) && !name.endsWith('.map'));
      const files = ['./', './icon.svg', './page.webmanifest', ...names.filter((name) => name !== 'index.html').map((name) => `./${name}`)];
      const hash = createHash('sha256');
      for (const one of Object.values(bundle)) hash.update(one.type === 'chunk' ? one.code : one.source);
      const text = readFileSync(packagePath('tools/page/src/offline.js'), 'utf8')
        .replace('__FILES__', JSON.stringify(files))
        .replace('__DIGEST__', hash.digest('hex').slice(0, 12));
      this.emitFile({ type: 'asset', fileName: 'offline.js', source: text });
    },
  };
}

/** What the page has in the place of files that only Node can run. */
function ofBrowsers(): Plugin {
  const others: { [file: string]: string } = {
    [packagePath('tools/md5.ts')]: packagePath('tools/page/src/worker/md5.ts'),
  };
  return {
    name: 'of-browsers',
    enforce: 'pre',
    async resolveId(name, importer) {
      if (!importer || !name.startsWith('.')) return null;
      const found = await this.resolve(name, importer, { skipSelf: true });
      return found ? (others[found.id] ?? null) : null;
    },
  };
}

export const config: InlineConfig = {
  configFile: false,
  root: source,
  base: './',
  logLevel: 'warn',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  plugins: [ofBrowsers(), offline()],
  worker: { format: 'es', plugins: () => [ofBrowsers()] },
  build: {
    outDir: packagePath('dist/page'),
    emptyOutDir: true,
    target: 'es2023',
    modulePreload: { polyfill: false },
  },
};
