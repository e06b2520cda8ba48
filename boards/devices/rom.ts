import { ENODEV, ENOENT, type VfsError } from '../../modules/contract/errno';
import type { BlockDevice } from '../../modules/contract/filesystem';

/** The devices of a board that are for images of ROMFS, as far as they are there. @param open the device of a name */
export function romPlaces(open: (name: string) => BlockDevice, names: string[]): BlockDevice[] {
  const places: BlockDevice[] = [];
  for (let i = 0; i < names.length; i++) {
    try {
      places.push(open(names[i]));
    } catch (absent) {
      const errno = absent && (absent as VfsError).errno;
      if (errno !== ENOENT && errno !== ENODEV) throw absent;
    }
  }
  return places;
}
