import type { FileSystem, VfsFile } from '../contract/filesystem';
import type { Where } from './call';

/** One row of the mount table. */
export interface Mount extends Where {
  _fs: FileSystem;
  /** The mount point as a `Place` has it; '' for what stands behind all others. */
  _key: string;
  _readonly: boolean;
  /** Open files of ours: what keeps it from being unmounted. */
  _files: VfsFile[];
  /** What each operation of a registered driver gets first: its context, or nothing. No other mount has it. */
  _context?: unknown[];
}

/** Where a path leads. */
export interface Place extends Where {
  /** The path with a slash at its end: what lies below it begins with that. */
  _key: string;
  /** The mount with the longest matching point. */
  _mount: Mount | undefined;
  /** The path as that mount's file system knows it. */
  _inner: string;
  /** It is `/`, a mount point, or a directory that leads to one: always there, never to be removed. */
  _pinned: boolean;
  /** It was written so that only a directory can be meant, ending in `/`, `.` or `..`, and may still be something else. */
  _slash: boolean;
}
