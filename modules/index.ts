/** What `import ... from 'microvfs'` gives on the host, where every file system is found by autodetection. */
import { fat } from './fat';
import './fat/codepages';
import { littlefs1 } from './littlefs1';
import { littlefs2 } from './littlefs2';
import { register } from './vfs';

export { RAMBlockDev } from './blockdev';
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
export { type FatFormat, type FatOptions, fat, VfsFat } from './fat';
export { type FatFinding, type FatFindingCode, type FatFindingLevel, type FatFsckOptions, fsckFat } from './fat/fsck';
export { type Lfs1Options, littlefs1, VfsLfs1 } from './littlefs1';
export {
  fsckLfs1,
  type Lfs1Finding,
  type Lfs1FindingCode,
  type Lfs1FindingLevel,
  type Lfs1FsckOptions,
  type Lfs1FsckResult,
} from './littlefs1/check/fsck';
export { type Lfs2Options, littlefs2, VfsLfs2 } from './littlefs2';
export { type Finding, type FindingCode, type FindingLevel, type FsckOptions, type FsckResult, fsckLfs2 } from './littlefs2/fsck';
export { type SalvageOptions, type SalvageResult, salvageLfs2 } from './littlefs2/salvage';
export { migrateLfs1 } from './migrate';
export * from './vfs';

register(littlefs2);
register(littlefs1);
register(fat);
