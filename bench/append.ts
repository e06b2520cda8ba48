/** Synced appends to a log that stays open: 500 records of 32 bytes, of 29, and of 20 to 44. */
import type { RawFile } from '../modules/contract/filesystem';
import { VfsLfs2 } from '../modules/littlefs2';
import type { Cost } from './meter';
import type { Counted, Lfs2Options } from './workloads';

const COUNT = 500;

/** Numbers that look random, the same every time. */
function randomLengths(): number[] {
  let x = 12345;
  return Array.from({ length: COUNT }, () => {
    x = (Math.imul(x, 1103515245) + 12345) & 0x7fffffff;
    return 20 + ((x >>> 8) % 25);
  });
}

export const RECORDS: Record<'32 bytes' | '29 bytes' | '20 to 44 bytes', number[]> = {
  '32 bytes': new Array(COUNT).fill(32),
  '29 bytes': new Array(COUNT).fill(29),
  '20 to 44 bytes': randomLengths(),
};

/** Formats the device, and gives what the appends cost from the open to the close. */
export function runAppends(device: Counted, options: Lfs2Options, lengths: number[]): Cost {
  VfsLfs2.mkfs(device, options);
  const fs = new VfsLfs2(device, options);
  fs.mount(false, false);
  const before = { ...device.cost };
  const file = fs.open('/log', 'a') as RawFile;
  let size = 0;
  for (const length of lengths) {
    file.writeAt(size, new Uint8Array(length).fill(length + size));
    file.sync();
    size += length;
  }
  file.close();
  const cost = { ...device.cost };
  for (const key of Object.keys(before) as (keyof Cost)[]) cost[key] -= before[key];
  const again = new VfsLfs2(device, options);
  again.mount(true, false);
  const content = new Uint8Array(size);
  const log = again.open('/log', 'r') as RawFile;
  if (log.size() !== size || log.readAt(0, content) !== size) throw new Error(`the log has ${log.size()} bytes, not ${size}`);
  let at = 0;
  for (const length of lengths) {
    for (let i = 0; i < length; i++) if (content[at + i] !== ((length + at) & 0xff)) throw new Error(`byte ${at + i} of the log is wrong`);
    at += length;
  }
  return cost;
}

/**
 * How many of the appends begin within a program unit that the one before has filled up and programmed. Such a unit takes no
 * other program, and the C library finds the file's end nowhere but there: so the block is copied, which costs an erase.
 */
export function oddEnds(lengths: number[], blockSize: number, unit: number): number {
  let odd = 0;
  let off = 0;
  let index = 0;
  let inline = 0;
  for (const length of lengths) {
    if (inline >= 0) {
      // Small files lie in the metadata: nothing is copied when the first block is begun.
      inline += length;
      off += length;
      if (inline > INLINE_MOST) inline = -1;
      continue;
    }
    if (off % unit) odd++;
    off += length;
    for (; off > blockSize; index++) off += 4 * (1 + trailingZeros(index + 1)) - blockSize;
  }
  return odd;
}

/** Largest file in the metadata with a cache of 128 bytes and blocks of 1 kB at least. */
const INLINE_MOST = 128;

function trailingZeros(x: number): number {
  return 31 - Math.clz32(x & -x);
}

/** The most erases that appending may cost: three for each block that is filled, and one for each append that has to copy. */
export function mostErases(lengths: number[], blockSize: number, unit: number): number {
  const bytes = lengths.reduce((sum, length) => sum + length, 0);
  return 3 * Math.ceil(bytes / blockSize) + oddEnds(lengths, blockSize, unit);
}
