/** Open files by small integers. */
import { EBADF, vfsError } from '../contract/errno';
import type { VfsFile } from '../contract/filesystem';

export interface Descriptor {
  /** Undefined for a directory. */
  _file: VfsFile | undefined;
  /** Absolute and normalised. */
  _path: string;
  /** Bits: 1 it may be read, 2 written, 4 every write is synced. */
  _bits: number;
}

/** 0 to 2 are the standard streams'. */
const FIRST = 3;

const open: (Descriptor | undefined)[] = [];

/** The lowest free number, for a file. */
export function take(file: Descriptor): number {
  let i = 0;
  while (open[i]) i++;
  open[i] = file;
  return i + FIRST;
}

/** @throws EBADF */
export function at(fd: number): Descriptor {
  const file = open[fd - FIRST];
  if (!file) throw vfsError(EBADF, 'fd');
  return file;
}

/** Frees the number. */
export function release(fd: number): void {
  open[fd - FIRST] = undefined;
}

/** What is open, for whoever looks for a path. */
export function each(visit: (file: Descriptor) => void): void {
  for (let i = 0; i < open.length; i++) if (open[i]) visit(open[i] as Descriptor);
}
