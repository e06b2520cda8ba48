/**
 * The count of starts that came to nothing: in RAM that survives a reset, where the host has some, else in a file of Espruino's
 * Storage, whose erased bytes are programmed one after the other.
 */
import { fill } from '../../modules/engine';
import { type NativeStorage, native } from '../devices/native';

export const FILE = 'vfs-boots';
/** In the first half a unit is programmed for each start, in the second one for each that went well. */
export const SIZE = 512;
export const HALF = SIZE / 2;
/** Before the count and its complement, in RAM. */
export const MAGIC = 0x6d;

/** Nothing where there is none, and where only its size can be asked for. */
export function storageOf(): NativeStorage | undefined {
  let storage = native.storage as NativeStorage | undefined;
  if (!storage && native.require) {
    try {
      storage = native.require('Storage') as NativeStorage;
    } catch (_absent) {
      // An engine without.
    }
  }
  return storage && typeof storage.write === 'function' ? storage : undefined;
}

/** What is in the file, '' for none. */
export function marksOf(storage: NativeStorage): string {
  const text = storage.read(FILE);
  return text && text.length === SIZE ? text : '';
}

/** How many starts are marked. A mark that the power cut short counts. */
export function begunIn(text: string, unit: number): number {
  let begun = text && Math.ceil((text.lastIndexOf('\0', HALF - 1) + 1) / unit);
  while (begun && begun < HALF / unit && text.charCodeAt(begun * unit) !== 255) begun++;
  return begun || 0;
}

export function unitsOf(count: number): Uint8Array {
  const bytes = new Uint8Array(count);
  fill(bytes, 0);
  return bytes;
}

export function keep(count: number): void {
  (native.retained as Uint8Array).set([MAGIC, count, 255 - count]);
}
