import { type Extent, IOCTL_BLOCK_COUNT, IOCTL_BLOCK_ERASE, IOCTL_BLOCK_SIZE, IOCTL_INIT, placeOf } from '../../../modules/blockdev';
import { EINVAL, vfsError } from '../../../modules/contract/errno';
import type { BlockDevice } from '../../../modules/contract/filesystem';
import { copy, fill, putLe32 } from '../../../modules/engine';
import { flashChip } from '../chip';
import * as free from '../free.lazy';
import type { FlashArea } from '../native';
import { FlashWindow, type WindowOptions } from '../window';
import { readBlock, writeBlock } from './log';
import * as scanning from './scan.lazy';
import { BLOCK, type Log } from './sector';

/** Where the data begins behind the virtual partition table. */
const FIRST = 0x100;

export interface Flash extends Log {}

/**
 * Internal flash, MicroPython's `pyb.Flash`. With options a window of it: blocks of 512 bytes for FAT, and after
 * `ioctl(1, 1)` the sectors themselves for littlefs where they are all of one size (`ioctl(1, 0)` goes back). Without
 * options all of it behind a partition table that is made up, as USB mass storage shows it.
 */
export class Flash implements BlockDevice {
  /** Of blocks the block; of sectors what the chip programs at once. */
  progsize = BLOCK;
  /** The sectors, where littlefs can use them, and whether it does. */
  private _window: FlashWindow | undefined;
  private _native = false;
  /** @internal */
  _extent: Extent;
  /** How many blocks lie before the first that can be written. @internal */
  _first: number;

  /** @throws ENODEV without flash; EINVAL for a window that is not free, cuts a sector, or is too small */
  constructor(options?: WindowOptions) {
    const pages = free.claim(options, 'Flash');
    const last = pages[pages.length - 1];
    let even = !!options && pages.length > 1;
    for (let i = 0; i < pages.length; i++) even = even && pages[i].length === pages[0].length;
    this._flash = flashChip('Flash');
    this._first = options ? 0 : FIRST;
    this._extent = [this._flash, pages[0].addr, last.addr + last.length];
    scanning.divide(this, pages);
    if (even) this._window = new FlashWindow(pages, 'Flash', unitOf(pages[0]));
    else if (!this._count) throw vfsError(EINVAL, 'Flash', '', 'too small');
  }

  readblocks(block: number, buf: Uint8Array, offset?: number): number {
    if (this._native) return (this._window as FlashWindow).readblocks(block, buf, offset);
    const length = buf.length;
    const from = offset || 0;
    if (placeOf(block, BLOCK, offset, buf, (this._first + this._count) * BLOCK) < 0) return -EINVAL;
    if (!from && !(length % BLOCK)) return move(this, block - this._first, buf, false);
    // A piece of one block.
    const whole = new Uint8Array(BLOCK);
    const status = from + length > BLOCK ? -EINVAL : move(this, block - this._first, whole, false);
    buf.set(whole.subarray(from, from + length));
    return status;
  }

  writeblocks(block: number, buf: Uint8Array, offset?: number): number {
    if (this._native) return (this._window as FlashWindow).writeblocks(block, buf, offset);
    return offset === undefined && !(buf.length % BLOCK) && placeOf(block, BLOCK, 0, buf, (this._first + this._count) * BLOCK) >= 0
      ? move(this, block - this._first, buf, true)
      : -EINVAL;
  }

  ioctl(op: number, arg: number): number {
    if (op === IOCTL_INIT) {
      this._native = arg === 1 && !!this._window;
      this.progsize = this._native ? (this._window as FlashWindow).progsize : BLOCK;
      // Read again what is there: somebody else may have written.
      this._map = undefined;
    }
    if (this._native) return (this._window as FlashWindow).ioctl(op, arg);
    return op === IOCTL_BLOCK_COUNT ? this._first + this._count : op === IOCTL_BLOCK_SIZE ? BLOCK : op === IOCTL_BLOCK_ERASE ? -EINVAL : 0;
  }

  /** What lies in the window instead of its blocks, '' for nothing. */
  held(): string {
    if (!this._map) scanning.scan(this);
    return this._held;
  }
}

/**
 * What the chip programs at once, by the size of its first sector. With pages of 2 or 4 kB (L4, G4, WB) a double word has one
 * error-correcting code, with 8 kB (H5, U5) 16 bytes have one, with 128 kB (H7) 32: they take one program. The F4 (16 kB) and
 * F7 (32 kB) have none, and Espruino merges bytes with what is there.
 */
function unitOf(page: FlashArea): number {
  const length = (flashChip('Flash').getPage(0x08000000) || page).length;
  return length < 8192 ? 8 : length < 16384 ? 16 : length < 131072 ? 1 : 32;
}

/** Whole blocks; those before block 0 are the made-up partition table and the nothing behind it. */
function move(log: Flash, block: number, buf: Uint8Array, write: boolean): number {
  let status = 0;
  for (let done = 0; done < buf.length && !status; done += BLOCK) {
    const piece = buf.subarray(done, done + BLOCK);
    if (block >= 0) status = write ? writeBlock(log, block, piece) : readBlock(log, block, piece);
    else if (!write) {
      fill(piece, 0);
      if (block === -FIRST) {
        // One partition of type 1 without CHS addresses.
        copy(piece, 446, new Uint8Array([0, 255, 255, 255, 1, 255, 255, 255, 0, 1]));
        putLe32(piece, 458, log._count);
        copy(piece, 510, new Uint8Array([0x55, 0xaa]));
      }
    }
    block++;
  }
  return status;
}
