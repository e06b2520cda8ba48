/**
 * Espruino's `Storage` over a simulated chip: where files lie, what is erased and programmed, and in which order, as
 * Espruino 2v29 has it. A test compares the flash with that of the real one, byte by byte.
 *
 * A file is a header of 32 bytes (size in the low 24 bits of the first word, flags in the high 8, name of 28 bytes, which
 * begins with four NULs when the file was erased) and its data; the next header follows at a multiple of the write alignment.
 */
import { le32, putLe32 } from '../../modules/engine';
import type { NativeFlash } from '../devices/native';

export interface StorageLayout {
  addr: number;
  length: number;
  /** What files are aligned to, 4 unless given: 8 on chips that program double words. */
  align?: number;
}

const HEADER = 32;
const STORAGE_FILE = 64;
const COMPRESSED = 128;
/** Bytes of a name. */
const NAME = 28;

interface Header {
  size: number;
  flags: number;
  name: string;
  erased: boolean;
}

export class SimStorage {
  /** Bytes that one chunk of a `StorageFile` holds. */
  chunk: number;
  compactions = 0;
  private _flash: NativeFlash;
  private _start: number;
  private _end: number;
  private _align: number;

  constructor(flash: NativeFlash, layout: StorageLayout) {
    this._flash = flash;
    this._start = layout.addr;
    this._end = layout.addr + layout.length;
    this._align = layout.align || 4;
    const page = this._pageEnd(layout.addr) - layout.addr;
    this.chunk = (layout.length < 1000000 ? Math.min(page, 4096) : page * 10) - HEADER;
  }

  read(name: string, offset?: number, length?: number): string | undefined {
    const at = this._find(name);
    if (!at) return undefined;
    const size = this._header(at).size;
    const from = Math.min(Math.max(offset || 0, 0), size);
    const n = Math.min((length as number) > 0 ? (length as number) : size, size - from);
    return n > 0 ? textOf(this._flash.read(n, at + HEADER + from) as Uint8Array) : '';
  }

  readArrayBuffer(name: string): ArrayBuffer | undefined {
    const text = this.read(name);
    return text === undefined ? undefined : (bytesOf(text).buffer as ArrayBuffer);
  }

  write(name: string, data: string | Uint8Array, offset?: number, size?: number): boolean {
    return this._write(cutName(name), data, offset || 0, size || 0, 0);
  }

  erase(name: string): void {
    const at = this._find(name);
    if (at) this._eraseAt(at);
  }

  list(pattern?: RegExp, filter?: { sf: boolean }): string[] {
    const names: string[] = [];
    this._each((at) => {
      const header = this._header(at);
      let name = header.name;
      const nul = name.indexOf('\0');
      if (nul >= 0) name = name.slice(0, nul);
      const chunked = (header.flags & STORAGE_FILE) !== 0;
      if (!isReal(header) || (filter && filter.sf !== chunked)) return false;
      if (chunked) {
        if (name.charCodeAt(name.length - 1) !== 1) return false;
        if (filter && filter.sf) name = name.slice(0, -1);
      }
      if (!pattern || name.match(pattern)) names.push(name);
      return false;
    });
    return names;
  }

  getStats(): { totalBytes: number; freeBytes: number; fileBytes: number; fileCount: number; trashBytes: number; trashCount: number } {
    const stats = { totalBytes: this._end - this._start, freeBytes: 0, fileBytes: 0, fileCount: 0, trashBytes: 0, trashCount: 0 };
    let last = this._start;
    this._each((at) => {
      const header = this._header(at);
      const bytes = this._up(header.size) + HEADER;
      last = at + bytes;
      if (!header.erased) {
        stats.fileBytes += bytes;
        stats.fileCount++;
      } else {
        stats.trashBytes += bytes;
        stats.trashCount++;
      }
      return false;
    });
    stats.freeBytes = this._end - last;
    return stats;
  }

  getFree(): number {
    return this.getStats().freeBytes;
  }

  eraseAll(): void {
    this._erasePages(this._start, this._end);
  }

  compact(): void {
    this._compact();
  }

  open(name: string, mode: string): SimStorageFile {
    return new SimStorageFile(this, name, mode);
  }

  /** A chunk of a `StorageFile`. */
  writeChunk(name: string, data: string): void {
    this._write(cutName(name), data, 0, this.chunk, STORAGE_FILE);
  }

  /** Programs behind what a chunk holds. */
  appendChunk(name: string, offset: number, data: string): void {
    this._flash.write(bytesOf(data), this._find(name) + HEADER + offset);
  }

  /** Address of the header of that name, 0 for none. Without a name, of the first that is wanted. */
  private _find(name: string): number {
    return this._each((at) => this._header(at).name === cutName(name));
  }

