/** Opening the volume in Storage. */
import { type Extent, IOCTL_BLOCK_COUNT, IOCTL_BLOCK_ERASE, IOCTL_BLOCK_SIZE, placeOf } from '../../../modules/blockdev';
import { EINVAL, ENODEV, EROFS, vfsError } from '../../../modules/contract/errno';
import { flashChip } from '../chip';
import type { NativeFlash } from '../native';
import { type Anchor, layAnchor, readAnchor } from './anchor';
import { findFile } from './headers';
import * as relocating from './relocate.lazy';
import type { StorageVolumeDevice } from './types';

/**
 * Below lies the internal flash of nRF chips, whose words take two programs at most between two erases: no byte of one can be
 * added later. On others the firmware merges the bytes of a word with what is there, or the flash takes single bytes.
 */
const NRF_INTERNAL = 0x180000;
/** The most that is read at once into a buffer: `Flash.read` makes a new array each time. */
const PIECE = 4096;
const OPERATION = 'StorageVolume';

/** The file's place and its anchor, which is laid where there is none yet; a relocation that was cut short is ended. */
function findVolume(): { _header: number; _anchor: Anchor } {
  const place = findFile('vfs-volume', OPERATION);
  if (place._header < 0)
    throw vfsError(
      ENODEV,
      OPERATION,
      'vfs-volume',
      "not in Storage. Make it before anything else is there, of 128 kB: require('Storage').write('vfs-volume','\\xff',0,131040)",
    );
  const header = place._header;
  let anchor = readAnchor(place, OPERATION);
  if (!anchor._count) layAnchor(anchor, place, OPERATION);
  if (header !== anchor._header && relocating.isInterrupted(place, anchor)) {
    relocating.relocateFile();
    anchor = readAnchor(place, OPERATION);
  }
  return { _header: header, _anchor: anchor };
}

function readPieces(flash: NativeFlash, from: number, buf: Uint8Array): void {
  for (let done = 0; done < buf.length; done += PIECE) {
    const piece = buf.subarray(done, Math.min(done + PIECE, buf.length));
    piece.set(flash.read(piece.length, from + done) as Uint8Array);
  }
}

/** @throws as the constructor of `StorageVolume` does */
export function openVolume(): StorageVolumeDevice {
  const flash = flashChip(OPERATION);
  const found = findVolume();
  const header = found._header;
  const anchor = found._anchor;
  const page = anchor._page;
  const count = anchor._count;
  // As text: size, and most of the name; where it was moved also the next record of the anchor, as another object may relocate it.
  // What compares bytes need not be in RAM for the sake of this device.
  const look = function (): string {
    return '' + flash.read(12, header) + (anchor._slot && volume.moved ? flash.read(4, anchor._slot) : '');
  };
  const moved = header - anchor._header;
  let addr = anchor._block + moved;
  /** The address, or minus an errno. Whoever writes into Storage may have moved or erased the file since. */
  const at = function (block: number, piece: Uint8Array | undefined, offset: number | undefined): number {
    const from = placeOf(block, page, offset, piece, count * page);
    return from < 0 ? -EINVAL : look() === head ? addr + from : -ENODEV;
  };
  const write = function (block: number, buf: Uint8Array, offset?: number): number {
    const to = at(block, buf, offset);
    if (to < 0) return to;
    // The file system compares what it programs.
    if (offset === undefined) return buf.length % page ? -EINVAL : relocating.putPages(to, buf, page);
    flash.write(buf, to);
    return 0;
  };
  const volume: StorageVolumeDevice & { _extent: Extent } = {
    _extent: [flash, addr, addr + count * page],
    progsize: header < NRF_INTERNAL ? 4 : 1,
    moved: moved,
    readblocks: function (block: number, buf: Uint8Array, offset?: number): number {
      const from = at(block, buf, offset);
      if (from >= 0) readPieces(flash, from, buf);
      return Math.min(from, 0);
    },
    readarray: function (block: number, offset: number, length: number): Uint8Array | undefined {
      const from = length > 0 && offset + length <= page ? at(block, undefined, 0) : -1;
      return from < 0 ? undefined : flash.read(length, from + offset);
    },
    ioctl: function (op: number, arg: number): number {
      if (op === IOCTL_BLOCK_ERASE) {
        const to = at(arg, undefined, 0);
        if (to < 0 || volume.moved) return to < 0 ? to : -EROFS;
        flash.erasePage(to | 0);
      }
      return op === IOCTL_BLOCK_COUNT ? count : op === IOCTL_BLOCK_SIZE ? page : 0;
    },
    relocate: function (): void {
      if (!volume.moved) return;
      addr = relocating.relocateFile();
      volume._extent = [flash, addr, addr + count * page];
      volume.moved = 0;
      volume.writeblocks = write;
      head = look();
    },
  };
  if (!moved) volume.writeblocks = write;
  let head = look();
  return volume;
}
