import type { TransformOptions } from '@babel/core';

/** Code with its source map, which leads to the files that were written. */
export interface Code {
  code: string;
  map: object;
}

/** How Babel is used on code that is on its way to the device: nothing from configuration files, and with its map. */
export function babelOptions({ map }: Code): TransformOptions {
  return {
    babelrc: false,
    configFile: false,
    sourceMaps: true,
    // The types know maps of some other library.
    inputSourceMap: map as NonNullable<TransformOptions['inputSourceMap']>,
  };
}

export function asCode(result: { code?: string | null; map?: object | null } | null): Code {
  if (typeof result?.code !== 'string' || !result.map) throw new Error('no code was made');
  return { code: result.code, map: result.map };
}
