/**
 * The sectors of ESP-IDF's wear levelling, and how they move (`components/wear_levelling`, version 2). Physical sectors 0 to `_sectors`
 * carry `_sectors` logical ones and a spare. Each 16 erases the one behind the spare is copied to it and becomes the spare; when the spare
 * has passed the last, the whole has turned by one.
 */
import { crc32, equal, fill, le32, putLe32 } from '../engine';
import { readBlocks, writeBlocks } from './blocks';
import { type Device, eraseBlock, progAt } from './device';
import { readPiece } from './open';

export const SECTOR = 4096;
/** Bytes of the head of a state, and of each record behind it: one for each sector that the spare has left. */
export const HEAD = 64;
export const RECORD = 16;
/** "There is a copy to be written again", in a state of `safe`: the sector, its first part that is not of the copy, how many are not. */
export const REDO = 0x12345678;

export interface Wear {
  _dev: Device;
  _mode: 'perf' | 'safe' | undefined;
  /** Bytes of a block, and whether two sectors at the end are kept for `safe`. */
  _unit: number;
  _safe: boolean;
  /** Logical sectors. */
  _sectors: number;
  /** Where the spare is, and how often the whole has turned. */
  _spare: number;
  _turns: number;
  /** Erases since the last move. */
  _erases: number;
  /** Sectors of a state, and the first ones of both. */
  _stateSectors: number;
  _states: number[];
  /** The head of the state. */
  _head: Uint8Array;
  /** What has to be put right before something is written: bits, see `load`. */
  _wrong: number;
  /** A sector that has to be written again from its copy, see `REDO`; -1 if there is none. */
  _redo: number[];
  /** An error after which nobody knows what the medium holds. */
  _failure: number;
  _buffer: Uint8Array | undefined;
  /** Somebody has begun to use it. */
  _open: boolean;
}

/** Reads bytes of the partition. */
export function readBytes(w: Wear, at: number, buf: Uint8Array): number {
  const dev = w._dev;
  const size = dev._blockSize;
  let status = 0;
  if (at % size === 0 && buf.length % size === 0) return readBlocks(dev, at / size, buf);
  for (let done = 0, n = 0; done < buf.length && !status; done += n) {
    const offset = (at + done) % size;
    n = Math.min(size - offset, buf.length - done);
    status = readPiece(dev, Math.floor((at + done) / size), offset, buf.subarray(done, done + n));
  }
  return status;
}

/** Programs bytes that are erased. A device that erases by itself gets whole blocks. */
export function program(w: Wear, at: number, data: Uint8Array): number {
  const dev = w._dev;
  const size = dev._blockSize;
  let status = 0;
  for (let done = 0, n = 0; done < data.length && !status; done += n) {
    const block = Math.floor((at + done) / size);
    const offset = (at + done) % size;
    n = Math.min(size - offset, data.length - done);
    const piece = data.subarray(done, done + n);
    if (dev._extended) status = progAt(dev, block, offset, piece);
    else {
      const whole = new Uint8Array(size);
      status = readBlocks(dev, block, whole);
      whole.set(piece, offset);
      status = status || writeBlocks(dev, block, whole);
    }
  }
  return status;
}

/** Erases physical sectors. */
export function wipe(w: Wear, sector: number, count: number): number {
  const dev = w._dev;
  const size = dev._blockSize;
  const per = SECTOR / size;
  const blank = new Uint8Array(dev._extended ? 0 : size);
  let status = 0;
  fill(blank, 0xff);
  for (let block = sector * per; block < (sector + count) * per && !status; block++)
    status = dev._extended ? eraseBlock(dev, block) : writeBlocks(dev, block, blank);
  return status;
}

/** Where a logical sector lies. */
export function physical(w: Wear, sector: number): number {
  const at = (w._sectors - w._turns + sector) % w._sectors;
  return at < w._spare ? at : at + 1;
}

/** What stands in a state when the spare has left that place: CRCs of four numbers that follow each other. */
export function recordOf(w: Wear, place: number): Uint8Array {
  const record = new Uint8Array(RECORD);
  const one = new Uint8Array(4);
  for (let i = 0; i < 4; i++) {
    putLe32(one, 0, le32(w._head, 28) + place * 4 + i);
    putLe32(record, i * 4, ~crc32(0, one));
  }
  return record;
}

/** Writes a state: first its records, then the head that makes it count. */
export function writeState(w: Wear, state: number, records: number): number {
  const first = w._states[state];
  let status = wipe(w, first, w._stateSectors);
  for (let i = 0; i < records && !status; i++) status = program(w, first * SECTOR + HEAD + i * RECORD, recordOf(w, i));
  return status || program(w, first * SECTOR, w._head);
}

/**
 * Before an erase: each so many times the spare moves. If that fails before the first record is written nothing has changed; if it fails
 * later nothing is written any more until what the medium holds has been read anew.
 */
function move(w: Wear): number {
  const last = w._sectors;
  const most = le32(w._head, 16);
  if (++w._erases < most) return 0;
  const data = new Uint8Array(SECTOR);
  w._erases = most - 1;
  const status = readBytes(w, (w._spare < last ? w._spare + 1 : 0) * SECTOR, data) || store(w, w._spare, data);
  if (status) return status;
  const record = recordOf(w, w._spare);
  for (let i = 0; i < 2 && !w._failure; i++) w._failure = program(w, w._states[i] * SECTOR + HEAD + w._spare * RECORD, record);
  if (w._failure) return w._failure;
  w._erases = 0;
  if (w._spare < last) {
    w._spare++;
    return 0;
  }
  w._spare = 0;
  w._turns = (w._turns + 1) % w._sectors;
  putLe32(w._head, 8, w._turns);
  seal(w);
  for (let k = 0; k < 2 && !w._failure; k++) w._failure = writeState(w, k, 0);
  return w._failure;
}

/** Has the head of the state its CRC. */
export function seal(w: Wear): void {
  putLe32(w._head, 0, 0);
  putLe32(w._head, 12, 0);
  putLe32(w._head, HEAD - 4, ~crc32(0, w._head.subarray(0, HEAD - 4)));
}

function store(w: Wear, sector: number, data: Uint8Array): number {
  return writeBlocks(w._dev, (sector * SECTOR) / w._dev._blockSize, data);
}

/** Writes a logical sector, without care for what was there. */
export function overwrite(w: Wear, sector: number, data: Uint8Array): number {
  return w._failure || move(w) || store(w, physical(w, sector), data);
}

/** Erases the logical sector that says whether one has to be written again. */
export function forget(w: Wear): number {
  const status = w._failure || move(w);
  w._redo = [-1, 0, 0];
  return status || wipe(w, physical(w, w._sectors - 2), 1);
}

/** Writes a logical sector. */
export function put(w: Wear, sector: number, data: Uint8Array): number {
  if (!w._safe) return overwrite(w, sector, data);
  const note = new Uint8Array(RECORD);
  putLe32(note, 0, REDO);
  putLe32(note, 4, sector);
  let status = overwrite(w, w._sectors - 1, data);
  const at = physical(w, w._sectors - 2) * SECTOR;
  // What makes it count comes last.
  status = status || program(w, at + 4, note.subarray(4)) || program(w, at, note.subarray(0, 4));
  if (status) return status;
  w._redo = [sector, 0, 0];
  return overwrite(w, sector, data) || forget(w);
}

/** Whether all of it is erased, or all zeros. */
export function isUnused(b: Uint8Array): boolean {
  const same = new Uint8Array(b.length);
  fill(same, b[0]);
  return (b[0] === 0xff || !b[0]) && equal(b, same);
}
