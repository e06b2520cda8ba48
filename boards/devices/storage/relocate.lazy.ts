/**
 * A volume that Storage has moved goes back onto whole pages, within its own file, block after block. A page that is erased holds
 * the beginning of the block that goes there and the end of one that has gone, so the block is first put aside in another
 * Storage file, together with a journal: at any moment the power may go, and the next call goes on.
 *
 * That file begins with a record, words: "MVSJ", address of the volume's header, of its own, of block 0 before and after. From its
 * first whole page on there are 16 bytes for each block in the order of their going, of which the first word is 0 when the block is
 * put aside and the third when it has gone; behind them is the page in which it is put aside.
 */
import { ECORRUPT, EIO, ENOSPC, vfsError } from '../../../modules/contract/errno';
import { equal, le32 } from '../../../modules/engine';
import { flashChip } from '../chip';
import { type Anchor, firstBlock, readAnchor, sealed, unsealed, writeAnchor, writeRecord } from './anchor';
import { findFile, HEADER, type StoragePlace, storageModule } from './headers';

const MOVE = 'vfs-move';
const MAGIC = 0x4a53564d;
const RECORD = 32;
const MARKS = 16;
const OPERATION = 'relocate';

/** The journal's record, nothing where nothing has begun. */
function readJournal(): number[] | undefined {
  if (storageModule(OPERATION).read(MOVE, 0, 1) === undefined) return undefined;
  const place = findFile(MOVE, OPERATION);
  const record = place._header < 0 ? undefined : (flashChip(OPERATION).read(RECORD, place._header + HEADER) as Uint8Array);
  const words = record && unsealed(record, MAGIC, 5);
  // Told for what is compared only.
  if (words) words.push(place._header);
  return words;
}

/** Whether the power went while blocks were going. @throws ECORRUPT if Storage has moved the files since: no block is where it was */
export function isInterrupted(place: StoragePlace, anchor: Anchor): boolean {
  const journal = readJournal();
  // One that has done its work, and was left behind.
  if (!journal || journal[1] === anchor._header) return false;
  if (journal[1] !== place._header || journal[2] !== journal[5])
    throw vfsError(ECORRUPT, OPERATION, '', 'moved again before it was where it belongs');
  return true;
}

/** Erases pages, programs them, and reads them back. Gives 0 or minus an errno. */
export function putPages(at: number, data: Uint8Array, page: number): number {
  const flash = flashChip(OPERATION);
  for (let done = 0; done < data.length; done += page) {
    const piece = data.subarray(done, done + page);
    flash.erasePage((at + done) | 0);
    flash.write(piece, at + done);
    if (!equal(flash.read(page, at + done) as Uint8Array, piece)) return -EIO;
  }
  return 0;
}

/** @throws EIO */
function copyPage(to: number, from: number, page: number): void {
  if (putPages(to, flashChip(OPERATION).read(page, from) as Uint8Array, page))
    throw vfsError(EIO, OPERATION, '', 'the flash did not take what was written');
}

/** Makes the journal's file, and begins it. */
function begin(place: StoragePlace, anchor: Anchor, marks: number): number[] {
  const flash = flashChip(OPERATION);
  const storage = storageModule(OPERATION);
  const page = anchor._page;
  const size = RECORD + marks + 2 * page;
  const to = firstBlock(place._header, page);
  if (to + anchor._count * page > place._header + HEADER + place._size)
    throw vfsError(ENOSPC, OPERATION, '', 'no room for whole pages here: copy its files, and make it anew');
  if (!anchor._slot) throw vfsError(ENOSPC, OPERATION, '', 'moved too often: copy its files, and make it anew');
  storage.erase(MOVE);
  // Storage compacts when it has no room, and that moves what is to be moved here.
  if (storage.getStats().freeBytes < size + HEADER + 8)
    throw vfsError(
      ENOSPC,
      OPERATION,
      '',
      'it takes ' + (size + HEADER + 8) + " bytes more in Storage: erase files and call require('Storage').compact()",
    );
  storage.write(MOVE, new Uint8Array([255]), 0, size);
  const file = findFile(MOVE, OPERATION);
  const first = firstPage(file._header, page);
  for (let at = first; at < first + marks; at += page) flash.erasePage(at | 0);
  const words = [MAGIC, place._header, file._header, anchor._block + place._header - anchor._header, to];
  writeRecord(file._header + HEADER, sealed(words), OPERATION);
  return words;
}

/** The first whole page behind a record. */
function firstPage(header: number, page: number): number {
  return Math.ceil((header + HEADER + RECORD) / page) * page;
}

/**
 * Moves the blocks, or goes on with it. Gives the address of block 0.
 * @throws ENOSPC where Storage has no room for the journal, or the file none for whole pages; ECORRUPT; EIO
 */
export function relocateFile(): number {
  const flash = flashChip(OPERATION);
  const place = findFile('vfs-volume', OPERATION);
  const anchor = readAnchor(place, OPERATION);
  const page = anchor._page;
  const count = anchor._count;
  const marks = Math.ceil((MARKS * count) / page) * page;
  const moved = place._header - anchor._header;
  // Whole pages are whole pages elsewhere too.
  if (moved % page === 0) {
    writeAnchor(anchor, place, anchor._block + moved, OPERATION);
    return anchor._block;
  }
  const journal = (isInterrupted(place, anchor) && readJournal()) || begin(place, anchor, marks);
  const first = firstPage(journal[2], page);
  const aside = first + marks;
  const from = journal[3];
  const to = journal[4];
  const done = new Uint8Array(8);
  for (let n = 0; n < count; n++) {
    const mark = first + n * MARKS;
    const state = flash.read(MARKS, mark) as Uint8Array;
    // Downwards the first goes first, upwards the last.
    const at = (to < from ? n : count - 1 - n) * page;
    if (le32(state, 8) !== -1) continue;
    if (le32(state, 0) === -1) {
      copyPage(aside, from + at, page);
      flash.write(done, mark);
    }
    copyPage(to + at, aside, page);
    flash.write(done, mark + 8);
  }
  writeAnchor(anchor, place, to, OPERATION);
  storageModule(OPERATION).erase(MOVE);
  return to;
}
