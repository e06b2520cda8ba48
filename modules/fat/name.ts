import { EINVAL, ENAMETOOLONG } from '../contract/errno';
import { decodeText, encodeText } from '../engine';
import { le16 } from './sector';
import { fail, fs } from './volume';

/** NT bits of a directory entry: the base, or the extension, is meant in lower case. */
const LOWER_BASE = 8;
const LOWER_EXT = 16;

/** Turns a string into the UTF-16 of `_name` and `_length`. */
export function toUnits(text: string): void {
  const bytes = encodeText(text);
  let n = 0;
  for (let i = 0; i < bytes.length; ) {
    let c = bytes[i++];
    let more = c < 128 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
    if (n > 254 || (more > 2 && n > 253)) fail(ENAMETOOLONG);
    for (c &= 127 >> more; more; more--) c = (c << 6) | (bytes[i++] & 63);
    if (c > 0xffff) {
      fs._name[n++] = (c >> 10) + 0xd7c0;
      c = (c & 1023) | 0xdc00;
    }
    fs._name[n++] = c;
  }
  fs._length = n;
}

/**
 * Takes a name for a look-up or a new entry: `_name` in UTF-16 without the dots and spaces at its end, its 8.3 form
 * `_short`, `_parts` long entries (0 where NT bits say it all), `_tail` where the 8.3 form is an alias that needs a
 * number, `_lossy` where it is not even the name as an entry without a long name would have it. Gives EINVAL for what
 * nothing new can be named; others may have named something so.
 * @throws ENAMETOOLONG beyond 255 units
 */
export function setName(text: string): number {
  const name = fs._name;
  let lossy = false;
  let lower = 0;
  let upper = 0;
  let k = 0;
  toUnits(text);
  let n = fs._length;
  fs._full = n;
  while (n && (name[n - 1] === 46 || name[n - 1] === 32)) n--;
  fs._length = n;
  let dot = n - 1;
  while (dot > 0 && name[dot] !== 46) dot--;
  // Without a dot, or with one in front only, all is base.
  if (dot < 1) dot = n;
  for (let i = 0; i < 11; i++) fs._short[i] = 32;
  let refused = n ? 0 : EINVAL;
  for (let i = 0; i < n; i++) {
    const c = name[i];
    const bit = i < dot ? LOWER_BASE : LOWER_EXT;
    const special = '"*/:<>?\\|+,;=[]'.indexOf(String.fromCharCode(c));
    if (c < 32 || (special >= 0 && special < 9)) refused = EINVAL;
    if (i === dot) k = 8;
    else if (c === 46 || c === 32 || k > (i < dot ? 7 : 10)) lossy = true;
    else {
      const small = c > 96 && c < 123;
      if (small) lower |= bit;
      if (c > 64 && c < 91) upper |= bit;
      const other = c > 127 || special >= 0;
      if (other) lossy = true;
      fs._short[k++] = small ? c - 32 : other ? 95 : c;
    }
  }
  fs._lossy = fs._tail = lossy;
  fs._case = lower;
  fs._parts = fs._tail || lower & upper ? Math.ceil(n / 13) : 0;
  fs._odd = refused > 0 || n < fs._full;
  return refused;
}

/** Sum over the 11 bytes of an 8.3 name, which its long entries carry. */
export function checksum(b: Uint8Array, at: number): number {
  let sum = 0;
  for (let i = 0; i < 11; i++) sum = (((sum & 1) << 7) + (sum >> 1) + b[at + i]) & 255;
  return sum;
}

/** What `longEntry` does: collects the name (the parts come last first), compares with it, or writes it. */
export const TAKE = 0;
export const COMPARE = 1;
export const PUT = 2;

/**
 * Goes over the 13 units of the long entry at `at`, part `part` of the name; false where they are not the same. Case counts
 * beyond Basic Latin: see `findListed`. A name that would be a path comes out empty.
 */
export function longEntry(b: Uint8Array, at: number, part: number, mode: number): boolean {
  const name = fs._name;
  if (mode === TAKE && b[at] & 64) fs._length = part * 13;
  for (let k = 0; k < 13; k++) {
    const i = part * 13 - 13 + k;
    const place = at + k + k + (k > 10 ? 6 : k > 4 ? 4 : 1);
    const u = le16(b, place);
    const w = i < fs._length ? name[i] : i > fs._length ? 0xffff : 0;
    if (mode === PUT) {
      b[place] = w;
      b[place + 1] = w >> 8;
    } else if (mode === TAKE) {
      name[i] = u;
      if ((!u || u === 47) && i < fs._length) fs._length = u ? 0 : i;
    } else if (u !== w && i <= fs._length) {
      if (u > 127 && w > 127) fs._odd = true;
      if ((u | 32) !== (w | 32) || (u | 32) < 97 || (u | 32) > 122) return false;
    }
  }
  return true;
}

/**
 * The name of the entry: the long one just collected, else the 8.3 name in the volume's code page; bytes that have no
 * character there are told apart in the private use area. What would be a path, or none, gets a `_`.
 */
export function entryName(): string {
  const e = fs._entry;
  const name = fs._name;
  let n = 0;
  if (!fs._long) {
    fs._length = 0;
    for (let i = 0, end = 0; i < 11; i++) {
      let c = e[i];
      if (c === 5 && !i) c = 0xe5;
      if (i === 8) {
        n = end;
        name[n++] = 46;
      }
      if (c > 64 && c < 91 && e[12] & (i < 8 ? LOWER_BASE : LOWER_EXT)) c += 32;
      if (c === 47 || !c) c = 95;
      const wide = c < 128 ? c : fs._page ? fs._page[c - 128] : 0xfffd;
      name[n++] = wide === 0xfffd ? c + 0xf000 : wide;
      if (c !== 32) fs._length = end = n;
    }
    if (fs._length < 3 && (!fs._length || (name[0] === 46 && name[fs._length - 1] === 46))) name[0] = 95;
    fs._length = fs._length || 1;
  }
  const bytes = new Uint8Array(fs._length * 3);
  n = 0;
  for (let i = 0; i < fs._length; i++) {
    let c = name[i];
    if (c >> 10 === 54 && i + 1 < fs._length && name[i + 1] >> 10 === 55) c = ((c & 1023) << 10) + (name[++i] & 1023) + 0x10000;
    else if (c >> 11 === 27) c = 0xfffd;
    let more = c < 128 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    bytes[n++] = (more && 0xf80 >> more) | (c >> (6 * more));
    while (more--) bytes[n++] = 128 | ((c >> (6 * more)) & 63);
  }
  return decodeText(bytes.subarray(0, n));
}
