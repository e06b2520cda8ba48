/**
 * The bundles that run on devices: ES5 CommonJS bodies, which run as modules and in a `(function(exports, require){...})`
 * wrapper. One has everything. Espruino gets two files instead: the module that stays loaded, and parts, which are loaded when a
 * function of theirs is called.
 */
import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { types as t, traverse } from '@babel/core';
import type { OutputBundle, OutputChunk, OutputOptions, Plugin, PluginContext, RollupOptions } from 'rollup';
import { packagePath } from '../dist';
import { type Linkable, linkChunks } from './chunks';
import { type Code, parse, print } from './code';
import { isOfPart, join, nameCalls, numberUnits } from './fields';
import { GIVEN, isUsers, LEAVE, type Linking, markOf, STAY, THROUGH } from './link';
import { compress, mangle } from './minify';
import { nameTogether } from './names';
import { MAIN, type Parts, pack, placeOf } from './parts';
import { takeSections } from './sections';
import { shorten } from './shorten';

export interface DeviceBundle {
  /** The entry. */
  input: string;
  dir: string;
  /** The name by which the device requires the module. */
  name: string;
  /** Of the files: `NAME.min.js` has the suffix `.min.js`. */
  suffix: string;
  /** With them there are `NAME-resident.min.js` and `NAME-parts.min.js` too. */
  parts?: Parts;
  plugins: Plugin[];
}

export function deviceBundle({ input, dir, name, suffix, parts, plugins }: DeviceBundle): RollupOptions {
  const entry = resolve(input);
  const publics = new Set<string>();

  const face: Plugin = {
    name: 'device-face',
    transform: (code, id) => (id === entry && parts ? { code: code + FOR_PARTS, map: null } : null),
    async buildEnd(error) {
      if (!error) await collectNames(this, entry, publics);
    },
  };
  const output = (parted: Parts | undefined): OutputOptions => ({
    dir,
    format: 'es',
    entryFileNames: '[name].js',
    // All in one folder: the chunks import each other as `./NAME.js`.
    chunkFileNames: ({ name: part }) => part.split('/').join('~') + '.js',
    manualChunks: parted && ((id, { getModuleInfo }) => placeOf(id, parted, (one) => getModuleInfo(one)?.importers ?? [])),
    hoistTransitiveImports: false,
    minifyInternalExports: false,
    externalLiveBindings: false,
    freeze: false,
    // Without a comment in the bundle: a device has to read comments too. What has parts too is looked at there.
    sourcemap: parts && !parted ? false : 'hidden',
    plugins: [
      {
        name: 'device-modules',
        async generateBundle(_options, bundle) {
          for (const { fileName, code, map } of await deviceFiles(takeChunks(bundle), publics, name, suffix, !!parted)) {
            this.emitFile({ type: 'prebuilt-chunk', fileName, code });
            if (map) this.emitFile({ type: 'asset', fileName: fileName + '.map', source: JSON.stringify({ ...map, file: fileName }) });
          }
          // What is known of trees that nobody needs any more would be looked through by the garbage collector again and again.
          traverse.cache.clear();
        },
      },
    ],
  });
  return {
    input: { [MAIN]: input },
    plugins: [...plugins, face],
    output: parts ? [output(undefined), output(parts)] : output(undefined),
    preserveEntrySignatures: 'allow-extension',
  };
}

/** What the main module of a bundle with parts has besides. */
const FOR_PARTS = `
export { onDemand as ${THROUGH}, withGiven as ${GIVEN} } from ${JSON.stringify(packagePath('modules/engine/on-demand.ts'))};
export { stay as ${STAY}, leave as ${LEAVE} } from ${JSON.stringify(packagePath('modules/engine/stay.ts'))};
`;

/** The names that a module exports, also by `export *`. */
async function collectNames(context: PluginContext, id: string, names: Set<string>): Promise<void> {
  for (const [source, exported] of Object.entries(context.getModuleInfo(id)?.exportedBindings ?? {})) {
    for (const one of exported) if (one !== '*' && isUsers(one)) names.add(one);
    const from = exported.includes('*') && (await context.resolve(source, id));
    if (from) await collectNames(context, from.id, names);
  }
}

