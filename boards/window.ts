/** A window of the flash chip, over Espruino's `Flash`: where it may lie, and reading and writing in it. */
import { IOCTL_BLOCK_COUNT, IOCTL_BLOCK_ERASE, IOCTL_BLOCK_SIZE } from '../modules/blockdev';
import { equal } from '../modules/engine';
import { EINVAL, EIO, ENODEV, vfsError } from '../modules/errno';
import type { BlockDevice } from '../modules/filesystem';
import { type FlashArea, flashChip, type NativeFlash, native } from './native';

export interface WindowOptions {
  /** Bytes from the beginning of the board's free area, 0 by default. */
  start?: number;
  /** Bytes, by default up to the end of the area. */
  len?: number;
}

/**
 * The whole pages of free flash: what `getFree` lists, which is Storage itself on some chips, or the description gives
 * instead, without Storage, the firmware and what the description reserves. (The firmware counts against a description
 * only: `getFree` knows of the holes in it, and `process.memory` does not.) Neighbours are one area.
 */
export function freeAreas(operation: string): FlashArea[] {
  const flash = flashChip(operation);
  const map = native.memory ? native.memory() : {};
  const taken = native.reserved.slice();
  const firmware = map.flash_start;
  const storage = map.flash_code_start;
  if (native.areas && firmware !== undefined) taken.push({ addr: firmware, length: (map.flash_binary_end as number) - firmware });
  if (storage !== undefined && native.storage) taken.push({ addr: storage, length: native.storage.getStats().totalBytes });
  const areas: FlashArea[] = [];
  const listed = native.areas || flash.getFree();
  for (let i = 0; i < listed.length; i++) {
    let addr = listed[i].addr;
    let end = addr + listed[i].length;
    for (let k = 0; k < taken.length; k++) {
      const from = taken[k].addr;
      const to = from + taken[k].length;
      if (from < end && to > addr) {
        if (from <= addr) addr = to;
        else end = from;
      }
    }
    const first = addr < end && flash.getPage(addr);
    const last = addr < end && flash.getPage(end - 1);
    if (first && last) {
      if (first.addr < addr) addr = first.addr + first.length;
      if (last.addr + last.length > end) end = last.addr;
      const before = areas[areas.length - 1];
      if (addr < end && before && before.addr + before.length === addr) {
        addr = before.addr;
        areas.pop();
      }
      if (addr < end) areas.push({ addr: addr, length: end - addr });
    }
  }
  return areas;
}

/** The pages from `addr` on, one after the other. @throws EINVAL if they do not end with the window */
export function pagesOf(addr: number, length: number, operation: string): FlashArea[] {
  const flash = flashChip(operation);
  const pages: FlashArea[] = [];
  let at = addr;
  while (at < addr + length) {
    const page = flash.getPage(at);
    if (!page || page.addr !== at) break;
    pages.push(page);
    at += page.length;
  }
  if (at !== addr + length || !pages.length) throw vfsError(EINVAL, operation, '', 'no whole pages of flash');
  return pages;
}

/**
 * The window that the options mean, in the free area that leaves most when its largest page is set aside (one page alone
 * can carry no volume).
 * @throws ENODEV without flash or where none of it is free, EINVAL if the window leaves the area or cuts a page
 */
export function claim(options: WindowOptions | undefined, operation: string): FlashArea[] {
  const areas = freeAreas(operation);
  const given = options || {};
  let best: FlashArea | undefined;
  let most = -1;
  for (let i = 0; i < areas.length; i++) {
    const pages = pagesOf(areas[i].addr, areas[i].length, operation);
    let largest = 0;
    for (let k = 0; k < pages.length; k++) largest = Math.max(largest, pages[k].length);
    if (areas[i].length - largest > most) {
      best = areas[i];
      most = best.length - largest;
    }
  }
  if (!best) throw vfsError(ENODEV, operation, '', 'no flash is free: all belongs to firmware or Storage');
  const start = given.start || 0;
  const len = given.len === undefined ? best.length - start : given.len;
  if (!(start >= 0 && len > 0 && start + len <= best.length))
    throw vfsError(EINVAL, operation, '', 'the free area has ' + best.length + ' bytes');
  return pagesOf(best.addr + start, len, operation);
}

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
  private _flash: NativeFlash;
  private _addr: number;
  private _page: number;
  private _count: number;

  /** @throws EINVAL if the pages differ in size */
  constructor(pages: FlashArea[], operation: string) {
    this._flash = flashChip(operation);
    this._addr = pages[0].addr;
    this._page = pages[0].length;
    this._count = pages.length;
    for (let i = 0; i < pages.length; i++)
      if (pages[i].length !== this._page) throw vfsError(EINVAL, operation, '', 'pages of different sizes');
  }

  readblocks(block: number, buf: Uint8Array, offset?: number): number {
    const at = this._at(block, buf.length, offset || 0);
    if (at < 0) return -EINVAL;
    readFlash(this._flash, at, buf);
    return 0;
  }

  /** With an offset programs only; without, erases what it covers, and reads back what was written. */
  writeblocks(block: number, buf: Uint8Array, offset?: number): number {
    const flash = this._flash;
    const page = this._page;
    const at = this._at(block, buf.length, offset || 0);
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

  ioctl(op: number, arg: number): number {
    if (op === IOCTL_BLOCK_ERASE) {
      const at = this._at(arg, this._page, 0);
      if (at < 0) return -EINVAL;
      this._flash.erasePage(at);
    }
    return op === IOCTL_BLOCK_COUNT ? this._count : op === IOCTL_BLOCK_SIZE ? this._page : 0;
  }

  /** The address, -1 for what does not lie in the window. */
  private _at(block: number, length: number, offset: number): number {
    const at = block * this._page + offset;
    // NaN is no remainder of 0 either.
    return block < 0 || offset < 0 || at + length > this._count * this._page || block % 1 !== 0 || at % 1 !== 0
      ? -1
      : (this._addr + at) | 0;
  }
}

/** A class of windows, as a board names it. */
export interface WindowConstructor {
  /** @throws ENODEV where no flash is free; EINVAL for a window that is not free or cuts a page */
  new (options?: WindowOptions): FlashWindow;
}

export function openWindow(options: WindowOptions | undefined, operation: string): FlashWindow {
  return new FlashWindow(claim(options, operation), operation);
}
