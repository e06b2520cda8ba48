/** A damaged boot sector of FAT32, of which the volume keeps a copy. */
import type { Device } from '../../blockdev';
import { writeBlocks } from '../../blockdev/blocks';
import * as partitions from '../../blockdev/partitions.lazy';
import { EROFS, vfsError } from '../../contract/errno';
import * as bootSector from '../boot.lazy';
import { le16 } from '../sector';
import type { Geometry } from '../volume';
import type { FatFinding, FatFsckOptions } from './state';

/** Where the copy lies, counted from the boot sector (Microsoft's specification, section 3.3: no other place is recommended). */
const COPY = 6;

/**
 * Looks for a volume whose boot sector is none while its copy is sound: on the whole device, and where the partition table says.
 * Puts the copy back if asked to.
 * @returns what was found, undefined for nothing
 * @throws EIO, EROFS
 */
export function restoreBoot(dev: Device, options: FatFsckOptions): FatFinding | undefined {
  const w = partitions.openWindow(dev);
  const boot = w._buf;
  const size = boot.length;
  const g = {} as Geometry;
  const places = partitions.listPlaces(w, options.partition);
  for (let i = 0; i < places.length; i++) {
    const place = places[i];
    const start = place._start;
    const room = place._count * size;
    // Under a valid table there is no volume.
    if (options.partition === undefined && (place._kind || (i && !place._number))) continue;
    if (place._count <= COPY || partitions.readSector(w, start) || !bootSector.parseBoot(boot, g, room)) continue;
    if (partitions.readSector(w, start + COPY) || bootSector.parseBoot(boot, g, room) || !partitions.isSigned(boot)) continue;
    if (g._type < 32 || le16(boot, 50) !== COPY || g._sectorSize !== size) continue;
    const finding: FatFinding = {
      level: 'error',
      code: 'boot',
      path: '',
      blocks: [],
      message: 'the boot sector is damaged, its copy is sound',
      repaired: !!options.repair,
    };
    if (options.onFinding) options.onFinding(finding);
    if (options.repair) {
      const status = dev._bdev.writeblocks ? writeBlocks(dev, (start * size) / dev._blockSize, boot) : -EROFS;
      if (status) throw vfsError(status, 'fsck');
    }
    return finding;
  }
  return undefined;
}
