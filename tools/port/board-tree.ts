/** The tree of files that a board has, through its console. */
import {
  BOARD,
  baseName,
  byName,
  type Entry,
  joined,
  NOTHING,
  PlaceError,
  parentOf,
  placeText,
  type Tree,
  type Usage,
  usageOf,
} from '../places/tree';
import type { BoardConsole, Head, Request } from './console';
import { BoardError } from './frames';
import { crc32, pack, unpack } from './literal';

/** The name that a file has until it is whole: the one that the VFS itself uses. */
const NEW_NAME = '~vfs.tmp';

/** Pieces whose sums are asked for at once. */
const SUMS = 4;

type Row = [name: string, directory: number, size: number, flags: number, mtime: number];

export class BoardTree implements Tree {
  readonly title: string = BOARD;
  readonly format = 'board';
  /** As coarse as any that a board may have. */
  readonly times = 2;
  private readonly connect: () => Promise<BoardConsole>;
  private connected: Promise<BoardConsole> | undefined;

  /** @param connect is called when something is asked of the board for the first time */
  constructor(connect: () => Promise<BoardConsole>) {
    this.connect = connect;
  }

  async list(path: string, times = false): Promise<Entry[]> {
    const rows: Row[] = [];
    for (let operation = 'l', more = true; more; operation = 'm') {
      const [page, rest] = (await this.call(path, [operation, path, times ? 1 : 0])) as [Row[], number];
      rows.push(...page);
      more = !!rest;
    }
    const board = await this.board();
    return rows.map(([name, ...rest]) => entryOf(board.fromBoard(name), rest)).sort(byName);
  }

  async stat(path: string): Promise<Entry | undefined> {
    try {
      const [mode, , , , , , size, , mtime] = (await this.call(path, ['v', 'stat', path])) as number[];
      return entryOf(baseName(path), [mode & 0x4000 ? 1 : 0, size, 0, mtime]);
    } catch (error) {
      if (NOTHING.includes((error as PlaceError).code)) return undefined;
      throw error;
    }
  }

  async *read(path: string, from = 0): AsyncGenerator<Uint8Array> {
    const { piece } = await this.board();
    await this.call(path, ['o', path, piece]);
    try {
      // One more is asked for than there is.
      const asked = function* (): Generator<Request> {
        for (let at = from; ; at += piece) yield { head: ['r', at], data: '' };
      };
      for await (const packed of this.stream(path, asked())) {
        const bytes = unpack(packed as string | [string]);
        if (bytes.length) yield bytes;
        if (bytes.length < piece) return;
      }
    } finally {
      await this.call(path, ['z']).catch(() => {});
    }
  }

  /** Under another name, which it gets when all of it has arrived: what breaks leaves the old file. */
  async write(path: string, content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, mtime?: number): Promise<void> {
    const fresh = joined(parentOf(path), NEW_NAME);
    if ((await this.stat(path))?.kind === 'directory') throw new PlaceError('EISDIR', placeText(this, path), 'it is a directory');
    await this.call(path, ['w', fresh]);
    try {
      const { piece } = await this.board();
      const requests = async function* (): AsyncGenerator<Request> {
        let at = 0;
        for await (const bytes of pieces(content, piece)) {
          const { coding, text } = pack(bytes);
          yield { head: ['u', at, coding], data: text };
          at += bytes.length;
        }
      };
      for await (const _done of this.stream(path, requests()));
      await this.call(path, ['e', path, mtime === undefined ? -1 : Math.floor(mtime)]);
    } catch (error) {
      await this.call(path, ['z']).catch(() => {});
      throw error;
    }
  }

