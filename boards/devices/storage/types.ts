/** A volume in Espruino's Storage, as its users see it. */
import type { BlockDevice } from '../../../modules/contract/filesystem';

export interface StorageVolumeOptions {
  /** Whether it may lie behind other files, by which it is moved when they are erased. Default false. */
  anywhere?: boolean;
}

/** The whole pages of the file `vfs-volume` in Storage as an extended block device. Never touches a byte outside them. */
export interface StorageVolumeDevice extends BlockDevice {
  /**
   * By how many bytes Storage has moved the file since it was made, 0 if it has not. Where it was moved the device can only be
   * read: its blocks are no pages of the flash then.
   */
  moved: number;
  /**
   * Brings a file that was moved back onto whole pages, where it lies now. If the power goes, the next `new StorageVolume()` goes
   * on. What is mounted of it for reading may stay mounted.
   * @throws ENOSPC where Storage has no room for two pages and a journal, or the file none for whole pages here; EIO
   */
  relocate(): void;
}

export interface StorageVolumeConstructor {
  /**
   * The volume that is there. A new file gets its anchor: the address by which it is known that it was moved.
   * @throws ENODEV without the file, or without Storage; ECORRUPT for a file that is no volume; EINVAL for one with less than two
   *   pages
   */
  new (): StorageVolumeDevice;
  /**
   * Makes the file.
   * @param size bytes that it takes of Storage, in whole pages; also `'128K'`, `'1M'`. The first page, and with `anywhere` the
   *   last, hold no blocks
   * @throws EEXIST where it is; EBUSY where other files lie before it, unless `anywhere`; ENOSPC; EINVAL, TypeError for what is no
   *   size
   */
  create(size: number | string, options?: StorageVolumeOptions): StorageVolumeDevice;
}
