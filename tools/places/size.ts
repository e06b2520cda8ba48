import { UsageError } from '../usage';

const UNITS: { [letter: string]: number } = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** Bytes, from `4194304`, `0x400000`, `4096K`, `4MB`, `32GiB`; undefined for what is none of these. */
export function bytesOf(text: string): number | undefined {
  const match = /^(?:(0x[0-9a-f]+)|(\d+)\s*(?:([kmg])i?)?b?)$/i.exec(text.trim());
  if (!match) return undefined;
  return match[1] ? Number(match[1]) : Number(match[2]) * UNITS[(match[3] ?? '').toLowerCase()];
}

/** The same of what a caller gives. @throws UsageError that names it */
export function sizeOf(value: number | string, what: string): number {
  const bytes = typeof value === 'number' ? value : bytesOf(value);
  if (bytes === undefined || !Number.isSafeInteger(bytes) || bytes < 0)
    throw new UsageError(`${what} ${value}: give bytes, or a number with K, M or G`);
  return bytes;
}

/** For people: `512 B`, `4 kB`, `1.5 MB`, `29.8 GB`, in units of 1024 bytes. */
export function humanSize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < 4) {
    value /= 1024;
    unit++;
  }
  return `${Number.isInteger(value) || value >= 100 ? Math.round(value) : value.toFixed(1)} ${['B', 'kB', 'MB', 'GB', 'TB'][unit]}`;
}
