/** Takes the log of a metadata block apart and writes it anew with right CRCs, whatever its tags say (SPEC.md, "Metadata tags"). */
import { crcFast } from '../independent/crc';

export interface RawTag {
  /** 11 bits of type, 10 of id, 10 of length. */
  type: number;
  id: number;
  length: number;
  data: Uint8Array;
}

export interface RawLog {
  revision: number;
  commits: RawTag[][];
}

const word = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0;

export function little(bytes: Uint8Array, at: number): number {
  return (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0;
}

export function putLittle(bytes: Uint8Array, at: number, value: number): void {
  for (let k = 0; k < 4; k++) bytes[at + k] = value >>> (8 * k);
}

/** The valid commits of a block; undefined where it is no log. */
export function takeApart(bytes: Uint8Array): RawLog | undefined {
  const commits: RawTag[][] = [];
  let at = 4;
  let begin = 0;
  let chain = 0xffffffff;
  let tags: RawTag[] = [];
  while (at + 4 <= bytes.length) {
    const tag = (word(bytes, at) ^ chain) >>> 0;
    const length = (tag & 0x3ff) === 0x3ff ? 0 : tag & 0x3ff;
    if (tag >>> 31 || at + 4 + length > bytes.length) break;
    const type = tag >>> 20;
    const data = bytes.slice(at + 4, at + 4 + length);
    chain = tag;
    if (type >> 7 === 0x500 >> 7) {
      if (length < 4 || little(data, 0) !== crcFast(bytes.subarray(begin, at + 4))) break;
      commits.push(tags);
      tags = [];
      chain = (tag ^ ((type & 1) << 31)) >>> 0;
      begin = at + 4 + length;
    } else if (type !== 0x5ff) tags.push({ type, id: (tag >>> 10) & 0x3ff, length: tag & 0x3ff, data });
    at += 4 + length;
  }
  return commits.length ? { revision: little(bytes, 0), commits } : undefined;
}

/** Writes the log as far as it fits into a block, each commit with its CRC and, on 2.1, its FCRC. */
export function putTogether(log: RawLog, blockSize: number, progSize: number, fcrc: boolean): Uint8Array {
  const block = new Uint8Array(blockSize).fill(0xff);
  let at = 4;
  let begin = 0;
  let chain = 0xffffffff;
  putLittle(block, 0, log.revision);
  const put = (tag: number, data: Uint8Array): void => {
    const mixed = (tag ^ chain) >>> 0;
    for (let k = 0; k < 4; k++) block[at + k] = mixed >>> (24 - 8 * k);
    block.set(data, at + 4);
    at += 4 + data.length;
    chain = tag;
  };
  for (const commit of log.commits) {
    const size = commit.reduce((sum, tag) => sum + 4 + tag.data.length, 0);
    if (at + size + 20 > blockSize) break;
    for (const tag of commit) put(((tag.type << 20) | (tag.id << 10) | tag.length) >>> 0, tag.data);
    let end = at + 20;
    end = Math.min(blockSize, end + ((progSize - (end % progSize)) % progSize));
    if (end - at > 1000) end = at + 8;
    else if (fcrc && end + progSize <= blockSize) {
      const data = new Uint8Array(8);
      putLittle(data, 0, progSize);
      putLittle(data, 4, crcFast(block.subarray(end, end + progSize)));
      put(((0x5ff << 20) | (0x3ff << 10) | 8) >>> 0, data);
    }
    const tag = ((0x500 << 20) | (0x3ff << 10) | (end - at - 4)) >>> 0;
    const mixed = (tag ^ chain) >>> 0;
    for (let k = 0; k < 4; k++) block[at + k] = mixed >>> (24 - 8 * k);
    putLittle(block, at + 4, crcFast(block.subarray(begin, at + 4)));
    chain = tag;
    at = begin = end;
  }
  return block;
}
