import { toUnits } from './name';

/** The most units of a label. */
const MOST = 11;

/** The Volume Label entry (section 7.3) with that text; undefined where it is too long. */
export function labelEntry(text: string): Uint8Array | undefined {
  const units = new Uint16Array(text.length);
  const n = toUnits(text, units);
  const entry = new Uint8Array(32);
  if (n > MOST) return undefined;
  entry[0] = 0x83;
  entry[1] = n;
  for (let i = 0; i < n; i++) {
    entry[2 + i * 2] = units[i];
    entry[3 + i * 2] = units[i] >> 8;
  }
  return entry;
}
