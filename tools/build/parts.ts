/** Parts of a device's bundle that are not loaded all the time: which file is in which part, and the file of all parts. */
import { relative } from 'node:path';
import type { Code } from './code';

export interface Parts {
  /** The part that a source file is in by rule. Other files go where all that use them are, or stay loaded. */
  partOf(file: string): string | undefined;
}

/** The ending of a source file that is a part of its own. */
const LAZY = '.lazy.ts';

/** Each file `NAME.lazy.ts` is a part. */
export function lazyParts(root: string): Parts {
  return {
    partOf: (file) => (file.endsWith(LAZY) ? nameBelow(root, file) : undefined),
  };
}

/** A part's name is its path below the root. What lies elsewhere comes last in the order of names; rollup takes no `..` in them. */
const nameBelow = (root: string, file: string) =>
  relative(root, file)
    .slice(0, -LAZY.length)
    .replace(/^(\.\.[\\/])+/, '~/');

/** The name of the part that stays loaded. */
export const MAIN = 'main';

/**
 * The part that a module goes into: its own, or the one that alone uses it, directly or through others.
 * @param importersOf the modules that import a module
 */
export function placeOf(id: string, parts: Parts, importersOf: (id: string) => readonly string[]): string {
  const users = new Set<string>();
  const seen = new Set<string>();
  const look = (one: string) => {
    if (seen.has(one)) return;
    seen.add(one);
    const importers = importersOf(one);
    const own = parts.partOf(one);
    if (own) users.add(own);
    else if (importers.length) importers.forEach(look);
    else users.add(MAIN);
  };
  look(id);
  return users.size === 1 ? [...users][0] : MAIN;
}

export interface PackedPart extends Code {
  /** What the source calls it. */
  part: string;
  /** The variables of the main module that it uses. */
  names: string[];
}

const NAME = 4;
const DIGITS = 6;
const ROW = NAME + 3 * DIGITS;

/**
 * One file of all parts, see `modules/engine/on-demand.ts`: a row for each, which is the name of the build and where, in bytes,
 * its names begin, its code begins, and it ends; then for each its names, a comma before each, and its code.
 * @param build four characters
 */
export function pack(parts: PackedPart[], build: string): Code {
  let end = ROW * parts.length;
  let rows = '';
  let code = '';
  const number = (value: number) => String(value).padStart(DIGITS, '0');
  for (const part of parts) {
    const names = part.names.map((name) => ',' + name).join('');
    const begin = end + names.length;
    rows += build + number(end) + number(begin) + number(begin + Buffer.byteLength(part.code));
    end = begin + Buffer.byteLength(part.code);
    code += names + part.code;
  }
  return { code: rows + code, map: { version: 3, sources: [], names: [], mappings: '', x_parts: parts.map(({ part }) => part) } };
}

/** The parts of such a file: the names of the main module's variables, and the code. */
export function unpack(packed: string): { names: string[]; code: string }[] {
  const bytes = Buffer.from(packed);
  const number = (at: number) => Number(bytes.toString('latin1', at, at + DIGITS));
  const parts: { names: string[]; code: string }[] = [];
  for (let at = 0; !parts.length || at < number(NAME); at += ROW) {
    const [begin, code, end] = [0, 1, 2].map((i) => number(at + NAME + i * DIGITS));
    parts.push({ names: bytes.toString('utf8', begin, code).split(',').slice(1), code: bytes.toString('utf8', code, end) });
  }
  return parts;
}
