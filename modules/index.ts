/** What `import ... from 'microvfs'` gives on the host, where every file system is found by autodetection. */

import { made } from './doors';
import * as behind from './doors.lazy';
import { exfat } from './exfat';
import { fat } from './fat';
import './fat/codepages';
import './fat/check/levelled';
import { levelledFat } from './fat/levelled';
import { littlefs1 } from './littlefs1';
import { littlefs2 } from './littlefs2';
import { overlay } from './overlay';
import { posix } from './posix';
import { romfs } from './romfs';
import { addDriver } from './vfs';
import * as alone from './vfs/alone.lazy';

export { RAMBlockDev } from './blockdev';
export { WearLevelling, type WearOptions } from './blockdev/wear-levelling';

export type { CheckOptions, Finding, Level } from './contract/check';
export * from './contract/errno';
export {
  type Attributes,
  type BlockDevice,
  type DirEntry,
  type DirIterator,
  type FileSystem,
  type FileSystemType,
  type ListOptions,
  type RawFile,
  type Stat,
  type StatVfs,
  TYPE_DIR,
  TYPE_FILE,
} from './contract/filesystem';
export type { PrefixDriver } from './contract/prefix';
export { devfs } from './devfs/devfs.lazy';
export type { CharDevice } from './devfs/device';
export { type LineEnd, type SerialPort, type UartOptions, uart } from './devfs/uart.lazy';
export type { Descriptors } from './doors.lazy';
export { type ExFatFormat, type ExFatOptions, exfat, VfsExFat } from './exfat';
export { type ExFatFinding, type ExFatFindingCode, type ExFatFsckOptions, fsckExFat } from './exfat/check';
export { type FatFormat, type FatOptions, fat, VfsFat } from './fat';
export { type FatFinding, type FatFindingCode, type FatFsckOptions, fsckFat } from './fat/check/fsck.lazy';
export { type Polled, poll } from './fd/poll.lazy';
export { redirect } from './fd/streams.lazy';
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

/** Files by number. A device makes this, and the streams, when they are first asked for. */
export const fd = behind.make('fd') as behind.Descriptors;
export const stdin = behind.make('stdin') as behind.Streams;
export const stdout = behind.make('stdout') as behind.Streams;
export const stderr = behind.make('stderr') as behind.Streams;
made.fd = fd;
made.stdin = stdin;
made.stdout = stdout;
made.stderr = stderr;

addDriver(littlefs2);
addDriver(littlefs1);
addDriver(romfs);
addDriver(exfat);
addDriver(levelledFat);
addDriver(fat);
overlay.alone = alone.standAlone;
posix.alone = alone.standAlone;
