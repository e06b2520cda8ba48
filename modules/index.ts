/** What `import ... from 'microvfs'` gives on the host, where every file system is found by autodetection. */

import { WearLevelling } from './blockdev/wear-levelling';
import { exfat } from './exfat';
import { fat } from './fat';
import './fat/codepages';
import { fsckFat } from './fat/check/fsck.lazy';
import { levelledFat } from './fat/levelled';
import { littlefs1 } from './littlefs1';
import { littlefs2 } from './littlefs2';
import { overlay } from './overlay';
import { posix } from './posix';
import { romfs } from './romfs';
import { register } from './vfs';
import * as alone from './vfs/alone.lazy';

export { RAMBlockDev } from './blockdev';
export { WearLevelling, type WearOptions } from './blockdev/wear-levelling';

import { checkOptions } from './contract/check';

export type { CheckOptions, Finding, Level } from './contract/check';
export * from './contract/errno';
export {
  type BlockDevice,
  type DirEntry,
  type DirIterator,
  type FileSystem,
  type FileSystemType,
  type RawFile,
  type Stat,
  type StatVfs,
  TYPE_DIR,
  TYPE_FILE,
} from './contract/filesystem';
export { type ExFatFormat, type ExFatOptions, exfat, VfsExFat } from './exfat';
export { type ExFatFinding, type ExFatFindingCode, type ExFatFsckOptions, fsckExFat } from './exfat/check';
export { type FatFormat, type FatOptions, fat, VfsFat } from './fat';
export { type FatFinding, type FatFindingCode, type FatFsckOptions, fsckFat } from './fat/check/fsck.lazy';
export * from './fs';
export { type Lfs1Options, littlefs1, VfsLfs1 } from './littlefs1';
export {
  fsckLfs1,
  type Lfs1Finding,
  type Lfs1FindingCode,
  type Lfs1FsckOptions,
  type Lfs1FsckResult,
} from './littlefs1/check/fsck';
export { type Lfs2Options, littlefs2, VfsLfs2 } from './littlefs2';
export { type FindingCode, type FsckOptions, type FsckResult, fsckLfs2, type Lfs2Finding } from './littlefs2/check/fsck';
export { type SalvageOptions, type SalvageResult, salvageLfs2 } from './littlefs2/check/salvage';
export { migrateLfs1 } from './migrate';
export { VfsOverlay } from './overlay';
export { VfsPosix } from './posix';
export { type RomIoctl, type RomOptions, type RomPlace, type RomTree, romfs, romIoctl, VfsRom } from './romfs';
export * from './vfs';

register(littlefs2);
register(littlefs1);
register(romfs);
register(exfat);
register(levelledFat);
register(fat);
levelledFat.check = function (bdev, options) {
  checkOptions(options);
  return fsckFat(new WearLevelling(bdev), options);
};
overlay.alone = alone.standAlone;
posix.alone = alone.standAlone;
