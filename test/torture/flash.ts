/**
 * Flash in one array, quick to copy, that can show what a power cut would leave at each of its programs and erases, and
 * that can be bad: the explorer's stand-in for the simulated chip.
 */
import { IOCTL_BLOCK_COUNT, IOCTL_BLOCK_ERASE, IOCTL_BLOCK_SIZE, IOCTL_SYNC } from '../../modules/blockdev';
import type { BlockDevice } from '../../modules/contract/filesystem';
import { generator } from './random';

/** `nor`: erasing gives 0xFF and programs clear bits; `zero`: erasing gives 0; `keep`: erasing changes nothing. */
export type Medium = 'nor' | 'zero' | 'keep';

export interface FlashShape {
  blockSize: number;
  blockCount: number;
  progSize: number;
  /** What the medium programs at once and states, a divisor of `progSize`; with more than a byte a unit takes one program. Unless given `progSize`, not stated. */
  unit?: number;
  medium?: Medium;
  /** Programs and erases reach the medium in any order, block by block, until they are synced. */
  cached?: boolean;
  /** Blocks can be looked at in place. */
  mapped?: boolean;
}

export interface FlashChange {
  kind: 'program' | 'erase';
  addr: number;
  /** What is programmed; for an erase its length is that of the block. */
  data: Uint8Array;
}

/** How far the change got when the power went. */
export type Cut = 'not' | 'done' | 'torn' | 'bits' | 'reordered';

/** Thrown where the module does what flash would not forgive, or does not come to an end. */
export class Misuse extends Error {}

export class Flash implements BlockDevice {
  shape: FlashShape;
  image: Uint8Array;
  /** Called before each program and erase. A negative result is the operation's, and nothing is done. */
  before: ((change: FlashChange) => number | undefined) | undefined;
  /** Called after each read with what was read. */
  afterRead: ((addr: number, buf: Uint8Array) => number | undefined) | undefined;
  /** Called after each change. */
  after: ((change: FlashChange) => void) | undefined;
  reads = 0;
  readBytes = 0;
  programs = 0;
  erases = 0;
  /** Programs of bytes that are not erased are let pass: a cut left what no file system can foresee. */
  lenient = false;
  /** Operations left before `Misuse`. */
  budget = Number.POSITIVE_INFINITY;
  /** Blocks from here on are not the volume's. */
  limit: number;
  progsize: number | undefined;
  map: ((block: number) => Uint8Array) | undefined;
  wear: Uint32Array;
  /** With `cached`: the medium as it surely is, and the changes since then. */
  private _stable: Uint8Array | undefined;
  /** Units that were programmed since they were erased, as far as this object saw it. */
  private _spent: Uint8Array | undefined;
  private _pending: FlashChange[] = [];

  constructor(shape: FlashShape, image?: Uint8Array) {
    this.shape = shape;
    this.image = new Uint8Array(shape.blockSize * shape.blockCount);
    if (image) this.image.set(image);
    else if (shape.medium === 'keep') fillRandom(this.image);
    else this.image.fill(shape.medium === 'zero' ? 0 : 0xff);
    this.wear = new Uint32Array(shape.blockCount);
    this.limit = shape.blockCount;
    this.progsize = shape.unit;
    if (shape.unit && shape.unit > 1 && (shape.medium ?? 'nor') === 'nor') this._spent = new Uint8Array(this.image.length / shape.unit);
    if (shape.mapped) {
      this.map = (block) => {
        const at = this._place(block, 0, shape.blockSize, 'view');
        return this.image.subarray(at, at + shape.blockSize);
      };
    }
    if (shape.cached) this._stable = this.image.slice();
  }

  readblocks(block: number, buf: Uint8Array, offset: number): number {
    const at = this._place(block, offset, buf.length, 'read');
    this.reads++;
    this.readBytes += buf.length;
    buf.set(this.image.subarray(at, at + buf.length));
    return this.afterRead?.(at, buf) ?? 0;
  }

  writeblocks(block: number, buf: Uint8Array, offset: number): number {
    const at = this._place(block, offset, buf.length, 'program');
    const unit = this.shape.unit ?? this.shape.progSize;
    if (offset % unit || buf.length % unit || !buf.length)
      throw new Misuse(`program of ${buf.length} at ${offset}: not in units of ${unit}`);
    if (!this.lenient && (this.shape.medium ?? 'nor') === 'nor') {
      for (let i = 0; i < buf.length; i++)
        if (this.image[at + i] !== 0xff)
          throw new Misuse(`program of ${buf.length} bytes in block ${block} at ${offset}: byte ${i} is not erased`);
    }
    const spent = this._spent?.subarray(at / unit, (at + buf.length) / unit);
    if (!this.lenient && spent?.some((each) => each))
      throw new Misuse(`program of ${buf.length} bytes in block ${block} at ${offset}: a second one`);
    const status = this._change({ kind: 'program', addr: at, data: buf });
    if (!status) spent?.fill(1);
    return status;
  }

