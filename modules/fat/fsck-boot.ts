/** A damaged boot sector of FAT32, of which the volume keeps a copy. */
import type { Device } from '../blockdev';
import { writeBlocks } from '../blockdev/blocks';
import { EROFS, vfsError } from '../errno';
import { parseBoot } from './boot';
import type { FatFinding, FatFsckOptions } from './fsck-state';
import { le16 } from './sector';
import { readAddress, word } from './tables';
import type { Geometry } from './volume';

/** Where the copy lies, counted from the boot sector (Microsoft's specification, section 3.3: no other place is recommended). */
const COPY = 6;

/**
 * Looks for a volume whose boot sector is none while its copy is sound: on the whole device, and where the partition table says.
 * Puts the copy back if asked to.
 * @returns what was found, undefined for nothing
 * @throws EIO, EROFS
 */
export function restoreBoot(dev: Device, options: FatFsckOptions): FatFinding | undefined {
  const size = Math.max(512, dev._blockSize);
  const unit = size / dev._blockSize;
  const first = new Uint8Array(size);
  const boot = new Uint8Array(size);
  const g = {} as Geometry;
  const wanted = options.partition;
  readAddress(dev, 0, first);
  for (let number = 0; number < 5; number++) {
    const entry = 430 + number * 16;
    const table = le16(first, 510) === 0xaa55;
    const start = number ? word(first, entry + 8) : 0;
    const room = number ? word(first, entry + 12) : Math.floor(dev._blockCount / unit);
    if ((wanted !== undefined && wanted !== number) || (number && (!table || !first[entry + 4] || !start)) || room <= COPY) continue;
    if ((start + room) * unit > dev._blockCount) continue;
    readAddress(dev, start, boot);
    if (!parseBoot(boot, g, room * size)) continue;
    readAddress(dev, start + COPY, boot);
    if (parseBoot(boot, g, room * size) || le16(boot, 510) !== 0xaa55) continue;
    if (g._type < 32 || le16(boot, 50) !== COPY || g._sectorSize !== size) continue;
    const finding: FatFinding = { level: 'error', code: 'boot', path: '', message: 'the boot sector is damaged, its copy is sound' };
    if (options.onFinding) options.onFinding(finding);
    if (options.repair) {
      const status = dev._bdev.writeblocks ? writeBlocks(dev, start * unit, boot) : -EROFS;
      if (status) throw vfsError(status, 'fsck');
    }
    return finding;
  }
  return undefined;
}
