/** Files of one's own for the factory reset: `FACTORY=folder npm run build`. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';

/** Puts the folder's files, which are text, in the place of what `boards/boot/factory.ts` lists. */
export function factoryContent(folder: string): { name: string; load(id: string): string | null } {
  return {
    name: 'factory-content',
    load: (id) => (basename(id) === 'factory.ts' && basename(dirname(id)) === 'boot' ? factorySource(folder) : null),
  };
}

/** @throws Error for a file that is no UTF-8 */
function factorySource(folder: string): string {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const list: [path: string, text: string][] = [];
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath ?? entry.path, entry.name);
    let text: string;
    try {
      text = decoder.decode(readFileSync(file));
    } catch {
      throw new Error(`${file} is no text in UTF-8: a factory reset lays out text only`);
    }
    list.push(['/' + relative(folder, file).split(sep).join('/'), text]);
  }
  list.sort((a, b) => (a[0] < b[0] ? -1 : 1));
  if (!list.length) throw new Error(`${folder} has no files for the factory reset`);
  return `export function factoryFiles() { return ${JSON.stringify(list.flat())}; }\n`;
}
