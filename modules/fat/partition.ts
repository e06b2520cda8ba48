import type { Device } from '../blockdev';
import { ECORRUPT, ENODEV, vfsError } from '../errno';
import { parseBoot } from './boot';
import { le16 } from './sector';
import { isLink, listFurther, readAddress, word } from './tables';
import type { Geometry } from './volume';

/**
 * Finds the volume: the whole device (`wanted` 0), a partition (from 1), or, for undefined, whatever holds FAT first.
 * Gives its first block; `g` becomes what its boot sector says.
 * @throws ENODEV where there is none, ECORRUPT where it is damaged, or more than twice as large as its place
 */
export function findVolume(dev: Device, wanted: number | undefined, g: Geometry): number {
  const buf = new Uint8Array(Math.max(512, dev._blockSize));
  const unit = buf.length / dev._blockSize;
  // Start and size of what may be the volume; what is not used has size 0.
  const list = [0, Math.floor(dev._blockCount / unit)];
  let problem = ENODEV;
  for (let i = 0; i < list.length && (i < 2 || problem === ENODEV); i += 2) {
    const start = list[i];
    if (list[i + 1] && (!i || !wanted || wanted * 2 === i)) {
      readAddress(dev, start, buf);
      // A table may promise more than a card has to which it was copied.
      if (i || !wanted) problem = parseBoot(buf, g, Math.min(list[i + 1], list[1] - start) * buf.length);
      if (!problem && g._sectorSize % dev._blockSize) problem = ECORRUPT;
      if (!problem) return start * unit;
    }
    if (!i && wanted !== 0 && problem === ENODEV) {
      let further = false;
      for (let at = 446; at < 510 && le16(buf, 510) === 0xaa55; at += 16) {
        const link = isLink(buf[at + 4]);
        further = further || link || buf[at + 4] === 0xee;
        list.push(word(buf, at + 8), link ? 0 : word(buf, at + 12));
      }
      if (further) listFurther(dev, buf, list);
    }
  }
  throw vfsError(problem, 'mount');
}
