import { accessSync, constants, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import colors from 'picocolors';
import { boards, type NorFile, type NorGeometry, openNorFile, openSdFile, type SdFile, simBoards } from '../boards/sim';
import { distPath } from './dist';
import { type BoardSetup, bootSource, type DeviceSource, GO, INTERRUPTED } from './engines/engine';
import { type ExternalRun, findProgram, programs, runExternal } from './engines/external';
import { mountFolderSource, openFolder } from './engines/host-folder';
import { startThread, type ThreadBoard } from './engines/thread';
import { inProcess } from './engines/thread-side';
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
  /** How long the board runs at most, in milliseconds of its clock. */
  for?: number;
  /** How much faster its clock goes than that of this computer. */
  speed?: number;
  tour?: boolean;
}

export const engines = [...Object.keys(inProcess), ...Object.keys(programs)];

const PAGE = 4096;

/** What runs on, so many milliseconds after the board's time is over, is ended. */
const GRACE = 500;

/** Whether the board's volume is mounted. */
const BOOTED = "require('vfs').bootReport.ok";

/** `microvfs boot`. Gives the exit code. */
export async function boot(options: BootOptions): Promise<number> {
  const { board, engine } = options;
  const hold = /^BTN1:(\d+)$/.exec(options.hold ?? 'BTN1:0');
  if (!hold) throw new UsageError(`--hold ${options.hold}: give BTN1 and milliseconds, as BTN1:3000`);
  // Some have FAT, and what a card hangs on, in their plain bundle.
  const kind = options.sd && !('VfsFat' in boards[board].bundles[''].names) ? '-sd' : '';
  if (!existsSync(distPath(`${board}/vfs${kind}.min.js`)))
    throw new UsageError(`the device bundle is not built: npm run build -- ${board}`);
  if (!inProcess[engine]) findProgram(engine);

  const script = options.run === undefined ? undefined : readScript(options.run);
  const setup: BoardSetup = { kind, hold: Number(hold[1]), speed: options.speed ?? 1, end: options.for ?? 0 };
  const [folder, point] = splitMount(options.mountHost);
  if (folder) expectHostFolder(folder, engine);
  const card = options.sd === undefined ? undefined : openCard(options.sd);
  try {
    const steps: DeviceSource[] = folder ? [{ source: mountFolderSource(point), fileName: 'mount-host' }] : [];
    steps.push({ source: bootSource(simBoards[board], { ...setup, card: card?.card }), fileName: 'boot' }, GO);
    if (options.tour) steps.push({ source: tourSource, fileName: 'tour' });
    if (script !== undefined) steps.push({ source: script, fileName: options.run as string });
    const geometry = prepareChip(options.flash, board, options.size);
    setup.size = geometry.size;
    const interactive = script === undefined && !!process.stdin.isTTY && !!process.stdout.isTTY;
    if (inProcess[engine]) {
      const thread: ThreadBoard = { engine, board, flash: options.flash, geometry, setup };
      if (card) thread.sd = options.sd;
      if (folder) thread.folder = folder;
      if (interactive) thread.interactive = true;
      return await runHere(thread, steps, interactive);
    }
    if (card) setup.card = card.card;
    const ok = await runThere(engine, board, openNorFile(options.flash, geometry), { steps, success: BOOTED, setup });
    if (interactive) console.error(colors.dim(`There is no console with the engine ${engine}; give a script with --run.`));
    return ok ? 0 : 1;
  } finally {
    card?.close();
  }
}

async function runThere(engine: string, board: string, chip: NorFile, run: ExternalRun): Promise<boolean> {
  try {
    return await runExternal(engine, board, chip.nor, run, printLine);
  } finally {
    chip.close();
  }
}

/** Runs the steps, then the console or, without one, until there is nothing to do any more. */
async function runHere(board: ThreadBoard, steps: DeviceSource[], interactive: boolean): Promise<number> {
  const { speed = 1, end = 0 } = board.setup;
  let failed = false;
  let booted = false;
  let stop: () => void = () => {};
  const stopped = new Promise<true>((done) => {
    stop = () => done(true);
  });
  const report = (text: string): void => {
    if (text === INTERRUPTED) stop();
    else {
      failed = true;
      console.error(colors.red(text));
    }
  };
  const device = await startThread(board, { print: printLine, uncaught: report });
  const interrupt = (): void => {
    device.interrupt();
    stop();
  };
  if (!interactive) process.on('SIGINT', interrupt);
  let late: NodeJS.Timeout | undefined;
  try {
    for (const step of steps) {
      // What does not come to its end by itself is ended.
      if (step === GO && end) late = setTimeout(interrupt, end / speed + GRACE);
      const { ok, text } = await device.evaluate(step.source, step.fileName);
      if (!ok) {
        report(text);
        break;
      }
      if (step === GO) booted = (await device.evaluate(BOOTED, 'boot')).text === 'true';
    }
    if (!failed) {
      const over = device.runTimers(interactive ? 'all' : 'awaited');
      await Promise.race(interactive ? [repl(device, colors), over, stopped] : [over, stopped]);
    }
    return failed || !booted ? 1 : 0;
  } finally {
    clearTimeout(late);
    process.off('SIGINT', interrupt);
    await device.close();
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

/** The chip in a file, which is made if it is missing. Only chips with a partition table come in several sizes. */
function prepareChip(path: string, board: string, size: number | undefined): NorGeometry {
  const { geometry, partitioned: various } = simBoards[board];
  if (size !== undefined && (various ? !size || size % PAGE : size !== geometry.size))
    throw new UsageError(`--size ${size} is not ${various ? `a multiple of ${PAGE}` : `the ${geometry.size} that ${board} has`}`);
  try {
    if (!existsSync(path)) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, various ? freshChip(size ?? geometry.size) : new Uint8Array(geometry.size).fill(0xff));
    }
    const present = statSync(path);
    if (!present.isFile()) throw new UsageError(`${path} is not a file`);
    if (!present.size || present.size % PAGE) throw new UsageError(`${path} has ${present.size} bytes, not a multiple of ${PAGE}`);
    if (!various && present.size !== geometry.size)
      throw new UsageError(`${path} has ${present.size} bytes, the chip has ${geometry.size}`);
    if (size !== undefined && size !== present.size) throw new UsageError(`${path} has ${present.size} bytes, not ${size} as --size says`);
    accessSync(path, constants.R_OK | constants.W_OK);
    return { ...geometry, size: present.size };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`cannot use the flash file: ${(error as Error).message}`);
  }
}
