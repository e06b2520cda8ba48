/** The face of `fs`: the object that libraries for Node's module of that name take, bound to the tree of mounts. */
import * as face from './fs/face.lazy';
import type { Fs } from './fs/types';

export type { Fs, FsConstants, FsDirent, FsError, FsPath, FsStatFs, FsStats } from './fs/types';

/**
 * Node's `fs` over whatever is mounted. Everything is done when the call returns: the forms with callbacks only tell later.
 * Differs from Node: an open file is neither removed nor renamed nor opened for writing twice (EBUSY); paths are resolved textually;
 * there are no links and no rights. See docs/fs.md.
 */
export const fs: Fs = face.makeFs();
