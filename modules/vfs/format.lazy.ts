/** A blank device that is to be mounted, made a volume of. */
import { control, IOCTL_BLOCK_ERASE, openDevice, result } from '../blockdev';
import { EINVAL, ENODEV, EOPNOTSUPP, EROFS, type VfsError, vfsError } from '../contract/errno';
import type { BlockDevice, FileSystem } from '../contract/filesystem';
import { invoke } from './call';
import { createFor } from './create';
import type { Place } from './mounts';
import { types } from './types';

/** Whether a kind of file system does not fit the device, as littlefs one that does not erase; not whether the device has failed. */
function refuses(bdev: BlockDevice, errno: number | undefined): boolean {
  if (errno === EOPNOTSUPP || errno === EINVAL) return true;
  // What would have been formatted may as well be erased, unless it is not to be written.
  const erased = errno && errno !== EROFS && bdev.writeblocks ? result(control(bdev, IOCTL_BLOCK_ERASE, 0)) : 0;
  return erased === -EINVAL || erased === -EOPNOTSUPP;
}

/** A volume, mounted, of the first kind that the device can carry. @throws what the first that cannot says */
export function formatBlank(bdev: BlockDevice, place: Place, readonly: boolean): FileSystem {
  let refused: unknown;
  for (let i = 0; i < types.length; i++) {
    if (types[i]._extended && !openDevice(bdev, 'mount')._extended) {
      refused = refused || vfsError(EINVAL, 'mount', place._path, 'device takes no offsets');
      continue;
    }
    try {
      const fresh = createFor(types[i], bdev);
      invoke(fresh, 'mount', place, readonly, true);
      return fresh;
    } catch (unfit) {
      if (!unfit || !refuses(bdev, (unfit as VfsError).errno)) throw unfit;
      refused = refused || unfit;
    }
  }
  throw refused || vfsError(ENODEV, 'mount', place._path);
}
