import { EINVAL, ENAMETOOLONG } from '../contract/errno';
import { decodeText, encodeText } from '../engine';
import { le16 } from './sector';
import * as upcase from './upcase.lazy';
import { fail, fs } from './volume';

/** Units of a File Name entry. */
export const UNITS = 15;

/** Turns a string into UTF-16; gives how many units. @throws ENAMETOOLONG for more than there is room for */
export function toUnits(text: string, units: Uint16Array): number {
  const bytes = encodeText(text);
  const most = units.length;
  let n = 0;
  for (let i = 0; i < bytes.length; ) {
    let c = bytes[i++];
    let more = c < 128 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
    if (n >= most || (more > 2 && n > most - 2)) fail(ENAMETOOLONG);
    for (c &= 127 >> more; more; more--) c = (c << 6) | (bytes[i++] & 63);
    if (c > 0xffff) {
      units[n++] = (c >> 10) + 0xd7c0;
      c = (c & 1023) | 0xdc00;
    }
    units[n++] = c;
  }
  return n;
}

/** The string of `length` units that lie in `b` at `at`, of a name each 15 in an entry. */
export function unitText(b: Uint8Array, at: number, length: number): string {
  const bytes = new Uint8Array(length * 3);
  const unit = function (i: number): number {
    return le16(b, at + i * 2 + Math.floor(i / UNITS) * 2);
  };
  let n = 0;
  for (let i = 0; i < length; i++) {
    let c = unit(i);
    if (c >> 10 === 54 && i + 1 < length && unit(i + 1) >> 10 === 55) c = ((c & 1023) << 10) + (unit(++i) & 1023) + 0x10000;
    else if (c >> 11 === 27) c = 0xfffd;
    let more = c < 128 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    bytes[n++] = (more && 0xf80 >> more) | (c >> (6 * more));
    while (more--) bytes[n++] = 128 | ((c >> (6 * more)) & 63);
  }
  return decodeText(bytes.subarray(0, n));
}

/** The name of a set; '' for one that would be a path, or none. */
export function setText(set: Uint8Array): string {
  const text = unitText(set, 66, set[35]);
  return text === '.' || text === '..' || text.indexOf('/') >= 0 || text.indexOf('\0') >= 0 ? '' : text;
}

/** NameHash of a stream extension (section 7.6.4) for units in capitals. */
export function hashOf(units: Uint16Array, length: number): number {
  let hash = 0;
  for (let i = 0; i < length; i++) {
    const c = units[i];
    hash = (((hash & 1) << 15) + (hash >> 1) + (c & 255)) & 0xffff;
    hash = (((hash & 1) << 15) + (hash >> 1) + (c >> 8)) & 0xffff;
  }
  return hash;
}

/** Makes the first `length` units of `_name` the name that is looked up. */
export function cutName(length: number): void {
  const upper = fs._upper;
  let wide = false;
  fs._length = length;
  for (let i = 0; i < length; i++) {
    const c = fs._name[i];
    upper[i] = c > 96 && c < 123 ? c - 32 : c;
    if (c > 127) wide = true;
  }
  if (wide) upcase.capitals(upper, length);
  fs._hash = hashOf(upper, length);
}

/**
 * Takes a name for a look-up or a new entry: all of it, and how long it is without the dots and spaces at its end, which no
 * new name has. Gives EINVAL for what nothing new can be named; others may have named something so.
 * @throws ENAMETOOLONG beyond 255 units
 */
export function setName(text: string): number {
  const name = fs._name;
  let n = toUnits(text, name);
  let refused = 0;
  cutName(n);
  for (let i = 0; i < n; i++) if (name[i] < 32 || '"*/:<>?\\|'.indexOf(String.fromCharCode(name[i])) >= 0) refused = EINVAL;
  while (n && (name[n - 1] === 46 || name[n - 1] === 32)) n--;
  fs._bare = n;
  return n ? refused : EINVAL;
}

/** Whether a set has the name that is looked up, which has its length. */
export function isSame(set: Uint8Array): boolean {
  const n = fs._length;
  let units: Uint16Array | undefined;
  for (let i = 0; i < n; i++) {
    const at = 66 + i * 2 + Math.floor(i / UNITS) * 2;
    let c = set[at] | (set[at + 1] << 8);
    if (units) c = units[i];
    else if (c > 96 && c < 123) c -= 32;
    if (c === fs._upper[i] || c === fs._name[i]) continue;
    if (c < 128 || units) return false;
    units = new Uint16Array(n);
    for (let k = 0; k < n; k++) units[k] = le16(set, 66 + k * 2 + Math.floor(k / UNITS) * 2);
    upcase.capitals(units, n);
    i = -1;
  }
  return true;
}
