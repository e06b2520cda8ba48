import { be32, le32 } from '../../engine';
import { crcBytes } from '../disk';
import { keep } from '../mdir';
import * as logs from '../scan.lazy';
import { KIND_CTZ, KIND_DIR, KIND_INLINE, kindOf, newMdir } from '../table';
import * as tables from '../tabulate.lazy';
import { CCRC, CREATE, DELETE, DELETED, DIR, DIRSTRUCT, FCRC, MOVESTATE, NO_ID, REG, SUPERBLOCK, TAIL, USERATTR } from '../tags';
import { fs, type Mdir, use } from '../volume';
import { type Check, inside, pairText, report, tryLoad, tryRead } from './state';

/**
 * Scans the log in `m._a`, whatever the device does; whether there is a valid commit. A salvage takes those before what
 * cannot be read.
 */
function tryScan(c: Check, m: Mdir): boolean {
  for (let limit = fs._blockSize; limit > 0; ) {
    try {
      if (!logs.scan(m, limit)) return false;
      tables.tabulate(m);
      return true;
    } catch (_unreadable) {
      use(c._volume);
      const before = limit;
      limit = 0;
      while (c._only && limit < before - fs._readSize && !tryLoad(c, m._a, limit, 1, 1)) limit += fs._readSize;
    }
  }
  return false;
}

/** The pair {a, b} as it is kept or on the disk, with as much as can be read; undefined where neither block is valid. Says nothing. */
export function openPair(c: Check, a: number, b: number): Mdir | undefined {
  const list = fs._mdirs;
  for (let i = 0; i < list.length; i++) {
    const kept = list[i];
    if ((kept._a === a && kept._b === b) || (kept._a === b && kept._b === a)) return kept;
  }
  // A salvage makes do with one block of a pair whose other number is damaged.
  if (!inside(a) || !inside(b) || (a === b && !c._only)) return undefined;
  const ra = tryLoad(c, a, 0, 4, 4) ? 0 : le32(fs._w, 0);
  const rb = tryLoad(c, b, 0, 4, 4) ? 0 : le32(fs._w, 0);
  const newer = ((rb - ra) | 0) > 0;
  for (let k = 0; k < 2; k++) {
    const second = newer === !k;
    const m = second ? newMdir(b, a) : newMdir(a, b);
    m._rev = second ? rb : ra;
    if (tryScan(c, m)) {
      keep(m);
      return m;
    }
  }
  return undefined;
}

/** Like `openPair` for the first time that a pair is met, in the directory `path`: says all that is wrong with it. */
export function judgePair(c: Check, a: number, b: number, path: string): Mdir | undefined {
  const blocks = [a, b];
  let outside = 0;
  for (let k = 0; k < 2; k++) {
    if (!inside(blocks[k])) {
      outside++;
      report(c, 'error', 'range', path, [blocks[k]], 'pair ' + pairText(a, b) + ' lies outside the volume');
    } else if (!tryRead(c, blocks[k], 0, fs._blockSize))
      report(c, 'error', 'unreadable', path, [blocks[k]], 'block ' + blocks[k] + ' of pair ' + pairText(a, b) + ' cannot be read');
  }
  if (outside) return undefined;
  const m = openPair(c, a, b);
  if (!m) {
    const what = a === b ? 'consists of one block' : 'is damaged: neither block holds a valid commit';
    report(c, 'error', 'pair', path, blocks, 'pair ' + pairText(a, b) + ' ' + what);
    return undefined;
  }
  if (hasTornTwin(c, m))
    report(c, 'warning', 'twin', path, [m._b], 'block ' + m._b + ' does not check: cut off or damaged; its twin ' + m._a + ' is used');
  auditLog(c, m, path);
  return m;
}

/** Whether the block that is not used was to be a log, but is none. */
function hasTornTwin(c: Check, m: Mdir): boolean {
  return !tryScan(c, newMdir(m._b, m._a)) && beginsLikeLog(c, m._b);
}

/** Whether the log ends with a commit that does not check; `undefined` if that cannot be read. */
function hasTornCommit(c: Check, m: Mdir): boolean | undefined {
  if (m._end + 4 > fs._blockSize) return false;
  return tryLoad(c, m._a, m._end, 4, 4) ? undefined : (be32(fs._w, m._end - fs._wOff) ^ m._tag) >= 0;
}

/** Whether writing the pair anew would make it better. */
export function isRagged(c: Check, m: Mdir): boolean {
  return hasTornTwin(c, m) || !!hasTornCommit(c, m);
}

/** Whether a block without a valid commit was to be a log: its first tag is one that a log begins with. */
function beginsLikeLog(c: Check, block: number): boolean {
  if (tryLoad(c, block, 4, 4, 4)) return false;
  const tag = ~be32(fs._w, 4 - fs._wOff);
  const type = tag >> 20;
  const id = (tag >> 10) & 0x3ff;
  if (type === REG || type === DIR || type === SUPERBLOCK || type === CREATE) return !id;
  return id === NO_ID && (type === TAIL || type === TAIL + 1 || type === MOVESTATE || type === FCRC || type === CCRC || type === CCRC + 1);
}

/** Per id, what the log has given it: the type of its name in the low bits, and whether it has more. */
const TYPE = 0xff;
const MORE = 0x100;

