/**
 * Parts of a device's bundle that are not loaded all the time: which file is in which part, and how a function of a part is
 * called from outside it.
 */
import { relative, resolve } from 'node:path';
import type { Code } from './code';

export interface Parts {
  /** The part that a source file is in by rule. Other files go where all that use them are, or stay loaded. */
  partOf(file: string): string | undefined;
  /**
   * What stands before the arguments in a call of a function of a part.
   * @param all the parts of the bundle, in their order
   */
  call(part: string, name: string, all: string[]): (string | number)[];
  /** The name by which the part exports a function that the source calls `name`. */
  exported(part: string, name: string): string;
  /** The source file whose `onDemand(...call, a, b, c, d)` makes such a call on the device. */
  caller: string;
  /** Whether all parts go into one file, which begins with a table of where they are. */
  packed: boolean;
}

/** The ending of a source file that is a part of its own. */
const LAZY = '.lazy.ts';

/** Each file `NAME.lazy.ts` is a part. Parts are numbers to the device, and are evaluated from slices of one file. */
export function lazyParts(root: string, caller: string): Parts {
  return {
    partOf: (file) => (file.endsWith(LAZY) ? relative(root, file).slice(0, -LAZY.length) : undefined),
    call: (part, name, all) => [all.indexOf(part), name],
    exported: (_part, name) => name,
    caller: resolve(caller),
    packed: true,
  };
}

/** What a function's name begins with, by which `boards/boot/on-demand.ts` tells in which part it is. */
const MARKS: Record<string, string> = { boot: '$', check: '$$', portable: '$$$' };

/**
 * Parts by lists of their files, each in a file of its own, `NAME-PART.js`. See `MARKS`.
 */
export function listedParts(lists: Record<string, string[]>, caller: string): Parts {
  const parts = new Map(Object.entries(lists).flatMap(([part, files]) => files.map((file) => [resolve(file), part])));
  const exported = (part: string, name: string) => (MARKS[part] ?? '') + name;
  return {
    partOf: (file) => parts.get(file),
    call: (part, name) => [exported(part, name)],
    exported,
    caller: resolve(caller),
    packed: false,
  };
}

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

const DIGITS = 6;

/**
 * One file of all parts: numbers of six digits, where each part begins and where the last one ends, in bytes, then the
 * parts.
 */
export function pack(parts: Code[]): Code {
  const starts = [DIGITS * (parts.length + 1)];
  for (const { code } of parts) starts.push(starts[starts.length - 1] + Buffer.byteLength(code));
  let code = starts.map((start) => String(start).padStart(DIGITS, '0')).join('');
  const sections: object[] = [];
  for (const part of parts) {
    const lines = code.split('\n');
    sections.push({ offset: { line: lines.length - 1, column: lines[lines.length - 1].length }, map: part.map });
    code += part.code;
  }
  return { code, map: { version: 3, sections } };
}

/** The parts of such a file. */
export function unpack(packed: string): string[] {
  const bytes = Buffer.from(packed);
  const number = (i: number) => Number(bytes.toString('latin1', DIGITS * i, DIGITS * (i + 1)));
  const count = number(0) / DIGITS - 1;
  return Array.from({ length: count }, (_, i) => bytes.toString('utf8', number(i), number(i + 1)));
}
