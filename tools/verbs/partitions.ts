/** Partition tables of an ESP32: read, changed, written. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import type { PartitionEntry } from '../partition-entry';
import { partitionTable, readPartitionTable, TABLE_OFFSET } from '../partition-table';
import { MOST, parsePartitions, partitionRows, TABLE_SIZE } from '../partitions-command';
import { FileMedium, type Keeping } from '../places/file-medium';
import { espPartitions } from '../places/partitions';
import { sizeOf } from '../places/size';
import { UsageError } from '../usage';

export type { PartitionEntry };

export interface PartitionsOptions extends Keeping {
  /** Bytes of the chip, for rows. Default 4 MB, or what the image of a chip has. */
  flashSize?: number | string;
  /** Rows to add, as `www,data,littlefs,,512K`. */
  add?: string[];
  /** Labels of partitions to take out. */
  remove?: string[];
  /** A file to write it to: rows if its name ends in `.csv`, else the table as it stands in the flash. */
  output?: string;
  /** An image of a chip, whose table it becomes. */
  into?: string;
}

const LARGEST_ROWS = 65536;

/**
 * Reads a partition table, from rows as ESP-IDF has them, a table as it stands in the flash, or a chip's image; changes it, and writes it.
 * Rows without a partition `vfs` get one in what is left behind the last.
 * @returns the table
 * @throws UsageError for what is none, with the line, and for what the chip would not take
 */
export function partitions(table: string, options: PartitionsOptions = {}): PartitionEntry[] {
  const { entries: found, flashSize } = readAny(table, options);
  let entries = found;
  for (const label of options.remove ?? []) {
    if (!entries.some((entry) => entry.label === label)) throw new UsageError(`${table}: there is no partition ${label}`);
    entries = entries.filter((entry) => entry.label !== label);
  }
  if (options.add?.length || options.remove?.length) {
    // All rows anew: what is added comes behind the last, and is checked against all.
    const sorted = [...entries].sort((a, b) => a.offset - b.offset);
    entries = parsePartitions([partitionRows(sorted), ...(options.add ?? [])].join('\n'), flashSize, true);
  }
  if (entries.length > MOST) throw new UsageError(`a table has ${MOST} partitions at most`);
  if (options.output !== undefined) write(options.output, entries);
  if (options.into !== undefined) writeInto(options.into, entries, options);
  return entries;
}

/** A table as it stands in the flash. */
function tableBytes(entries: PartitionEntry[]): Uint8Array {
  const bytes = new Uint8Array(TABLE_SIZE).fill(0xff);
  bytes.set(partitionTable(entries));
  return bytes;
}

function readAny(path: string, options: PartitionsOptions): { entries: PartitionEntry[]; flashSize: number } {
  const given = options.flashSize === undefined ? undefined : sizeOf(options.flashSize, '--flash-size');
  const flashSize = given ?? 4 * 1024 * 1024;
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) throw new UsageError(`cannot read the table: there is no file ${path}`);
  const medium = new FileMedium(path);
  try {
    const chip = espPartitions(medium, path);
    if (chip) return { entries: chip, flashSize: given ?? medium.size };
    if (medium.size > LARGEST_ROWS) throw new UsageError(`${path} has no partition table at 0x8000`);
    const bytes = readFileSync(path);
    const entries = readPartitionTable(bytes);
    return { entries: entries ?? parsePartitions(bytes.toString('utf8'), flashSize), flashSize };
  } finally {
    medium.close();
  }
}

function write(path: string, entries: PartitionEntry[]): void {
  try {
    writeFileSync(path, path.endsWith('.csv') ? partitionRows(entries) : tableBytes(entries));
  } catch (error) {
    throw new UsageError(`cannot write the table: ${(error as Error).message}`);
  }
}

function writeInto(path: string, entries: PartitionEntry[], options: Keeping): void {
  const medium = new FileMedium(path);
  try {
    const beyond = entries.find(({ offset, size }) => offset + size > medium.size);
    if (beyond) throw new UsageError(`${beyond.label} ends behind the ${medium.size} bytes of ${path}`);
    medium.write(TABLE_OFFSET, tableBytes(entries));
    medium.keep(options);
  } finally {
    medium.close();
  }
}
