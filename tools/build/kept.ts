/** What source files were transformed to, in `dist/`: the next build, and each test that builds, need not do it again. */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { distPath, packagePath } from '../dist';
import { digestOfAll, readRecord } from './fresh';

export interface Kept {
  code: string;
  map: string;
}

/** Sources and libraries that the results depend on. */
const MADE_BY = ['tools/build/transform.ts', 'tools/build/lower.ts', 'tools/build/classes.ts', 'tools/build/lazy.ts', 'package-lock.json'];

let folder = '';

/** Where results of this state of the build are; those of others are gone then. */
function place(): string {
  if (folder) return folder;
  const all = distPath('.transformed');
  const version = digestOfAll(packagePath('.'), MADE_BY, []).replace(/\W/g, '-');
  folder = join(all, version);
  mkdirSync(folder, { recursive: true });
  for (const one of readdirSync(all)) if (one !== version) rmSync(join(all, one), { recursive: true, force: true });
  return folder;
}

/** A transform that is done once for each text of a file, as long as the build is the same. @param name in the names of what is kept */
export function kept(
  name: string,
  transform: (code: string, file: string) => Promise<Kept>,
): (code: string, file: string) => Promise<Kept> {
  const known = new Map<string, Kept>();
  return async (code, file) => {
    // The map has the name of the file.
    const key = createHash('sha256').update(`${file}\n${code}`).digest('hex').substring(0, 32);
    const path = join(place(), `${name}-${key}.json`);
    let result = known.get(key) ?? readRecord<Kept>(path);
    if (!result) {
      result = await transform(code, file);
      // Other builds may be writing the same.
      const own = `${path}.${process.pid}`;
      writeFileSync(own, JSON.stringify(result));
      renameSync(own, path);
    }
    known.set(key, result);
    return result;
  };
}
