/** Reading a volume anew: a part that a device loads at mounting, and after a failure. */
import { ECORRUPT, EINVAL } from '../contract/errno';
import { decodeText, le32 } from '../engine';
import { FRAME, fetch, HEADER, wordAt } from './mdir';
import { fail, fs, NULL } from './volume';

/** Reads the superblock and takes what it says (SPEC.md, "Superblock"). @throws ECORRUPT without one; EINVAL for a version or geometry not supported */
export function readVolume(): void {
  const v = fs;
  v._wBlock = NULL;
  v._mdirs = [];
  v._moves = [];
  v._taken = [];
  v._free = -1;
  v._mapSize = v._mapNext = 0;
  v._mended = v._stale = false;
  v._blockCount = v._dev._blockCount;
  const m = fetch(0, 1);
  const bytes = m._bytes;
  const name = HEADER + 24 + bytes[HEADER + 2];
  if (
    bytes.length < HEADER + FRAME + 12 ||
    bytes[HEADER] !== 0x2e ||
    bytes[HEADER + 1] < 20 ||
    decodeText(bytes.subarray(name, name + 8)) !== 'littlefs'
  )
    fail(ECORRUPT, 'no superblock');
  const version = wordAt(m, HEADER, 4);
  if (version >> 1 !== 0x8000) fail(EINVAL, 'littlefs version ' + (version >>> 16) + '.' + (version & 0xffff));
  const size = wordAt(m, HEADER, 2);
  const count = wordAt(m, HEADER, 3);
  if (size !== v._blockSize || count < 4 || count > v._blockCount)
    fail(EINVAL, 'volume of ' + count + ' blocks of ' + size + ' bytes on a device of ' + v._blockCount + ' of ' + v._blockSize);
  v._blockCount = count;
  v._minor = version & 1;
  v._root0 = wordAt(m, HEADER, 0);
  v._root1 = wordAt(m, HEADER, 1);
  const root = fetch(v._root0, v._root1);
  // The first search for free blocks begins somewhere else after each mount, so that wear spreads.
  v._mapStart = Math.floor(((((m._rev + root._rev * 7 + le32(root._bytes, root._bytes.length - 4)) >>> 0) * 0.6180339887) % 1) * count);
  v._map = new Uint8Array(Math.min((count + 7) >> 3, Math.max((v._lookahead + 7) >> 3, 1024)));
}
