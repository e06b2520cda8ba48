/** The bundle on its way into a board's Storage, and the line that boots it. */
import type { Report } from '../places/report';
import { PlaceError } from '../places/tree';
import { UsageError } from '../usage';
import { bytesOfText } from './bytes';
import type { BoardConsole } from './console';
import { BoardError } from './frames';
import { isStored, makeVolume, store, stored, VOLUME } from './storage';

const PAGE = 4096;

/** What boots the volume when the board starts. */
const BOOT_LINE = 'require("vfs").boot()';

const isBootLine = (text: string): boolean => text.trim().replace(/;$/, '') === BOOT_LINE;

export interface StoredOptions {
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

/** @throws UsageError for a size that no volume in Storage has */
export function checkVolume(size: number | undefined): void {
  if (size !== undefined && !(size >= 3 * PAGE && size % PAGE === 0))
    throw new UsageError(`a volume of ${size} bytes: give a multiple of 4K, from 12K on`);
}

/**
 * Puts the files of a bundle into Storage, as far as something else is there.
 * @param files by their names there
 * @throws UsageError, PlaceError
 */
export async function putBundle(
  board: BoardConsole,
  files: [name: string, content: Uint8Array][],
  { volume, boot0 }: StoredOptions,
  report: Report = {},
): Promise<Uploaded[]> {
  if (!(await hasStorage(board))) throw new UsageError(`${board.title}: the board has no Storage to put the bundle into`);
  const uploaded: Uploaded[] = [];
  if (volume !== undefined) {
    const there = (await board.evaluate(`$v.T().read('${VOLUME}',0,1)!==undefined`)) as boolean;
    if (!there) await makeVolume(board, volume);
    uploaded.push({ name: VOLUME, size: volume, written: !there });
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
  if (boot0 || starts) uploaded.push(await bootAtStart(board, true));
  return uploaded;
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

async function hasStorage(board: BoardConsole): Promise<unknown> {
  try {
    return await board.evaluate("typeof $v.T().write==='function'");
  } catch (error) {
    if (error instanceof BoardError) return false;
    throw error;
  }
}

/** Makes a board boot its volume at each start, or no more. @throws UsageError where something else is run at the start */
export async function bootAtStart(board: BoardConsole, on: boolean): Promise<Uploaded> {
  // .boot0 of the watches is made anew by their own boot loader, of all files *.boot.js.
  const name = board.info.board.startsWith('BANGLEJS') ? 'vfs.boot.js' : '.boot0';
  const there = (await board.evaluate(`$v.T().read('${name}')`)) as string | null;
  const told = { name, size: on ? BOOT_LINE.length : 0, written: false };
  if (there && !isBootLine(there)) {
    if (on && there.includes(BOOT_LINE)) return told;
    throw new UsageError(`${name} on the board holds something else: ${on ? `add ${BOOT_LINE} to it` : `take ${BOOT_LINE} out of it`}`);
  }
  if (on === !!there) return told;
  if (on) await store(board, name, bytesOfText(BOOT_LINE));
  else await board.evaluate(`$v.T().erase('${name}')`);
  if (!on && (await stored(board, name))) throw new PlaceError('EIO', name, 'it cannot be erased');
  return { ...told, written: true };
}
