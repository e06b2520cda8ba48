/** Reading the state of ESP-IDF's wear levelling. */
import { ECORRUPT, EINVAL, vfsError } from '../contract/errno';
import { crc32, equal, le32, putLe32 } from '../engine';
import { HEAD, isUnused, physical, RECORD, REDO, readBytes, recordOf, SECTOR, seal, type Wear } from './wear-move';

/** What is wrong, and is put right before the first write: the first state, the second, both and the configuration, it alone, the note of `safe`. */
export const WRONG_STATE = 1;
export const FRESH = 4;
export const NO_CONFIG = 8;
export const BAD_NOTE = 16;

const WHERE = 'WearLevelling';

/** Reads bytes of the partition. @throws what the device says */
function bytesAt(w: Wear, at: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  const status = readBytes(w, at, bytes);
  if (status) throw vfsError(status, WHERE);
  return bytes;
}

/** Whether a word is the CRC of all before it. */
function isSealed(b: Uint8Array, at: number): boolean {
  return ~crc32(0, b.subarray(0, at)) === le32(b, at);
}

/** Counts records of a state from `from` on: to the first that is not there, or with `all` to the last that is. */
function countRecords(w: Wear, state: number, from: number, all: boolean): number {
  let chunk: Uint8Array = new Uint8Array(0);
  let count = from;
  for (let i = from; i <= w._sectors; i++) {
    const k = (i - from) % 32;
    if (!k) chunk = bytesAt(w, w._states[state] * SECTOR + HEAD + i * RECORD, Math.min(32, w._sectors + 1 - i) * RECORD);
    const record = chunk.subarray(k * RECORD, (k + 1) * RECORD);
    if (!isUnused(record) && equal(record, recordOf(w, i))) count = i + 1;
    else if (!all) break;
  }
  return count;
}

/**
 * Reads where everything is. Of two states that differ the first is the newer. Where the first was lost while it was written anew, the
 * records of the second say how far the spare has come.
 * @throws EINVAL, ECORRUPT
 */
export function load(w: Wear): void {
  const size = w._dev._blockSize;
  const bytes = size * w._dev._blockCount;
  const all = bytes / SECTOR;
  w._stateSectors = Math.ceil((HEAD + all * RECORD) / SECTOR);
  w._sectors = all - 2 * w._stateSectors - 2;
  if (SECTOR % size || bytes % SECTOR || w._sectors < 1)
    throw vfsError(EINVAL, WHERE, '', w._dev._blockCount + ' blocks of ' + size + ' bytes');
  w._states = [w._sectors + 1, w._sectors + 1 + w._stateSectors];
  w._failure = w._erases = w._spare = 0;
  const first = bytesAt(w, w._states[0] * SECTOR, HEAD);
  const second = bytesAt(w, w._states[1] * SECTOR, HEAD);
  const config = bytesAt(w, bytes - SECTOR, 36);
  const valid = isSealed(first, HEAD - 4);
  const twin = isSealed(second, HEAD - 4);
  const configured = isSealed(config, 32);
  w._head = valid ? first : second;
  if (!valid && !twin) {
    if (configured) throw vfsError(ECORRUPT, WHERE, '', 'both states are damaged');
    // As ESP-IDF makes it.
    w._head = new Uint8Array(HEAD);
    putLe32(w._head, 4, w._sectors + 1);
    putLe32(w._head, 16, 16);
    putLe32(w._head, 20, SECTOR);
    putLe32(w._head, 24, 2);
    putLe32(w._head, 28, Math.random() * 0x7fffffff);
    seal(w);
    w._wrong = FRESH;
  } else w._wrong = (valid ? (twin && equal(first, second) ? 0 : 2) : 1) | (configured ? 0 : NO_CONFIG);
  w._turns = le32(w._head, 8);
  const most = le32(w._head, 16);
  if (
    le32(w._head, 24) !== 2 ||
    le32(w._head, 20) !== SECTOR ||
    le32(w._head, 4) !== w._sectors + 1 ||
    w._turns < 0 ||
    w._turns >= w._sectors ||
    most < 1 ||
    (configured && (le32(config, 4) !== bytes || le32(config, 8) !== SECTOR || le32(config, 20) !== RECORD))
  )
    throw vfsError(EINVAL, WHERE, '', 'another version or size');
  if (w._wrong !== FRESH) {
    const count = valid ? countRecords(w, 0, 0, false) : 0;
    const more = (w._wrong & 3) !== 2 ? countRecords(w, 1, count, true) : count;
    // A first state that was half erased.
    if (more > count) w._wrong |= WRONG_STATE;
    // When the last has been left too, that is done again: the whole had not turned.
    w._spare = Math.min(more, w._sectors);
  }
  findMode(w);
}

/** Finds out what blocks the volume has, and whether one of them has to be written again. */
function findMode(w: Wear): void {
  const end = w._sectors - 2;
  let size = 0;
  let total = 0;
  w._redo = [-1, 0, 0];
  const note = end > 0 ? bytesAt(w, physical(w, end) * SECTOR, RECORD) : new Uint8Array(RECORD);
  const sector = le32(note, 4);
  const part = le32(note, 8);
  const parts = le32(note, 12);
  if (le32(note, 0) === REDO && sector >= 0 && sector < end && part >= 0 && parts >= 0 && part + parts <= 8)
    w._redo = [sector, part, parts];
  const boot = bytesAt(w, physical(w, w._redo[0] || (!part && parts) ? 0 : end + 1) * SECTOR, 512);
  size = boot[11] | (boot[12] << 8);
  total = boot[19] | (boot[20] << 8) || le32(boot, 32) >>> 0;
  if (size !== 512 && size !== SECTOR && boot[510] === 0x55 && boot[511] === 0xaa) {
    // A table with one partition.
    total = (le32(boot, 454) >>> 0) + (le32(boot, 458) >>> 0);
    size = total > w._sectors ? 512 : SECTOR;
  }
  const parted = w._mode ? w._mode === 'safe' : size === 512 && total <= end * 8;
  w._unit = w._mode || size === 512 ? 512 : SECTOR;
  w._safe = parted;
  if (parted && end < 1) throw vfsError(EINVAL, WHERE, '', 'too small');
  if (!parted) w._redo = [-1, 0, 0];
  else if (w._redo[0] < 0 && (note[0] !== 0xff || !isUnused(note))) w._wrong |= BAD_NOTE;
}
