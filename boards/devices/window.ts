/** A window of the flash chip, over Espruino's `Flash`: reading and writing in it. */
import { type Extent, IOCTL_BLOCK_COUNT, IOCTL_BLOCK_ERASE, IOCTL_BLOCK_SIZE, placeOf } from '../../modules/blockdev';
import { EINVAL, EIO } from '../../modules/contract/errno';
import type { BlockDevice } from '../../modules/contract/filesystem';
import { equal } from '../../modules/engine';
import { flashChip } from './chip';
import type { WindowOptions } from './free.lazy';
import * as free from './free.lazy';
import type { FlashArea, NativeFlash } from './native';

export type { WindowOptions } from './free.lazy';

/** Reads from `addr`, a page's worth at a time: `Flash.read` makes a new array each time. */
export function readFlash(flash: NativeFlash, addr: number, buf: Uint8Array): void {
  for (let done = 0; done < buf.length; done += 4096) {
    const piece = buf.subarray(done, Math.min(done + 4096, buf.length));
    piece.set(flash.read(piece.length, (addr + done) | 0) as Uint8Array);
  }
}

/** Programs, and reads back what the chip made of it: it reports no failure. */
export function writeFlash(flash: NativeFlash, addr: number, data: Uint8Array): number {
  flash.write(data, addr | 0);
  return equal(flash.read(data.length, addr | 0) as Uint8Array, data) ? 0 : -EIO;
}

/** Pages of equal size as an extended block device. Never touches a byte outside of them. */
export class FlashWindow implements BlockDevice {
  progsize: number;
  private _flash: NativeFlash;
  private _addr: number;
  private _page: number;
  private _count: number;
  /** @internal */
  _extent: Extent;

  /**
   * @param progsize what the chip programs at once: 1 where the firmware merges the bytes of a word with what is there
   * @throws EINVAL if the pages differ in size
   */
  constructor(pages: FlashArea[], operation: string, progsize: number) {
    this.progsize = progsize;
    this._flash = flashChip(operation);
    this._addr = pages[0].addr;
    this._page = free.pageSize(pages, operation);
    this._count = pages.length;
    this._extent = [this._flash, this._addr, this._addr + this._page * this._count];
  }

  readblocks(block: number, buf: Uint8Array, offset?: number): number {
    const at = this._at(block, buf, offset);
    if (at < 0) return -EINVAL;
    readFlash(this._flash, at, buf);
    return 0;
  }

  /** With an offset programs only; without, erases what it covers, and reads back what was written. */
  writeblocks(block: number, buf: Uint8Array, offset?: number): number {
    const flash = this._flash;
    const page = this._page;
    const at = this._at(block, buf, offset);
    if (at < 0 || (offset === undefined && buf.length % page)) return -EINVAL;
    // The file system compares what it programs.
    if (offset !== undefined) flash.write(buf, at);
    else
      for (let done = 0; done < buf.length; done += page) {
        flash.erasePage((at + done) | 0);
        const status = writeFlash(flash, at + done, buf.subarray(done, done + page));
        if (status) return status;
      }
    return 0;
  }

  readarray(block: number, offset: number, length: number): Uint8Array | undefined {
    const at = block * this._page + +offset;
    return at >= 0 && length > 0 && at + length <= this._page * this._count ? this._flash.read(length, (this._addr + at) | 0) : undefined;
  }

  ioctl(op: number, arg: number): number {
    if (op === IOCTL_BLOCK_ERASE) {
      const at = this._at(arg, undefined, 0);
      if (at < 0) return -EINVAL;
      this._flash.erasePage(at);
    }
    return op === IOCTL_BLOCK_COUNT ? this._count : op === IOCTL_BLOCK_SIZE ? this._page : 0;
  }

  /** The address, -1 for what does not lie in the window. */
  private _at(block: number, piece: Uint8Array | undefined, offset: number | undefined): number {
    const at = placeOf(block, this._page, offset, piece, this._count * this._page);
    return at < 0 ? -1 : (this._addr + at) | 0;
  }
}

/** A class of windows, as a board names it. */
export interface WindowConstructor {
  /** @throws ENODEV where no flash is free; EINVAL for a window that is not free or cuts a page */
  new (options?: WindowOptions): FlashWindow;
}
