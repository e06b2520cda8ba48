/** Espruino's Storage on a board, through its console. */
import { PlaceError } from '../places/tree';
import type { BoardConsole, Request } from './console';
import { BoardError } from './frames';
import { crc32, pack } from './literal';

/** The file in Storage that holds a volume. */
export const VOLUME = 'vfs-volume';

/** Bytes that Storage keeps before each file: with them a volume ends where a page does. */
export const HEADER = 32;

const NO_ROOM = 'there is no room for it in Storage';

/** What a board has under a name. */
export interface Stored {
  size: number;
  crc: number;
}

export async function stored(board: BoardConsole, name: string): Promise<Stored | undefined> {
  const found = (await board.call(['k', name])) as [number, number] | null;
  return found ? { size: found[0], crc: found[1] } : undefined;
}

export async function isStored(board: BoardConsole, name: string, content: Uint8Array): Promise<boolean> {
  const there = await stored(board, name);
  return there?.size === content.length && there.crc === crc32(content);
}

/** Writes a file in pieces, and looks whether it is there then. @throws PlaceError ENOSPC, or EIO if another content is there */
export async function store(
  board: BoardConsole,
  name: string,
  content: Uint8Array,
  progress: (bytes: number) => void = () => {},
): Promise<void> {
  const { piece } = board;
  const request = (at: number): Request => {
    const { coding, text } = pack(content.subarray(at, at + piece));
    return { head: ['s', name, at, content.length, coding], data: text };
  };
  const others = function* (): Generator<Request> {
    for (let at = piece; at < content.length; at += piece) yield request(at);
  };
  let done = 0;
  const take = (written: unknown): void => {
    if (!written) throw new PlaceError('ENOSPC', name, NO_ROOM);
    done = Math.min(done + piece, content.length);
    progress(done);
  };
  try {
    // The first makes the file, and is done once.
    const { head, data } = request(0);
    take(await board.call(head, data));
    for await (const written of board.stream(others())) take(written);
  } catch (error) {
    // How Espruino says it, beside giving false.
    if (error instanceof BoardError && /create file/.test(error.message)) throw new PlaceError('ENOSPC', name, NO_ROOM);
    if (error instanceof BoardError) throw new PlaceError(error.code || 'EIO', name, error.message);
    throw error;
  }
  if (!(await isStored(board, name, content))) throw new PlaceError('EIO', name, 'what Storage holds is not what was sent');
}

/** Makes the file of a volume. It lies before everything else, so that Storage never moves it. @throws PlaceError */
export async function makeVolume(board: BoardConsole, size: number): Promise<void> {
  const others = (await board.evaluate('$v.T().list()')) as string[];
  if (others.length)
    throw new PlaceError(
      'EBUSY',
      VOLUME,
      `Storage holds ${others.length} other files, and a volume has to lie before them: require('Storage').eraseAll() on the board makes room`,
    );
  await board.evaluate('$v.T().compact()');
  const made = await board.evaluate(`$v.T().write('${VOLUME}','\\xff',0,${size - HEADER})`);
  if (!made || (await board.evaluate(`$v.T().read('${VOLUME}',0,1)`)) === null)
    throw new PlaceError('ENOSPC', VOLUME, `there is no room for ${size} bytes in Storage`);
}
