/** Sectors of FAT and exFAT, after Microsoft's specifications. */
import { unixTime } from '../../modules/contract/dostime';
import { type Described, fields, le16, type Note, quoted, u32 } from './notes';

/** Where what lies in a volume, in sectors. */
export interface Layout {
  /** 12, 16, 32; 64 stands for exFAT. */
  type: number;
  sector: number;
  fatStart: number;
  fatSize: number;
  fats: number;
  rootStart: number;
  rootSectors: number;
  dataStart: number;
  perCluster: number;
  /** First cluster of the root directory; 0 for a fixed one. */
  root: number;
  fsInfo: number;
}

const ATTRIBUTES = ['read-only', 'hidden', 'system', 'label', 'directory', 'archive'];

const date = (time: number): string => {
  const seconds = unixTime(time);
  return seconds ? new Date(seconds * 1000).toISOString().slice(0, 19) : 'no time';
};

export function describeFat(bytes: Uint8Array, number: number, layout: Layout): Described {
  const { type, fatStart, fatSize, fats, rootStart, rootSectors, dataStart, perCluster } = layout;
  const exfat = type === 64;
  if (number === 0) return { what: 'the boot sector', notes: exfat ? exfatBoot(bytes) : fatBoot(bytes) };
  if (!exfat && layout.fsInfo && number === layout.fsInfo)
    return {
      what: 'FSInfo',
      notes: fields(bytes, 0, [
        [488, 4, 'free clusters'],
        [492, 4, 'next to look at'],
      ]),
    };
  if (number >= fatStart && number < fatStart + fats * fatSize) {
    const within = (number - fatStart) % fatSize;
    return { what: `FAT ${Math.floor((number - fatStart) / fatSize) + 1}, sector ${within}`, notes: entriesOfFat(bytes, within, layout) };
  }
  if (rootSectors && number >= rootStart && number < rootStart + rootSectors)
    return { what: 'the root directory', notes: directory(bytes) };
  if (number < dataStart) return { what: 'reserved', notes: [] };
  const cluster = Math.floor((number - dataStart) / perCluster) + 2;
  const isDirectory = cluster === layout.root || (exfat ? looksLikeSet(bytes) : bytes[0] === 0x2e && bytes[11] === 0x10);
  if (!isDirectory) return { what: `cluster ${cluster}`, notes: [] };
  return { what: `cluster ${cluster}, a directory`, notes: exfat ? exfatDirectory(bytes) : directory(bytes) };
}

function fatBoot(bytes: Uint8Array): Note[] {
  const wide = !le16(bytes, 22);
  const tail = wide ? 64 : 36;
  return fields(bytes, 0, [
    [11, 2, 'bytes in a sector'],
    [13, 1, 'sectors in a cluster'],
    [14, 2, 'reserved sectors'],
    [16, 1, 'FATs'],
    [17, 2, 'entries of the root directory'],
    [19, 2, 'sectors, if fewer than 65536'],
    [21, 1, 'media', `0x${bytes[21].toString(16)}`],
    [22, 2, 'sectors of a FAT'],
    [28, 4, 'sectors before the volume'],
    [32, 4, 'sectors'],
    ...(wide
      ? ([
          [36, 4, 'sectors of a FAT'],
          [44, 4, 'cluster of the root directory'],
          [48, 2, 'sector of FSInfo'],
        ] as [number, number, string][])
      : []),
    [tail + 3, 4, 'volume number', u32(bytes, tail + 3).toString(16)],
    [tail + 7, 11, 'label', quoted(bytes.subarray(tail + 7, tail + 18))],
    [tail + 18, 8, 'type', quoted(bytes.subarray(tail + 18, tail + 26))],
  ]);
}

function exfatBoot(bytes: Uint8Array): Note[] {
  return fields(bytes, 0, [
    [3, 8, 'name', quoted(bytes.subarray(3, 11))],
    [64, 8, 'sectors before the volume'],
    [72, 8, 'sectors'],
    [80, 4, 'first sector of the FAT'],
    [84, 4, 'sectors of a FAT'],
    [88, 4, 'first sector of the clusters'],
    [92, 4, 'clusters'],
    [96, 4, 'cluster of the root directory'],
    [100, 4, 'volume number', u32(bytes, 100).toString(16)],
    [106, 2, 'flags'],
    [108, 1, 'bytes in a sector', `${1 << (bytes[108] & 31)}`],
    [109, 1, 'sectors in a cluster', `${1 << (bytes[109] & 31)}`],
    [110, 1, 'FATs'],
    [112, 1, 'in use', `${bytes[112]} %`],
  ]);
}