  /** Calls with the address of each header until that says true; gives the address, 0 for none. */
  private _each(visit: (at: number) => boolean): number {
    let at = this._start;
    if (!this._valid(at)) return 0;
    while (at) {
      if (visit(at)) return at;
      at = this._next(at, true);
      if (at && !this._valid(at)) return 0;
    }
    return 0;
  }

  /** The next header, or where there is none the place for one; with `all` the beginning of the next page then. 0 at the end. */
  private _next(at: number, all: boolean, size?: number): number {
    const next = at + HEADER + this._up(size === undefined ? this._header(at).size : size);
    if (next + HEADER > this._end) return 0;
    if (!all || this._valid(next)) return next;
    const page = this._pageEnd(next);
    return page >= this._end ? 0 : page;
  }

  private _header(at: number): Header {
    const raw = this._flash.read(HEADER, at) as Uint8Array;
    let end = HEADER;
    while (end > 4 && !raw[end - 1]) end--;
    return { size: le32(raw, 0) & 0xffffff, flags: raw[3], name: textOf(raw.subarray(4, end)), erased: !le32(raw, 4) };
  }

  private _valid(at: number): boolean {
    const word = le32(this._flash.read(4, at) as Uint8Array, 0);
    return word !== -1 && word !== 0 && at + HEADER + (word & 0xffffff) <= this._end;
  }

  private _up(n: number): number {
    return Math.ceil(n / this._align) * this._align;
  }

  private _pageEnd(at: number): number {
    const page = this._flash.getPage(at);
    return page ? page.addr + page.length : this._end;
  }

  private _erasePages(from: number, to: number): void {
    for (let at = from; at < to; at = this._pageEnd(at)) this._flash.erasePage(at);
  }

  private _eraseAt(at: number): void {
    this._flash.write(new Uint8Array(4), at + 4);
  }

  private _isErased(at: number, length: number): boolean {
    const bytes = this._flash.read(length, at) as Uint8Array;
    for (let i = 0; i < length; i++) if (bytes[i] !== 255) return false;
    return true;
  }

  private _write(name: string, data: string | Uint8Array, offset: number, size: number, flags: number): boolean {
    const bytes = typeof data === 'string' ? bytesOf(data) : data;
    const length = size || bytes.length;
    if (!length) throw new Error("Can't create zero length file");
    let at = this._find(name);
    const old = at ? this._header(at) : undefined;
    const same = old && old.size === length && old.flags === flags;
    if (!offset && (!old || !same || !this._isErased(at + HEADER, length))) {
      if (same && bytes.length === length && textOf(this._flash.read(length, at + HEADER) as Uint8Array) === textOf(bytes)) return true;
      if (at) this._eraseAt(at);
      at = this._create(name, length, flags);
    }
    if (!at) throw new Error('Unable to find or create file');
    if (offset + bytes.length > this._header(at).size) throw new Error('Too much data for file size');
    if (!this._isErased(at + HEADER + offset, bytes.length)) throw new Error('File already written with different data');
    this._flash.write(bytes, at + HEADER + offset);
    return true;
  }

  /** Writes a header where there is room; gives its address, 0 for no room. */
  private _create(name: string, size: number, flags: number): number {
    const required = this._up(size) + HEADER;
    for (let compacted = false; ; compacted = true) {
      let at = this._start;
      let free = 0;
      let trash = 0;
      let found = 0;
      while (at && !found) {
        while (at && this._valid(at)) {
          const header = this._header(at);
          if (header.erased) trash += header.size;
          at = this._next(at, false);
        }
        if (!at) break;
        const page = this._pageEnd(at);
        const room = (page < this._end && this._valid(page) ? page : this._end) - at;
        free += room;
        if (room >= required) found = at;
        else at = page >= this._end ? 0 : page;
      }
      if (found) {
        const raw = new Uint8Array(HEADER);
        putLe32(raw, 0, size);
        raw[3] = flags;
        raw.set(bytesOf(name), 4);
        this._flash.write(raw, found);
        return found;
      }
      if (compacted || required >= free + trash || !this._compact()) return 0;
    }
  }