/** What is wrong with a tag of a file (SPEC.md, "Metadata tags"), after those before it have `given` what they have; `''` for nothing. */
function fileTagFault(given: number[], tag: number, path: string): string {
  const type = tag >> 20;
  const id = (tag >> 10) & 0x3ff;
  const length = tag & 0x3ff;
  if (type < 0x100) {
    while (given.length <= id) given.push(0);
    const before = given[id];
    given[id] |= type;
    if (type !== REG && type !== DIR && type !== SUPERBLOCK) return 'of a file of unknown type';
    if (before & TYPE) return 'that names an entry anew';
    if (before) return 'that names an entry after its content';
    return type === SUPERBLOCK && (id || path) ? 'of a superblock entry out of place' : '';
  }
  if (type === CREATE) {
    if (id > given.length) return 'that creates beyond the end';
    given.splice(id, 0, 0);
  } else if (id >= given.length) return 'of an entry that is not there';
  else if (type === DELETE) given.splice(id, 1);
  else if (type >= USERATTR && type < USERATTR + 0x100) given[id] |= MORE;
  else if (type >= DIRSTRUCT && type <= DIRSTRUCT + 2 && length !== DELETED) {
    given[id] |= MORE;
    if (type !== DIRSTRUCT + 1 && length !== 8) return 'of a wrong length';
  } else return 'of unknown type';
  return '';
}

/** What is wrong with a tag of the pair. */
function pairTagFault(tag: number): string {
  const type = tag >> 20;
  const size = type === FCRC || type === TAIL || type === TAIL + 1 ? 8 : type === MOVESTATE ? 12 : 0;
  if ((type & 0x780) === CCRC) return type > CCRC + 1 ? 'of a CRC of unknown kind' : '';
  if (!size) return 'of unknown type';
  return (tag & 0x3ff) === size ? '' : 'of a wrong length';
}

/** Says which tags of the valid commits no writer would write, which entries are incomplete, and what follows these commits. */
export function auditLog(c: Check, m: Mdir, path: string): void {
  const given: number[] = [];
  const block = m._a;
  let off = 4;
  let tag = -1;
  let fcrcAt = 0;
  while (off < m._end) {
    if (tryLoad(c, block, off, 4, fs._own.length)) return;
    tag = be32(fs._w, off - fs._wOff) ^ tag;
    const type = tag >> 20;
    const id = (tag >> 10) & 0x3ff;
    const ofPair = type >= CCRC;
    let wrong = ofPair ? 'with an id' : 'without an id';
    if (ofPair === (id === NO_ID)) wrong = ofPair ? pairTagFault(tag) : fileTagFault(given, tag, path);
    if (wrong)
      report(
        c,
        'error',
        'tag',
        path,
        [block],
        'block ' + block + ' at ' + off + ': tag 0x' + type.toString(16) + ' (id ' + id + ') ' + wrong,
      );
    off += 4;
    if (type === FCRC && !wrong) fcrcAt = off;
    off += (tag & 0x3ff) === DELETED ? 0 : tag & 0x3ff;
    if ((type & 0x780) === CCRC) {
      tag ^= (type & 1) << 31;
      if (off < m._end) fcrcAt = 0;
    }
  }
  auditEntries(c, m, path, given);
  auditRest(c, m, path, fcrcAt);
}

/** Says which entries the tags have not given all that they need. */
function auditEntries(c: Check, m: Mdir, path: string, given: number[]): void {
  for (let i = 0; i < m._count; i++) {
    const type = given[i] & TYPE;
    const kind = kindOf(m, i);
    const fits = type === DIR ? kind === KIND_DIR : type === REG ? kind === KIND_INLINE || kind === KIND_CTZ : kind === KIND_INLINE;
    const wrong = !type ? ' has no name' : kind ? ' is both file and directory' : ' has no content';
    if (!type || !fits) report(c, 'error', 'entry', path, [m._a], 'entry ' + i + ' of pair ' + pairText(m._a, m._b) + wrong);
  }
}

function tryCrc(c: Check, block: number, off: number, length: number): number | undefined {
  try {
    return crcBytes(-1, block, off, length);
  } catch (_unreadable) {
    use(c._volume);
    return undefined;
  }
}

/** Says what follows the valid commits, where the next one should go. */
function auditRest(c: Check, m: Mdir, path: string, fcrcAt: number): void {
  const block = m._a;
  const where = 'block ' + block + ' from ' + m._end;
  if (!fs._minor && fcrcAt) report(c, 'error', 'tag', path, [block], 'block ' + block + ' has an FCRC, which littlefs 2.0 does not know');
  const torn = hasTornCommit(c, m);
  if (torn)
    report(
      c,
      'warning',
      'commit',
      path,
      [block],
      where + ': a commit that does not check: cut off or damaged; what it changed is not there',
    );
  if (torn !== false || !fcrcAt || tryLoad(c, block, fcrcAt, 8, 8)) return;
  const size = le32(fs._w, fcrcAt - fs._wOff);
  const crc = le32(fs._w, fcrcAt + 4 - fs._wOff);
  if (size < 1 || m._end + size > fs._blockSize)
    report(c, 'error', 'tag', path, [block], 'block ' + block + ': FCRC of ' + (size >>> 0) + ' bytes');
  else if (tryCrc(c, block, m._end, size) !== crc)
    report(c, 'info', 'tail', path, [block], where + ': the rest of the log is not erased; the next change writes the pair anew');
}
