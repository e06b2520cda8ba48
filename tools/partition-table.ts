import { md5 } from './md5';
import type { PartitionEntry } from './partition-entry';
import { UsageError } from './usage';

export type { PartitionEntry };

export const TABLE_OFFSET = 0x8000;

const ENTRY_SIZE = 32;
/** What the entries, and that with their MD5, begin with. */
const ENTRY = 0x50aa;
const SUM = 0xebeb;
const APP = 0;
const DATA = 1;
const KB = 1024;

/**
 * The layout MicroPython gives an ESP32 of 4 MB: the volume `vfs` takes what the firmware leaves, from 2 MB on; on
 * smaller chips the upper half.
 */
export function defaultPartitions(flashSize: number): PartitionEntry[] {
  if (flashSize < 256 * KB) throw new RangeError(`a chip of ${flashSize} bytes has no room for a volume, 256K is the least`);
  const app = 0x10000;
  const half = flashSize / 2;
  const vfs = Math.min(2048 * KB, half - (half % app));
  return [
    { label: 'nvs', type: DATA, subtype: 0x02, offset: 0x9000, size: 24 * KB },
    { label: 'phy_init', type: DATA, subtype: 0x01, offset: 0xf000, size: 4 * KB },
    { label: 'factory', type: APP, subtype: 0x00, offset: app, size: vfs - app },
    { label: 'vfs', type: DATA, subtype: 0x81, offset: vfs, size: flashSize - vfs },
  ];
}

/** The table as a flashing tool writes it: the entries, then the entry with their MD5. */
export function partitionTable(entries: PartitionEntry[]): Uint8Array {
  const length = entries.length * ENTRY_SIZE;
  const table = new Uint8Array(length + ENTRY_SIZE);
  const view = new DataView(table.buffer);
  entries.forEach((entry, i) => {
    const at = i * ENTRY_SIZE;
    view.setUint16(at, ENTRY, true);
    table[at + 2] = entry.type;
    table[at + 3] = entry.subtype;
    view.setUint32(at + 4, entry.offset, true);
    view.setUint32(at + 8, entry.size, true);
    for (let k = 0; k < Math.min(16, entry.label.length); k++) table[at + 12 + k] = entry.label.charCodeAt(k);
    view.setUint32(at + 28, entry.flags ?? 0, true);
  });
  table.fill(0xff, length);
  view.setUint16(length, SUM, true);
  table.set(md5(table.subarray(0, length)), length + 16);
  return table;
}

/**
 * The entries of a table, whose MD5 is checked where it has one. Undefined where none begins.
 * @throws UsageError if it is damaged
 */
export function readPartitionTable(table: Uint8Array): PartitionEntry[] | undefined {
  const view = new DataView(table.buffer, table.byteOffset, table.length);
  const entries: PartitionEntry[] = [];
  for (let at = 0; at + ENTRY_SIZE <= table.length; at += ENTRY_SIZE) {
    const magic = view.getUint16(at, true);
    if (magic === 0xffff && at) return entries;
    if (magic === SUM && at) {
      const sum = md5(table.subarray(0, at));
      if (sum.every((byte, i) => byte === table[at + 16 + i])) return entries;
      throw new UsageError('the MD5 of the partition table is wrong');
    }
    if (magic !== ENTRY) {
      if (!at) return undefined;
      throw new UsageError(`entry ${at / ENTRY_SIZE} of the partition table is damaged`);
    }
    entries.push({
      label: String.fromCharCode(...table.subarray(at + 12, at + 28)).replace(/\0.*$/s, ''),
      type: table[at + 2],
      subtype: table[at + 3],
      offset: view.getUint32(at + 4, true),
      size: view.getUint32(at + 8, true),
      flags: view.getUint32(at + 28, true),
    });
  }
  if (!entries.length) return undefined;
  throw new UsageError('the partition table does not end');
}

/** An erased chip with a partition table, as it comes from a flashing tool. @param table by default that of `defaultPartitions` */
export function freshChip(size: number, table = partitionTable(defaultPartitions(size))): Uint8Array {
  const chip = new Uint8Array(size).fill(0xff);
  chip.set(table, TABLE_OFFSET);
  return chip;
}
