import { decodeText, encodeText, fill } from '../engine';
import { EINVAL, ENAMETOOLONG } from '../errno';
import { le16 } from './sector';
import { fail, fs } from './volume';

/** NT bits of a directory entry: the base, or the extension, is meant in lower case. */
const LOWER_BASE = 8;
const LOWER_EXT = 16;

/** Upper case of one UTF-16 unit, as names are compared: Basic Latin, Latin-1, Greek and Cyrillic, each to one unit. */
export function fold(c: number): number {
  if ((c > 96 && c < 123) || (c > 223 && c < 255 && c !== 247) || (c > 0x3b0 && c < 0x3ca && c !== 0x3c2) || (c > 0x42f && c < 0x450))
    return c - 32;
  return c > 0x44f && c < 0x460 ? c - 80 : c === 255 ? 376 : c === 181 ? 924 : c;
}

/** Turns a string into the UTF-16 of `_name` and `_length`. */
function toUnits(text: string): void {
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
 * number, `_lossy` where it is not even the name as an entry without a long name would have it.
 * @throws EINVAL for characters that FAT names cannot hold, ENAMETOOLONG beyond 255 units
 */
export function setName(text: string): void {
  const name = fs._name;
  let lossy = false;
  let high = false;
  let lower = 0;
  let upper = 0;
  let k = 0;
  toUnits(text);
  let n = fs._length;
  while (n && (name[n - 1] === 46 || name[n - 1] === 32)) n--;
  fs._length = n;
  let dot = n - 1;
  while (dot > 0 && name[dot] !== 46) dot--;
  // Without a dot, or with one in front only, all is base.
  if (dot < 1) dot = n;
  fill(fs._short, 32);
  if (!n) fail(EINVAL);
  for (let i = 0; i < n; i++) {
    const c = name[i];
    const bit = i < dot ? LOWER_BASE : LOWER_EXT;
    const special = '"*/:<>?\\|+,;=[]'.indexOf(String.fromCharCode(c));
    if (c < 32 || (special >= 0 && special < 9)) fail(EINVAL);
    if (i === dot) k = 8;
    else if (c === 46 || c === 32 || k > (i < dot ? 7 : 10)) lossy = true;
    else {
      const small = c > 96 && c < 123;
      if (small) lower |= bit;
      if (c > 64 && c < 91) upper |= bit;
      if (c > 127) high = true;
      if (c > 255 || special >= 0) lossy = true;
      fs._short[k++] = small ? c - 32 : c > 255 || special >= 0 ? 95 : c;
    }
  }
  if (fs._short[0] === 0xe5) fs._short[0] = 5;
  fs._lossy = lossy;
  fs._tail = lossy || high;
  fs._case = lower;
  fs._parts = fs._tail || lower & upper ? Math.ceil(n / 13) : 0;
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

/** Goes over the 13 units of the long entry at `at`, part `part` of the name; false where they are not the same. */
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
      if (!u && i < fs._length) fs._length = i;
    } else if (u !== w && i <= fs._length && fold(u) !== fold(w)) return false;
  }
  return true;
}

/** The name of the entry: the long one just collected, else the 8.3 name (bytes beyond ASCII as Latin-1, as the code page is not known). */
export function entryName(): string {
  const e = fs._entry;
  const name = fs._name;
  let n = 0;
  if (!fs._long) {
    for (let i = 0, end = 0; i < 11; i++) {
      let c = e[i];
      if (c === 5) c = 0xe5;
      if (i === 8) {
        n = end;
        name[n++] = 46;
      }
      if (c > 64 && c < 91 && e[12] & (i < 8 ? LOWER_BASE : LOWER_EXT)) c += 32;
      name[n++] = c;
      if (c !== 32) fs._length = end = n;
    }
  }
  const bytes = new Uint8Array(fs._length * 3);
  n = 0;
  for (let i = 0; i < fs._length; i++) {
    let c = name[i];
    if (c >> 10 === 54) c = ((c & 1023) << 10) + (name[++i] & 1023) + 0x10000;
    let more = c < 128 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    bytes[n++] = (more && 0xf80 >> more) | (c >> (6 * more));
    while (more--) bytes[n++] = 128 | ((c >> (6 * more)) & 63);
  }
  return decodeText(bytes.subarray(0, n));
}
