/**
 * The bundles that run on devices: ES5 CommonJS bodies, which run as modules and in a `(function(exports, require){...})`
 * wrapper. A bundle may have a second module, which holds parts that are rarely used and is required when one is called.
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
 * @param {string[]} [apart] source files that go into the second module, `NAME-more`. What only they use goes with them.
 *   Of what they export only functions can be used elsewhere, with at most three arguments, and they keep no state.
 * @param {object[]} plugins
 */
export function deviceBundle({ input, dir, name, suffixes, plugins, apart = [] }) {
  const entry = resolve(input);
  const parts = new Set(apart.map((file) => resolve(file)));
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
    const chunkNames = { main: name + suffix, more: `${name}-more${suffix}` };
    const es5 = es5Chunks(name, chunkNames, publics);
    return {
      dir,
      format: 'es',
      entryFileNames: chunkNames.main,
      chunkFileNames: chunkNames.more,
      manualChunks: parts.size ? (id, { getModuleInfo }) => (isApart(id, parts, getModuleInfo) ? 'more' : 'main') : undefined,
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

/** Listed, or used by nothing but what is. */
function isApart(id, parts, getModuleInfo, seen = new Set()) {
  if (parts.has(id)) return true;
  seen.add(id);
  const importers = getModuleInfo(id).importers.filter((one) => !seen.has(one));
  return importers.length > 0 && importers.every((one) => isApart(one, parts, getModuleInfo, seen));
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
      if (chunk.fileName === files.more) {
        const constants = await constantsKnown;
        return toEs5(code, { reads: { from: './' + files.main, main: name, constants, publics } });
      }
      const fields = new Set(chunks[files.more]?.importedBindings[files.main]);
      const lowered = toEs5(code, { calls: { from: './' + files.more, through: THROUGH }, fields, publics });
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

/** The two modules find each other only if they are of one build: their internal names would not fit. */
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
