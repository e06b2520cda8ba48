import { existsSync, readFileSync } from 'node:fs';
import colors from 'picocolors';
import { boards, boardWith, chips, type NorFile, openNorFile, openSdFile, type SdFile } from '../boards/sim';
import { lockFlash, prepareChip } from './boot-chip';
import { BOOTED, printReport, REPORT, runHere } from './boot-run';
import { distPath, wholeBundle } from './dist';
import { type BoardSetup, bootSource, type DeviceSource, GO } from './engines/engine';
import { type ExternalRun, findProgram, programs, runExternal } from './engines/external';
import { mountFolderSource, openFolder } from './engines/host-folder';
import { openEnd } from './engines/serial-end';
import type { ThreadBoard } from './engines/thread';
import { inProcess } from './engines/thread-side';
import { lockFile } from './file-lock';
import { tourSource } from './tour';
import { UsageError } from './usage';

export interface BootOptions {
  board: string;
  flash: string;
  /** Another of the board's chips. */
  chip?: string;
  /** `default`, `sd`, `all`: which bundle runs. */
  bundle?: string;
  size?: number;
  /** Rows of an ESP32's partition table, for a new flash file. */
  partitions?: string;
  run?: string;
  /** `BTN1:MS`. */
  hold?: string;
  sd?: string;
  /** `DIR:/host`. */
  mountHost?: string;
  /** `PATH` or `N:PATH` each: what `SerialN` is connected with. */
  serial?: string[];
  engine: string;
  /** How long the board runs at most, in milliseconds of its clock. */
  for?: number;
  /** How much faster its clock goes than that of this computer. */
  speed?: number;
  /** The boot report is printed as JSON, and the console goes to the standard error. */
  json?: boolean;
  tour?: boolean;
}

export const engines = [...Object.keys(inProcess), ...Object.keys(programs)];

/** `microvfs boot`. Gives the exit code. */
export async function boot(options: BootOptions): Promise<number> {
  const { board, engine } = options;
  const hold = /^BTN1:(\d+)$/.exec(options.hold ?? 'BTN1:0');
  if (!hold) throw new UsageError(`--hold ${options.hold}: give BTN1 and milliseconds, as BTN1:3000`);
  const kind = kindOf(options);
  if (!inProcess[engine]) findProgram(engine);

  const script = options.run === undefined ? undefined : readScript(options.run);
  const setup: BoardSetup = { kind, hold: Number(hold[1]), speed: options.speed ?? 1, end: options.for ?? 0 };
  if (options.chip !== undefined) setup.chip = chipOf(board, options.chip);
  const [folder, point] = splitMount(options.mountHost);
  if (folder) expectHostFolder(folder, engine);
  const serials = serialsOf(options);
  const card = options.sd === undefined ? undefined : openCard(options.sd);
  const locks = card ? [lockFile(options.sd as string)] : [];
  try {
    const wired = boardWith(board, setup.chip);
    const steps: DeviceSource[] = folder ? [{ source: mountFolderSource(point), fileName: 'mount-host' }] : [];
    steps.push({ source: bootSource(wired, { ...setup, card: card?.card }), fileName: 'boot' }, GO);
    if (options.tour) steps.push({ source: tourSource, fileName: 'tour' });
    if (script !== undefined) steps.push({ source: script, fileName: options.run as string });
    locks.push(lockFlash(options.flash));
    const geometry = prepareChip(options, wired);
    setup.size = geometry.size;
    const interactive = script === undefined && !!process.stdin.isTTY && !!process.stdout.isTTY;
    const print = options.json ? printError : printLine;
    if (inProcess[engine]) {
      const thread: ThreadBoard = { engine, board, flash: options.flash, geometry, setup, serials, interactive };
      if (card) thread.sd = options.sd;
      if (folder) thread.folder = folder;
      const piped = script === undefined && !process.stdin.isTTY && !options.tour;
      return await runHere(thread, steps, { print, json: !!options.json, reads: interactive || piped });
    }
    if (card) {
      setup.card = card.card;
      setup.cardBlocks = card.usedBlocks();
    }
    const run: ExternalRun = { steps, success: BOOTED, setup };
    if (options.json) {
      run.report = REPORT;
      run.onReport = printReport;
    }
    const ok = await runThere(engine, board, openNorFile(options.flash, geometry), run, print);
    if (interactive) console.error(colors.dim(`There is no console with the engine ${engine}; give a script with --run.`));
    return ok ? 0 : 1;
  } finally {
    card?.close();
    for (const unlock of locks) unlock();
  }
}

