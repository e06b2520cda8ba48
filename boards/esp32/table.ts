import { decodeText, equal, le32 } from '../../modules/engine';
import { ECORRUPT, ENODEV, vfsError } from '../../modules/errno';
import { md5 } from './md5';
import type { NativeFlash } from './native';

/** Where the table lies, unless the firmware was configured otherwise, and how far it may reach (96 entries). */
export const TABLE = 0x8000;
const TABLE_MAX = 0xc00;
const ENTRY = 32;

/**
 * Type, subtype, address, size, label, encrypted: MicroPython's tuple. Address and size are signed: beyond 2 GB they
 * are negative, which no chip reaches.
 */
export type PartitionInfo = [type: number, subtype: number, addr: number, size: number, label: string, encrypted: boolean];

/**
 * All entries of the partition table. An MD5 entry is checked; a table without one is taken as it is, since ESP-IDF
 * can be configured to write none. Entry by entry, so that the table's whole 3 kB are never in RAM.
 * @throws ENODEV if there is no table, ECORRUPT if it is damaged
 */
export function readTable(flash: NativeFlash, operation: string): PartitionInfo[] {
  const entries: PartitionInfo[] = [];
  let damage = 'damaged partition table';
  for (let at = 0; at < TABLE_MAX; at += ENTRY) {
    const raw = flash.read(ENTRY, TABLE + at) as Uint8Array;
    const magic = raw[0] | (raw[1] << 8);
    if (magic === 0x50aa) {
      let labelEnd = 12;
      while (labelEnd < 28 && raw[labelEnd]) labelEnd++;
      entries.push([raw[2], raw[3], le32(raw, 4), le32(raw, 8), decodeText(raw.subarray(12, labelEnd)), !!(raw[28] & 1)]);
    } else if (!at) {
      throw vfsError(ENODEV, operation, '', 'no partition table at 0x8000');
    } else if (magic === 0xffff) {
      return entries;
    } else if (magic !== 0xebeb) {
      break;
    } else if (!equal(md5(flash.read(at, TABLE) as Uint8Array), raw.subarray(16))) {
      damage = 'wrong MD5 of the partition table';
      break;
    }
  }
  throw vfsError(ECORRUPT, operation, '', damage);
}
