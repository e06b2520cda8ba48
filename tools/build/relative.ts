/** Where the sources that others import lie: what the resolution of Node's packages asks the disk many times, for each bundle anew. */
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Plugin } from 'rollup';

const found = new Map<string, string | null>();

function sourceAt(path: string): string | null {
  let source = found.get(path);
  if (source === undefined) {
    source = [`${path}.ts`, resolve(path, 'index.ts')].find((one) => existsSync(one)) ?? null;
    found.set(path, source);
  }
  return source;
}

/** A rollup plugin for `import './name'` in TypeScript; what it does not find is for others. */
export function relativeSources(): Plugin {
  return {
    name: 'relative-sources',
    resolveId: (source, importer) =>
      source.startsWith('.') && importer?.endsWith('.ts') ? sourceAt(resolve(dirname(importer), source)) : null,
  };
}
