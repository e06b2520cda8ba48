/** Bundles of toy sources, through the device build as it is. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import nodeResolve from '@rollup/plugin-node-resolve';
import { type OutputAsset, type OutputChunk, type Plugin, rollup } from 'rollup';
import { deviceBundle, lazyParts, lowerToEs5, stripTypes } from '../../tools/build';
import { compileOnlyHot } from '../../tools/build/hot';
import type { Parts } from '../../tools/build/parts';
import { distPath } from '../../tools/dist';
import { storedBundles } from '../../tools/stored';
import { moduleExpression } from './scope';
import { storedParts } from './stored-parts';

export type Files = Record<string, string>;

compileOnlyHot();

/** Builds an entry as `vfs.min.js` and, with parts, the other files of it. @param before plugins before those of every build @returns the files by name */
export async function bundleFrom(input: string, parts?: Parts, before: Plugin[] = []): Promise<Files> {
  const options = deviceBundle({
    input,
    dir: 'dist',
    name: 'vfs',
    suffix: '.min.js',
    parts,
    plugins: [...before, nodeResolve({ extensions: ['.ts', '.js'] }), stripTypes(), lowerToEs5()],
  });
  const bundle = await rollup({ ...options, cache: false, onwarn: () => {} });
  const files: Files = {};
  for (const output of [options.output ?? []].flat())
    for (const one of (await bundle.generate(output)).output)
      files[one.fileName] = (one as OutputChunk).code ?? String((one as OutputAsset).source);
  await bundle.close();
  return files;
}

/**
 * Builds `entry.ts` of some sources: one bundle with everything or, `lazy`, also the resident module and its parts.
 * @returns the files by name
 */
export async function buildToy(sources: Files, lazy: boolean): Promise<Files> {
  const folder = mkdtempSync(join(tmpdir(), 'microvfs-toy-'));
  try {
    for (const [name, text] of Object.entries(sources)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    return await bundleFrom(join(folder, 'entry.ts'), lazy ? lazyParts(folder) : undefined);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A board's bundle as it lies in Storage, by the names that toys have. */
export function storedFiles(board: string, suffix: string): Files {
  const { vfs, 'vfs-parts': parts } = storedBundles(board, suffix);
  return {
    'vfs-resident.min.js': readFileSync(distPath(vfs), 'utf8'),
    'vfs-parts.min.js': readFileSync(distPath(parts), 'utf8'),
    'vfs-parts.min.js.map': readFileSync(distPath(parts + '.map'), 'utf8'),
  };
}

export interface ToyDevice {
  // biome-ignore lint/suspicious/noExplicitAny: what a toy exports
  vfs: any;
  /** The parts that were loaded, in order. */
  reads: number[];
}

/** The resident module as a device runs it, its Storage with the parts beside it. */
export function runToy(files: Files): ToyDevice {
  const reads: number[] = [];
  const vfs = {};
  const names: string[] = JSON.parse(files['vfs-parts.min.js.map'] ?? '{"x_parts":[]}').x_parts;
  const parts = [...new Set(names)];
  const content = files['vfs-parts.min.js'];
  const storage = storedParts(content === undefined ? undefined : Buffer.from(content), names.length, (section) =>
    reads.push(parts.indexOf(names[section])),
  );
  const require = (name: string) => (name === 'Storage' ? storage : vfs);
  // biome-ignore lint/security/noGlobalEval: running it is the purpose
  // biome-ignore lint/complexity/noCommaOperator: indirect eval is global code
  (0, eval)(moduleExpression(files['vfs-resident.min.js'] ?? files['vfs.min.js']))(vfs, require);
  return { vfs, reads };
}
