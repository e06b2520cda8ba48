/** What `import ... from 'microvfs'` gives on the host. */
export { RAMBlockDev } from './blockdev';
export * from './errno';
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
} from './filesystem';
export * from './vfs';
