/** What is done to a board on a port besides its files: upload, boot0, run, devices. */
import { existsSync, readFileSync } from 'node:fs';
import { boards } from '../../boards/sim';
import { distPath } from '../dist';
import type { Report } from '../places/report';
import { type Advertised, listBluetooth } from '../port/bluetooth';
import { connect, type PortOptions } from '../port/connect';
import { BoardConsole } from '../port/console';
import { listPorts, type PortInfo } from '../port/serial';
import { bootAtStart, checkVolume, putBundle, type StoredOptions, type Uploaded } from '../port/upload';
import { storedBundles } from '../stored';
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

export type { Uploaded };

export interface UploadOptions extends PortOptions, StoredOptions {
  /** Which bundle: `sd`, `all`, `ro`, ... Default: the board's plain one. */
  bundle?: string;
}

/**
 * Puts the bundle of a board into its Storage, as far as something else is there.
 * @param family of the board, as `rp2`
 * @throws UsageError, PlaceError
 */
export async function upload(family: string, options: UploadOptions = {}, report: Report = {}): Promise<Uploaded[]> {
  const files = bundleOf(family, options.bundle);
  checkVolume(options.volume);
  return withBoard(options, (board) => putBundle(board, files, options, report));
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