interface Chunk extends Linkable {
  fileName: string;
}

/** The chunks, which no longer are in the bundle then; the main one first, then the parts in the order of their names. */
function takeChunks(bundle: OutputBundle): Chunk[] {
  const chunks = Object.values(bundle).filter((one): one is OutputChunk => one.type === 'chunk');
  for (const { fileName, sourcemapFileName } of chunks) {
    delete bundle[fileName];
    if (sourcemapFileName) delete bundle[sourcemapFileName];
  }
  const rank = ({ name }: OutputChunk) => (name === MAIN ? '' : name);
  return chunks
    .sort((a, b) => (rank(a) < rank(b) ? -1 : 1))
    .map(({ name, fileName, code, map, importedBindings }) => {
      return { part: name, fileName, code, map: map ?? undefined, importedBindings };
    });
}

interface OutputFile extends Code {
  fileName: string;
}

/** The files of a bundle: one, or the resident module and its parts. */
async function deviceFiles(chunks: Chunk[], publics: Set<string>, name: string, suffix: string, parted: boolean): Promise<OutputFile[]> {
  const small: Code[] = [];
  for (const { code, map } of linkTogether(chunks, publics)) small.push(await compress({ code, map }));
  const files = small.map(({ code }, i) => parse(code, 'script', String(i)));
  const [file] = files;
  const parts = new Map(chunks.slice(1).map(({ part }) => [markOf(part), part]));
  if (parts.size < chunks.length - 1) throw new Error('two parts have the same mark');
  const functions = join(files, [...parts.keys()]);
  const units = numberUnits(file, functions);
  shorten(file);
  const { properties, variables } = nameTogether(file);
  const build = buildName(small, properties);
  const final = (variable: string) => variables.get(variable) as string;
  nameCalls(file, functions, final);
  fillIn(file, build);
  const done = (made: t.File) => mangle(print(made, small, { compact: true, comments: false }));
  if (!parted) return [{ fileName: name + suffix, ...(await done(file)) }];
  const ofParts = new Set([...variables].filter(([before]) => isOfPart(before)).map(([, after]) => after));
  const sections = takeSections(
    file,
    units.map((one) => ({
      name: parts.get(one.part) as string,
      functions: one.functions.map((key) => final(functions.get(key) as string)),
    })),
    (variable) => ofParts.has(variable),
  );
  const resident = { fileName: `${name}-resident${suffix}`, ...(await done(file)) };
  if (!sections.length) return [resident];
  const made = await Promise.all(
    sections.map(async ({ statements, ...rest }) => ({ ...rest, ...(await done(t.file(t.program(statements)))) })),
  );
  return [resident, { fileName: `${name}-parts${suffix}`, ...pack(made, build) }];
}

function linkTogether(chunks: Chunk[], publics: Set<string>): Code[] {
  const [main, ...parts] = chunks;
  const linking: Linking = {
    partOfChunk: new Map(chunks.map(({ part, fileName }) => ['./' + fileName, part])),
    hasParts: parts.length > 0,
    publics,
    fields: new Set([...parts.flatMap((one) => one.importedBindings[main.fileName] ?? []), ...(parts.length ? [THROUGH] : [])]),
    constants: new Map(),
    arity: new Map(),
  };
  return linkChunks(chunks, linking);
}

const ALPHABET = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

/** Four characters: modules of different builds do not fit together, as their internal names do not. */
function buildName(code: Code[], names: Map<string, string>): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([code.map((one) => one.code), [...names]]))
    .digest();
  return [...hash.subarray(0, 4)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('');
}

/** What `modules/engine/on-demand.ts` leaves to the build. */
function fillIn(main: t.File, build: string): void {
  t.traverseFast(main, (node) => {
    if (t.isIdentifier(node, { name: '$build' })) Object.assign(node, t.stringLiteral(build));
  });
}
