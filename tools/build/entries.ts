/**
 * What the build makes of the boards' files: for each bundle of a board the entry, that is what `require('vfs')` gives and
 * what is done when it is loaded; and the list of all boards.
 */
import { basename, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Plugin } from 'rollup';
import { type BoardFile, boards, descriptionOf } from '../../boards/sim';
import { driversOf } from '../bundles';
import { packagePath } from '../dist';

/** `boards/esp32.device-all` is the entry of the bundle `-all` of `boards/esp32.ts`. */
const ENTRY = /^(.*)\.device(-[\w-]+)?$/;
const LIST = packagePath('boards/sim/all.ts');
/** What a board's file imports for the host only. */
const HOST_ONLY = /(^\.|\/boards)\/(boot\/host|sim\/\w+)$/;
/** Begins the name of a module that stands for one that is left out. */
const NOTHING = '\0nothing:';

/**
 * Makes the entries. What a board's file imports for the host or for other bundles than this one stays out, with whatever it
 * does when it is loaded.
 */
export function boardEntries(): Plugin {
  let file: string | undefined;
  let others: string[];
  /** Imports of the board's file, and the names that stand for nothing in this bundle. */
  const left = new Map<string, string[]>();
  return {
    name: 'board-entries',
    buildStart() {
      file = undefined;
      left.clear();
    },
    resolveId(source, importer) {
      if (importer === file && left.has(source)) return NOTHING + source;
      return ENTRY.test(source) ? resolve(source) : null;
    },
    async load(id) {
      if (id.startsWith(NOTHING))
        return (left.get(id.slice(NOTHING.length)) ?? []).map((name) => `export function ${name}() {}`).join('\n');
      const [, path, suffix = ''] = ENTRY.exec(id) ?? [];
      if (!path) return null;
      file = `${path}.ts`;
      this.addWatchFile(file);
      const board = await import(pathToFileURL(file).href);
      others = namesOfOthers(file, board, suffix);
      return entryOf(file, board, suffix);
    },
    // What is left out differs from bundle to bundle.
    shouldTransformCachedModule: ({ id }) => id === file,
    transform: {
      // Without types.
      order: 'post',
      handler(code, id) {
        if (id !== file) return;
        for (const { type, source, specifiers = [] } of this.parse(code).body as Import[]) {
          const names = specifiers.map(({ imported }) => imported?.name ?? '');
          if (!/^Import|^ExportAll/.test(type) || !source) continue;
          if (HOST_ONLY.test(source.value) || (specifiers.length && specifiers.every(({ local }) => others.includes(local.name))))
            left.set(source.value, [...(left.get(source.value) ?? []), ...names]);
        }
      },
    },
  };
}

/** What is looked at of an import, or of an `export *`. */
interface Import {
  type: string;
  source?: { value: string };
  specifiers?: { local: { name: string }; imported?: { name: string } }[];
}

/** The names, in a board's file, of what its bundles give, without this one. */
function namesOfOthers(file: string, board: BoardFile, suffix: string): string[] {
  const given = (kind: string) => {
    const { names, alone } = board.bundles[kind];
    return [...Object.values({ ...(alone ? {} : board.bundles[''].names), ...names }), ...driversOf(basename(file, '.ts'), board, kind)];
  };
  const own = given(suffix);
  const all = Object.keys(board.bundles).flatMap(given);
  return Object.entries(board)
    .filter(([, value]) => all.includes(value) && !own.includes(value))
    .map(([name]) => name);
}

/**
 * The source of an entry.
 * @param board the exports of the board's file
 * @throws Error for what the file lists and does not export
 */
export function entryOf(file: string, board: BoardFile, suffix: string): string {
  const name = basename(file, '.ts');
  const exported = (value: unknown, what: string) => {
    const found = Object.entries(board).find(([, one]) => one === value);
    if (!found) throw new Error(`${file} has ${what} in its bundles, and does not export it`);
    return found[0];
  };
  const { alone } = board.bundles[suffix];
  const names = { ...(alone ? {} : board.bundles[''].names), ...board.bundles[suffix].names };
  const from = JSON.stringify(file);
  const source = (path: string) => JSON.stringify(packagePath(path));
  const registered = driversOf(name, board, suffix).map((driver) => exported(driver, `a driver ${driver.name}`));
  const listed = descriptionOf(name, board).drivers.length;
  const lines = [
    `import { ${registered.join(', ')} } from ${from};`,
    `import { register } from ${source('modules/vfs.ts')};`,
    `export * from ${source('modules/vfs.ts')};`,
    `export { ${Object.entries(names)
      .map(([key, value]) => `${exported(value, key)} as ${key}`)
      .join(', ')} } from ${from};`,
  ];
  if (!alone)
    lines.push(
      `import { bootBoard, requireModule } from ${source('boards/boot/boot.ts')};`,
      `import { loader, path } from ${source('boards/boot/shared.ts')};`,
      `import { native, ${name} as board } from ${from};`,
      'export { path, requireModule as require };',
      'loader._face = exports;',
      'loader._outer = native.require = require;',
      ...registered.slice(listed).map((driver) => `board.drivers.push(${driver});`),
      'export function boot(further) { return bootBoard(board, exports, further); }',
    );
  if (board.bundles[suffix].fs) lines.push(`export { installFs } from ${source('boards/boot/fs.lazy.ts')};`);
  // In this order they are asked, and the first that can formats what is blank.
  lines.push(...registered.map((driver) => `register(${driver});`));
  return lines.join('\n') + '\n';
}

/** Puts the boards' names in the place of reading their folder, for what runs without the sources. */
export function boardList(): Plugin {
  const names = Object.keys(boards);
  return {
    name: 'board-list',
    load: (id) =>
      id === LIST
        ? names.map((name) => `import * as ${name} from '../${name}';\n`).join('') + `export const boards = { ${names.join(', ')} };\n`
        : null,
  };
}
