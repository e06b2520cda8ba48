/** Makes the page in `dist/page/` unless it is up to date: `tsx tools/page/build.ts [--serve [IMAGE]]`. */
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Plugin } from 'vite';
import { digestOf, digestOfAll, isFresh, type MadeOf, readRecord, stateOf } from '../build/fresh';
import { build as buildBundles } from '../build/run';
import { packagePath } from '../dist';
import { servePage } from './server';
import { config } from './vite';

interface PageRecord extends MadeOf {
  build: string;
}

const root = packagePath('.');
const folder = packagePath('dist/page');
const recordFile = packagePath('dist/.page.json');
/** What is read besides modules: styles, the document, and what says how it is built. */
const own = ['tools/page', 'package-lock.json', 'tsconfig.json'];

/** @returns whether something had to be done */
export async function buildPage(say: (line: string) => void): Promise<boolean> {
  // The board of the page runs one, the others it hands on. From here on paths are those in the package.
  await buildBundles(['default'], () => {});
  const build = digestOfAll(root, own, []);
  const before = readRecord<PageRecord>(recordFile);
  if (before?.build === build && existsSync(folder) && isFresh(before)) return false;
  const began = Date.now();
  const { build: bundle } = await import('vite');
  const inputs: MadeOf['inputs'] = {};
  // The worker's modules are bundled on their own.
  const noteInputs: Plugin = {
    name: 'inputs',
    buildEnd() {
      for (const id of this.getModuleIds()) note(id, inputs);
    },
  };
  await bundle({
    ...config,
    plugins: [...(config.plugins ?? []), noteInputs],
    worker: { ...config.worker, plugins: () => [...(config.worker?.plugins?.() ?? []), noteInputs] },
  });
  const outputs: MadeOf['outputs'] = {};
  for (const name of readdirSync(folder, { recursive: true })) {
    const file = relative(root, join(folder, String(name)));
    outputs[file] = stateOf(file);
  }
  writeFileSync(recordFile, JSON.stringify({ build, inputs, outputs } satisfies PageRecord));
  say(`dist/page/ is built (${((Date.now() - began) / 1000).toFixed(1)} s)`);
  return true;
}

function note(id: string, inputs: MadeOf['inputs']): void {
  const file = relative(root, id.replace(/[?#].*$/, ''));
  // Libraries are told by the lock file.
  if (!id.startsWith('/') || file.startsWith('..') || file.includes('node_modules')) return;
  inputs[file] = digestOf(file);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await buildPage(console.log);
  const [serve, image] = process.argv.slice(2);
  if (serve === '--serve') console.log((await servePage({ image, port: 8017 })).address);
}
