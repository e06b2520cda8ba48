/** Finding out what a block device carries. Nothing of it is there any more when that is mounted. */
import { call, control, result, takesOffsets } from '../blockdev';
import * as foreign from '../blockdev/foreign.lazy';
import { EINVAL, ENODEV, type VfsError, vfsError } from '../contract/errno';
import type { BlockDevice, FileSystem, Place } from '../contract/filesystem';
import { invoke } from './call';
import { createFor } from './create';
import type { Place as Target } from './mounts';
import { types } from './types';

/** Where on the device volumes may lie; none where no kind knows partition tables. */
export function placesOf(bdev: BlockDevice): Place[] {
  let places: Place[] = [];
  for (let i = 0; i < types.length; i++) {
    const own = types[i].places;
    if (own) places = own(bdev);
  }
  return places;
}

/** A device as the kinds are asked about it: that of a card, where every read is a whole block, gives its first block again from RAM. */
function asked(bdev: BlockDevice): BlockDevice {
  let first: Uint8Array | undefined;
  if (takesOffsets(bdev)) return bdev;
  return {
    readblocks: function (block: number, buf: Uint8Array): unknown {
      if (!block && first && first.length === buf.length) {
        buf.set(first);
        return 0;
      }
      const status = call(bdev, 'readblocks', block, buf);
      if (!block && !result(status)) {
        first = new Uint8Array(buf.length);
        first.set(buf);
      }
      return status;
    },
    ioctl: function (op: number, arg: number): unknown {
      return control(bdev, op, arg);
    },
  } as BlockDevice;
}

/** A driver for what the device carries, not mounted yet; with `mkfs` nothing for what holds nothing known. */
export function detect(bdev: BlockDevice, place: Target, mkfs: boolean): FileSystem | undefined {
  const path = place._path;
  let failure: unknown;
  let found = '';
  const seen = asked(bdev);
  for (let i = 0; i < types.length; i++) {
    let known: unknown;
    try {
      known = invoke(types[i], 'probe', place, seen);
      if (known) return createFor(types[i], bdev);
    } catch (error) {
      // Perhaps another kind can do without the block that cannot be read.
      if (known || !error || !(error as VfsError).errno) throw error;
      failure = error;
    }
  }
  try {
    found = foreign.tellHeld(bdev, placesOf);
  } catch (late) {
    // A geometry that is impossible for our own kinds is none of another's concern.
    if (!late || !(late as VfsError).errno) throw late;
    if ((late as VfsError).errno !== EINVAL) failure = failure || late;
  }
  if (found) throw vfsError(failure ? (failure as VfsError).errno : ENODEV, 'mount', path, 'found ' + found);
  // A device that fails is no blank one to format.
  if (mkfs && !failure) return undefined;
  throw failure || vfsError(ENODEV, 'mount', path);
}
