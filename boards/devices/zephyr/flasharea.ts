import { type Extent, IOCTL_BLOCK_COUNT, IOCTL_BLOCK_ERASE, IOCTL_BLOCK_SIZE, placeOf } from '../../../modules/blockdev';
import { EINVAL, ENODEV, expect, isWhole, vfsError } from '../../../modules/contract/errno';
import type { BlockDevice } from '../../../modules/contract/filesystem';
import { type AreaTable, type NativeFlashArea, type NativeZephyr, native } from './native';

/** A partition of the flash map as a block device, MicroPython's `zephyr.FlashArea`. */
export class FlashArea implements BlockDevice {
  /** Label to id and size of an erase. */
  static areas: AreaTable = {};
  /** The id of the area `storage`, absent where there is none. Each area's id is there under its label in capitals. */
  declare static STORAGE: number;

  /** What the application tells of the chip, `flash_area_align`. */
  progsize?: number;
  private _area: NativeFlashArea;
  private _blockSize: number;
  /** @internal */
  _extent: Extent;

  /** @throws ENODEV if there is no such area; EINVAL for a block size that is no multiple of an erase, or beyond the area; TypeError if either is no number */
  constructor(id: number, blockSize: number) {
    expect(typeof id === 'number', 'id');
    const area = native.zephyr && native.zephyr.openArea(id);
    if (!area) throw vfsError(ENODEV, 'FlashArea', '' + id);
    if (!isWhole(blockSize, 1, area.size) || blockSize % area.eraseSize)
      throw vfsError(EINVAL, 'FlashArea', '' + id, 'blockSize must be a multiple of ' + area.eraseSize);
    this._area = area;
    this.progsize = area.align;
    this._blockSize = blockSize;
    this._extent = ['area ' + id, 0, Infinity];
  }

  readblocks(block: number, buf: Uint8Array, offset?: number): number {
    const at = this._at(block, offset, buf);
    return at < 0 ? -EINVAL : this._area.read(at, buf);
  }

  /** Without an offset erases all that it covers first. */
  writeblocks(block: number, buf: Uint8Array, offset?: number): number {
    const at = this._at(block, offset, buf);
    if (at < 0 || (offset === undefined && buf.length % this._blockSize)) return -EINVAL;
    return (offset === undefined && this._area.erase(at, buf.length)) || this._area.write(at, buf);
  }

  ioctl(op: number, arg: number): number {
    const size = this._blockSize;
    if (op === IOCTL_BLOCK_ERASE) {
      const at = this._at(arg, 0, undefined);
      return at < 0 ? -EINVAL : this._area.erase(at, size);
    }
    return op === IOCTL_BLOCK_COUNT ? Math.floor(this._area.size / size) : op === IOCTL_BLOCK_SIZE ? size : 0;
  }

  /** The offset in the area, -1 for what does not lie within whole blocks of it. */
  private _at(block: number, offset: number | undefined, piece: Uint8Array | undefined): number {
    const size = this._blockSize;
    return placeOf(block, size, offset, piece, this._area.size - (this._area.size % size));
  }
}

/** Puts the application under `FlashArea`, and fills its `areas`. */
export function useAreas(application: NativeZephyr): void {
  expect(application && typeof application.areas === 'function', 'application');
  native.zephyr = application;
  const areas = application.areas();
  FlashArea.areas = areas;
  for (const label in areas)
    (FlashArea as unknown as { [label: string]: number })[label.toUpperCase().replace(/[^A-Z0-9]/g, '_')] = areas[label][0];
}
