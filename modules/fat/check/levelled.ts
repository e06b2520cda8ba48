/** The check of FAT under wear levelling: a bundle that does not name it goes without. */
import { WearLevelling } from '../../blockdev/wear-levelling';
import { type CheckOptions, checkOptions } from '../../contract/check';
import type { BlockDevice } from '../../contract/filesystem';
import { levelledFat } from '../levelled';
import { type FatFinding, fsckFat } from './fsck.lazy';

levelledFat.check = function (bdev: BlockDevice, options?: CheckOptions): FatFinding[] {
  checkOptions(options);
  return fsckFat(new WearLevelling(bdev), options);
};
