import { type ParseResult, parseSync, type types as t } from '@babel/core';
import { type GeneratorOptions, generate } from '@babel/generator';
import remapping, { type SourceMapInput } from '@jridgewell/remapping';

/** Code with its source map, which leads to the files that were written, where one is made. */
export interface Code {
  code: string;
  map: object | undefined;
}

export function parse(code: string, sourceType: 'module' | 'script'): ParseResult {
  const file = parseSync(code, { babelrc: false, configFile: false, sourceType });
  if (!file) throw new Error('no code');
  return file;
}

/** The text of a tree that was made of `from`. */
export function print(file: t.File, from: Code, options: GeneratorOptions): Code {
  if (!from.map) return asCode(generate(file, options));
  const { code, map } = asCode(generate(file, { ...options, sourceMaps: true, sourceFileName: 'chunk.js' }, from.code));
  return { code, map: remapping([map, from.map] as SourceMapInput[], () => null) };
}

export function asCode(result: { code?: string | null; map?: object | null }): Code {
  if (typeof result.code !== 'string') throw new Error('no code was made');
  return { code: result.code, map: result.map ?? undefined };
}
