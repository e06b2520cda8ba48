/** What each room of the sources, as `modules/fat`, and each part has in a built file. */
import { existsSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { dirname, relative, resolve } from 'node:path';
import { unpack } from './build/parts';
import type { Size } from './bundles';
import { isParts, packagePath } from './dist';
import { isFunction, parseEs5, walk } from './gate/ast';

/** `modules/vfs/mount.ts` belongs to `modules/vfs`, `modules/index.ts` to itself. */
export function roomOf(source: string): string {
  return source.split('/').slice(0, 2).join('/');
}

/** Which room each place of a built file comes from; what the build has added counts to what is before it. */
function placer(file: string, nameOf: (source: string) => string): (line: number, column: number) => string {
  const map = new SourceMap(JSON.parse(readFileSync(file + '.map', 'utf8')));
  let last = '(build)';
  return (line, column) => {
    const entry = map.findEntry(line, column);
    if ('originalSource' in entry && entry.originalSource)
      last = nameOf(relative(packagePath('.'), resolve(dirname(file), entry.originalSource)));
    return last;
  };
}

type Sizes = Map<string, Size>;

export function at(sizes: Sizes, name: string): Size {
  const size = sizes.get(name) ?? { bytes: 0, functions: 0, parameters: 0 };
  sizes.set(name, size);
  return size;
}

function countFunctions(code: string, sizeAt: (line: number, column: number) => Size): void {
  walk(parseEs5(code), (node) => {
    if (!isFunction(node)) return;
    const size = sizeAt(node.loc.start.line - 1, node.loc.start.column);
    size.functions++;
    size.parameters += node.params.length;
  });
}

export function byRoom(file: string, nameOf = roomOf): Sizes {
  const sizes: Sizes = new Map();
  const code = readFileSync(file, 'utf8');
  // A bundle with everything has no map: its rooms are seen in its parts.
  const roomAt = existsSync(file + '.map') ? placer(file, nameOf) : () => 'everything';
  code.split('\n').forEach((text, line) => {
    for (let column = 0; column < text.length; column++) at(sizes, roomAt(line, column)).bytes += Buffer.byteLength(text[column]);
  });
  countFunctions(code, (line, column) => at(sizes, roomAt(line, column)));
  return sizes;
}

/** What each part has in a file of parts, in all of its sections. */
export function byPart(file: string): Sizes {
  const sizes: Sizes = new Map();
  const names: string[] = JSON.parse(readFileSync(file + '.map', 'utf8')).x_parts;
  unpack(readFileSync(file, 'utf8')).forEach(({ code }, i) => {
    const size = at(sizes, names[i]);
    size.bytes += Buffer.byteLength(code);
    countFunctions(code, () => size);
  });
  return sizes;
}

/** What a built bundle has in all. */
export function totalOf(file: string): Size {
  const code = readFileSync(file, 'utf8');
  const total: Size = { bytes: Buffer.byteLength(code), functions: 0, parameters: 0 };
  for (const piece of isParts(relative(packagePath('dist'), file)) ? unpack(code).map((part) => part.code) : [code])
    countFunctions(piece, () => total);
  return total;
}

export const isAbove = (size: Size, budget: Size): boolean =>
  size.bytes > budget.bytes || size.functions > budget.functions || size.parameters > budget.parameters;
