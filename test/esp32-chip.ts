/** A simulated ESP32 chip with a partition table, for tests. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { native } from '../boards/devices/native';
import { espruinoFlash, NorFlash, norFromImage } from '../boards/sim';

export interface Row {
  label: string;
  type?: number;
  subtype?: number;
  addr: number;
  size: number;
  flags?: number;
}

export const rows: Row[] = [
  { label: 'nvs', subtype: 2, addr: 0x9000, size: 0x6000 },
  { label: 'factory', type: 0, subtype: 0, addr: 0x10000, size: 0x1f0000 },
  { label: 'ota_0', type: 0, subtype: 0x10, addr: 0x200000, size: 0x40000 },
  { label: 'vfs', subtype: 0x83, addr: 0x300000, size: 0x20000 },
  { label: 'sixteen-letters!', subtype: 0x81, addr: 0x320000, size: 0x8000 },
];

export function tableImage(entries: Row[], options: { md5?: 'right' | 'wrong' | 'none' } = {}): Uint8Array {
  const table = Buffer.alloc(0xc00, 0xff);
  let at = 0;
  for (const row of entries) {
    table.fill(0, at, at + 32);
    table.writeUInt16LE(0x50aa, at);
    table[at + 2] = row.type ?? 1;
    table[at + 3] = row.subtype ?? 0x81;
    table.writeUInt32LE(row.addr, at + 4);
    table.writeUInt32LE(row.size, at + 8);
    table.write(row.label, at + 12, 'latin1');
    table.writeUInt32LE(row.flags ?? 0, at + 28);
    at += 32;
  }
  if (options.md5 !== 'none') {
    const digest = createHash('md5').update(table.subarray(0, at)).digest();
    if (options.md5 === 'wrong') digest[5] ^= 1;
    table.writeUInt16LE(0xebeb, at);
    digest.copy(table, at + 16);
  }
  return new Uint8Array(table);
}

/** A 4 MB chip with this at 0x8000, as the board's `native.flash`. Its counters begin at 0. */
export function chipWith(table: Uint8Array | undefined): NorFlash {
  const nor = new NorFlash({ size: 4 * 1024 * 1024, eraseSize: 4096, progSize: 4 });
  if (table) nor.poke(8, table);
  return insert(nor);
}

export function insert(nor: NorFlash): NorFlash {
  native.flash = espruinoFlash(nor);
  return nor;
}

/** The chip made elsewhere by the reference code, undefined (with a message) where it is not at hand. */
export function goldenChip(): { nor: NorFlash; manifest: Manifest } | undefined {
  const base = path.join(process.cwd(), '..', 'shared', 'golden', 'flash', 'esp32-4mb');
  if (!existsSync(base + '.img.gz')) {
    console.log('skipped: no ../shared/golden/flash');
    return undefined;
  }
  const image = new Uint8Array(gunzipSync(readFileSync(base + '.img.gz')));
  const manifest = JSON.parse(readFileSync(base + '.json', 'utf8'));
  return { nor: insert(norFromImage(image, { eraseSize: 4096, progSize: 4 })), manifest };
}

export interface Manifest {
  partitions: { label: string; type: number; subtype: number; offset: number; size: number }[];
}
