/**
 * The anchor of a volume in Storage: the first 256 bytes of the file have room for eight records of 32 bytes, each with the
 * address that the file had when it was written. The last valid one counts. Words, little-endian: "MVSV", address of the file's
 * header, address of block 0, number of blocks, bytes of a block, CRC-32 of these.
 */
import { ECORRUPT, EINVAL, EIO, ENOSPC, vfsError } from '../../../modules/contract/errno';
import { crc32, equal, fill, le32, putLe32 } from '../../../modules/engine';
import { flashChip } from '../chip';
import { HEADER, type StoragePlace } from './headers';

export const MAGIC = 0x5653564d;
const RECORD = 32;
const RECORDS = 8;
/** Bytes at the beginning of the file that are kept free of blocks. */
export const HEAD = RECORD * RECORDS;

export interface Anchor {
  /** Address of the header when this was written, and of block 0. */
  _header: number;
  _block: number;
  _count: number;
  _page: number;
  /** Where the next record goes, 0 for nowhere. */
  _slot: number;
}

function blank(): Uint8Array {
  const record = new Uint8Array(RECORD);
  fill(record, 255);
  return record;
}

/** A record of words with the CRC-32 of them behind: how an anchor is written, and a journal. */
export function sealed(words: number[]): Uint8Array {
  const record = blank();
  const n = words.length;
  for (let i = 0; i < n; i++) putLe32(record, i * 4, words[i]);
  putLe32(record, n * 4, ~crc32(-1, record.subarray(0, n * 4)));
  return record;
}

/** The words of such a record, nothing if it is none. */
export function unsealed(record: Uint8Array, magic: number, n: number): number[] | undefined {
  const words: number[] = [];
  for (let i = 0; i < n; i++) words.push(le32(record, i * 4));
  return words[0] === magic && equal(sealed(words), record) ? words : undefined;
}

/** The first page boundary behind the head of a file whose header is there. */
export function firstBlock(header: number, page: number): number {
  return Math.ceil((header + HEADER + HEAD) / page) * page;
}

/** Bytes of the page at `at`. @throws EINVAL where there is none */
export function pageAt(at: number, operation: string): number {
  const page = flashChip(operation).getPage(at);
  if (!page) throw vfsError(EINVAL, operation, '', 'no page of flash at ' + at);
  return page.length;
}

/** Programs a record, and reads it back. @throws EIO */
export function writeRecord(at: number, record: Uint8Array, operation: string): void {
  const flash = flashChip(operation);
  flash.write(record, at);
  if (!equal(flash.read(RECORD, at) as Uint8Array, record)) throw vfsError(EIO, operation, '', 'the flash did not take what was written');
}

/** The anchor that counts; one without a count if there is none yet. @throws ECORRUPT for a file of that name that is none of ours */
export function readAnchor(place: StoragePlace, operation: string): Anchor {
  const flash = flashChip(operation);
  const data = place._header + HEADER;
  const anchor: Anchor = { _header: 0, _block: 0, _count: 0, _page: 0, _slot: 0 };
  if (place._size < HEAD) throw vfsError(ECORRUPT, operation, '', 'no volume: too short');
  for (let i = 0; i < RECORDS; i++) {
    const at = data + i * RECORD;
    const record = flash.read(RECORD, at) as Uint8Array;
    const words = unsealed(record, MAGIC, 5);
    const first = le32(record, 0);
    if (words) {
      anchor._header = words[1];
      anchor._block = words[2];
      anchor._count = words[3];
      anchor._page = words[4];
      anchor._slot = 0;
    } else if (equal(record, blank())) {
      if (!anchor._slot) anchor._slot = at;
    } else if ((first & MAGIC) !== MAGIC) throw vfsError(ECORRUPT, operation, '', 'no volume');
  }
  return anchor;
}

/** Writes an anchor for where the file is. @throws ENOSPC where no slot is left, EIO */
export function writeAnchor(anchor: Anchor, place: StoragePlace, block: number, operation: string): void {
  if (!anchor._slot) throw vfsError(ENOSPC, operation, '', 'moved too often: copy its files, and make it anew');
  writeRecord(anchor._slot, sealed([MAGIC, place._header, block, anchor._count, anchor._page]), operation);
  anchor._header = place._header;
  anchor._block = block;
}

/**
 * Gives a file that has none its first anchor. One with files before it, which may be erased one day, so that it moves, goes
 * without its last page: then it has as many whole pages at any address.
 * @throws EINVAL for a file that is too small, or whose pages differ
 */
export function layAnchor(anchor: Anchor, place: StoragePlace, operation: string): void {
  const end = place._header + HEADER + place._size;
  const page = pageAt(place._header, operation);
  const block = firstBlock(place._header, page);
  const count = Math.floor((end - block) / page) - (place._before ? 1 : 0);
  if (count < 2) throw vfsError(EINVAL, operation, '', 'a file of ' + place._size + ' bytes is too small: pages have ' + page);
  for (let i = 0; i < count; i++)
    if (pageAt(block + i * page, operation) !== page) throw vfsError(EINVAL, operation, '', 'pages of different sizes');
  anchor._page = page;
  anchor._count = count;
  writeAnchor(anchor, place, block, operation);
}
