/** What `import ... from 'microvfs/tools'` gives: the verbs of the command line as functions, for build scripts. */

export type { Keeping } from './places/file-medium';
export type { FormatName } from './places/formats';
export type { PlaceOptions } from './places/open';
export type { Report } from './places/report';
export { type Entry, PlaceError, type Usage } from './places/tree';
export type { Advertised } from './port/bluetooth';
export type { PortOptions } from './port/connect';
export { BoardError } from './port/frames';
export type { PortInfo } from './port/serial';
export type { ByteStream } from './port/stream';
export { UsageError } from './usage';
export { boot0, devices, run, type Uploaded, type UploadOptions, upload } from './verbs/board';
export { type Edited, edit, type MkdirOptions, mkdir, type RmOptions, rm, rmdir, type TouchOptions, touch } from './verbs/change';
export { type Examined, type Finding, type FsckOptions, fsck } from './verbs/check';
export { type Action, type Checked, checkSums, type Difference, diff, type Sum, type SyncOptions, sha256, sync } from './verbs/compare';
export { type ConvertOptions, convert, extract } from './verbs/convert';
export { type Copied, type CpOptions, cp, type MvOptions, mv } from './verbs/copy';
export { type CreateOptions, create } from './verbs/create';
export { type DumpedBlock, type DumpOptions, dump, type Note } from './verbs/dump';
export type { Info, Region } from './verbs/facts';
export { info } from './verbs/info';
export { cat, df, type Filled, type Listed, type Listing, type LsOptions, ls } from './verbs/list';
export type { Created, MadeFormat, VolumeOptions } from './verbs/make';
export { type PartitionEntry, type PartitionsOptions, partitions } from './verbs/partitions';
export { migrate, type RomBuildOptions, type RomPlaceInfo, romBuild, romDeploy, romImage, romQuery } from './verbs/romfs';
export { type Served, type ServeOptions, serve } from './verbs/serve';
