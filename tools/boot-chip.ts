/** The file that is the flash chip of a simulated board. */
import { accessSync, closeSync, constants, mkdirSync, openSync, readFileSync, readSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { NorGeometry, SimBoard } from '../boards/sim';
import { lockFile } from './file-lock';
import type { PartitionEntry } from './partition-entry';
import { freshChip, partitionTable, TABLE_OFFSET } from './partition-table';
import { parsePartitions } from './partitions-command';
import { UsageError } from './usage';

export interface ChipOptions {
  board: string;
  flash: string;
  size?: number;
  /** Rows of an ESP32's partition table, for a new flash file. */
  partitions?: string;
}

const PAGE = 4096;

/** @returns gives it back */
export function lockFlash(path: string): () => void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    return lockFile(path);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`cannot use the flash file: ${(error as Error).message}`);
  }
}

/** The chip in a file, which is made if it is missing. Only chips with a partition table come in several sizes. */
export function prepareChip({ flash: path, board, size, partitions }: ChipOptions, wired: SimBoard): NorGeometry {
  const { geometry, partitioned: various } = wired;
  if (size !== undefined && (various ? !size || size % PAGE : size !== geometry.size))
    throw new UsageError(`--size ${size} is not ${various ? `a multiple of ${PAGE}` : `the ${geometry.size} that ${board} has`}`);
  if (partitions !== undefined && !various) throw new UsageError(`--partitions is not for ${board}, which has no partition table`);
  try {
    const present = statSync(path, { throwIfNoEntry: false });
    if (present && !present.isFile()) throw new UsageError(`${path} is not a file`);
    const bytes = present ? present.size : (size ?? geometry.size);
    if (!bytes || bytes % PAGE) throw new UsageError(`${path} has ${bytes} bytes, not a multiple of ${PAGE}`);
    if (!various && bytes !== geometry.size) throw new UsageError(`${path} has ${bytes} bytes, the chip has ${geometry.size}`);
    if (size !== undefined && size !== bytes) throw new UsageError(`${path} has ${bytes} bytes, not ${size} as --size says`);
    const table = partitions === undefined ? undefined : partitionTable(readRows(partitions, bytes));
    if (!present) {
      const chip = various ? freshChip(bytes, table) : new Uint8Array(bytes).fill(0xff);
      writeFileSync(path, chip);
    } else if (table) expectTable(path, table);
    accessSync(path, constants.R_OK | constants.W_OK);
    return { ...geometry, size: bytes };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`cannot use the flash file: ${(error as Error).message}`);
  }
}

function readRows(path: string, flashSize: number): PartitionEntry[] {
  let rows: string;
  try {
    rows = readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`cannot read the partitions: ${(error as Error).message}`);
  }
  return parsePartitions(rows, flashSize);
}

/** @throws UsageError if the chip in the file has another table */
function expectTable(path: string, table: Uint8Array): void {
  const fd = openSync(path, 'r');
  try {
    const there = new Uint8Array(table.length);
    readSync(fd, there, 0, there.length, TABLE_OFFSET);
    if (!there.every((byte, i) => byte === table[i]))
      throw new UsageError(`${path} has another partition table; 'microvfs partitions ROWS --into ${path}' writes one`);
  } finally {
    closeSync(fd);
  }
}
