/**
 * The bundles that run on devices: ES5 CommonJS bodies, which run as modules and in a `(function(exports, require){...})`
 * wrapper. A bundle may have parts, which are loaded when a function of theirs is called.
 */
import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import type { OutputBundle, OutputChunk, Plugin, PluginContext, RollupOptions } from 'rollup';
import { type Code, parse, print } from './code';
import { listFields, nameFunctions } from './fields';
import { asScript, LINK, type Linked, type Linking, linkChunk, THROUGH } from './link';
import { compress, mangle } from './minify';
import { nameTogether } from './names';
import { MAIN, type Parts, pack, placeOf } from './parts';
import { shorten } from './shorten';

export interface DeviceBundle {
  /** The entry. */
  input: string;
  dir: string;
  /** The name by which the device requires the module. */
  name: string;
  /** Of the files: `NAME.js` has the suffix `.js`. One kind or both. */
  suffixes: { plain?: string; minified?: string };
  /** Without them all is in one file. */
  parts?: Parts;
  plugins: Plugin[];
}

export function deviceBundle({ input, dir, name, suffixes, parts, plugins }: DeviceBundle): RollupOptions {
  const entry = resolve(input);
  const publics = new Set<string>();

  const face: Plugin = {
    name: 'device-face',
    transform: (code, id) =>
      id === entry && parts
        ? { code: `${code}\nexport { onDemand as ${THROUGH} } from ${JSON.stringify(parts.caller)};`, map: null }
        : null,
    async buildEnd(error) {
      if (!error) await collectNames(this, entry, publics);
    },
  };
  const finish: Plugin = {
    name: 'device-modules',
    async generateBundle(_options, bundle) {
      const kinds: [suffix: string, minified: boolean][] = [];
      if (suffixes.minified) kinds.push([suffixes.minified, true]);
      if (suffixes.plain) kinds.push([suffixes.plain, false]);
      const modules = deviceModules(takeChunks(bundle), name, parts, publics);
      for (const [suffix, minified] of kinds) {
        const made = minified ? await minifyTogether(modules.linked, publics) : plain(modules.linked);
        for (const { fileName, code, map } of filesOf(made, modules.parts, name, suffix, parts)) {
          this.emitFile({ type: 'prebuilt-chunk', fileName, code });
          this.emitFile({ type: 'asset', fileName: fileName + '.map', source: JSON.stringify({ ...map, file: fileName }) });
        }
      }
    },
  };
  return {
    input: { [MAIN]: input },
    plugins: [...plugins, face],
    output: {
      dir,
      format: 'es',
      entryFileNames: '[name].js',
      // All in one folder: the chunks import each other as `./NAME.js`.
      chunkFileNames: ({ name: part }) => part.split('/').join('~') + '.js',
      manualChunks: parts && ((id, { getModuleInfo }) => placeOf(id, parts, (one) => getModuleInfo(one)?.importers ?? [])),
      hoistTransitiveImports: false,
      minifyInternalExports: false,
      externalLiveBindings: false,
      freeze: false,
      // Without a comment in the bundle: a device has to read comments too.
      sourcemap: 'hidden',
      plugins: [finish],
    },
    preserveEntrySignatures: 'allow-extension',
  };
}

/** The names that a module exports, also by `export *`. */
async function collectNames(context: PluginContext, id: string, names: Set<string>): Promise<void> {
  for (const [source, exported] of Object.entries(context.getModuleInfo(id)?.exportedBindings ?? {})) {
    for (const one of exported) if (one !== '*' && one !== THROUGH) names.add(one);
    const from = exported.includes('*') && (await context.resolve(source, id));
    if (from) await collectNames(context, from.id, names);
  }
}

interface Chunk extends Code {
  part: string;
  fileName: string;
  imports: string[];
  importedBindings: { [file: string]: string[] };
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
    .map(({ name, fileName, code, map, imports, importedBindings }) => {
      if (!map) throw new Error(`${fileName} without a source map`);
      return { part: name, fileName, code, map, imports, importedBindings };
    });
}

interface Modules {
  /** What each is; the main one is the first. */
  parts: string[];
  linked: Linked[];
}

const ALPHABET = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

/** A name for `LINK`. */
function linkName(code: Code[], names?: Map<string, string>): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([code.map((one) => one.code), [...(names ?? [])]]))
    .digest();
  return '$' + [...hash.subarray(0, 4)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('');
}

function deviceModules(chunks: Chunk[], main: string, parts: Parts | undefined, publics: Set<string>): Modules {
  const mainFile = chunks[0].fileName;
  const fields = new Set<string>();
  for (const one of chunks) {
    for (const field of one.importedBindings[mainFile] ?? []) fields.add(field);
    if (one.part !== MAIN && one.imports.some((file) => file !== mainFile)) fields.add(THROUGH);
  }
  const linking: Linking = {
    partOfChunk: new Map(chunks.map(({ part, fileName }) => ['./' + fileName, part])),
    order: chunks.slice(1).map(({ part }) => part),
    parts,
    main,
    publics,
    fields,
    constants: new Map(),
  };
  // In this order: the first tells the others its constants.
  const linked = chunks.map((chunk) => linkChunk(chunk, chunk.part, linking));
  return { parts: [MAIN, ...linking.order], linked };
}

function plain(linked: Linked[]): Code[] {
  const link = linkName(linked);
  return linked.map((one) => asScript(one, link));
}

async function minifyTogether(linked: Linked[], publics: Set<string>): Promise<Code[]> {
  const small: Code[] = [];
  for (const one of linked) small.push(await compress({ code: one.code, map: one.map }));
  const files = small.map(({ code }) => parse(code, 'script'));
  const shortFunctions = nameFunctions(files, LINK, '_' + THROUGH, publics);
  listFields(files, LINK);
  files.forEach(shorten);
  nameTogether(files, LINK, (names) => linkName(small, names));
  shortFunctions();
  return Promise.all(files.map((file, i) => mangle(print(file, small[i], { compact: true, comments: false }))));
}

interface OutputFile extends Code {
  fileName: string;
}

function filesOf(made: Code[], names: string[], name: string, suffix: string, parts: Parts | undefined): OutputFile[] {
  const [main, ...others] = made;
  const first = { fileName: name + suffix, ...main };
  if (!parts?.packed) return [first, ...others.map((one, i) => ({ fileName: `${name}-${names[i + 1]}${suffix}`, ...one }))];
  return others.length ? [first, { fileName: `${name}-parts${suffix}`, ...pack(others) }] : [first];
}
