/** What was built of what: tells whether it is to be built again. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** One run of rollup. */
export interface Target {
  /** The folder below `dist/`, and what is made in it. */
  name: string;
  /** Whether `npm start` needs it. */
  start: boolean;
  /** Whether it is made only when it is asked for: a board's bundle besides its default one, or one for tests. */
  further: boolean;
}

export interface MadeOf {
  /** The digest of each file that it was made of, by path. */
  inputs: Record<string, string>;
  /** Size and time of each file that was written. */
  outputs: Record<string, string>;
}

export interface Made extends Target, MadeOf {}

export interface BuildRecord {
  /** The digest of what all targets depend on: the build itself and its settings. */
  build: string;
  /** All that there are, by the configuration. */
  all: Target[];
  made: Made[];
}

export function digestOf(file: string): string {
  try {
    return createHash('sha256').update(readFileSync(file)).digest('base64').substring(0, 16);
  } catch {
    return 'missing';
  }
}

/** Says whether a file is still the one that was written. */
export function stateOf(file: string): string {
  try {
    const { size, mtimeMs } = statSync(file);
    return `${size} ${mtimeMs}`;
  } catch {
    return 'missing';
  }
}

/** The digest of files and of all files in folders, and of the names in the folders of `listed`, as far as these are there. */
export function digestOfAll(root: string, paths: string[], listed: string[]): string {
  const hash = createHash('sha256');
  for (const path of paths) {
    const full = join(root, path);
    const files = statSync(full).isDirectory() ? readdirSync(full, { recursive: true }).map((one) => join(full, String(one))) : [full];
    for (const file of files.sort()) hash.update(file + ' ' + (statSync(file).isFile() ? digestOf(file) : '') + '\n');
  }
  for (const folder of listed.map((one) => join(root, one))) hash.update(existsSync(folder) ? readdirSync(folder).sort().join('\n') : '');
  return hash.digest('base64').substring(0, 16);
}

export function isFresh(made: MadeOf, digest = digestOf): boolean {
  return (
    Object.entries(made.outputs).every(([file, state]) => stateOf(file) === state) &&
    Object.entries(made.inputs).every(([file, state]) => digest(file) === state)
  );
}

/** Each file is read once, however many targets are made of it. */
export function rememberedDigests(): (file: string) => string {
  const known = new Map<string, string>();
  return (file) => {
    const before = known.get(file) ?? digestOf(file);
    known.set(file, before);
    return before;
  };
}

export function readRecord<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
