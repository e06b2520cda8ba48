/** The partition table of ESP-IDF. Wanted when a partition is opened, not while it is used: a part to load on demand. */
import { optionsOf } from '../../../modules/contract/arguments';
import { ECORRUPT, EINVAL, EIO, ENODEV, ENOENT, expect, isWhole, vfsError } from '../../../modules/contract/errno';
import { decodeText, equal, le32 } from '../../../modules/engine';
import type { Native, NativeFlash } from '../native';
import { md5 } from './md5';

/** Where the table lies, unless the firmware was configured otherwise, and how far it may reach (96 entries). */
const TABLE = 0x8000;
const TABLE_MAX = 0xc00;
const ENTRY = 32;
/** Flash is erased in sectors of this size. */
const SECTOR = 4096;

export interface PartitionOptions {
  /** Bytes in a block, 4096 by default; littlefs needs the default, since only whole sectors can be erased. */
  blockSize?: number;
}

export interface PartitionQuery extends PartitionOptions {
  subtype?: number;
  label?: string;
}

/**
 * Type, subtype, address, size, label, encrypted: MicroPython's tuple. Address and size are signed: beyond 2 GB they
 * are negative, which no chip reaches.
 */
export type PartitionInfo = [type: number, subtype: number, addr: number, size: number, label: string, encrypted: boolean];

/**
 * All entries. An MD5 entry is checked; a table without one is taken as it is, since ESP-IDF can be configured to write
 * none. Entry by entry, so that the table's whole 3 kB are never in RAM.
 * @throws ENODEV if there is no chip or no table, ECORRUPT if it is damaged
 */
function readTable(hardware: Native, operation: string): PartitionInfo[] {
  try {
    if (!hardware.flash && hardware.require) hardware.flash = hardware.require('Flash') as NativeFlash;
  } catch (_noFlash) {
    // Said below.
  }
  const flash = hardware.flash;
  if (!flash) throw vfsError(ENODEV, operation, '', 'no flash chip');
  const entries: PartitionInfo[] = [];
  let damage = 'damaged partition table';
  for (let at = 0; at < TABLE_MAX; at += ENTRY) {
    const raw = flash.read(ENTRY, TABLE + at) as Uint8Array;
    const magic = raw[0] | (raw[1] << 8);
    if (magic === 0x50aa) {
      let labelEnd = 12;
      while (labelEnd < 28 && raw[labelEnd]) labelEnd++;
      entries.push([raw[2], raw[3], le32(raw, 4), le32(raw, 8), decodeText(raw.subarray(12, labelEnd)), !!(raw[28] & 1)]);
    } else if (!at) {
      throw vfsError(ENODEV, operation, '', 'no partition table at 0x8000');
    } else if (magic === 0xffff) {
      return entries;
    } else if (magic !== 0xebeb) {
      break;
    } else if (!equal(md5(flash.read(at, TABLE) as Uint8Array), raw.subarray(16))) {
      damage = 'wrong MD5 of the partition table';
      break;
    }
  }
  throw vfsError(ECORRUPT, operation, '', damage);
}

/**
 * Bytes of the chip, as its boot loader knows them and checks the table by (ESP-IDF, "App Image Format"); 0 where there is
 * none. Espruino takes every chip for one of 4 MB, but reads and writes all of a larger one.
 */
function chipSize(flash: NativeFlash): number {
  for (let at = 0; at < 0x3000; at += 0x1000) {
    const head = flash.read(4, at) as Uint8Array;
    if (head[0] === 0xe9) return 0x100000 << (head[3] >> 4);
  }
  return 0;
}

/**
 * The partition with that label, or at that entry's address, or for `BOOT` and `RUNNING` the first application.
 * @throws as the constructor of `Partition` does
 */
