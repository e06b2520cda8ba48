/** What parts an image has: the table of an ESP32's flash, or that of a card. */
import type { NativeFlash } from '../../boards/devices/esp32/native';
import { listPartitions, type PartitionInfo } from '../../boards/devices/esp32/table.lazy';
import { placesOn } from '../../modules/blockdev/partitions.lazy';
import type { VfsError } from '../../modules/contract/errno';
import type { PartitionEntry } from '../partition-table';
import { UsageError } from '../usage';
import { mediumDevice } from './device';
import { type Medium, piece, windowOf } from './medium';
import type { Part } from './parse';

const TABLE = 0x8000;
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

/** An ESP32 whose flash is the image. */
function chipOf(medium: Medium): { flash: NativeFlash; require: undefined } {
  const getPage = (addr: number) => (addr >= 0 && addr < medium.size ? { addr: addr - (addr % SECTOR), length: SECTOR } : undefined);
  const flash = { read: (length: number, addr: number) => piece(medium, addr, length), getPage, getFree: () => [], erasePage: () => {} };
  return { flash: { ...flash, write: () => {} }, require: undefined };
}

/** The table of an ESP32's flash; undefined where there is none. @throws UsageError if it is damaged */
export function espPartitions(medium: Medium, title: string): PartitionEntry[] | undefined {
  const entries: PartitionInfo[] = [];
  if (medium.size < TABLE + SECTOR) return undefined;
  try {
    for (let type = 0; type < 255; type++) entries.push(...listPartitions(chipOf(medium), type, {}));
  } catch (error) {
    if ((error as VfsError).code === 'ENODEV') return undefined;
    throw new UsageError(`${title}: ${(error as VfsError)._detail ?? (error as Error).message}`);
  }
  return entries
    .map(([type, subtype, offset, size, label, encrypted]) => ({
      label,
      type,
      subtype,
      offset: offset >>> 0,
      size: size >>> 0,
      flags: encrypted ? 1 : 0,
    }))
    .sort((a, b) => a.offset - b.offset);
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
  if (labelled) return labelled;
  const card = cardPartitions(medium);
  const numbered = card.find(({ number }) => String(number) === wanted);
  if (numbered) return numbered;
  if (chip) throw new UsageError(`${title}: no such partition; the table has ${chip.map(({ label }) => label).join(', ')}`);
  if (card.length) throw new UsageError(`${title}: no such partition; the table has ${card.map(({ number }) => number).join(', ')}`);
  throw new UsageError(`${title}: there is no partition table in the image; @OFFSET+SIZE names a part without one`);
}
