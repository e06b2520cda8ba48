/**
 * The bundles that run on devices: ES5 CommonJS bodies, which run as modules and in a `(function(exports, require){...})`
 * wrapper. A bundle may have further modules, which hold parts that are not needed all the time and are required when one
 * of these is called.
 */
import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { LINK, toEs5 } from './es5.js';
import { compress, foldConstants, mangleTogether } from './minify.js';
import { shorten } from './shorten.js';

const THROUGH = '__onDemand';

/**
 * @param {string} input the entry
 * @param {string} dir
 * @param {string} name the module's name
 * @param {{ plain?: string, minified: string }} suffixes of the files, one or both kinds
 * @param {Record<string, string[]>} [apart] source files that go into further modules: those of `apart.boot` into
 *   `NAME-boot`. What only they use goes with them. Of what they export only functions can be used elsewhere, with at most
 *   four arguments, and they keep no state.
 * @param {object[]} plugins
 */
export function deviceBundle({ input, dir, name, suffixes, plugins, apart = {} }) {
  const entry = resolve(input);
  const parts = new Map(Object.entries(apart).flatMap(([part, files]) => files.map((file) => [resolve(file), part])));
  const publics = new Set();

  const face = {
    name: 'device-face',
    transform: (code, id) =>
      id === entry && parts.size
        ? { code: `${code}\nexport { onDemand as ${THROUGH} } from ${JSON.stringify(resolve('boards/on-demand'))};`, map: null }
        : null,
    async buildEnd(error) {
      if (error) return;
      const collect = async (id) => {
        for (const [source, names] of Object.entries(this.getModuleInfo(id).exportedBindings)) {
          for (const one of names) if (one !== '*' && one !== THROUGH) publics.add(one);
          if (names.includes('*')) await collect((await this.resolve(source, id)).id);
        }
      };
      await collect(entry);
    },
  };

  const output = (suffix, minified) => {
    const files = { main: name + suffix };
    for (const part of Object.keys(apart)) files[part] = `${name}-${part}${suffix}`;
    const es5 = es5Chunks(name, files, publics);
    return {
      dir,
      format: 'es',
      entryFileNames: files.main,
      chunkFileNames: (chunk) => files[chunk.name],
      manualChunks: parts.size ? (id, { getModuleInfo }) => partOf(id, parts, getModuleInfo) : undefined,
      hoistTransitiveImports: false,
      minifyInternalExports: false,
      externalLiveBindings: false,
      freeze: false,
      // Without a comment in the bundle: a device has to read comments too.
      sourcemap: 'hidden',
      plugins: minified ? [foldChunks, es5, compressChunks, shortenChunks, mangleChunks, linkChunks] : [es5, linkChunks],
    };
  };
  return {
    input: { main: input },
    plugins: [...plugins, face],
    output: [...(suffixes.plain ? [output(suffixes.plain, false)] : []), output(suffixes.minified, true)],
    preserveEntrySignatures: 'allow-extension',
  };
}

/** The part of the bundle that a file is listed for, or that holds everything that uses it. */
function partOf(id, parts, getModuleInfo) {
  const users = new Set();
  const seen = new Set();
  const look = (one) => {
    if (seen.has(one)) return;
    seen.add(one);
    const importers = getModuleInfo(one).importers;
    if (parts.has(one)) users.add(parts.get(one));
    else if (importers.length) importers.forEach(look);
    else users.add('main');
  };
  look(id);
  return users.size === 1 ? [...users][0] : 'main';
}

const foldChunks = { name: 'device-fold', renderChunk: (code) => foldConstants(code) };
const compressChunks = { name: 'device-compress', renderChunk: (code) => compress(code) };
const shortenChunks = { name: 'device-shorten', renderChunk: (code) => shorten(code) };

function es5Chunks(name, files, publics) {
  let constantsKnown;
  let tellConstants;
  return {
    name: 'device-es5',
    renderStart() {
      constantsKnown = new Promise((done) => {
        tellConstants = done;
      });
    },
    async renderChunk(code, chunk, _options, { chunks }) {
      const calls = new Map();
      for (const [part, file] of Object.entries(files)) if (part !== 'main' && file !== chunk.fileName) calls.set('./' + file, part);
      if (chunk.fileName !== files.main) {
        const constants = await constantsKnown;
        const part = Object.keys(files).find((one) => files[one] === chunk.fileName);
        return toEs5(code, { part, through: THROUGH, calls, reads: { from: './' + files.main, main: name, constants, publics } });
      }
      const fields = new Set();
      for (const one of Object.values(chunks)) {
        for (const field of one.importedBindings[files.main] ?? []) fields.add(field);
        if (one !== chunk && one.imports.some((file) => file !== files.main)) fields.add(THROUGH);
      }
      const lowered = toEs5(code, { through: THROUGH, calls, fields, publics });
      tellConstants(lowered.constants);
      return lowered;
    },
  };
}

const chunksOf = (bundle) => Object.values(bundle).filter((one) => one.type === 'chunk');

const mangleChunks = {
  name: 'device-mangle',
  async generateBundle(_options, bundle) {
    const chunks = chunksOf(bundle);
    const small = await mangleTogether(chunks);
    chunks.forEach((chunk, i) => {
      chunk.code = small[i].code;
      const map = { ...JSON.parse(small[i].map), file: chunk.fileName };
      map.sourcesContent = map.sources.map((source) => chunk.map.sourcesContent[chunk.map.sources.indexOf(source)]);
      bundle[chunk.sourcemapFileName].source = JSON.stringify(map);
    });
  },
};

/** The modules find each other only if they are of one build: their internal names would not fit. */
const linkChunks = {
  name: 'device-link',
  generateBundle(_options, bundle) {
    const chunks = chunksOf(bundle);
    const hash = createHash('sha256');
    for (const { code } of chunks) hash.update(code);
    const link =
      '$' +
      hash
        .digest('base64')
        .replace(/[^a-z0-9]/gi, '')
        .substring(0, LINK.length - 1);
    for (const chunk of chunks) chunk.code = chunk.code.replaceAll(LINK, link);
  },
};