  /** By CRC-32 of its pieces, which the board makes: a tenth of a second for what takes half of one over the line. */
  async holds(path: string, content: AsyncIterable<Uint8Array>): Promise<boolean> {
    const { piece } = await this.board();
    const wanted: number[] = [];
    for await (const bytes of pieces(content, piece)) wanted.push(crc32(bytes));
    await this.call(path, ['o', path, piece]);
    try {
      for (let at = 0; ; at += SUMS) {
        const sums = (await this.call(path, ['c', at, SUMS])) as number[];
        if (sums.some((sum, i) => sum !== wanted[at + i])) return false;
        if (sums.length < SUMS) return at + sums.length === wanted.length;
      }
    } finally {
      await this.call(path, ['z']).catch(() => {});
    }
  }

  async mkdir(path: string, mtime?: number): Promise<void> {
    await this.call(path, ['v', 'mkdir', path]);
    if (mtime !== undefined) await this.utime(path, mtime);
  }

  async rmdir(path: string): Promise<void> {
    await this.call(path, ['v', 'rmdir', path]);
  }

  async remove(path: string): Promise<void> {
    await this.call(path, ['v', 'remove', path]);
  }

  async rename(from: string, to: string): Promise<void> {
    await this.call(from, ['v', 'rename', from, to]);
  }

  async utime(path: string, mtime: number): Promise<void> {
    try {
      await this.call(path, ['d', path, Math.floor(mtime)]);
    } catch (error) {
      // It keeps no times.
      if ((error as PlaceError).code !== 'EOPNOTSUPP') throw error;
    }
  }

  async usage(path: string): Promise<Usage> {
    return usageOf((await this.call(path, ['v', 'statvfs', path])) as number[]);
  }

  /** Lets go of the board. */
  async close(): Promise<void> {
    const board = await this.connected?.catch(() => undefined);
    await board?.close();
  }

  private board(): Promise<BoardConsole> {
    this.connected ??= this.connect();
    return this.connected;
  }

  private async call(path: string, head: Head, data?: string): Promise<unknown> {
    const board = await this.board();
    try {
      return await board.call(head, data);
    } catch (error) {
      throw this.told(error, path, board);
    }
  }

  private async *stream(path: string, requests: AsyncIterable<Request> | Iterable<Request>): AsyncGenerator<unknown> {
    const board = await this.board();
    try {
      yield* board.stream(requests);
    } catch (error) {
      throw this.told(error, path, board);
    }
  }

  /** What the board has refused, in one line that says where. */
  private told(error: unknown, path: string, { title }: BoardConsole): unknown {
    if (!(error instanceof BoardError)) return error;
    if (error.code) return new PlaceError(error.code, placeText(this, path), error.message + this.advice(error.code));
    if (/Module .*vfs.* not found/i.test(error.message))
      return new PlaceError('ENOSYS', title, `the board has no vfs${this.advice('ENOSYS')}`);
    return new PlaceError('EIO', placeText(this, path), error.message);
  }

  /** What to do about it, as a command line says it. */
  protected advice(code: string): string {
    if (code === 'ENODEV') return ": require('vfs').boot() on the board mounts its volume";
    return code === 'ENOSYS' ? ": 'microvfs upload --board NAME' puts it there" : '';
  }
}

function entryOf(name: string, [directory, size, flags, mtime]: number[]): Entry {
  const entry: Entry = {
    name,
    kind: directory ? 'directory' : 'file',
    size: directory ? 0 : size,
    hidden: name.startsWith('.') || !!(flags & 1),
  };
  if (flags & 2) entry.readonly = true;
  if (mtime) entry.mtime = Math.floor(mtime);
  return entry;
}

/** Content in pieces of one size, but for the last; each is good until the next. */
export async function* pieces(content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, size: number): AsyncGenerator<Uint8Array> {
  const rest = new Uint8Array(size);
  let filled = 0;
  for await (const bytes of content) {
    for (let at = 0; at < bytes.length; ) {
      const part = bytes.subarray(at, at + size - filled);
      rest.set(part, filled);
      filled += part.length;
      at += part.length;
      if (filled < size) continue;
      yield rest;
      filled = 0;
    }
  }
  if (filled) yield rest.subarray(0, filled);
}
