import { type NodePath, type ParseResult, parseSync, type types as t } from '@babel/core';
import { type GeneratorOptions, generate } from '@babel/generator';
import remapping, { type SourceMapInput } from '@jridgewell/remapping';

/** Code with its source map, which leads to the files that were written, where one is made. */
export interface Code {
  code: string;
  map: object | undefined;
}

/** @param name by which the places in the tree know the text, where it is to be printed again */
export function parse(code: string, sourceType: 'module' | 'script', name?: string): ParseResult {
  const file = parseSync(code, { babelrc: false, configFile: false, sourceType, ...(name && { parserOpts: { sourceFilename: name } }) });
  if (!file) throw new Error('no code');
  return file;
}

/** The text of a tree that was made of texts, which were parsed by the names of their places in the list. */
export function print(file: t.File, from: Code[], options: GeneratorOptions): Code {
  if (!from.some(({ map }) => map)) return asCode(generate(file, options));
  const texts = Object.fromEntries(from.map(({ code }, i) => [String(i), code]));
  const { code, map } = asCode(generate(file, { ...options, sourceMaps: true, sourceFileName: '0' }, texts));
  return { code, map: remapping(map as SourceMapInput, (name) => (from[Number(name)]?.map as SourceMapInput | undefined) ?? null) };
}

/** The call of what stands at a place; nothing where it is used in another way. */
export function callOf({ node, parentPath }: NodePath): NodePath<t.CallExpression> | undefined {
  return parentPath?.isCallExpression() && parentPath.node.callee === node ? parentPath : undefined;
}

export function asCode(result: { code?: string | null; map?: object | null }): Code {
  if (typeof result.code !== 'string') throw new Error('no code was made');
  return { code: result.code, map: result.map ?? undefined };
}
