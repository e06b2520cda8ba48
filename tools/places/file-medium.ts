/** The bytes of an image, read as they are wanted and changed in a layer above until all is known to have succeeded. */
import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { whileLocked } from '../file-lock';
import { UsageError } from '../usage';
import type { Medium } from './medium';

const PAGE = 4096;
/** Bytes of the file that are read at once, and how many such pieces are kept. */
const CHUNK = 65536;
const CHUNKS = 64;
/** Changed pages that are held in memory; more go into a file without a name. */
const HELD = 8192;

/** How the image is changed when all has succeeded. */
export interface Keeping {
  /** Writes into the file itself, instead of a copy that takes its place: for images too large to copy. A crash while it writes leaves it half changed. */
  inPlace?: boolean;
}

/** Where the image goes. */
interface KeepingAs extends Keeping {
  /** Another file, instead of the one that was read. */
  as?: string;
}

/**
 * An image file. Reads are lazy; what is written stays in a layer of pages above the file until `keep`, so that a failure
 * before that leaves the file as it was.
 */
export class FileMedium implements Medium {
  readonly size: number;
  readonly path: string;
  /** -1 where the file is to be made. */
  private fd = -1;
  private changed = 0;
  private readonly blank: number;
  private readonly chunks = new Map<number, Uint8Array>();
  /** Changed pages: their bytes, or where these lie in the file of what was put aside. */
  private readonly pages = new Map<number, Uint8Array | number>();
  private held: number[] = [];
  private aside = -1;
  private slots = 0;

  /**
   * @param path the file; one that is a link is changed where it leads
   * @param made size and content of a file that is to be made, or made anew
   * @throws UsageError if it cannot be read
   */
  constructor(path: string, made?: { size: number; fill: number }) {
    this.path = existsSync(path) ? realpathSync(path) : path;
    this.blank = made ? made.fill : 0xff;
    if (made) {
      this.size = made.size;
      return;
    }
    try {
      this.fd = openSync(path, 'r');
      const stat = fstatSync(this.fd);
      if (!stat.isFile()) throw new Error('it is no file');
      this.size = stat.size;
      this.changed = stat.mtimeMs;
    } catch (error) {
      this.close();
      throw new UsageError(`cannot read ${path}: ${(error as Error).message}`);
    }
  }

  /** Whether something was written that is not in the file. */
  get dirty(): boolean {
    return this.pages.size > 0;
  }

  read(at: number, into: Uint8Array): void {
    for (let done = 0, n = 0; done < into.length; done += n) {
      const place = at + done;
      const offset = place % PAGE;
      const page = this.pages.get((place - offset) / PAGE);
      n = Math.min(PAGE - offset, into.length - done);
      const piece = into.subarray(done, done + n);
      if (page === undefined) this.readBase(place, piece);
      else if (typeof page === 'number') readSync(this.aside, piece, 0, n, page * PAGE + offset);
      else piece.set(page.subarray(offset, offset + n));
    }
  }

  write(at: number, bytes: Uint8Array): void {
    if (at < 0 || at + bytes.length > this.size) throw new RangeError(`${at}+${bytes.length} lies beyond ${this.path}`);
    for (let done = 0, n = 0; done < bytes.length; done += n) {
      const place = at + done;
      const offset = place % PAGE;
      const number = (place - offset) / PAGE;
      n = Math.min(PAGE - offset, bytes.length - done);
      const piece = bytes.subarray(done, done + n);
      let page = this.pages.get(number);
      if (typeof page === 'number') {
        writeSync(this.aside, piece, 0, n, page * PAGE + offset);
        continue;
      }
      if (!page) {
        page = new Uint8Array(PAGE);
        if (n < PAGE) this.readBase(place - offset, page);
        this.pages.set(number, page);
        if (this.held.push(number) > HELD) this.putAside();
      }
      page.set(piece, offset);
    }
  }

  /**
   * Puts what was written into the file.
   * @throws UsageError, and the file is what it was unless it was to be changed in place; also while a simulated board or a server has it
   */
  keep(how: KeepingAs = {}): void {
    if (this.fd >= 0 && !this.dirty && how.as === undefined) return;
    // What is no file, as a card in its reader, is not anybody's.
    if (this.fd >= 0 && !fstatSync(this.fd).isFile()) this.keepNow(how);
    else whileLocked(how.as ?? this.path, () => this.keepNow(how));
  }

