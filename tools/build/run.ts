/**
 * Makes what is not up to date in `dist/`: `tsx tools/build/run.ts [NAME...]`, where a name is a folder below `dist/`, a bundle as
 * `esp32-all`, `start` for what `npm start` needs, `default` for all but the boards' further bundles, as without a name, or `all`.
 * `rollup -c` makes the same, without asking whether it is needed. With `--board`, one bundle that is put together of what is wanted.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Command, CommanderError, Option } from 'commander';
import type { OutputOptions, RollupOptions } from 'rollup';
import { boards } from '../../boards/sim';
import { bundles, furtherBundles } from '../bundles';
import { packagePath } from '../dist';
import { MISUSE, UsageError } from '../usage';
import { buildCustom, type CustomOptions } from './custom';
import { features } from './features';
import { type BuildRecord, digestOfAll, isFresh, readRecord, rememberedDigests, stateOf, type Target } from './fresh';
import { compileOnlyHot } from './hot';
import { formats } from './plan';

const root = packagePath('.');
/** Circles of files are for `npm run check`; parts and the resident module use each other by nature. */
const QUIET = ['CIRCULAR_DEPENDENCY', 'CIRCULAR_CHUNK'];
const recordFile = packagePath('dist/.built.json');
/** What everything depends on: the build, its settings and its libraries. */
const own = ['tools/build', 'rollup.config.js', 'package-lock.json', 'tsconfig.json'];

/** @param names of targets; without any, `default` */
export async function build(names: string[], say: (line: string) => void): Promise<void> {
  process.chdir(root);
  const began = Date.now();
  const digest = rememberedDigests();
  const factory = process.env.FACTORY ? ' with the factory files of ' + process.env.FACTORY : '';
  // What is in a folder of one's own is not looked at: with one, everything is built.
  const common = digestOfAll(root, own, ['boards', 'boards/sim', 'test/rooms']) + factory;
  const record = readRecord<BuildRecord>(recordFile);
  const before = record?.build === common && !factory ? record : undefined;
  const kept = new Map((before?.made ?? []).filter((one) => isFresh(one, digest)).map((one) => [one.name, one]));
  const isWanted = wanted(names);

  // What is out of date and not made now would be taken for what the sources say.
  for (const one of record?.made ?? [])
    if (one.further && !kept.has(one.name) && !isWanted(one)) for (const file of Object.keys(one.outputs)) rmSync(file, { force: true });

  // The configuration is slow to load, and not needed to see that nothing is to be done.
  if (before?.all.some(isWanted) && before.all.every((one) => !isWanted(one) || kept.has(one.name))) {
    say(`dist/ is up to date (${seconds(began)})`);
    return;
  }
  compileOnlyHot();
  const all = await configured();
  for (const name of names)
    if (!all.some(wanted([name])))
      throw new Error(`nothing is called ${name}: all, default, start, ${[...new Set(all.map(folderOf))].join(', ')}`);
  const stale = all.filter((one) => isWanted(one) && !kept.has(one.name));
  say(`building ${stale.length} of ${all.filter(isWanted).length} bundles into dist/${factory}`);
  for (const { name, start, further, options } of stale) {
    const since = Date.now();
    const bundle = await make(options);
    const outputs = Object.fromEntries(bundle.files.map((file) => [file, stateOf(file)]));
    // What this was called before would be taken for built.
    const earlier = record?.made.find((one) => one.name === name)?.outputs ?? {};
    for (const file of Object.keys(earlier)) if (!outputs[file]) rmSync(file, { force: true });
    const inputs = Object.fromEntries(bundle.sources.map((file) => [file, digest(resolve(root, file))]));
    await expectGate(bundle.files);
    kept.set(name, { name, start, further, inputs, outputs });
    save({ build: common, all: all.map(({ options: _, ...one }) => one), made: [...kept.values()] });
    say(`  ${name} (${seconds(since)})`);
  }
  say(`dist/ is up to date (${seconds(began)})`);
}

/** All runs of rollup that there are. */
async function configured(): Promise<(Target & { options: RollupOptions })[]> {
  const config = await import(pathToFileURL(packagePath('rollup.config.js')).href);
  return ['start', 'others', 'further'].flatMap((kind) =>
    config[kind].map((options: RollupOptions) => ({
      name: nameOf(options),
      start: kind === 'start',
      further: kind === 'further',
      options,
    })),
  );
}

