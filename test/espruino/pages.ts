/** What the pages of boards say: their commands, and the facts in their tables. */
import { readdirSync, readFileSync } from 'node:fs';
import { packagePath } from '../../tools/dist';

export interface Page {
  name: string;
  /** The firmware that its facts are of, and others with the same layout. */
  firmwares: string[];
  /** Of the bundle. */
  board: string;
  kind: string;
  /** Where the volume is mounted. */
  point: string;
  /** Its blocks of the volume's file system, where the page tells. */
  blocks: number;
  /** In kB, beside volume and bundle. */
  leftInStorage: number;
  variables: number;
  /** While a file is open for appending. */
  left: number;
  percent: number;
  /** Makes the volume, on pages where it lies in Storage. */
  make: string | undefined;
  use: string;
  atStart: string;
  stop: string;
  remove: string;
}

export const pageText = (name: string) => readFileSync(packagePath(`docs/boards/${name}.md`), 'utf8');

function pageOf(name: string): Page {
  const text = pageText(name);
  const found = (pattern: RegExp): string[] => {
    const match = pattern.exec(text);
    if (!match) throw new Error(`${name}.md has no ${pattern}`);
    return match.slice(1);
  };
  const number = (pattern: RegExp) => Number(found(pattern)[0].replace(/,/g, ''));
  const scripts = [...text.matchAll(/```javascript device\n([\s\S]*?)```/g)].map((match) => match[1]);
  const make = scripts[0].includes("'vfs-volume'") ? scripts.shift() : undefined;
  const [use, atStart, stop, remove] = scripts;
  const [board, kind = ''] = found(/`dist\/(\w+)\/vfs(?:-resident)?(-\w+)?\.min\.js`/);
  return {
    name,
    firmwares: found(/stock firmware \(([\w, ]+)\)/)[0].split(', '),
    board,
    kind,
    point: found(/mounted at `(.*?)`/)[0],
    blocks: number(/\| volume \|.*?([\d,]*) ?(?:blocks|with FAT)/),
    leftInStorage: number(/left in Storage \| ([\d,]+) kB/),
    variables: number(/\| variables \| ([\d,]+);/),
    left: number(/left for the script \| ([\d,]+) variables/),
    percent: number(/left for the script \| .* (\d+) %/),
    make,
    use,
    atStart,
    stop,
    remove,
  };
}

export function pages(): Page[] {
  const names = readdirSync(packagePath('docs/boards')).map((name) => name.replace('.md', ''));
  return names.filter((name) => name !== 'README').map(pageOf);
}
