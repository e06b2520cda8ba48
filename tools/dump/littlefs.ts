/** Metadata blocks of littlefs 2 and 1, after the specification of each. */
import { crc32 } from '../../modules/engine';
import { type Described, le16, type Note, quoted, u32 } from './notes';
import { Standing } from './standing';

const NULL = 0xffffffff;

const pair = (bytes: Uint8Array, at: number): string =>
  u32(bytes, at) === NULL && u32(bytes, at + 4) === NULL ? 'none' : `blocks ${u32(bytes, at)} and ${u32(bytes, at + 4)}`;

/** Types of tags (littlefs 2 SPEC.md, "Metadata tags"). */
const TAGS: { [type: number]: string } = {
  1: 'name of a file',
  2: 'name of a directory',
  255: 'superblock',
  512: 'directory at',
  513: 'inline content',
  514: 'list of blocks',
  1025: 'create an entry',
  1279: 'delete the entry',
  1535: 'CRC of what follows',
  1536: 'next pair of the thread',
  1537: 'rest of the directory',
  2047: 'global state',
};

function dataOf(type: number, data: Uint8Array): string {
  if (type < 0x100) return ` ${quoted(data)}`;
  if (type === 0x202 && data.length === 8) return `, last is ${u32(data, 0)}, ${u32(data, 4)} bytes`;
  if (type === 0x200 || type === 0x600 || type === 0x601) return data.length === 8 ? ` ${pair(data, 0)}` : '';
  if (type === 0x201 && data.length === 24)
    return `: version ${le16(data, 2)}.${le16(data, 0)}, ${u32(data, 8)} blocks of ${u32(data, 4)}, names ${u32(data, 12)}, files ${u32(data, 16)}, attributes ${u32(data, 20)}`;
  if (type === 0x7ff && data.length === 12) return `: tag 0x${u32(data, 0).toString(16)}, pair ${u32(data, 4)} ${u32(data, 8)}`;
  if (type === 0x5ff && data.length === 8) return `: of ${u32(data, 0)} bytes`;
  return `, ${data.length} bytes`;
}

/** The commits of a block: one whose CRC is wrong ends the log, and is none where it is the first. */
export function describeLfs2(bytes: Uint8Array): Described {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const notes: Note[] = [{ at: 0, length: 4, text: `revision ${u32(bytes, 0)}` }];
  let pending: [note: Note, type: number, id: number][] = [];
  const log = new Standing();
  let commits = 0;
  let tag = NULL;
  let crc = crc32(-1, bytes.subarray(0, 4));
  for (let at = 4; at + 4 <= bytes.length; ) {
    tag = (view.getUint32(at) ^ tag) >>> 0;
    const type = (tag >>> 20) & 0x7ff;
    const id = (tag >>> 10) & 0x3ff;
    const length = (tag & 0x3ff) === 0x3ff ? 0 : tag & 0x3ff;
    if (tag >>> 31 || at + 4 + length > bytes.length) break;
    const data = bytes.subarray(at + 4, at + 4 + length);
    if ((type & 0x780) === 0x500) {
      crc = crc32(crc, bytes.subarray(at, at + 4));
      if (crc >>> 0 !== u32(bytes, at + 4)) break;
      commits++;
      notes.push(...pending.map(([note]) => note), {
        at,
        length: 4 + length,
        text: `commit ${commits} ends here, its CRC is right`,
        commit: commits,
      });
      for (const one of pending) log.add(...one);
      pending = [];
      crc = -1;
      // The last bit of a CRC's type says what an erased tag reads as.
      tag = (tag ^ ((type & 1) << 31)) >>> 0;
    } else {
      crc = crc32(crc, bytes.subarray(at, at + 4 + length));
      const deleted = (tag & 0x3ff) === 0x3ff && type >= 0x200 && type < 0x400 ? ', removed' : '';
      const name = type >= 0x300 && type < 0x400 ? `attribute ${type & 0xff}` : (TAGS[type] ?? `tag 0x${type.toString(16)}`);
      const whose = id === 0x3ff ? '' : `${id}: `;
      const text = whose + name + (deleted || dataOf(type, data));
      pending.push([{ at, length: 4 + length, text, commit: commits + 1 }, type, id]);
    }
    at += 4 + length;
  }
  if (!commits) return { what: 'no metadata: content of a file, or free', notes: [] };
  return { what: `a block of a metadata pair, ${commits} ${commits === 1 ? 'commit' : 'commits'}`, notes };
}

const ENTRIES: { [type: number]: string } = { 17: 'file', 34: 'directory', 46: 'superblock' };

/** A directory block of littlefs 1 (its SPEC.md, "Metadata pairs", "Directory entries"). */
export function describeLfs1(bytes: Uint8Array): Described {
  const size = u32(bytes, 4) & 0x7fffffff;
  const good = size >= 20 && size <= bytes.length && crc32(-1, bytes.subarray(0, size - 4)) >>> 0 === u32(bytes, size - 4);
  if (!good) return { what: 'no metadata: content of a file, or free', notes: [] };
  const notes: Note[] = [
    { at: 0, length: 4, text: `revision ${u32(bytes, 0)}` },
    { at: 4, length: 4, text: `${size} bytes${bytes[7] & 0x80 ? ', the directory goes on in the next pair' : ''}` },
    { at: 8, length: 8, text: `next pair: ${pair(bytes, 8)}` },
  ];
  for (let at = 16; at + 4 <= size - 4; ) {
    const [type, entry, attributes, name] = bytes.subarray(at, at + 4);
    const length = 4 + entry + attributes + name;
    if (at + length > size - 4) break;
    const kind = ENTRIES[type & 0x7f] ?? `type 0x${type.toString(16)}`;
    const where = type === 0x11 ? `, last block ${u32(bytes, at + 4)}, ${u32(bytes, at + 8)} bytes` : ` at ${pair(bytes, at + 4)}`;
    notes.push({
      at,
      length,
      text: `${kind} ${quoted(bytes.subarray(at + length - name, at + length))}${where}${type & 0x80 ? ', being moved' : ''}`,
    });
    at += length;
  }
  notes.push({ at: size - 4, length: 4, text: 'the CRC is right' });
  return { what: 'a block of a metadata pair', notes };
}
