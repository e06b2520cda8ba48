/** Links the chunks of a bundle to each other. A part that is the same in the bundles of several boards is linked once. */
import { types as t, traverse } from '@babel/core';
import { type Code, parse, print } from './code';
import { inlineCalls } from './inline';
import { type Linking, linkModule, markOf, nameIn, nameOf } from './link';
import { MAIN } from './parts';

/** A chunk of rollup's output. */
export interface Linkable extends Code {
  part: string;
  importedBindings: { [file: string]: string[] };
}

/** What is known of the text of a part: the same part is in the bundles of several boards. */
interface Known {
  /** The number of parameters of each function that it exports. */
  arity: Map<string, number>;
  /** What linking made of it, by what it depends on beside the text. */
  linked: Map<string, Code>;
}

const knownParts = new Map<string, Known>();

/**
 * Makes a chunk of rollup's output the body of a module. What is set once is a `const`, and `undefined` is `void 0`, for the
 * minifier's information.
 */
export function linkChunks(chunks: Linkable[], linking: Linking): Code[] {
  const files = new Map<Linkable, t.File>();
  const fileOf = (chunk: Linkable) => {
    const file = files.get(chunk) ?? parse(chunk.code, 'module', '0');
    files.set(chunk, file);
    return file;
  };
  const make = (chunk: Linkable) => {
    traverse(fileOf(chunk), { Program: (path) => linkModule(path, chunk.part, linking) });
    inlineCalls(fileOf(chunk));
    return print(fileOf(chunk), [chunk], {});
  };
  const known = new Map<Linkable, Known>();
  for (const chunk of chunks) {
    if (chunk.part === MAIN) continue;
    const key = JSON.stringify([chunk.part, chunk.code, chunk.map]);
    const found = knownParts.get(key) ?? { arity: arityIn(fileOf(chunk)), linked: new Map() };
    knownParts.set(key, found);
    known.set(chunk, found);
    for (const [name, count] of found.arity) linking.arity.set(nameIn(markOf(chunk.part), name), count);
  }
  // In this order: the main chunk tells the others its constants.
  return chunks.map((chunk) => {
    const linked = known.get(chunk)?.linked;
    const key = JSON.stringify(contextOf(chunk, linking));
    const result = linked?.get(key) ?? make(chunk);
    linked?.set(key, result);
    return result;
  });
}

/** What linking a part depends on beside its text. */
function contextOf({ importedBindings }: Linkable, { partOfChunk, constants, arity }: Linking): unknown {
  return Object.entries(importedBindings).map(([file, names]) => {
    const part = partOfChunk.get('./' + file) ?? '';
    return [file, part, names.map((name) => (part === MAIN ? constants.get(name) : arity.get(nameIn(markOf(part), name))))];
  });
}

/** The number of parameters of each function that a part exports. */
function arityIn(file: t.File): Map<string, number> {
  const arity = new Map<string, number>();
  const { body } = file.program;
  const counts = new Map(body.flatMap((one) => (t.isFunctionDeclaration(one) ? [[one.id?.name, one.params.length] as const] : [])));
  for (const statement of body) {
    if (!t.isExportNamedDeclaration(statement)) continue;
    for (const one of statement.specifiers) {
      const count = t.isExportSpecifier(one) ? counts.get(one.local.name) : undefined;
      if (count !== undefined) arity.set(nameOf((one as t.ExportSpecifier).exported), count);
    }
  }
  return arity;
}
