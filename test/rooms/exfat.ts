/** exFAT with nothing else. Autodetection formats nothing small with it; the suite wants that. */
import type { BlockDevice } from '../../modules/contract/filesystem';
import { exfat, VfsExFat } from '../../modules/exfat';
import { addDriver } from '../../modules/vfs';

export * from '../../modules/vfs';
export { VfsExFat };

addDriver({
  probe: exfat.probe,
  create(bdev: BlockDevice): VfsExFat {
    return new VfsExFat(bdev);
  },
});
