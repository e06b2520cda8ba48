/** What parts an image has: the table of an ESP32's flash, or that of a card. */
import { placesOn } from '../../modules/blockdev/partitions.lazy';
import type { PartitionEntry } from '../partition-entry';
import { readPartitionTable, TABLE_OFFSET } from '../partition-table';
import { TABLE_SIZE } from '../partitions-command';
import { UsageError } from '../usage';
import { mediumDevice } from './device';
import { type Medium, piece, windowOf } from './medium';
import type { Part } from './parse';

const SECTOR = 4096;
const CARD_SECTOR = 512;

/** A partition of a card: its number as Linux counts them, and where it lies, in bytes. */
export interface CardPartition {
  number: number;
  offset: number;
  size: number;
  /** What the table says that it holds, where that is no user's volume: `EFI system`, `extended`. */
  kind: string;
}

/** The table of an ESP32's flash, in the order of places; undefined where there is none. @throws UsageError if it is damaged */
export function espPartitions(medium: Medium, title: string): PartitionEntry[] | undefined {
  if (medium.size < TABLE_OFFSET + SECTOR) return undefined;
  try {
    return readPartitionTable(piece(medium, TABLE_OFFSET, TABLE_SIZE))?.sort((a, b) => a.offset - b.offset);
  } catch (error) {
    throw new UsageError(`${title}: ${(error as Error).message}`);
  }
}

/** The partitions of a card's MBR or GPT; none where there is no table. */
export function cardPartitions(medium: Medium): CardPartition[] {
  const signature = piece(medium, 510, 2);
  if (medium.size < 2 * CARD_SECTOR || signature[0] !== 0x55 || signature[1] !== 0xaa) return [];
  return placesOn(mediumDevice(medium, CARD_SECTOR))
    .filter(({ _number, _count }) => _number > 0 && _count > 0)
    .map((place) => ({ number: place._number, offset: place._start * CARD_SECTOR, size: place._count * CARD_SECTOR, kind: place._kind }))
    .filter(({ offset, size }) => offset + size <= medium.size)
    .sort((a, b) => a.number - b.number);
}

/** The same of what is nothing but a card: none where the first sector is a boot sector besides. */
export function ownPartitions(medium: Medium): CardPartition[] {
  const first = piece(medium, 0, 512);
  const size = first[11] | (first[12] << 8);
  const boot = [512, 1024, 2048, 4096].includes(size) && first[13] && (first[0] === 0xeb || first[0] === 0xe9);
  return boot ? [] : cardPartitions(medium);
}

/** The part of an image that is meant, and where it begins. @throws UsageError if it is not there */
export function partOf(medium: Medium, part: Part, title: string): { medium: Medium; offset: number } {
  if (part.offset !== undefined || part.size !== undefined) {
    const offset = part.offset ?? 0;
    if (offset >= medium.size) throw new UsageError(`${title}: the image has only ${medium.size} bytes`);
    const size = part.size ?? medium.size - offset;
    return { medium: windowOf(medium, offset, size, title), offset };
  }
  if (part.partition === undefined) return { medium, offset: 0 };
  const found = findPart(medium, part.partition, title);
  return { medium: windowOf(medium, found.offset, found.size, title), offset: found.offset };
}

function findPart(medium: Medium, wanted: string, title: string): { offset: number; size: number } {
  const chip = espPartitions(medium, title);
  const labelled = chip?.find(({ label }) => label === wanted);
  if (labelled) return checked(labelled, chip as PartitionEntry[], medium, title);
  const card = cardPartitions(medium);
  const numbered = card.find(({ number }) => String(number) === wanted);
  if (numbered) return numbered;
  if (chip) throw new UsageError(`${title}: no such partition; the table has ${chip.map(({ label }) => label).join(', ')}`);
  if (card.length) throw new UsageError(`${title}: no such partition; the table has ${card.map(({ number }) => number).join(', ')}`);
  throw new UsageError(`${title}: there is no partition table in the image; @OFFSET+SIZE names a part without one`);
}

/** What a device would not open is damage. */
function checked(one: PartitionEntry, all: PartitionEntry[], medium: Medium, title: string): PartitionEntry {
  const end = one.offset + one.size;
  const other = all.find((each) => each !== one && each.offset < end && each.offset + each.size > one.offset);
  if (other) throw new UsageError(`${title}: the partition overlaps ${other.label}`);
  if (one.offset % SECTOR || one.offset < TABLE_OFFSET + SECTOR || !one.size) throw new UsageError(`${title}: the partition is misplaced`);
  if (end > medium.size) throw new UsageError(`${title}: the partition ends at ${end}, behind the ${medium.size} bytes of the image`);
  return one;
}
