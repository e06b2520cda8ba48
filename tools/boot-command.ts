import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import colors from 'picocolors';
import type { NorFlash } from '../boards/sim';
import { type NorFile, openNorFile } from '../boards/sim';
import { distPath } from './dist';
import { type DeviceSource, deviceSources, type Engine } from './engines/engine';
import { findProgram, programs, runExternal } from './engines/external';
import { nodeEngine } from './engines/node';
import { quickjsEngine } from './engines/quickjs';
import { freshChip } from './partition-table';
import { repl } from './repl';
import { tourSource } from './tour';

export interface BootOptions {
  board: string;
  flash: string;
  size?: number;
  run?: string;
  engine: string;
  tour?: boolean;
}

/** What the user can put right: one line, no stack. */
export class UsageError extends Error {}

const inProcess: { [engine: string]: Engine } = { quickjs: quickjsEngine, node: nodeEngine };

export const boards = ['esp32'];
export const engines = [...Object.keys(inProcess), ...Object.keys(programs)];

const PAGE = 4096;
const DEFAULT_SIZE = 4 * 1024 * 1024;

const BOOT: DeviceSource = { source: "require('vfs').boot()", fileName: 'boot' };
/** Whether the board's volume is mounted. */
const BOOTED = "require('vfs').bootReport.ok";

/** `microvfs boot`. Gives the exit code. */
export async function boot(options: BootOptions): Promise<number> {
  const steps = [BOOT];
  if (options.tour) steps.push({ source: tourSource, fileName: 'tour' });
  if (options.run !== undefined) steps.push({ source: readScript(options.run), fileName: options.run });
  if (!existsSync(distPath(`${options.board}/vfs.min.js`))) throw new UsageError('the device bundle is not built: npm run build');
  if (!inProcess[options.engine]) findProgram(options.engine);

  const chip = openChip(options.flash, options.size);
  try {
    const external = !inProcess[options.engine];
    const interactive = options.run === undefined && !!process.stdin.isTTY && !!process.stdout.isTTY;
    if (!external) return await runHere(options, chip.nor, steps, interactive);
    const ok = await runExternal(options.engine, options.board, chip.nor, { steps, success: BOOTED }, printLine);
    if (interactive) console.error(colors.dim(`There is no console with the engine ${options.engine}; give a script with --run.`));
    return ok ? 0 : 1;
  } finally {
    chip.close();
  }
}

async function runHere(options: BootOptions, nor: NorFlash, steps: DeviceSource[], interactive: boolean): Promise<number> {
  const device = await inProcess[options.engine].start(nor, printLine);
  try {
    for (const { source, fileName } of [...deviceSources(options.board), ...steps]) {
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

/** The chip in a file, which is made if it is missing. */
function openChip(path: string, size: number | undefined): NorFile {
  if (size !== undefined && (!size || size % PAGE)) throw new UsageError(`--size ${size} is not a multiple of ${PAGE}`);
  try {
    if (!existsSync(path)) {
      const content = freshChip(size ?? DEFAULT_SIZE);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content);
    }
    const present = statSync(path);
    if (!present.isFile()) throw new UsageError(`${path} is not a file`);
    if (!present.size || present.size % PAGE) throw new UsageError(`${path} has ${present.size} bytes, not a multiple of ${PAGE}`);
    if (size !== undefined && size !== present.size) throw new UsageError(`${path} has ${present.size} bytes, not ${size} as --size says`);
    return openNorFile(path, { size: present.size, eraseSize: PAGE, progSize: 4 });
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`cannot use the flash file: ${(error as Error).message}`);
  }
}
