/** How the page is built: what of the tools is Node's has another file in its place. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { InlineConfig, Plugin } from 'vite';
import { packagePath } from '../dist';

const source = packagePath('tools/page/src');

/** What the first load takes: the page with what it imports at once, its styles, and the worker that has the image. */
function firstLoad(bundle: {
  [name: string]: { type: string; isEntry?: boolean; imports?: string[]; viteMetadata?: { importedCss: Set<string> } };
}): string[] {
  const names = new Set<string>();
  const add = (name: string): void => {
    const one = bundle[name];
    if (!one || names.has(name)) return;
    names.add(name);
    for (const style of one.viteMetadata?.importedCss ?? []) names.add(style);
    for (const other of one.imports ?? []) add(other);
  };
  for (const [name, one] of Object.entries(bundle)) if (one.isEntry || /\bmain-[^/]*\.js$/.test(name)) add(name);
  return [...names];
}

/** The service worker, which gets the list of what is to be kept. */
function offline(): Plugin {
  return {
    name: 'offline',
    generateBundle(_, bundle) {
      const files = ['./', './icon.svg', './page.webmanifest', ...firstLoad(bundle).map((name) => `./${name}`)];
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
    [packagePath('tools/bundle-text.ts')]: packagePath('tools/page/src/board/bundles.ts'),
    [packagePath('boards/sim/all.ts')]: packagePath('tools/page/src/board/boards.ts'),
  };
  return {
    name: 'of-browsers',
    enforce: 'pre',
    async resolveId(name, importer) {
      if (name === 'quickjs-emscripten') return packagePath('tools/page/src/board/quickjs.ts');
      if (!importer || !name.startsWith('.')) return null;
      const found = await this.resolve(name, importer, { skipSelf: true });
      return found ? (others[found.id] ?? null) : null;
    },
  };
}

/** Folders of the libraries that are in the page or its workers. */
const libraries = new Set<string>();

/** What others' libraries want to be said where they are handed on: Vite's own list leaves out those of workers. */
function licences(inPage: boolean): Plugin {
  return {
    name: 'licences',
    buildEnd() {
      for (const id of this.getModuleIds()) {
        const found = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id.replace(/^\0/, ''));
        if (found && existsSync(join(found[0], 'package.json'))) libraries.add(found[0]);
      }
    },
    generateBundle() {
      if (inPage) this.emitFile({ type: 'asset', fileName: 'licences.md', source: [...libraries].sort().map(licenceOf).join('\n') });
    },
  };
}

function licenceOf(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one));
  return `## ${name} ${version} (${license})\n\n${file ? readFileSync(join(folder, file), 'utf8').trim() : ''}\n`;
}

export const config: InlineConfig = {
  configFile: false,
  root: source,
  base: './',
  logLevel: 'warn',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  plugins: [ofBrowsers(), offline(), licences(true)],
  worker: { format: 'es', plugins: () => [ofBrowsers(), licences(false)] },
  build: {
    outDir: packagePath('dist/page'),
    emptyOutDir: true,
    target: 'es2023',
    modulePreload: { polyfill: false },
    rolldownOptions: { checks: { pluginTimings: false } },
  },
};
