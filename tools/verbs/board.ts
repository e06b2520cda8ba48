/** What is done to a board on a port besides its files: upload, boot0, run, devices. */
import { existsSync, readFileSync } from 'node:fs';
import { boards } from '../../boards/sim';
import { distPath, storedBundles } from '../dist';
import type { Report } from '../places/report';
import { PlaceError } from '../places/tree';
import { type Advertised, listBluetooth } from '../port/bluetooth';
import { connect, type PortOptions } from '../port/connect';
import { BoardConsole } from '../port/console';
import { BoardError } from '../port/frames';
import { listPorts, type PortInfo } from '../port/serial';
import { isStored, makeVolume, store, stored, VOLUME } from '../port/storage';
import { UsageError } from '../usage';

/** Runs something with a board, and lets go of it. */
async function withBoard<T>(options: PortOptions, work: (board: BoardConsole) => Promise<T>): Promise<T> {
  const board = await BoardConsole.open(await connect(options));
  try {
    return await work(board);
  } finally {
    await board.close();
  }
}

const PAGE = 4096;

/** What boots the volume when the board starts. */
const BOOT_LINE = 'require("vfs").boot()';

export interface UploadOptions extends PortOptions {
  /** Which bundle: `sd`, `all`, `ro`, ... Default: the board's plain one. */
  bundle?: string;
  /** Bytes of a volume in Storage, which is made if it is not there. Default: none is made. */
  volume?: number;
  /** The board boots the volume at each start. Default false. */
  boot0?: boolean;
}

export interface Uploaded {
  name: string;
  size: number;
  /** Whether it had to be written. */
  written: boolean;
}

/**
 * Puts the bundle of a board into its Storage, as far as something else is there.
 * @param family of the board, as `rp2`
 * @throws UsageError, PlaceError
 */
export async function upload(family: string, options: UploadOptions = {}, report: Report = {}): Promise<Uploaded[]> {
  const files = bundleOf(family, options.bundle);
  if (options.volume !== undefined && (options.volume % PAGE || options.volume < 3 * PAGE))
    throw new UsageError(`a volume of ${options.volume} bytes: give a multiple of 4K, from 12K on`);
  return withBoard(options, async (board) => {
    if (!(await hasStorage(board))) throw new UsageError(`${board.title}: the board has no Storage to put the bundle into`);
    const uploaded: Uploaded[] = [];
    if (options.volume !== undefined) {
      const there = (await board.evaluate(`$v.T().read('${VOLUME}',0,1)!==undefined`)) as boolean;
      if (!there) await makeVolume(board, options.volume);
      uploaded.push({ name: VOLUME, size: options.volume, written: !there });
    }
    const changed = new Map<string, Uint8Array>();
    for (const [name, content] of files) if (!(await isStored(board, name, content))) changed.set(name, content);
    const starts = changed.size > 0 && (await unload(board));
    const total = [...changed.values()].reduce((sum, { length }) => sum + length, 0);
    let before = 0;
    for (const [name, content] of files) {
      const written = changed.has(name);
      if (written) await store(board, name, content, (bytes) => report.progress?.(before + bytes, total, name));
      if (written) before += content.length;
      uploaded.push({ name, size: content.length, written });
    }
    if (options.boot0 || starts) uploaded.push(await bootAtStart(board, true));
    return uploaded;
  });
}

/**
 * Makes Espruino forget what is loaded from the files that are to be replaced: it lies in them. The line that would load it again is
 * taken out meanwhile. @returns whether it was there
 * @throws UsageError if something else loads it
 */
async function unload(board: BoardConsole): Promise<boolean> {
  const loaded = (): Promise<unknown> => board.evaluate("Modules.getCached().indexOf('vfs')>=0");
  if (!board.info.espruino || !(await loaded())) return false;
  const starts = (await board.evaluate("$v.T().read('.boot0')")) as string | null;
  const own = !!starts && isBootLine(starts);
  if (own) await board.evaluate("$v.T().erase('.boot0')");
  await board.reset();
  if (await loaded()) throw new UsageError(`${board.title}: something on the board loads vfs at its start: take that out first`);
  return own;
}

const isBootLine = (text: string): boolean => text.trim().replace(/;$/, '') === BOOT_LINE;

async function hasStorage(board: BoardConsole): Promise<unknown> {
  try {
    return await board.evaluate("typeof $v.T().write==='function'");
  } catch (error) {
    if (error instanceof BoardError) return false;
    throw error;
  }
}

function bundleOf(family: string, kind: string | undefined): [string, Uint8Array][] {
  const file = boards[family];
  if (!file) throw new UsageError(`there is no board ${family}; there are ${Object.keys(boards).join(', ')}`);
  const suffix = kind && kind !== 'default' ? `-${kind}` : '';
  if (!(suffix in file.bundles)) {
    const kinds = Object.keys(file.bundles).map((one) => one.slice(1) || 'default');
    throw new UsageError(`${family} has no bundle ${kind}; there are ${kinds.join(', ')}`);
  }
  return Object.entries(storedBundles(family, suffix)).map(([name, path]) => {
    if (!existsSync(distPath(path))) throw new UsageError(`the bundle is not built: npm run build -- ${family}${suffix}`);
    return [name, readFileSync(distPath(path))];
  });
}

/** Makes the board boot its volume at each start, or no more. @throws UsageError where something else is run at the start */
export function boot0(on: boolean, options: PortOptions = {}): Promise<Uploaded> {
  return withBoard(options, (board) => bootAtStart(board, on));
}

async function bootAtStart(board: BoardConsole, on: boolean): Promise<Uploaded> {
  // .boot0 of the watches is made anew by their own boot loader, of all files *.boot.js.
  const name = board.info.board.startsWith('BANGLEJS') ? 'vfs.boot.js' : '.boot0';
  const there = (await board.evaluate(`$v.T().read('${name}')`)) as string | null;
  const told = { name, size: on ? BOOT_LINE.length : 0, written: false };
  if (there && !isBootLine(there)) {
    if (on && there.includes(BOOT_LINE)) return told;
    throw new UsageError(`${name} on the board holds something else: ${on ? `add ${BOOT_LINE} to it` : `take ${BOOT_LINE} out of it`}`);
  }
  if (on === !!there) return told;
  if (on) await store(board, name, Buffer.from(BOOT_LINE));
  else await board.evaluate(`$v.T().erase('${name}')`);
  if (!on && (await stored(board, name))) throw new PlaceError('EIO', name, 'it cannot be erased');
  return { ...told, written: true };
}

/**
 * Runs a script on a board as if it was typed there, and waits until it has ended; timers that it has set run on.
 * @param print gets what it prints meanwhile
 * @throws BoardError for an error that it does not catch
 */
export function run(
  script: string,
  options: PortOptions,
  print: (text: string) => void,
  started?: (board: BoardConsole) => void,
): Promise<void> {
  return withBoard(options, async (board) => {
    started?.(board);
    await board.run(script, print);
  });
}

/** The boards that are there: on USB, and with `bluetooth` those that advertise themselves. @throws UsageError without the libraries */
export async function devices({ bluetooth = false } = {}): Promise<{ ports: PortInfo[]; advertised: Advertised[] }> {
  return bluetooth ? { ports: [], advertised: await listBluetooth() } : { ports: await listPorts(), advertised: [] };
}
