/**
 * Where a file lies in Espruino's Storage. Each has a header of 32 bytes: its size in the low 24 bits of the first word, its
 * name in the 28 bytes behind that, which begins with four NULs when it was erased. The next header follows at the next multiple of
 * what the flash programs at once, 4 or 8 bytes, or else at the beginning of the next page.
 */
import { ENODEV, vfsError } from '../../../modules/contract/errno';
import { encodeText, equal, le32 } from '../../../modules/engine';
import { flashChip } from '../chip';
import { type MemoryMap, type NativeStorage, native } from '../native';

export const HEADER = 32;

declare const process: { memory?: () => MemoryMap } | undefined;

/** What was found on the way to a file, or to the end. */
export interface StoragePlace {
  /** Address of the file's header, -1 if it is not there. */
  _header: number;
  /** Bytes of the file. */
  _size: number;
  /** How many files lie before it, erased ones too. */
  _before: number;
  /** Names of those that are not erased. */
  _names: string[];
  /** Where the next file would go, if the file is not there, and where Storage ends. */
  _free: number;
  _end: number;
}

/** `require('Storage')`. @throws ENODEV on an engine without it */
export function storageModule(operation: string): NativeStorage {
  flashChip(operation);
  try {
    if (!native.storage && native.require) native.storage = native.require('Storage') as NativeStorage;
  } catch (_absent) {
    // Said below.
  }
  if (!native.memory && typeof process !== 'undefined' && process) native.memory = process.memory;
  if (!native.storage) throw vfsError(ENODEV, operation, '', 'no Storage');
  return native.storage as NativeStorage;
}

/** From one header to the next, up to the file of that name or the end. */
function walk(start: number, end: number, wanted: Uint8Array, operation: string): StoragePlace {
  const flash = flashChip(operation);
  const place: StoragePlace = { _header: -1, _size: 0, _before: 0, _names: [], _free: start, _end: end };
  let at = start;
  let jumped = false;
  while (at + HEADER <= end) {
    const raw = flash.read(HEADER, at) as Uint8Array;
    const word = le32(raw, 0);
    const size = word & 0xffffff;
    if (word === -1 || !word || at + HEADER + size > end) {
      if (jumped) break;
      // Eight bytes at once, and the header is behind the four that fill up; or none more in this page.
      if (word === -1 && at % 8 && le32(flash.read(4, at + 4) as Uint8Array, 0) !== -1) {
        at += 4;
        continue;
      }
      const page = flash.getPage(at);
      if (!page) break;
      jumped = true;
      at = page.addr + page.length;
      continue;
    }
    jumped = false;
    if (raw[4] === wanted[0] && equal(raw.subarray(4), wanted)) {
      place._header = at;
      place._size = size;
      break;
    }
    if (le32(raw, 4)) {
      // MicroQuickJS applies nothing to a typed array.
      let name = '';
      for (let k = 4; k < HEADER && raw[k]; k++) name += String.fromCharCode(raw[k]);
      place._names.push(name);
    }
    place._before++;
    at += HEADER + ((size + 3) & -4);
    place._free = at;
  }
  return place;
}

/**
 * Looks for the file of that name, by what lies in the flash: where Storage is not mapped into memory nobody else tells the
 * address.
 * @throws ENODEV where Storage is not found, or is of a kind that is not known
 */
export function findFile(name: string, operation: string): StoragePlace {
  const stats = storageModule(operation).getStats();
  const flash = flashChip(operation);
  const wanted = new Uint8Array(HEADER - 4);
  const starts: number[] = [];
  const told = native.memory ? native.memory().flash_code_start : undefined;
  wanted.set(encodeText(name));
  if (told !== undefined) starts.push(told);
  if (native.storageAt !== undefined) starts.push(native.storageAt);
  // The partition `storage` of the stock ESP32, whose firmware does not tell.
  starts.push(0x320000);
  const free = flash.getFree();
  for (let k = 0; k < free.length; k++) starts.push(free[k].addr);
  for (let i = 0; i < starts.length; i++) {
    const place = walk(starts[i], starts[i] + stats.totalBytes, wanted, operation);
    // It is Storage if it has the file, or as many as the firmware counts.
    if (place._header >= 0 || place._names.length === stats.fileCount) return place;
  }
  throw vfsError(ENODEV, operation, '', 'Storage was not found in the flash');
}