/** The suffix of the bundle that runs. @throws UsageError if there is none, or it was not built */
function kindOf({ board, bundle, sd }: BootOptions): string {
  const { bundles } = boards[board];
  // Some have FAT, and what a card hangs on, in their plain bundle.
  const plain = sd === undefined || 'SDCard' in bundles[''].names || 'VfsFat' in bundles[''].names;
  const kind = bundle === undefined ? (plain ? '' : '-sd') : bundle === 'default' ? '' : `-${bundle}`;
  if (!bundles[kind]) throw new UsageError(`${board} has no bundle ${bundle}`);
  if (!kind && !plain) throw new UsageError(`the default bundle of ${board} has no cards: give --bundle sd, or all`);
  if (!existsSync(distPath(wholeBundle(board, kind))))
    throw new UsageError(`the device bundle is not built: npm run build -- ${board}${kind}`);
  return kind;
}

function chipOf(board: string, chip: string): string | undefined {
  const { chip: own, chips: others = [] } = boards[board].sim;
  const name = (Object.keys(chips) as (keyof typeof chips)[]).find((one) => chips[one] === own);
  const known = name ? [name, ...others] : [];
  if (!known.some((one) => one === chip))
    throw new UsageError(
      known.length ? `--chip ${chip}: ${board} has ${known.join(', ')}` : `--chip is not for ${board}, whose flash is one`,
    );
  return chip;
}

/** What is connected with `Serial1` and `Serial2`. */
function serialsOf({ serial = [], engine }: BootOptions): (string | undefined)[] {
  const paths: (string | undefined)[] = [];
  for (const given of serial) {
    const [, n = '1', path] = /^(?:([12]):)?(.+)$/.exec(given) ?? [];
    if (!path) throw new UsageError(`--serial ${given}: give a file or a terminal, or 2: before it`);
    if (!inProcess[engine]) throw new UsageError(`--serial is for the engines ${Object.keys(inProcess).join(' and ')}, not for ${engine}`);
    try {
      openEnd(path, Date.now).close();
    } catch (error) {
      throw new UsageError(`cannot use ${path} for Serial${n}: ${(error as Error).message}`);
    }
    paths[Number(n) - 1] = path;
  }
  return paths;
}

async function runThere(engine: string, board: string, chip: NorFile, run: ExternalRun, print: (line: string) => void): Promise<boolean> {
  try {
    return await runExternal(engine, board, chip.nor, run, print);
  } finally {
    chip.close();
  }
}

function printLine(line: string): void {
  console.log(line);
}

function printError(line: string): void {
  console.error(line);
}

function readScript(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`cannot read the script: ${(error as Error).message}`);
  }
}

/** `DIR:/host`; a directory may have a colon in its name. */
function splitMount(text: string | undefined): string[] {
  if (text === undefined) return ['', ''];
  const [, dir, point] = /^(.+):(\/.*)$/.exec(text) ?? [];
  if (!dir) throw new UsageError(`--mount-host ${text}: give a directory and where it is mounted, as ./files:/host`);
  return [dir, point];
}

function expectHostFolder(dir: string, engine: string): void {
  if (!inProcess[engine])
    throw new UsageError(`--mount-host is for the engines ${Object.keys(inProcess).join(' and ')}, not for ${engine}`);
  try {
    openFolder(dir).close();
  } catch (error) {
    throw new UsageError(`cannot use the directory ${dir}: ${(error as Error).message}`);
  }
}

function openCard(path: string): SdFile {
  try {
    return openSdFile(path);
  } catch (error) {
    throw new UsageError(`cannot use the card's file: ${(error as Error).message}`);
  }
}
