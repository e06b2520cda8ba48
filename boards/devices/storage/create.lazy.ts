/** Making the file for a volume in Storage. */
import { flag, optionsOf } from '../../../modules/contract/arguments';
import { EBUSY, EEXIST, EINVAL, ENOSPC, expect, isWhole, vfsError } from '../../../modules/contract/errno';
import { pageAt } from './anchor';
import { findFile, HEADER, storageModule } from './headers';
import type { StorageVolumeDevice, StorageVolumeOptions } from './types';
import * as opening from './volume.lazy';

/** Fills up the page before the volume. */
const PAD = 'vfs-pad';

/** The most bytes that Storage gives to one file. */
const MOST = 0xffffff;

/** A number of bytes, or text as `'128K'` and `'2M'`. */
function bytesOf(size: unknown, operation: string): number {
  const text = '' + size;
  const unit = text.substring(text.length - 1).toUpperCase();
  const factor = unit === 'K' ? 1024 : unit === 'M' ? 1048576 : 1;
  expect(typeof size === 'number' || typeof size === 'string', 'size');
  const bytes = factor > 1 ? +text.substring(0, text.length - 1) * factor : +text;
  if (!isWhole(bytes, 1, MOST)) throw vfsError(EINVAL, operation, '', 'size ' + size);
  return bytes;
}

/** @throws as `StorageVolume.create` does */
export function createVolume(size: number | string, options?: StorageVolumeOptions): StorageVolumeDevice {
  const operation = 'create';
  const bytes = bytesOf(size, operation);
  const anywhere = flag(optionsOf(options).anywhere, 'anywhere');
  const storage = storageModule(operation);
  let place = findFile('vfs-volume', operation);
  if (place._header >= 0) throw vfsError(EEXIST, operation, 'vfs-volume');
  const names = place._names;
  if (names.length && !anywhere)
    throw vfsError(
      EBUSY,
      operation,
      '',
      'files lie before it, and when one is erased Storage moves what is behind: ' +
        names.join(', ') +
        ". Save them, call require('Storage').eraseAll(), make the volume and write them again; or give {anywhere: true}",
    );
  // With no file there this moves nothing that runs.
  if (!names.length && place._before) {
    storage.compact();
    place = findFile('vfs-volume', operation);
  }
  const page = pageAt(place._free, operation);
  // With its header it fills whole pages. So the next file begins with a page, and a compaction begins there or behind.
  const length = Math.ceil(bytes / page) * page;
  let gap = (page - (place._free % page)) % page;
  if (gap && gap <= HEADER) gap += page;
  const room = place._end - place._free - gap;
  if (length > room)
    throw vfsError(
      ENOSPC,
      operation,
      '',
      'Storage has room for ' + Math.max(0, room) + " bytes; require('Storage').compact() may make more",
    );
  const nothing = new Uint8Array([255]);
  if (gap) storage.write(PAD, nothing, 0, gap - HEADER);
  storage.write('vfs-volume', nothing, 0, length - HEADER);
  return opening.openVolume();
}
