/** Changes to littlefs 2 images that keep the checksums right: a log taken apart into tags, and put together again. */
import { crcFast } from '../independent/crc';

export interface Tag {
  type: number;
  id: number;
  /** 0x3ff: deletes, without data. */
  length: number;
  data: Uint8Array;
}

/** The tags of the valid commits of a block, without those that end commits; undefined where there is none. */
export function takeApart(bytes: Uint8Array): { revision: number; tags: Tag[]; end: number } | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const done: Tag[] = [];
  let open: Tag[] = [];
  let chain = 0xffffffff;
  let covered = 0;
  let end = 0;
  for (let at = 4; at + 4 <= bytes.length; ) {
    const tag = (view.getUint32(at) ^ chain) >>> 0;
    const length = tag & 0x3ff;
    const size = length === 0x3ff ? 0 : length;
    if (tag >>> 31 || at + 4 + size > bytes.length) break;
    const type = (tag >>> 20) & 0x7ff;
    chain = tag;
    if (type >>> 7 === 10) {
      if (size < 4 || view.getUint32(at + 4, true) !== crcFast(bytes.subarray(covered, at + 4))) break;
      chain = (chain ^ ((type & 1) << 31)) >>> 0;
      done.push(...open);
      open = [];
      covered = end = at + 4 + size;
    } else if (type !== 0x5ff) open.push({ type, id: (tag >>> 10) & 0x3ff, length, data: bytes.slice(at + 4, at + 4 + size) });
    at += 4 + size;
  }
  return end ? { revision: view.getUint32(0, true), tags: done, end } : undefined;
}

/** A block with these tags in one commit, and its rest erased; undefined if they do not fit. */
export function putTogether(blockSize: number, revision: number, tags: Tag[], progSize = 16): Uint8Array | undefined {
  const bytes = new Uint8Array(blockSize).fill(0xff);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, revision, true);
  let at = 4;
  let chain = 0xffffffff;
  const put = (type: number, id: number, length: number): void => {
    const tag = ((type << 20) | (id << 10) | length) >>> 0;
    view.setUint32(at, (tag ^ chain) >>> 0);
    chain = tag;
    at += 4;
  };
  for (const { type, id, length, data } of tags) {
    if (at + 4 + data.length + 8 > blockSize) return undefined;
    put(type, id, length);
    bytes.set(data, at);
    at += data.length;
  }
  let end = Math.ceil((at + 20) / progSize) * progSize;
  if (end > blockSize - progSize) end = blockSize;
  else {
    put(0x5ff, 0x3ff, 8);
    view.setUint32(at, progSize, true);
    view.setUint32(at + 4, crcFast(bytes.subarray(end, end + progSize)), true);
    at += 8;
  }
  put(0x500, 0x3ff, Math.min(end - at - 4, 0x3fe));
  view.setUint32(at, crcFast(bytes.subarray(0, at)), true);
  return bytes;
}

/** Changes the tags of the newer block of the pair that `block` is one of, wherever that is; false where they no longer fit. */
export function editLog(image: Uint8Array, blockSize: number, block: number, change: (tags: Tag[]) => void): boolean {
  const bytes = image.subarray(block * blockSize, (block + 1) * blockSize);
  const log = takeApart(bytes);
  if (!log) return false;
  change(log.tags);
  const fresh = putTogether(blockSize, log.revision, log.tags);
  if (fresh) bytes.set(fresh);
  return !!fresh;
}

export function u32le(...words: number[]): Uint8Array {
  const bytes = new Uint8Array(words.length * 4);
  const view = new DataView(bytes.buffer);
  words.forEach((word, i) => {
    view.setUint32(i * 4, word >>> 0, true);
  });
  return bytes;
}
