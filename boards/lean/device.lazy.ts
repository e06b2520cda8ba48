/** Pages of the internal flash as a block device: a file of Storage, or what the firmware leaves free. */
import { EINVAL, EIO, ENODEV, vfsError } from '../../modules/contract/errno';
import type { BlockDevice } from '../../modules/contract/filesystem';
import { le32 } from '../../modules/engine';
import { flashChip } from '../devices/chip';
import { native } from '../devices/native';
import { firstBlock, MAGIC, pageAt } from '../devices/storage/anchor';
import { HEADER } from '../devices/storage/headers';

/** The file of `StorageVolume`. */
const FILE = 'vfs-volume';

/** Where Storage begins, and how many bytes it has. */
function storage(operation: string): number[] {
  flashChip(operation);
  const map = native.memory ? native.memory() : {};
  return [map.flash_code_start || 0, native.storage ? native.storage.getStats().totalBytes : 0];
}

/**
 * Pages from an address on.
 * @param unit bytes that the flash programs at once
 * @param header address of the file's header: changes are refused when the file is no longer there; 0 for none
 */
function pages(addr: number, page: number, count: number, unit: number, header: number): BlockDevice {
  const flash = flashChip('pages');
  const before = '' + (header && flash.read(8, header));
  return {
    progsize: unit,
    readblocks: function (block: number, buf: Uint8Array, offset?: number): number {
      buf.set(flash.read(buf.length, (addr + block * page + (offset as number)) | 0) as Uint8Array);
      return 0;
    },
    readarray: function (block: number, offset: number, length: number): Uint8Array {
      return flash.read(length, (addr + block * page + offset) | 0) as Uint8Array;
    },
    writeblocks: function (block: number, buf: Uint8Array, offset?: number): number {
      if ('' + (header && flash.read(8, header)) !== before) return -ENODEV;
      flash.write(buf, (addr + block * page + (offset as number)) | 0);
      return 0;
    },
    ioctl: function (op: number, arg: number): number {
      if (op === 6) {
        if ('' + (header && flash.read(8, header)) !== before) return -ENODEV;
        flash.erasePage((addr + arg * page) | 0);
      }
      return op === 4 ? count : op === 5 ? page : 0;
    },
  };
}

/** What the flash at an address programs at once: words of the internal flash of the nRF52 take two programs between two erases. */
function unitAt(addr: number): number {
  return addr < 0x180000 ? 4 : 1;
}

/**
 * The volume in Storage, if its file is the first there, so that it is never moved.
 * @throws ENODEV without the file; EINVAL for one that is too small
 */
export function openStorage(): BlockDevice {
  const operation = 'StorageVolume';
  const header = storage(operation)[0];
  const flash = flashChip(operation);
  const head = flash.read(HEADER + 16, header) as Uint8Array;
  let name = '';
  for (let k = 4; k < HEADER && head[k]; k++) name += String.fromCharCode(head[k]);
  if (name !== FILE)
    throw vfsError(
      ENODEV,
      operation,
      FILE,
      "not first in Storage. Make it before anything else is there: require('Storage').write('vfs-volume','\\xff',0,16352)",
    );
  const page = pageAt(header, operation);
  const block = firstBlock(header, page);
  let count = Math.floor((header + HEADER + (le32(head, 0) & 0xffffff) - block) / page);
  // The anchor of the whole VFS: where it was moved the blocks are elsewhere.
  if (le32(head, HEADER) === MAGIC) {
    if (le32(head, HEADER + 4) !== header) throw vfsError(EIO, operation, FILE, 'moved in Storage: the whole vfs brings it back');
    count = Math.min(count, le32(head, HEADER + 12));
  }
  if (count < 2) throw vfsError(EINVAL, operation, FILE, 'too small: pages have ' + page);
  return pages(block, page, count, unitAt(header), header);
}

/** The largest free piece of flash beside Storage, in whole pages. @throws ENODEV where there is none */
export function openFree(): BlockDevice {
  const operation = 'Flash';
  const flash = flashChip(operation);
  const taken = storage(operation);
  const free = native.areas || flash.getFree();
  let best = 0;
  let most = 1;
  let size = 0;
  for (let k = 0; k < free.length; ) {
    const page = pageAt(free[k].addr, operation);
    const from = Math.ceil(free[k].addr / page) * page;
    let end = free[k].addr;
    // Neighbours are one.
    while (k < free.length && free[k].addr === end) end += free[k++].length;
    const count = Math.floor((end - from) / page);
    const apart = from >= taken[0] + taken[1] || from + count * page <= taken[0];
    if (apart && count > most) {
      best = from;
      most = count;
      size = page;
    }
  }
  if (!size) throw vfsError(ENODEV, operation, '', 'no flash is free: all belongs to firmware or Storage');
  return pages(best, size, most, unitAt(best), 0);
}
