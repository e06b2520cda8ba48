/** Renaming where the firmware cannot: by copying, as far as that is safe. */
import { EBUSY, EIO, ENOENT, EOPNOTSUPP, vfsError } from '../contract/errno';
import type { RawFile } from '../contract/filesystem';
import { equal } from '../engine';
import * as files from './file.lazy';
import * as trees from './tree.lazy';
import type { NativeState } from './types';

/** Bytes that are copied, and compared, at a time. */
const PIECE = 512;

/** Copies a file, or compares the two. */
function pass(state: NativeState, from: string, to: string, compares: boolean): void {
  const open: RawFile[] = [];
  const piece = new Uint8Array(PIECE);
  const other = new Uint8Array(PIECE);
  let failure: unknown;
  let at = 0;
  try {
    open.push(files.openFile(state, from, 'r') as RawFile);
    open.push(files.openFile(state, to, compares ? 'r' : 'wx') as RawFile);
    for (let n = -1; n; at += n) {
      n = open[0].readAt(at, piece);
      if (!compares) open[1].writeAt(at, piece.subarray(0, n));
      else if (open[1].readAt(at, other) !== n || !equal(piece.subarray(0, n), other.subarray(0, n))) throw vfsError(EIO, 'rename', to);
    }
    if (open[0].size() !== at) throw vfsError(EIO, 'rename', from);
  } catch (error) {
    failure = error || vfsError(EIO, 'rename', from);
  }
  for (let i = 0; i < open.length; i++) {
    try {
      open[i].close();
    } catch (late) {
      failure = failure || late || vfsError(EIO, 'rename', to);
    }
  }
  if (failure) throw failure;
}

/**
 * A file to a name that is not there: the copy is compared before the file is removed. If that fails there is no copy; if the power
 * goes there are both.
 * @throws EOPNOTSUPP for a directory, and over what is there; ENOENT, ENOTDIR, EBUSY, ENOSPC, EIO
 */
export function renameFile(state: NativeState, from: string, to: string): void {
  const stat = trees.look(state, from) as { dir: boolean } | undefined;
  if (!stat) throw vfsError(ENOENT, 'rename', from);
  if (from === to) return;
  if (stat.dir) throw vfsError(EOPNOTSUPP, 'rename', from, 'the firmware cannot, and a directory is not copied');
  if (trees.look(state, to)) throw vfsError(EOPNOTSUPP, 'rename', to, 'the firmware cannot, and a copy is not put over what is there');
  trees.expectParent(state, 'rename', to);
  for (let i = 0; i < state._open.length; i++) if (state._open[i]._path === from) throw vfsError(EBUSY, 'rename', from);
  try {
    pass(state, from, to, false);
    pass(state, from, to, true);
    trees.removePath(state, from, false);
  } catch (error) {
    try {
      trees.removePath(state, to, false);
    } catch (_none) {
      // What went wrong first is what the caller should know.
    }
    throw error;
  }
}