  /**
   * Moves the files down over what was erased, from the last page before the first erased file that begins with a header.
   * A page is erased and programmed when everything in it has been read.
   */
  private _compact(): boolean {
    const stats = this.getStats();
    if (!stats.trashBytes) return false;
    this.compactions++;
    let from = this._start;
    this._each((at) => {
      const page = this._flash.getPage(at);
      if (page && page.addr === at) from = at;
      return this._header(at).erased;
    });
    const most = Math.min(this._pageEnd(this._start) - this._start + HEADER, stats.fileBytes);
    let held = new Uint8Array(0);
    let to = from;
    const flush = (read: number): void => {
      while (held.length) {
        const pageEnd = Math.min(this._pageEnd(to), this._end);
        if (read < pageEnd) return;
        const page = this._flash.getPage(to);
        if (page && page.addr === to) this._flash.erasePage(to);
        const piece = held.subarray(0, Math.min(held.length, pageEnd - to));
        this._flash.write(piece, to);
        to += piece.length;
        held = held.subarray(piece.length);
      }
    };
    let at = from;
    while (this._valid(at)) {
      const header = this._header(at);
      if (isReal(header)) {
        held = joined(held, this._flash.read(HEADER, at) as Uint8Array);
        let read = at + HEADER;
        let left = this._up(header.size);
        flush(read);
        while (left) {
          const n = Math.min(most - held.length, left);
          if (n <= 0) return false;
          held = joined(held, this._flash.read(n, read) as Uint8Array);
          read += n;
          left -= n;
          flush(read);
        }
      }
      // Its header may be gone by now.
      at = this._next(at, true, header.size);
      if (!at) break;
    }
    flush(this._end);
    const rest = to === from ? to : this._pageEnd(to - 1);
    if (rest < this._end) this._erasePages(rest, at || this._end);
    return true;
  }
}

/** `require('Storage').open`: chunks of equal size, whose names end with their number; 0xFF ends the file. */
export class SimStorageFile {
  private _storage: SimStorage;
  private _name: string;
  private _mode: string;
  private _chunk = 1;
  private _offset = 0;

  constructor(storage: SimStorage, name: string, mode: string) {
    if (mode !== 'r' && mode !== 'w' && mode !== 'a') throw new Error('Invalid mode "' + mode + '"');
    this._storage = storage;
    this._name = name;
    this._mode = mode;
    if (mode === 'w') {
      this.erase();
      this._mode = mode;
    }
    while (mode === 'a') {
      const chunk = this._text();
      if (chunk === undefined) break;
      const end = chunk.indexOf('\xff');
      this._offset = end;
      if (end >= 0) break;
      this._offset = 0;
      this._chunk++;
    }
  }

  read(length: number): string | undefined {
    if (this._mode !== 'r') throw new Error("Can't read in this mode");
    let text: string | undefined;
    while (length > 0) {
      const chunk = this._text();
      if (chunk === undefined) break;
      const end = chunk.indexOf('\xff');
      const piece = chunk.slice(this._offset, end < 0 ? undefined : end).slice(0, length);
      if (piece) text = (text || '') + piece;
      this._offset += piece.length;
      length -= piece.length;
      if (this._offset < chunk.length) break;
      this._offset = 0;
      this._chunk++;
    }
    return text;
  }

  getLength(): number {
    let length = 0;
    for (let chunk = 1; ; chunk++) {
      const text = this._storage.read(this._name + String.fromCharCode(chunk));
      if (text === undefined) return length;
      const end = text.indexOf('\xff');
      length += end < 0 ? text.length : end;
      if (end >= 0) return length;
    }
  }

  write(data: string): void {
    if (this._mode !== 'w' && this._mode !== 'a') throw new Error("Can't write in this mode");
    if (!data) return;
    if (this._text() === undefined) {
      this._storage.writeChunk(this._part(), data);
      this._offset = data.length;
      return;
    }
    const left = this._storage.chunk - this._offset;
    if (data.length < left) {
      this._storage.appendChunk(this._part(), this._offset, data);
      this._offset += data.length;
    } else {
      this._storage.appendChunk(this._part(), this._offset, data.slice(0, left));
      this._offset += left;
      if (this._chunk === 255) throw new Error('File too big!');
      this._chunk++;
      this._storage.writeChunk(this._part(), data.slice(left));
      this._offset = data.length - left;
    }
  }

  erase(): void {
    for (let chunk = 1; this._storage.read(this._name + String.fromCharCode(chunk), 0, 1) !== undefined; chunk++)
      this._storage.erase(this._name + String.fromCharCode(chunk));
    this._chunk = 1;
    this._offset = 0;
    this._mode = '';
  }

  private _part(): string {
    return this._name + String.fromCharCode(this._chunk);
  }

  private _text(): string | undefined {
    return this._storage.read(this._part());
  }
}

function isReal(header: Header): boolean {
  return !header.erased && (!header.flags || header.flags === STORAGE_FILE || header.flags === COMPRESSED);
}

function cutName(name: string): string {
  return name.slice(0, NAME);
}

function textOf(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i++) text += String.fromCharCode(bytes[i]);
  return text;
}

function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