/** Runs of free entries are one note. */
function entriesOfFat(bytes: Uint8Array, within: number, { type, sector }: Layout): Note[] {
  const bits = type === 64 ? 32 : type;
  const notes: Note[] = [];
  const last = type === 12 ? 0xff8 : type === 16 ? 0xfff8 : type === 32 ? 0xffffff8 : 0xffffffff;
  const first = Math.ceil((within * sector * 8) / bits);
  for (let cluster = first; ; cluster++) {
    const bit = cluster * bits - within * sector * 8;
    const at = bit >> 3;
    // An entry of FAT12 may reach into the next sector.
    if (at + Math.ceil(bits / 8) > bytes.length) break;
    const value =
      bits === 32
        ? u32(bytes, at) & (type === 32 ? 0xfffffff : -1)
        : bits === 16
          ? le16(bytes, at)
          : (le16(bytes, at) >> (bit & 7)) & 0xfff;
    const length = Math.ceil(bits / 8);
    const unsigned = value >>> 0;
    const before = notes[notes.length - 1];
    if (!unsigned && before?.text.startsWith('free')) {
      before.length = at + length - before.at;
      before.text = `free: up to cluster ${cluster}`;
    } else if (!unsigned) notes.push({ at, length, text: `free: cluster ${cluster}` });
    else {
      const means =
        cluster < 2 ? `0x${unsigned.toString(16)}` : unsigned >= last ? 'the end' : unsigned === last - 1 ? 'bad' : String(unsigned);
      notes.push({ at, length, text: `cluster ${cluster}: ${means}` });
    }
  }
  return notes;
}

function directory(bytes: Uint8Array): Note[] {
  const notes: Note[] = [];
  for (let at = 0; at + 32 <= bytes.length; at += 32) {
    const attributes = bytes[at + 11];
    const first = bytes[at];
    if (!first) {
      notes.push({ at, length: bytes.length - at, text: 'the end of the directory' });
      break;
    }
    let text = 'removed';
    if (first !== 0xe5 && (attributes & 0x3f) === 0x0f) {
      const units = [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30].map((i) => le16(bytes, at + i));
      const part = String.fromCharCode(...units.filter((unit) => unit && unit !== 0xffff));
      text = `part ${first & 0x3f} of a long name${first & 0x40 ? ', the last' : ''}: ${JSON.stringify(part)}`;
    } else if (first !== 0xe5) {
      const set = ATTRIBUTES.filter((_, bit) => attributes & (1 << bit)).join(', ');
      const cluster = le16(bytes, at + 26) | (le16(bytes, at + 20) << 16);
      const name = quoted(bytes.subarray(at, at + 11));
      text =
        attributes & 8
          ? `label ${name}`
          : `${name}${set && ` (${set})`}: cluster ${cluster}, ${u32(bytes, at + 28)} bytes, ${date(u32(bytes, at + 22))}`;
    }
    notes.push({ at, length: 32, text });
  }
  return notes;
}

const looksLikeSet = (bytes: Uint8Array): boolean => (bytes[0] & 0x7f) === 0x05 && (bytes[32] & 0x7f) === 0x40;

function exfatDirectory(bytes: Uint8Array): Note[] {
  const notes: Note[] = [];
  for (let at = 0; at + 32 <= bytes.length; at += 32) {
    const type = bytes[at];
    if (!type) {
      notes.push({ at, length: bytes.length - at, text: 'the end of the directory' });
      break;
    }
    const units = (from: number, count: number): string =>
      JSON.stringify(String.fromCharCode(...Array.from({ length: count }, (_, i) => le16(bytes, at + from + i * 2)).filter(Boolean)));
    const chain = `cluster ${u32(bytes, at + 20)}, ${u32(bytes, at + 24)} bytes`;
    const text =
      type < 0x80
        ? 'removed'
        : type === 0x81
          ? `allocation bitmap: ${chain}`
          : type === 0x82
            ? `up-case table: ${chain}`
            : type === 0x83
              ? `label ${units(2, bytes[at + 1])}`
              : type === 0x85
                ? `${bytes[at + 4] & 16 ? 'directory' : 'file'}, ${bytes[at + 1]} more entries, ${date(u32(bytes, at + 12))}`
                : type === 0xc0
                  ? `its stream: ${chain}${bytes[at + 1] & 2 ? ', in one piece' : ''}`
                  : type === 0xc1
                    ? `its name: ${units(2, 15)}`
                    : `type 0x${type.toString(16)}`;
    notes.push({ at, length: 32, text });
  }
  return notes;
}
