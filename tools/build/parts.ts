/** Parts of a device's bundle that are not loaded all the time: which file is in which part, and the file of all parts. */
import { relative } from 'node:path';
import { types as t } from '@babel/core';
import { type Code, parse } from './code';

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

/** A part, or what several parts share. */
export interface PackedSection extends Code {
  name: string;
  /** The sections that it needs, by number. */
  needs: number[];
}

const NAME = 4;
const DIGITS = 6;
const LENGTH = 4;
export const ROW = NAME + 2 * DIGITS;

/**
 * One file of all sections, see `modules/engine/on-demand.ts`: a row for each, which is the name of the build and where, in bytes,
 * it begins and ends; then for each the numbers of the sections that it needs, and its functions.
 * @param sections functions, and variables whose values are no state
 * @param build four characters
 */
export function pack(sections: PackedSection[], build: string): Code {
  let end = ROW * sections.length;
  let rows = '';
  let text = '';
  const number = (value: number, digits: number) => String(value).padStart(digits, '0');
  for (const { code, needs } of sections) {
    const own = needs.join() + ';' + recordsOf(code).join('');
    rows += build + number(end, DIGITS);
    end += Buffer.byteLength(own);
    rows += number(end, DIGITS);
    text += own;
  }
  return { code: rows + text, map: { version: 3, sources: [], mappings: '', x_parts: sections.map(({ name }) => name) } };
}

/** Of each function the length of its body, its name, its parameters and its body; a variable is given by a function. */
function recordsOf(code: string): string[] {
  const record = (names: string[], body: string) => String(Buffer.byteLength(body)).padStart(LENGTH, '0') + names.join() + `{${body}}`;
  const place = ({ start, end }: t.Node) => [start as number, end as number] as const;
  const ofFunction = (name: string, { params, body }: t.Function) => {
    const [from, to] = place(body);
    return record([name, ...params.map((one) => (one as t.Identifier).name)], code.slice(from + 1, to - 1));
  };
  return parse(code, 'script').program.body.flatMap((statement) => {
    if (t.isFunctionDeclaration(statement)) return ofFunction(statement.id?.name as string, statement);
    if (!t.isVariableDeclaration(statement)) throw new Error(`a part has a ${statement.type}`);
    return statement.declarations.map(({ id, init }) => {
      const { name } = id as t.Identifier;
      return t.isFunctionExpression(init)
        ? ofFunction(name, init)
        : record(['=' + name], 'return ' + code.slice(...place(init as t.Expression)));
    });
  });
}

/** The sections of such a file: what they need, and their code. */
export function unpack(packed: string): { needs: number[]; code: string }[] {
  const bytes = Buffer.from(packed);
  const number = (at: number, digits: number) => Number(bytes.toString('latin1', at, at + digits));
  const sections: { needs: number[]; code: string }[] = [];
  for (let row = 0; !sections.length || row < number(NAME, DIGITS); row += ROW) {
    let at = number(row + NAME, DIGITS);
    const end = number(row + NAME + DIGITS, DIGITS);
    const first = bytes.indexOf(';', at);
    const needs = first > at ? bytes.toString('latin1', at, first).split(',').map(Number) : [];
    let code = '';
    for (at = first + 1; at < end; ) {
      const open = bytes.indexOf('{', at);
      const close = open + 1 + number(at, LENGTH);
      const [name, ...params] = bytes.toString('latin1', at + LENGTH, open).split(',');
      const body = bytes.toString('utf8', open + 1, close);
      code += name[0] === '=' ? `var ${name.slice(1)}=${body.replace('return ', '')};` : `function ${name}(${params}){${body}}`;
      at = close + 1;
    }
    sections.push({ needs, code });
  }
  return sections;
}
