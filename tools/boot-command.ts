import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import colors from 'picocolors';
import { boards, type NorFile, openNorFile, openSdFile, type SdFile, simBoards } from '../boards/sim';
import { distPath } from './dist';
import { type BoardSetup, bootSource, type DeviceSource, deviceSources, type Engine } from './engines/engine';
import { findProgram, programs, runExternal } from './engines/external';
import { type HostFolder, mountFolderSource, openFolder } from './engines/host-folder';
import { nodeEngine } from './engines/node';
import { quickjsEngine } from './engines/quickjs';
import { freshChip } from './partition-table';
import { repl } from './repl';
import { tourSource } from './tour';
import { UsageError } from './usage';

export interface BootOptions {
  board: string;
  flash: string;
  size?: number;
  run?: string;
  /** `BTN1:MS`. */
  hold?: string;
  sd?: string;
  /** `DIR:/host`. */
  mountHost?: string;
  engine: string;
  tour?: boolean;
}

const inProcess: { [engine: string]: Engine } = { quickjs: quickjsEngine, node: nodeEngine };

export const engines = [...Object.keys(inProcess), ...Object.keys(programs)];

const PAGE = 4096;

/** Whether the board's volume is mounted. */
const BOOTED = "require('vfs').bootReport.ok";

/** `microvfs boot`. Gives the exit code. */
export async function boot(options: BootOptions): Promise<number> {
  const board = options.board;
  const hold = /^BTN1:(\d+)$/.exec(options.hold ?? 'BTN1:0');
  if (!hold) throw new UsageError(`--hold ${options.hold}: give BTN1 and milliseconds, as BTN1:3000`);
  // Some have FAT, and what a card hangs on, in their plain bundle.
  const kind = options.sd && !('VfsFat' in boards[board].bundles[''].names) ? '-sd' : '';
  if (!existsSync(distPath(`${board}/vfs${kind}.min.js`)))
    throw new UsageError(`the device bundle is not built: npm run build -- ${board}`);
  if (!inProcess[options.engine]) findProgram(options.engine);

  const script = options.run === undefined ? undefined : readScript(options.run);
  const card = options.sd === undefined ? undefined : openCard(options.sd);
  let folder: HostFolder | undefined;
  try {
    const [dir, point] = splitMount(options.mountHost);
    if (dir) folder = openHostFolder(dir, options);
    const setup: BoardSetup = { kind, card: card?.card, hold: Number(hold[1]) };
    const steps: DeviceSource[] = folder ? [{ source: mountFolderSource(point), fileName: 'mount-host' }] : [];
    steps.push({ source: bootSource(simBoards[board], setup), fileName: 'boot' });
    if (options.tour) steps.push({ source: tourSource, fileName: 'tour' });
    if (script !== undefined) steps.push({ source: script, fileName: options.run as string });
    const chip = openChip(options.flash, board, options.size);
    setup.size = chip.nor.geometry.size;
    try {
      const interactive = script === undefined && !!process.stdin.isTTY && !!process.stdout.isTTY;
      if (inProcess[options.engine]) return await runHere(options, chip, setup, steps, interactive, folder);
      const ok = await runExternal(options.engine, board, chip.nor, { steps, success: BOOTED, setup }, printLine);
      if (interactive) console.error(colors.dim(`There is no console with the engine ${options.engine}; give a script with --run.`));
      return ok ? 0 : 1;
    } finally {
      chip.close();
    }
  } finally {
    folder?.close();
    card?.close();
  }
}

async function runHere(
  options: BootOptions,
  chip: NorFile,
  setup: BoardSetup,
  steps: DeviceSource[],
  interactive: boolean,
  folder: HostFolder | undefined,
): Promise<number> {
  const device = await inProcess[options.engine].start(chip.nor, printLine, setup.card, folder);
  try {
    for (const { source, fileName } of [...deviceSources(options.board, setup.kind, setup), ...steps]) {
      const outcome = device.evaluate(source, fileName);
      if (!outcome.ok) {
        console.error(colors.red(outcome.text));
        return 1;
      }
    }
    if (interactive) await repl(device, colors);
    return device.evaluate(BOOTED, 'boot').text === 'true' ? 0 : 1;
  } finally {
    device.close();
  }
}

function printLine(line: string): void {
  console.log(line);
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

function openHostFolder(dir: string, { engine }: BootOptions): HostFolder {
  if (!inProcess[engine])
    throw new UsageError(`--mount-host is for the engines ${Object.keys(inProcess).join(' and ')}, not for ${engine}`);
  try {
    return openFolder(dir);
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

/** The chip in a file, which is made if it is missing. Only chips with a partition table come in several sizes. */
function openChip(path: string, board: string, size: number | undefined): NorFile {
  const { geometry, partitioned: various } = simBoards[board];
  if (size !== undefined && (various ? !size || size % PAGE : size !== geometry.size))
    throw new UsageError(`--size ${size} is not ${various ? `a multiple of ${PAGE}` : `the ${geometry.size} that ${board} has`}`);
  try {
    if (!existsSync(path)) {
      mkdirSync(dirname(path), { recursive: true });
      if (!various) return openNorFile(path, geometry);
      writeFileSync(path, freshChip(size ?? geometry.size));
    }
    const present = statSync(path);
    if (!present.isFile()) throw new UsageError(`${path} is not a file`);
    if (!present.size || present.size % PAGE) throw new UsageError(`${path} has ${present.size} bytes, not a multiple of ${PAGE}`);
    if (size !== undefined && size !== present.size) throw new UsageError(`${path} has ${present.size} bytes, not ${size} as --size says`);
    return openNorFile(path, various ? { ...geometry, size: present.size } : geometry);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`cannot use the flash file: ${(error as Error).message}`);
  }
}
