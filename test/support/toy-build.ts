/** Bundles of toy sources, through the device build as it is. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import nodeResolve from '@rollup/plugin-node-resolve';
import { type OutputAsset, type OutputChunk, rollup } from 'rollup';
import { deviceBundle, lazyParts, lowerToEs5, stripTypes } from '../../tools/build';
import { packagePath } from '../../tools/dist';

export type Files = Record<string, string>;

/**
 * Builds `entry.ts` of some sources.
 * @returns the files by name
 */
export async function buildToy(sources: Files, lazy: boolean, kinds: ('plain' | 'minified')[] = ['minified']): Promise<Files> {
  const folder = mkdtempSync(join(tmpdir(), 'microvfs-toy-'));
  try {
    for (const [name, text] of Object.entries(sources)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    const options = deviceBundle({
      input: join(folder, 'entry.ts'),
      dir: join(folder, 'dist'),
      name: 'vfs',
      suffixes: { ...(kinds.includes('plain') ? { plain: '.js' } : {}), ...(kinds.includes('minified') ? { minified: '.min.js' } : {}) },
      parts: lazy ? lazyParts(folder, packagePath('tools/build/device/on-demand.ts')) : undefined,
      plugins: [nodeResolve({ extensions: ['.ts', '.js'] }), stripTypes(), lowerToEs5()],
    });
    const bundle = await rollup({ ...options, onwarn: () => {} });
    const files: Files = {};
    for (const output of [options.output ?? []].flat())
      for (const one of (await bundle.generate(output)).output)
        files[one.fileName] = (one as OutputChunk).code ?? String((one as OutputAsset).source);
    await bundle.close();
    return files;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export interface ToyDevice {
  // biome-ignore lint/suspicious/noExplicitAny: what a toy exports
  vfs: any;
  /** The offsets of parts that were read, in order. */
  reads: number[];
}

/** The main module as a device runs it, its Storage with the parts beside it. */
export function runToy(files: Files, suffix = '.min.js'): ToyDevice {
  const reads: number[] = [];
  const vfs = {};
  const storage = {
    read(name: string, offset: number, length: number): string | undefined {
      const content = files[name + suffix];
      if (content === undefined) return undefined;
      if (length !== 12) reads.push(offset);
      return Buffer.from(content).toString('latin1', offset, offset + length);
    },
  };
  const outer = globalThis as { require?: unknown };
  outer.require = (name: string) => (name === 'Storage' ? storage : vfs);
  new Function('exports', 'require', files['vfs' + suffix])(vfs, outer.require);
  return { vfs, reads };
}
