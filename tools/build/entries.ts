/**
 * What the build makes of the boards' files: for each bundle of a board the entry, that is what `require('vfs')` gives and
 * what is done when it is loaded; and the list of all boards.
 */
import { basename, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Plugin } from 'rollup';
import type { BoardDescription } from '../../boards/boot/types';
import * as leanDevices from '../../boards/lean/device';
import { type BoardFile, boards, descriptionOf } from '../../boards/sim';
import type { Driver } from '../../modules/contract/filesystem';
import * as lean from '../../modules/lean';
import * as whole from '../../modules/vfs';
import { packagePath } from '../dist';
import { leaveOut } from './features';
import { type Plan, planOf, whereIs } from './plan';

/** `boards/esp32.device-all` is the entry of the bundle `-all` of `boards/esp32.ts`. */
const ENTRY = /^(.*)\.device(-[\w-]+)?$/;
const LIST = packagePath('boards/sim/all.ts');
/** What a board's file imports for the host only. */
const HOST_ONLY = /(^\.|\/boards)\/(boot\/host|sim\/\w+)$/;
/** Begins the name of a module that stands for one that is left out. */
const NOTHING = '\0nothing:';

/**
 * Makes the entries. What a board's file imports for the host or for other bundles than this one stays out, with whatever it
 * does when it is loaded; and parts that the bundle goes without.
 * @param custom the bundle that is made, where the board's file does not have it
 */