  ioctl(op: number, arg: number): number | undefined {
    const { blockSize, blockCount } = this.shape;
    if (op === IOCTL_BLOCK_COUNT) return blockCount;
    if (op === IOCTL_BLOCK_SIZE) return blockSize;
    if (op === IOCTL_BLOCK_ERASE) {
      const at = this._place(arg, 0, blockSize, 'erase');
      const status = this._change({ kind: 'erase', addr: at, data: this.image.subarray(at, at + blockSize) });
      if (!status && this.shape.unit) this._spent?.fill(0, at / this.shape.unit, (at + blockSize) / this.shape.unit);
      return status;
    }
    if (op === IOCTL_SYNC && this._stable) {
      this._stable.set(this.image);
      this._pending = [];
    }
    return op === IOCTL_SYNC ? 0 : undefined;
  }

  /** What the medium holds if the power goes while `change` is made, or with no change: now. */
  cutImage(change: FlashChange | undefined, cut: Cut, seed: number): Uint8Array {
    const random = generator(seed);
    const medium = this.shape.medium ?? 'nor';
    if (cut === 'reordered' && this._stable) {
      // Of each block's changes a first part is on the medium.
      const image = this._stable.slice();
      const blocks = new Map<number, number>();
      const all = change ? [...this._pending, { ...change, data: change.data.slice() }] : this._pending;
      for (const each of all) {
        const block = Math.floor(each.addr / this.shape.blockSize);
        blocks.set(block, (blocks.get(block) ?? 0) + 1);
      }
      for (const [block, count] of blocks) blocks.set(block, random(3) ? random(2) * count : random(count + 1));
      for (const each of all) {
        const block = Math.floor(each.addr / this.shape.blockSize);
        const left = blocks.get(block) as number;
        blocks.set(block, left - 1);
        if (left > 0) apply(image, each, medium, 0, each.data.length);
      }
      return image;
    }
    const image = this.image.slice();
    if (!change || cut === 'not') return image;
    const length = change.data.length;
    if (cut === 'done') apply(image, change, medium, 0, length);
    else if (cut === 'torn') apply(image, change, medium, 0, 1 + random(Math.max(1, length - 1)));
    else {
      const target = image.slice(change.addr, change.addr + length);
      const old = this.image.subarray(change.addr, change.addr + length);
      apply(image, change, medium, 0, length);
      for (let i = 0; i < length; i++) {
        const done = image[change.addr + i];
        const mask = random(4) ? random(256) : random(2) ? 0xff : 0;
        target[i] = (old[i] & ~mask) | (done & mask);
      }
      image.set(target, change.addr);
    }
    return image;
  }

  private _place(block: number, offset: number, length: number, what: string): number {
    const { blockSize } = this.shape;
    if (!(block >= 0 && block < this.limit && offset >= 0 && offset + length <= blockSize) || block % 1 || offset % 1)
      throw new Misuse(`${what} of ${length} bytes at ${offset} of block ${block}: outside the volume`);
    if (--this.budget < 0) throw new Misuse('an operation does not come to an end');
    return block * blockSize + offset;
  }

  private _change(change: FlashChange): number {
    const refused = this.before?.(change);
    if (refused) return refused;
    if (this._stable) this._pending.push({ ...change, data: change.data.slice() });
    apply(this.image, change, this.shape.medium ?? 'nor', 0, change.data.length);
    if (change.kind === 'erase') {
      this.erases++;
      this.wear[change.addr / this.shape.blockSize]++;
    } else this.programs++;
    this.after?.(change);
    return 0;
  }
}

/** Makes the part of a change from byte `from` to `to`. */
function apply(image: Uint8Array, change: FlashChange, medium: Medium, from: number, to: number): void {
  const { addr, data } = change;
  if (change.kind === 'erase') {
    if (medium !== 'keep') image.fill(medium === 'nor' ? 0xff : 0, addr + from, addr + to);
  } else if (medium === 'nor') for (let i = from; i < to; i++) image[addr + i] &= data[i];
  else image.set(data.subarray(from, to), addr + from);
}

function fillRandom(bytes: Uint8Array): void {
  const random = generator(bytes.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = random(256);
}
