import { createHash } from 'node:crypto';
import type { PartitionEntry } from './partition-entry';
import { UsageError } from './usage';

export type { PartitionEntry };

export const TABLE_OFFSET = 0x8000;

const ENTRY_SIZE = 32;
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
export function partitionTable(entries: PartitionEntry[]): Buffer {
  const table = Buffer.alloc(entries.length * ENTRY_SIZE);
  entries.forEach((entry, i) => {
    const at = i * ENTRY_SIZE;
    table.writeUInt16LE(0x50aa, at);
    table[at + 2] = entry.type;
    table[at + 3] = entry.subtype;
    table.writeUInt32LE(entry.offset, at + 4);
    table.writeUInt32LE(entry.size, at + 8);
    table.write(entry.label, at + 12, 16, 'latin1');
    table.writeUInt32LE(entry.flags ?? 0, at + 28);
  });
  const md5 = Buffer.alloc(ENTRY_SIZE, 0xff);
  md5.writeUInt16LE(0xebeb, 0);
  createHash('md5').update(table).digest().copy(md5, 16);
  return Buffer.concat([table, md5]);
}

/**
 * The entries of a table, whose MD5 is checked where it has one. Undefined where none begins.
 * @throws UsageError if it is damaged
 */
export function readPartitionTable(table: Uint8Array): PartitionEntry[] | undefined {
  const bytes = Buffer.from(table.buffer, table.byteOffset, table.length);
  const entries: PartitionEntry[] = [];
  for (let at = 0; at + ENTRY_SIZE <= bytes.length; at += ENTRY_SIZE) {
    const magic = bytes.readUInt16LE(at);
    if (magic === 0xffff && at) return entries;
    if (magic === 0xebeb && at) {
      if (
        createHash('md5')
          .update(bytes.subarray(0, at))
          .digest()
          .equals(bytes.subarray(at + 16, at + 32))
      )
        return entries;
      throw new UsageError('the MD5 of the partition table is wrong');
    }
    if (magic !== 0x50aa) {
      if (!at) return undefined;
      throw new UsageError(`entry ${at / ENTRY_SIZE} of the partition table is damaged`);
    }
    entries.push({
      label: bytes.toString('latin1', at + 12, at + 28).replace(/\0.*$/s, ''),
      type: bytes[at + 2],
      subtype: bytes[at + 3],
      offset: bytes.readUInt32LE(at + 4),
      size: bytes.readUInt32LE(at + 8),
      flags: bytes.readUInt32LE(at + 28),
    });
  }
  if (!entries.length) return undefined;
  throw new UsageError('the partition table does not end');
}

/** An erased chip with a partition table, as it comes from a flashing tool. */
export function freshChip(size: number): Buffer {
  const chip = Buffer.alloc(size, 0xff);
  partitionTable(defaultPartitions(size)).copy(chip, TABLE_OFFSET);
  return chip;
}
