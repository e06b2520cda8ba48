import { IOCTL_BLOCK_COUNT, IOCTL_BLOCK_ERASE, IOCTL_BLOCK_SIZE } from '../../modules/blockdev';
import { equal } from '../../modules/engine';
import { ECORRUPT, EINVAL, EIO, ENOENT, vfsError } from '../../modules/errno';
import type { BlockDevice } from '../../modules/filesystem';
import type { NativeFlash } from './native';
import { flashChip } from './native';
import type { PartitionInfo } from './table';
import { readTable, TABLE } from './table';

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

/** A partition of the flash chip as a block device, MicroPython's `esp32.Partition`. Never touches a byte outside it. */
export class Partition implements BlockDevice {
  static TYPE_APP = 0;
  static TYPE_DATA = 1;
  static BOOT = 0;
  static RUNNING = 1;

  private _flash: NativeFlash;
  private _entry: PartitionInfo;
  private _blockSize: number;

  /**
   * @param id the label, or `BOOT` or `RUNNING`: Espruino does not tell which application runs, so both are the first
   * application in the table
   * @throws ENOENT for an absent label, ENODEV without a table, ECORRUPT for a damaged one or a partition that
   * overlaps something or begins within a sector, EINVAL for one beyond the chip or an impossible block size
   */
  constructor(id: string | number | PartitionInfo, options?: PartitionOptions) {
    const operation = 'Partition';
    const blockSize = (options && options.blockSize) || SECTOR;
    const type = typeof id;
    if (type !== 'string' && type !== 'number' && !Array.isArray(id)) throw new TypeError('Partition: no label');
    const flash = flashChip(operation);
    const entries = readTable(flash, operation);
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
    const valid =
      blockSize > 0 && blockSize % 1 === 0 && !(SECTOR % blockSize && blockSize % SECTOR) && (type !== 'number' || id === 0 || id === 1);
    if (!found || !valid) throw vfsError(valid ? ENOENT : EINVAL, operation, '' + id, valid ? 'no such partition' : '');
    const addr = found[2];
    const end = addr + found[3];
    let damage = addr % SECTOR || addr < TABLE + SECTOR ? 'misplaced partition' : '';
    for (let k = 0; k < entries.length; k++) {
      const other = entries[k];
      if (other[2] !== addr ? other[2] < end && other[2] + other[3] > addr : other[4] !== found[4])
        damage = 'partition overlaps ' + other[4];
    }
    const beyond = addr < 0 || found[3] < blockSize || !flash.getPage(end - 1);
    if (beyond) damage = 'partition lies beyond the flash chip';
    if (damage) throw vfsError(beyond ? EINVAL : ECORRUPT, operation, found[4], damage);
    this._flash = flash;
    this._entry = found;
    this._blockSize = blockSize;
  }

  /**
   * The partitions of `type` (applications by default), of any subtype and label unless given.
   * @throws as the constructor does
   */
  static find(type?: number, query?: PartitionQuery): Partition[] {
    const found: Partition[] = [];
    const entries = readTable(flashChip('find'), 'find');
    const wanted = query || {};
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[i];
      if (
        entry[0] === (type || 0) &&
        (wanted.subtype === undefined || wanted.subtype === entry[1]) &&
        (wanted.label === undefined || wanted.label === entry[4])
      )
        found.push(new Partition(entry, wanted));
    }
    return found;
  }

  info(): PartitionInfo {
    return this._entry.slice() as PartitionInfo;
  }

  readblocks(block: number, buf: Uint8Array, offset?: number): number {
    return this._move(block, buf, offset || 0, false, false);
  }

  /** With an offset programs only; without, erases what it covers, and reads back whether it was written. */
  writeblocks(block: number, buf: Uint8Array, offset?: number): number {
    return this._move(block, buf, offset || 0, true, offset === undefined);
  }

  ioctl(op: number, arg: number): number {
    const blockSize = this._blockSize;
    const count = Math.floor(this._entry[3] / blockSize);
    if (op === IOCTL_BLOCK_COUNT) return count;
    if (op === IOCTL_BLOCK_SIZE) return blockSize;
    if (op === IOCTL_BLOCK_ERASE) {
      if (blockSize !== SECTOR || !(arg >= 0 && arg < count) || arg % 1) return -EINVAL;
      this._flash.erasePage(this._entry[2] + arg * SECTOR);
    }
    return 0;
  }

  private _move(block: number, buf: Uint8Array, offset: number, write: boolean, erase: boolean): number {
    const flash = this._flash;
    const blockSize = this._blockSize;
    const base = this._entry[2];
    const start = block * blockSize + offset;
    const total = buf.length;
    // NaN fails here too.
    if (!(block >= 0 && offset >= 0 && start + total <= this._entry[3]) || start % 1 || (erase && total % blockSize)) return -EINVAL;
    // Sector by sector: Flash.read makes a new array each time, which should stay small.
    for (let done = 0; done < total; ) {
      const addr = base + start + done;
      const skip = addr % SECTOR;
      const n = Math.min(SECTOR - skip, total - done);
      let piece = buf.subarray(done, done + n);
      if (!write) {
        const data = flash.read(n, addr);
        if (!data) return -EIO;
        piece.set(data);
      } else if (!erase) flash.write(piece, addr);
      else {
        const sector = addr - skip;
        if (n < SECTOR) {
          const old = flash.read(SECTOR, sector) as Uint8Array;
          old.set(piece, skip);
          piece = old;
        }
        flash.erasePage(sector);
        flash.write(piece, sector);
        if (!equal(flash.read(SECTOR, sector) as Uint8Array, piece)) return -EIO;
      }
      done += n;
    }
    return 0;
  }
}
