/** Makes the page in `dist/page/` unless it is up to date: `tsx tools/page/build.ts [--serve [IMAGE]]`. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { digestOf, digestOfAll, isFresh, type Made, stateOf } from '../build/fresh';
import { build as buildBundles } from '../build/run';
import { packagePath } from '../dist';
import { servePage } from './server';
import { config } from './vite';

interface PageRecord {
  build: string;
  made: Made;
}

const root = packagePath('.');
const folder = packagePath('dist/page');
const recordFile = packagePath('dist/.page.json');
/** What is read besides modules: styles, the document, and what says how it is built. */
const own = ['tools/page', 'package-lock.json', 'tsconfig.json'];

function readRecord(): PageRecord | undefined {
  try {
    return JSON.parse(readFileSync(recordFile, 'utf8'));
  } catch {
    return undefined;
  }
}

/** @returns whether something had to be done */
export async function buildPage(say: (line: string) => void): Promise<boolean> {
  // The board of the page runs them.
  await buildBundles(['start'], () => {});
  const build = digestOfAll(root, own, []);
  const before = readRecord();
  const digest = (file: string): string => digestOf(join(root, file));
  const state = (files: Record<string, string>): Record<string, string> =>
    Object.fromEntries(Object.keys(files).map((file) => [file, stateOf(join(root, file))]));
  if (before?.build === build && existsSync(folder)) {
    const { inputs, outputs } = before.made;
    const now = { ...before.made, outputs: state(outputs) };
    if (isFresh({ ...now, inputs }, digest) && Object.entries(outputs).every(([file, one]) => now.outputs[file] === one)) return false;
  }
  const began = Date.now();
  const { build: bundle } = await import('vite');
  const inputs: Record<string, string> = {};
  await bundle({
    ...config,
    plugins: [
      ...(config.plugins ?? []),
      {
        name: 'inputs',
        buildEnd() {
          for (const id of this.getModuleIds()) note(id, inputs, digest);
        },
      },
    ],
    worker: {
      ...config.worker,
      plugins: () => [
        ...((config.worker?.plugins?.() as never[]) ?? []),
        {
          name: 'inputs-of-worker',
          buildEnd() {
            for (const id of this.getModuleIds()) note(id, inputs, digest);
          },
        },
      ],
    },
  });
  const outputs: Record<string, string> = {};
  for (const name of readdirSync(folder, { recursive: true })) {
    const file = relative(root, join(folder, String(name)));
    outputs[file] = stateOf(join(root, file));
  }
  mkdirSync(packagePath('dist'), { recursive: true });
  writeFileSync(
    recordFile,
    JSON.stringify({ build, made: { name: 'page', start: false, further: false, inputs, outputs } } satisfies PageRecord),
  );
  say(`dist/page/ is built (${((Date.now() - began) / 1000).toFixed(1)} s)`);
  return true;
}

function note(id: string, inputs: Record<string, string>, digest: (file: string) => string): void {
  const file = relative(root, id.replace(/[?#].*$/, ''));
  // Libraries are told by the lock file.
  if (!id.startsWith('/') || file.startsWith('..') || file.includes('node_modules')) return;
  inputs[file] = digest(file);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await buildPage(console.log);
  const [serve, image] = process.argv.slice(2);
  if (serve === '--serve') console.log((await servePage({ image, port: 8017 })).address);
}
