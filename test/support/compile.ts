/** Test files as JavaScript that Node runs as it is: what they import is read and translated once, and not by each of their processes. */
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { boards } from '../../boards/sim';
import { packagePath } from '../../tools/dist';

export interface Compiled {
  /** The JavaScript; nothing where it has to be translated while it runs. */
  script?: string;
  /** The sources that it is made of, their paths in the package. */
  sources: Set<string>;
}

/** What imports sources by names that only show when it runs. */
const BY_NAME = ['tools/build/entries.ts', 'tools/build/custom.ts'];
/** Reads a folder for the sources to import, and is replaced by their list. */
const LIST = 'boards/sim/all.ts';
const OWN_URL = 'urlOfSource';

const contents = (text: string) => ({ contents: text, loader: 'ts' as const });

/** The sources keep the addresses that they have, and there is a list where a folder is read. */
function inPlace(root: string): Plugin {
  return {
    name: 'in-place',
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const names = Object.keys(boards);
        if (path === join(root, LIST))
          return contents(
            `${names.map((name) => `import * as ${name} from '../${name}';`).join('\n')}\nexport const boards = { ${names.join(', ')} };`,
          );
        const text = readFileSync(path, 'utf8');
        // In its first line, for the numbers of the others to stay.
        return contents(
          text.includes('import.meta.url') ? `const ${OWN_URL} = ${JSON.stringify(pathToFileURL(path).href)}; ${text}` : text,
        );
      });
    },
  };
}

/** Removes what runs that were broken off left. */
function removeLeft(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const id of readdirSync(folder)) {
    try {
      process.kill(Number(id), 0);
    } catch {
      rmSync(join(folder, id), { recursive: true, force: true });
    }
  }
}

/**
 * Compiles files of a folder, each to one of its own, below `dist/` until this process ends. What has the name of something else
 * in a file, or static properties, has another `name` there: to keep it takes a sixth of the time of the tests.
 * @returns what became of each, by name
 * @throws Error where a source cannot be translated
 */
export async function compileTests(folder: string, files: readonly string[]): Promise<Map<string, Compiled>> {
  const root = packagePath('.');
  const scripts = packagePath('dist/.tests');
  removeLeft(scripts);
  const outdir = join(scripts, String(process.pid));
  process.on('exit', () => rmSync(outdir, { recursive: true, force: true }));
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: files.map((file) => join(folder, file)),
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: `node${process.versions.node}`,
    packages: 'external',
    define: { 'import.meta.url': OWN_URL },
    sourcemap: true,
    sourcesContent: false,
    metafile: true,
    logLevel: 'silent',
    plugins: [inPlace(root)],
  });
  const compiled = new Map<string, Compiled>();
  for (const [output, { entryPoint, inputs }] of Object.entries(metafile.outputs)) {
    if (!entryPoint) continue;
    const sources = new Set(Object.keys(inputs));
    const script = BY_NAME.some((one) => sources.has(one)) ? undefined : join(root, output);
    compiled.set(relative(folder, join(root, entryPoint)), { script, sources });
  }
  return compiled;
}