  private keepNow({ inPlace, as }: KeepingAs): void {
    if (this.fd >= 0 && fstatSync(this.fd).mtimeMs !== this.changed)
      throw new UsageError(`${this.path} was changed by somebody else meanwhile: nothing was written`);
    const direct = inPlace && this.fd >= 0 && as === undefined;
    const target = as ?? this.path;
    const there = statSync(target, { throwIfNoEntry: false });
    // Whoever may do everything would put a file in the place of /dev/null.
    if (there && !there.isFile()) throw new UsageError(`cannot write ${target}: it is no file`);
    const fresh = direct ? target : target + '.new';
    try {
      // Where the host's file system can, that copies nothing.
      if (this.fd >= 0 && !direct) copyFileSync(this.path, fresh, constants.COPYFILE_FICLONE);
      this.writeOut(fresh, this.fd >= 0 ? 'r+' : 'w');
      if (!direct) this.replace(fresh, target);
    } catch (error) {
      if (!direct && statSync(fresh, { throwIfNoEntry: false })?.isFile()) rmSync(fresh);
      throw new UsageError(`cannot write ${target}: ${(error as Error).message}`);
    }
    this.pages.clear();
    this.chunks.clear();
    this.held = [];
    if (this.fd >= 0) this.changed = fstatSync(this.fd).mtimeMs;
  }

  close(): void {
    if (this.fd >= 0) closeSync(this.fd);
    if (this.aside >= 0) closeSync(this.aside);
    this.fd = this.aside = -1;
  }

  /** Windows replaces no file that is open. */
  private replace(fresh: string, target: string): void {
    const there = this.fd >= 0;
    if (there) closeSync(this.fd);
    try {
      renameSync(fresh, target);
    } finally {
      if (there) this.fd = openSync(this.path, 'r');
    }
  }

  private readBase(at: number, into: Uint8Array): void {
    if (this.fd < 0) {
      into.fill(this.blank);
      return;
    }
    for (let done = 0, n = 0; done < into.length; done += n) {
      const offset = (at + done) % CHUNK;
      const chunk = this.chunk((at + done - offset) / CHUNK);
      n = Math.min(CHUNK - offset, into.length - done);
      into.set(chunk.subarray(offset, offset + n), done);
    }
  }

  private chunk(number: number): Uint8Array {
    let bytes = this.chunks.get(number);
    if (bytes) this.chunks.delete(number);
    else {
      bytes = new Uint8Array(CHUNK);
      const got = number * CHUNK < this.size ? readSync(this.fd, bytes, 0, CHUNK, number * CHUNK) : 0;
      bytes.fill(0xff, got);
      if (this.chunks.size >= CHUNKS) this.chunks.delete(this.chunks.keys().next().value as number);
    }
    // The one used last is the last of the map.
    this.chunks.set(number, bytes);
    return bytes;
  }

  private putAside(): void {
    if (this.aside < 0) {
      const path = this.path + '.part';
      this.aside = openSync(path, 'w+');
      // An open file that has no name goes with the process. (Windows would not have it.)
      if (process.platform !== 'win32') unlinkSync(path);
    }
    for (const number of this.held) {
      writeSync(this.aside, this.pages.get(number) as Uint8Array, 0, PAGE, this.slots * PAGE);
      this.pages.set(number, this.slots++);
    }
    this.held = [];
  }

  private writeOut(path: string, flags: string): void {
    const fd = openSync(path, flags);
    try {
      if (this.fd < 0) this.writeBlank(fd);
      const page = new Uint8Array(PAGE);
      for (const [number, content] of this.pages) {
        if (typeof content === 'number') readSync(this.aside, page, 0, PAGE, content * PAGE);
        writeAll(fd, typeof content === 'number' ? page : content, Math.min(PAGE, this.size - number * PAGE), number * PAGE);
      }
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  }

  private writeBlank(fd: number): void {
    ftruncateSync(fd, this.size);
    const piece = new Uint8Array(CHUNK).fill(this.blank);
    for (let at = 0; this.blank && at < this.size; at += CHUNK) writeAll(fd, piece, Math.min(CHUNK, this.size - at), at);
  }
}

function writeAll(fd: number, bytes: Uint8Array, length: number, at: number): void {
  for (let done = 0; done < length; ) done += writeSync(fd, bytes, done, length - done, at + done);
}
