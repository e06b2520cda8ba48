/**
 * A NOR flash chip, simulated down to its bits: erasing sets a whole block to 0xFF, programming can only clear bits.
 * Written like device code, so that it also runs inside the small engines; a page takes memory from its first program on.
 */

import { EINVAL, EIO } from '../../modules/contract/errno';
import { fill } from '../../modules/engine';

export interface NorGeometry {
  /** Bytes in the chip, a multiple of `eraseSize`. */
  size: number;
  /** Bytes in an erase block. */
  eraseSize: number;
  /** Programs must begin at, and be as long as, a multiple of this. */
  progSize: number;
  /**
   * How often a unit of `progSize` takes a program between two erases: 1 where it carries an error-correcting code, 2 for a
   * word of the nRF52. One more is recorded in `violations` and thrown. Any number unless given.
   */
  programs?: number;
  /** Memory-mapped: `view` works. */
  mapped?: boolean;
}

/** Calls and bytes of each kind of operation that reached the chip, and how often each block was erased. */
export interface NorCounters {
  reads: number;
  readBytes: number;
  programs: number;
  programBytes: number;
  erases: number;
  eraseBytes: number;
  /** Erases by number of the block; a block never erased is absent. */
  wear: { [block: number]: number };
}

/**
 * `fail`: the operation does nothing and reports EIO. `stop`: the power goes before it. `tear`: the power goes in the
 * middle of it, half of the bytes are programmed or erased.
 */
export type FaultKind = 'fail' | 'tear' | 'stop';
export type NorOperation = 'program' | 'erase';

/** What the chip throws when its power is cut, and for every operation after that until `power()`. */
export class PowerCut {
  message: string;
  constructor() {
    this.message = 'power cut';
  }
  toString(): string {
    return this.message;
  }
}

/** Operations give 0 or a negative errno; a power cut is thrown. */
export class NorFlash {
  geometry: NorGeometry;
  counters: NorCounters = freshCounters();
  /** Decides about each program and erase, by address, before an armed fault does. */
  onOperation: ((operation: NorOperation, addr: number, length: number) => FaultKind | undefined) | undefined = undefined;
  /** Told of each range of bytes that has changed, a torn one too. */
  onChange: ((addr: number, length: number) => void) | undefined = undefined;
  /** Programs of units that had all they take. */
  violations: string[] = [];

  private _pages: { [block: number]: Uint8Array | undefined } = {};
  /** By erase block, how many programs each unit had, where that is limited. */
  private _programs: { [block: number]: Uint8Array | undefined } = {};
  private _fault: FaultKind | undefined = undefined;
  private _faultIn = 0;
  private _faultOn: NorOperation | undefined = undefined;
  private _off = false;

  constructor(geometry: NorGeometry) {
    if (geometry.size % geometry.eraseSize || geometry.eraseSize % geometry.progSize) throw new Error('NorFlash: impossible geometry');
    this.geometry = geometry;
  }

  /** Lets the `n`-th program or erase (or only that of one kind) from now on meet a fault; 1 is the next. */
  arm(kind: FaultKind, n: number, operation?: NorOperation): void {
    this._fault = kind;
    this._faultIn = n;
    this._faultOn = operation;
  }

  /** Whether the power has been cut. */
  isOff(): boolean {
    return this._off;
  }

  /** Turns the power on (again) and disarms the fault. What a torn operation left is still there. */
  power(): void {
    this._off = false;
    this._fault = undefined;
  }

  resetCounters(): void {
    this.counters = freshCounters();
  }

  read(addr: number, buf: Uint8Array): number {
    if (this._off) throw new PowerCut();
    if (!this._inside(addr, buf.length)) return -EINVAL;
    this.counters.reads++;
    this.counters.readBytes += buf.length;
    this.peek(addr, buf);
    return 0;
  }

  /** Clears the bits that are 0 in `data`. */
  program(addr: number, data: Uint8Array): number {
    if (this._off) throw new PowerCut();
    const unit = this.geometry.progSize;
    if (!this._inside(addr, data.length) || addr % unit || data.length % unit) return -EINVAL;
    const fault = this._meets('program', addr, data.length);
    if (fault === 'fail') return -EIO;
    const length = fault === 'stop' ? 0 : fault === 'tear' ? data.length >> 1 : data.length;
    if (this.geometry.programs) this._spend(addr, length, this.geometry.programs);
    if (length) {
      const counters = this.counters;
      counters.programs++;
      counters.programBytes += length;
      this._clearBits(addr, data, length);
      if (this.onChange) this.onChange(addr, length);
    }
    if (fault) this._cut();
    return 0;
  }

