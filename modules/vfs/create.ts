import type { BlockDevice, FileSystem, FileSystemType } from '../contract/filesystem';

/** A volume that is mounted at once: what it could do by itself would only take room meanwhile. */
export function createFor(type: FileSystemType, bdev: BlockDevice): FileSystem {
  const alone = type.alone;
  type.alone = undefined;
  try {
    const fs = type.create(bdev);
    type.alone = alone;
    return fs;
  } catch (error) {
    type.alone = alone;
    throw error;
  }
}
