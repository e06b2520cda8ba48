/** Where in the flash chip a window may lie. */
import { optionsOf } from '../../modules/contract/arguments';
import { EINVAL, ENODEV, isWhole, vfsError } from '../../modules/contract/errno';
import { flashChip } from './chip';
import { type FlashArea, native } from './native';

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
  const taken = (native.reserved || []).slice();
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
 * @throws ENODEV without flash or where none of it is free, EINVAL if the window leaves the area or cuts a page, TypeError for
 *   options that are none
 */
export function claim(options: WindowOptions | undefined, operation: string): FlashArea[] {
  const areas = freeAreas(operation);
  const given = optionsOf(options);
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
  const start = given.start === undefined ? 0 : given.start;
  const len = given.len === undefined ? best.length - start : given.len;
  if (!isWhole(start, 0, best.length) || !isWhole(len, 1, best.length - start))
    throw vfsError(EINVAL, operation, '', 'start ' + start + ', len ' + len + ': the free area has ' + best.length + ' bytes');
  return pagesOf(best.addr + start, len, operation);
}

/** Bytes of each. @throws EINVAL if they differ */
export function pageSize(pages: FlashArea[], operation: string): number {
  const size = pages[0].length;
  for (let i = 0; i < pages.length; i++) if (pages[i].length !== size) throw vfsError(EINVAL, operation, '', 'pages of different sizes');
  return size;
}