  /** Erases the block that begins at `addr`. */
  erase(addr: number): number {
    if (this._off) throw new PowerCut();
    const size = this.geometry.eraseSize;
    if (!this._inside(addr, size) || addr % size) return -EINVAL;
    const fault = this._meets('erase', addr, size);
    if (fault === 'fail') return -EIO;
    if (fault !== 'stop') {
      const block = addr / size;
      const counters = this.counters;
      counters.erases++;
      counters.eraseBytes += size;
      counters.wear[block] = (counters.wear[block] || 0) + 1;
      const length = fault === 'tear' ? size >> 1 : size;
      const page = this._pages[block];
      const spent = this._programs[block];
      if (spent) fill(spent.subarray(0, length / this.geometry.progSize), 0);
      if (page) {
        // Views of a mapped chip must see the erase.
        if (fault || this.geometry.mapped) fill(page.subarray(0, length), 0xff);
        else this._pages[block] = undefined;
      }
      if (this.onChange) this.onChange(addr, length);
    }
    if (fault) this._cut();
    return 0;
  }

  /** A live, read-only view within one erase block of a memory-mapped chip; undefined where there is none. */
  view(addr: number, length: number): Uint8Array | undefined {
    if (this._off) throw new PowerCut();
    const offset = addr % this.geometry.eraseSize;
    if (!this.geometry.mapped || !this._inside(addr, length) || offset + length > this.geometry.eraseSize) return undefined;
    return this._page((addr - offset) / this.geometry.eraseSize).subarray(offset, offset + length);
  }

  /** Reads around power, bounds and counters: for whoever holds the chip in his hand. */
  peek(addr: number, buf: Uint8Array): void {
    const size = this.geometry.eraseSize;
    for (let done = 0; done < buf.length; ) {
      const offset = (addr + done) % size;
      const n = Math.min(size - offset, buf.length - done);
      const page = this._pages[(addr + done - offset) / size];
      const piece = buf.subarray(done, done + n);
      if (page) piece.set(page.subarray(offset, offset + n));
      else fill(piece, 0xff);
      done += n;
    }
  }

  /** Sets the content of one erase block, or with nothing erases it, as `peek` does. */
  poke(block: number, data: Uint8Array | undefined): void {
    const unit = this.geometry.progSize;
    const programs = this.geometry.programs;
    this._pages[block] = this._programs[block] = undefined;
    if (data) this._page(block).set(data);
    // What it was programmed with is not known: what is not erased takes no more.
    for (let at = 0; data && programs && at < data.length; at++)
      if (data[at] !== 0xff) this._counts(block)[Math.floor(at / unit)] = programs;
  }

  /** The numbers of the blocks that were ever programmed: all others read as erased. */
  usedBlocks(): number[] {
    const used: number[] = [];
    const count = this.geometry.size / this.geometry.eraseSize;
    for (let block = 0; block < count; block++) if (this._pages[block]) used.push(block);
    return used;
  }

  private _inside(addr: number, length: number): boolean {
    return addr >= 0 && addr % 1 === 0 && length >= 0 && addr + length <= this.geometry.size;
  }

  private _page(block: number): Uint8Array {
    let page = this._pages[block];
    if (!page) {
      page = new Uint8Array(this.geometry.eraseSize);
      fill(page, 0xff);
      this._pages[block] = page;
    }
    return page;
  }

  private _counts(block: number): Uint8Array {
    const geometry = this.geometry;
    let counts = this._programs[block];
    if (!counts) this._programs[block] = counts = new Uint8Array(geometry.eraseSize / geometry.progSize);
    return counts;
  }

  /** Counts a program of each unit from `addr` on that it touches. */
  private _spend(addr: number, length: number, most: number): void {
    const geometry = this.geometry;
    for (let at = addr; at < addr + length; at += geometry.progSize) {
      const offset = at % geometry.eraseSize;
      const counts = this._counts((at - offset) / geometry.eraseSize);
      if (++counts[offset / geometry.progSize] > most) {
        const what = 'program ' + counts[offset / geometry.progSize] + ' of the unit at ' + at;
        this.violations.push(what);
        throw new Error(what);
      }
    }
  }

  private _clearBits(addr: number, data: Uint8Array, length: number): void {
    const size = this.geometry.eraseSize;
    for (let done = 0; done < length; ) {
      const offset = (addr + done) % size;
      const n = Math.min(size - offset, length - done);
      const block = (addr + done - offset) / size;
      if (this._pages[block]) {
        const page = this._page(block);
        for (let i = 0; i < n; i++) page[offset + i] &= data[done + i];
      } else this._page(block).set(data.subarray(done, done + n), offset);
      done += n;
    }
  }

  private _meets(operation: NorOperation, addr: number, length: number): FaultKind | undefined {
    const decided = this.onOperation && this.onOperation(operation, addr, length);
    if (decided) return decided;
    if (!this._fault || (this._faultOn && this._faultOn !== operation) || --this._faultIn > 0) return undefined;
    const fault = this._fault;
    this._fault = undefined;
    return fault;
  }

  private _cut(): void {
    this._off = true;
    throw new PowerCut();
  }
}

function freshCounters(): NorCounters {
  return { reads: 0, readBytes: 0, programs: 0, programBytes: 0, erases: 0, eraseBytes: 0, wear: {} };
}