export function boardEntries(custom?: Plan): Plugin[] {
  let file: string | undefined;
  let others: string[];
  let board: BoardFile;
  let plan: Plan | undefined;
  /** Imports of the board's file, and the names that stand for nothing in this bundle. */
  const left = new Map<string, string[]>();
  const entries: Plugin = {
    name: 'board-entries',
    buildStart() {
      file = plan = undefined;
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
      board = await import(pathToFileURL(file).href);
      plan = custom ?? planOf(basename(path), board, suffix);
      others = namesOfOthers(basename(path), board, plan);
      return entryOf(file, board, plan);
    },
    // What is left out differs from bundle to bundle. The first plugin that says anything but null decides.
    shouldTransformCachedModule: ({ id }) => id === file || null,
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
  const parts = leaveOut(
    () => plan?.without ?? [],
    (part) => whereIs(basename(file ?? '', '.ts'), board, part),
  );
  return [entries, parts];
}

/** What is looked at of an import, or of an `export *`. */
interface Import {
  type: string;
  source?: { value: string };
  specifiers?: { local: { name: string }; imported?: { name: string } }[];
}

/** The names, in a board's file, of what its bundles give, without this one. */
function namesOfOthers(name: string, board: BoardFile, plan: Plan): string[] {
  const given = (one: Plan) => [...Object.values(one.names), ...one.drivers];
  const own = given(plan);
  const all = Object.keys(board.bundles).flatMap((suffix) => given(planOf(name, board, suffix)));
  return Object.entries(board)
    .filter(([, value]) => all.includes(value) && !own.includes(value))
    .map(([one]) => one);
}

/**
 * The source of an entry.
 * @param board the exports of the board's file
 * @throws Error for what the file lists and does not export
 */
export function entryOf(file: string, board: BoardFile, plan: Plan): string {
  const name = basename(file, '.ts');
  const { names, drivers, alone, card, further = {}, own, faces } = plan;
  if (plan.small) return smallEntry(file, board, plan);
  /** A name for it in the entry, and what it is called where. */
  const imported = new Map<unknown, { local: string; statement: string }>();
  const refer = (value: unknown, what: string): string => {
    const before = imported.get(value);
    if (before) return before.local;
    const known = Object.entries(board).find(([, one]) => one === value);
    const outside = plan.outside?.get(value);
    if (!known && !outside) throw new Error(`${file} has ${what} in its bundles, and does not export it`);
    const [key, from] = known ? [known[0], file] : [outside?.name, packagePath(outside?.from ?? '')];
    const local = `$${imported.size}`;
    imported.set(value, { local, statement: `import { ${key} as ${local} } from ${JSON.stringify(from)};` });
    return local;
  };
  const registered = drivers.map((driver) => refer(driver, `a driver ${driver.name}`));
  const given = Object.entries(names).map(([key, value]) => `${refer(value, key)} as ${key}`);
  const description = descriptionOf(name, board);
  for (const key in further) refer(further[key], key);
  const firmware = card && refer(card, 'a card');
  const lines = [
    ...[...imported.values()].map(({ statement }) => statement),
    `import { addDriver } from ${text('modules/vfs.ts')};`,
    `export * from ${text('modules/vfs.ts')};`,
    `export { ${given.join(', ')} };`,
  ];
  if (firmware) lines.push(...cardBoard(name, description, firmware));
  else if (!alone)
    lines.push(
      `import { ${name} as board } from ${JSON.stringify(file)};`,
      ...(own
        ? ownVolume(own, drivers, refer, description)
        : drivers.filter((one) => !description.drivers.includes(one)).map((one) => `board.drivers.push(${refer(one, '')});`)),
    );
  if (firmware || !alone) lines.push(...booting(file, plan, refer, description));
  if (faces)
    lines.push(
      `import { openDoors } from ${text('modules/doors.ts')};`,
      'openDoors(exports);',
      `export { installFs } from ${text('boards/boot/fs.lazy.ts')};`,
    );
  // In this order they are asked, and the first that can formats what is blank.
  lines.push(...registered.map((driver) => `addDriver(${driver});`));
  return lines.join('\n') + '\n';
}

/** The source of an entry of `modules/lean`, where what the default bundle has besides is an error. */
function smallEntry(file: string, board: BoardFile, { names, small = {} }: Plan): string {
  const name = basename(file, '.ts');
  const own = Object.keys(lean).filter((one) => one !== 'left');
  // (What nobody calls needs no error: a class has one at its `new`.)
  const others = [...Object.keys(whole), ...Object.keys(board.bundles[''].names)];
  const missing = others.filter((one) => !own.includes(one) && !names[one]);
  const openerOf = (value: unknown, what: string): string => {
    const [exported] = Object.entries(leanDevices).find(([, one]) => one === value) ?? [];
    if (!exported) throw new Error(`${file} has ${what} in a small bundle, which boards/lean does not export`);
    return exported;
  };
  const given = Object.entries(names).map(([key, value]) => `${openerOf(value, key)} as ${key}`);
  const devices = Object.entries(small).map(([key, one]) => `${key}: ${openerOf(Object.values(one)[0], key)}`);
  const { point } = descriptionOf(name, board).volumes[0];
  return [
    `import { left } from ${text('modules/lean/index.ts')};`,
    `import * as booting from ${text('boards/lean/boot.lazy.ts')};`,
    `import { ${[...new Set(Object.values(names).map((one) => openerOf(one, '')))].join(', ')} } from ${text('boards/lean/device.ts')};`,
    `import { native } from ${text('boards/devices/native.ts')};`,
    `export { ${own.join(', ')} } from ${text('modules/lean/index.ts')};`,
    `export { ${given.join(', ')} };`,
    `export { ${missing.map((one) => `left as ${one}`).join(', ')} };`,
    'native.require = require;',
    `export function boot() { return booting.bootLean(${JSON.stringify(name)}, ${JSON.stringify(point)}, { ${devices.join(', ')} }); }`,
    '',
  ].join('\n');
}

const text = (path: string) => JSON.stringify(packagePath(path));

/** What a bundle says that boots: its description is `board`. */
function booting(
  file: string,
  { names, further = {}, roms, faces }: Plan,
  refer: (value: unknown, what: string) => string,
  { factory }: BoardDescription,
): string[] {
  const lines = [
    `import { bootBoard, requireModule } from ${text('boards/boot/boot.ts')};`,
    `import { loader, path } from ${text('boards/boot/shared.ts')};`,
    `import { native } from ${JSON.stringify(file)};`,
    'export { path, requireModule as require };',
    'loader._face = exports;',
    'loader._outer = native.require = require;',
  ];
  const others = Object.entries(further).map(([key, open]) => `${key}: ${refer(open, key)}`);
  if (others.length) lines.push(`board.further = { ${others.join(', ')} };`);
  if (roms) {
    const [part, call] = factory === 'overlay' ? ['overlay', 'layOver'] : ['rom', 'mountRom'];
    lines.push(
      `import * as roms from ${text(`boards/boot/${part}.lazy.ts`)};`,
      `board._roms = function (report) { roms.${call}(board, ${JSON.stringify(roms)}, report); };`,
    );
  }
  if (faces && names.SDCard)
    lines.push(...followCards(refer(names.SDCard, 'SDCard'), names.VfsNative ? refer(names.VfsNative, 'VfsNative') : 'undefined'));
  lines.push(`export { bootOk } from ${text('boards/boot/ready.lazy.ts')};`);
  lines.push('export function boot(further) { return bootBoard(board, exports, further); }');
  return lines;
}

/** What a bundle says that opens cards by their wiring, and follows them. */
const followCards = (sdCard: string, vfsNative: string): string[] => [
  `import * as cards from ${text('boards/boot/card.lazy.ts')};`,
  `import * as watching from ${text('boards/boot/watch.lazy.ts')};`,
  'board._watch = function (point, wiring) { watching.watchCard(board, point, wiring); };',
  `board._card = function (wiring) { return cards.openCard(wiring, ${sdCard}, ${vfsNative}, board.ownCards); };`,
];

/** What a bundle says of which the board's own volume is a card. The description, with its devices, is left out. */
function cardBoard(name: string, { module, unit }: BoardDescription, card: string): string[] {
  const known = JSON.stringify({ name, module, unit, volumes: [{ point: '/sd', devices: ['sd'], format: '' }], drivers: [{}] });
  return [`var board = ${known};`, `board.open = ${card};`];
}

/** What a bundle says that has another file system on the board's own volume than the board's file. */
function ownVolume(own: Driver, drivers: Driver[], refer: (value: unknown, what: string) => string, board: BoardDescription): string[] {
  const [volume] = board.volumes;
  const list = [own, ...drivers.filter((one) => one !== own)].map((one) => refer(one, ''));
  return [
    `board.drivers = [${list.join(', ')}];`,
    `board.volumes[0].format = ${JSON.stringify(volume.format.replace(/Vfs\w+/, (own.volume as unknown as { name: string }).name))};`,
  ];
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