/** Runs rollup. @returns what it has read and written, their paths in the package */
async function make(options: RollupOptions): Promise<{ sources: string[]; files: string[] }> {
  const { rollup } = await import('rollup');
  const bundle = await rollup({
    ...options,
    cache: false,
    onwarn: (warning, handle) => QUIET.includes(warning.code ?? '') || handle(warning),
  });
  const files: string[] = [];
  for (const one of [options.output ?? []].flat()) {
    const { output } = await bundle.write(one);
    for (const { fileName } of output) files.push(relative(root, resolve(one.dir ?? resolve(one.file ?? '', '..'), fileName)));
  }
  const sources = bundle.watchFiles.map((file) => relative(root, file));
  await bundle.close();
  return { sources, files };
}

/** @throws Error where small engines could not run what was made */
async function expectGate(files: string[]): Promise<void> {
  const names = files.map((file) => relative('dist', file)).filter((name) => [...bundles, ...furtherBundles].includes(name));
  if (!names.length) return;
  const { gateBundle } = await import('../gate');
  const problems = names.flatMap((name) => gateBundle(name).map((problem) => `dist/${name}:${problem}`));
  if (problems.length) throw new Error(problems.join('\n'));
}

function save(record: BuildRecord): void {
  mkdirSync(packagePath('dist'), { recursive: true });
  writeFileSync(recordFile, JSON.stringify(record));
}

const seconds = (since: number) => ((Date.now() - since) / 1000).toFixed(1) + ' s';

/** `esp32: boards/esp32.device` */
function nameOf({ input, output }: RollupOptions): string {
  const [{ dir, file }] = [output ?? []].flat() as OutputOptions[];
  const folder = relative('dist', dir ?? resolve(file ?? '', '..'));
  return `${folder}: ${typeof input === 'string' ? input : Object.values(input ?? {})[0]}`;
}

const folderOf = ({ name }: Target) => name.split(':')[0];

/** `esp32-all`, of `esp32: boards/esp32.device-all`; `esp32` for a board's default bundle too. */
const bundleOf = ({ name }: Target) => name.replace(/: boards\/.*\.device/, '');

function wanted(names: string[]): (target: Target) => boolean {
  const asked = names.length ? names : ['default'];
  return (target) =>
    asked.includes('all') ||
    (asked.includes('default') && !target.further) ||
    (asked.includes('start') && target.start) ||
    asked.includes(folderOf(target)) ||
    asked.includes(bundleOf(target));
}

/** `lfs2,rom` */
const list = (text: string) => text.split(',').map((one) => one.trim());

/**
 * The command line.
 * @param complain takes what is wrong, in lines
 * @returns the exit code
 */
export async function command(args: string[], say: (line: string) => void, complain: (line: string) => void): Promise<number> {
  const rows = (table: { [name: string]: { about: string } }) =>
    Object.entries(table).map(([name, { about }]) => `  ${name.padEnd(8)} ${about}`);
  const program = new Command('npm run build --')
    .description('Makes what is not up to date in dist/. With --board, one bundle of what is wanted.')
    .argument('[names...]', 'folders below dist/, bundles as esp32-sd, start, or all; without one, all but the further bundles')
    .option('--board <name>', 'a bundle for this board: ' + Object.keys(boards).join(', '))
    .addOption(new Option('--fs <names>', 'its file systems, separated by commas; by default those of the default bundle').argParser(list))
    .addOption(new Option('--without <names>', 'what it goes without: calling that is ENOSYS').argParser(list))
    .addHelpText('after', ['', 'File systems:', ...rows(formats), '', 'What can be left out:', ...rows(features)].join('\n'))
    .configureOutput({ writeErr: (text) => complain(text.trimEnd()) })
    .exitOverride();
  try {
    program.parse(args, { from: 'user' });
    const { board, fs, without } = program.opts<Partial<CustomOptions>>();
    if (!board && (fs || without)) throw new UsageError('--fs and --without are for a bundle of a board: give --board too');
    if (board && program.args.length) throw new UsageError(`--board makes one bundle, not ${program.args.join(' ')} too`);
    if (board) await buildCustom({ board, fs, without }, say);
    else await build(program.args, say);
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode && MISUSE;
    complain((error as Error).message);
    return error instanceof UsageError ? MISUSE : 1;
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href)
  process.exitCode = await command(process.argv.slice(2), console.log, console.error);
