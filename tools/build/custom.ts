/** A bundle that is put together on the command line: which file systems, and what it goes without. */
import { existsSync, statSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { rollup } from 'rollup';
import { type BoardFile, boards, descriptionOf } from '../../boards/sim';
import type { Driver } from '../../modules/contract/filesystem';
import { distPath, packagePath, wholeBundle } from '../dist';
import { gateBundle } from '../gate';
import { storedBundles } from '../stored';
import { UsageError } from '../usage';
import { features } from './features';
import { compileOnlyHot } from './hot';
import { formats, type Plan, planOf } from './plan';

/** Of its files' names. */
const SUFFIX = '-custom';

export interface CustomOptions {
  board: string;
  /** Names of `formats`; by default those of the board's default bundle. */
  fs?: string[];
  /** Names of `features`. */
  without?: string[];
}

function among(known: string[], wanted: string[], what: string): void {
  for (const one of wanted) if (!known.includes(one)) throw new UsageError(`there is no ${what} ${one || "''"}: ${known.join(', ')}`);
}

/** @throws UsageError for a board, a file system or a feature that there is not */
function checkCustom({ board, fs, without = [] }: CustomOptions): void {
  among(Object.keys(boards), [board], 'board');
  if (fs) among(Object.keys(formats), fs, 'file system');
  among(Object.keys(features), without, 'feature');
  if (fs && !fs.some((one) => formats[one].driver)) throw new UsageError(`--fs ${fs.join()} has nothing that a device can hold`);
}

/** What goes into it. To be asked for where the entries are made: elsewhere the board's file is another module. */
export async function customPlan({ board, fs, without = [] }: CustomOptions): Promise<Plan> {
  const file: BoardFile = await import(pathToFileURL(packagePath(`boards/${board}.ts`)).href);
  const plain = planOf(board, file, '');
  if (!fs) return { ...plain, without };
  const wanted = Object.entries(formats).filter(([key]) => fs.includes(key));
  const has = (...keys: string[]) => keys.some((key) => fs.includes(key));
  const classes = Object.values(formats).flatMap(({ names }) => names);
  const names: Record<string, unknown> = {};
  /** What a bundle of the board's file gives that is no file system. */
  const take = (suffix: string, wanted = /./) => {
    if (!file.bundles[suffix]) return;
    for (const [name, value] of Object.entries(planOf(board, file, suffix).names))
      if (!classes.includes(name) && wanted.test(name)) names[name] = value;
  };
  // What reaches a ROM is in the largest; a card, and what mounts one, in that for cards.
  const roms = has('rom') ? file.bundles['-all']?.roms : undefined;
  if (roms) take('-all', /^rom/);
  take('');
  // External flash holds any of them.
  take('-sd', has('fat', 'exfat') ? /./ : /^SpiFlash$/);
  const outside: Plan['outside'] = new Map();
  const drivers: Driver[] = [];
  for (const [, { from, driver, names: given }] of wanted) {
    const module = await import(pathToFileURL(packagePath(from)).href);
    for (const name of driver ? [driver, ...given] : given) outside.set(module[name], { name, from });
    for (const name of given) names[name] = module[name];
    if (driver) drivers.push(module[driver]);
  }
  const [usual] = descriptionOf(board, file).drivers;
  const own = (drivers.includes(usual) && usual) || drivers.find(({ name }) => /^(littlefs|fat)/.test(name ?? '')) || drivers[0];
  // What is blank becomes what comes first; levelled FAT looks like FAT to that.
  const first = (one: Driver) => (own.name === 'fat' && one.name === 'levelled FAT' ? 0 : one === own ? 1 : 2);
  drivers.sort((a, b) => first(a) - first(b));
  return { names, drivers, alone: false, roms, without, own, outside };
}

/** Builds it, and says where its files are. @throws UsageError; Error where engines could not run it */
export async function buildCustom(options: CustomOptions, say: (line: string) => void): Promise<void> {
  const { board } = options;
  checkCustom(options);
  process.chdir(packagePath('.'));
  compileOnlyHot();
  const config = await import(pathToFileURL(packagePath('rollup.config.js')).href);
  const made = await config.custom(options);
  const bundle = await rollup({ ...made, onwarn: () => {} });
  for (const output of made.output) await bundle.write(output);
  await bundle.close();
  const problems: string[] = [];
  const { vfs, 'vfs-parts': parts } = storedBundles(board, SUFFIX);
  for (const [path, use] of [
    [wholeBundle(board, SUFFIX), 'one file with everything'],
    [vfs, "for Espruino's Storage, as `vfs`"],
    [parts, 'and as `vfs-parts`'],
  ]) {
    if (!existsSync(distPath(path))) continue;
    problems.push(...gateBundle(path).map((problem) => `dist/${path}:${problem}`));
    say(`dist/${path}`.padEnd(40) + `${statSync(distPath(path)).size} bytes`.padStart(14) + `  ${use}`);
  }
  if (problems.length) throw new Error(problems.join('\n'));
}