export function findPartition(hardware: Native, id: string | number | PartitionInfo, options: PartitionOptions | undefined): PartitionInfo {
  const operation = 'Partition';
  const type = typeof id;
  const given = optionsOf(options).blockSize;
  const blockSize = given === undefined ? SECTOR : given;
  expect(type === 'string' || type === 'number' || Array.isArray(id), 'id');
  const entries = readTable(hardware, operation);
  let found: PartitionInfo | undefined;
  for (let i = 0; i < entries.length; i++) {
    const one = entries[i];
    // A label is looked for among applications, then data, as MicroPython does.
    if (
      type === 'number'
        ? !found && !one[0]
        : type === 'string'
          ? one[4] === id && !(found && found[0] <= one[0])
          : one[2] === (id as PartitionInfo)[2]
    )
      found = one;
  }
  const valid = isWhole(blockSize, 1, 1e9) && !(SECTOR % blockSize && blockSize % SECTOR) && (type !== 'number' || id === 0 || id === 1);
  if (!found || !valid)
    throw vfsError(valid ? ENOENT : EINVAL, operation, '' + id, valid ? 'no such partition' : 'id, or blockSize ' + blockSize);
  const addr = found[2];
  const end = addr + found[3];
  let damage = addr % SECTOR || addr < TABLE + SECTOR ? 'misplaced partition' : '';
  for (let k = 0; k < entries.length; k++) {
    const other = entries[k];
    if (other[2] !== addr ? other[2] < end && other[2] + other[3] > addr : other[4] !== found[4]) damage = 'partition overlaps ' + other[4];
  }
  const flash = hardware.flash as NativeFlash;
  const beyond = addr < 0 || found[3] < blockSize || (!flash.getPage(end - 1) && end > chipSize(flash));
  if (beyond) damage = 'partition lies beyond the flash chip';
  if (damage) throw vfsError(beyond ? EINVAL : ECORRUPT, operation, found[4], damage);
  return found;
}

/** The entries of that type, and of any subtype and label unless given. */
export function listPartitions(hardware: Native, type: number, query: PartitionQuery): PartitionInfo[] {
  const entries = readTable(hardware, 'find');
  const found: PartitionInfo[] = [];
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i];
    if (
      entry[0] === type &&
      (query.subtype === undefined || query.subtype === entry[1]) &&
      (query.label === undefined || query.label === entry[4])
    )
      found.push(entry);
  }
  return found;
}

/** The same (applications by default) as objects of the class `Kind`. */
export function openPartitions<Kind>(
  hardware: Native,
  type: number | undefined,
  query: PartitionQuery | undefined,
  Kind: new (entry: PartitionInfo, query: PartitionQuery | undefined) => Kind,
): Kind[] {
  const asked = optionsOf(query);
  expect(asked.subtype === undefined || isWhole(asked.subtype, 0, 255), 'subtype');
  expect(type === undefined || isWhole(type, 0, 255), 'type');
  expect(asked.label === undefined || typeof asked.label === 'string', 'label');
  return listPartitions(hardware, type || 0, asked).map(function (entry) {
    return new Kind(entry, query);
  });
}

/** Writes whole blocks, erasing what they cover and keeping the rest of a sector, and reads back whether that worked. */
export function rewrite(flash: NativeFlash, start: number, buf: Uint8Array, blockSize: number): number {
  const total = buf.length;
  if (total % blockSize) return -EINVAL;
  for (let done = 0; done < total; ) {
    let addr = (start + done) | 0;
    const skip = addr % SECTOR;
    const n = Math.min(SECTOR - skip, total - done);
    let piece = buf.subarray(done, done + n);
    addr -= skip;
    if (n < SECTOR) {
      piece = flash.read(SECTOR, addr) as Uint8Array;
      piece.set(buf.subarray(done, done + n), skip);
    }
    flash.erasePage(addr);
    flash.write(piece, addr);
    if (!equal(flash.read(SECTOR, addr) as Uint8Array, piece)) return -EIO;
    done += n;
  }
  return 0;
}
