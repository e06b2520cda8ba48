/** What changes the tree of directories. */
import { EBUSY, EEXIST, EINVAL, EXDEV, type VfsError } from '../contract/errno';
import { TYPE_DIR } from '../contract/filesystem';
import { refuse } from './call';
import { locate, perform } from './mounts';
import { exists, remove, stat } from './operations';
import * as tree from './tree.lazy';

/**
 * Makes a directory. Its parent must be there, see `makedirs`.
 * @throws EEXIST, also at a mount point; ENOENT, ENOTDIR, EROFS, ENOSPC, ENAMETOOLONG.
 * Source: MicroPython `os.mkdir`.
 */
export function mkdir(path: string): void {
  const place = locate(path, 'mkdir');
  if (place._pinned && place._inner === '/') refuse(place, EEXIST);
  place._slash = false;
  perform(place, true);
}

/**
 * Removes an empty directory.
 * @throws ENOENT, ENOTDIR, ENOTEMPTY, EROFS; EBUSY for `/`, a mount point and what leads to one.
 * Source: MicroPython `os.rmdir`. Differs: mount points.
 */
export function rmdir(path: string): void {
  perform(locate(path, 'rmdir', EBUSY), true);
}

/**
 * Renames or moves a file or directory within one mount; what has the new name already is replaced. The old name to
 * itself changes nothing.
 * @throws ENOENT, EROFS, ENOSPC; EXDEV to another mount; EINVAL for a directory into itself; ENOTDIR for a directory
 *   over a file; EISDIR for a file over a directory; ENOTEMPTY over a directory that is not; EBUSY if one of the two is
 *   open, a mount point or leads to one.
 * Source: MicroPython `os.rename`. Differs: the codes, and that a refused rename changes nothing.
 */
export function rename(from: string, to: string): void {
  const source = locate(from, 'rename', EBUSY);
  const target = locate(to, 'rename', EBUSY);
  if (source._mount !== target._mount) refuse(source, EXDEV);
  if (target._path.indexOf(source._key) === 0) refuse(source, EINVAL);
  // POSIX: with a slash at the end of either, a directory is meant.
  if (target._slash) source._slash = true;
  perform(source, true, target._inner);
}

/**
 * Makes a directory and those above it that are missing. Nothing happens if it is there.
 * @throws EEXIST if a file has its name; ENOTDIR if one above is a file; EROFS, ENOSPC, ENODEV.
 * Source: CPython `os.makedirs(path, exist_ok=True)`.
 */
export function makedirs(path: string): void {
  const place = locate(path, 'makedirs');
  const key = place._key;
  for (let end = exists(key) ? 0 : 1; end; ) {
    end = key.indexOf('/', end) + 1;
    try {
      if (end) mkdir(key.substring(0, end));
    } catch (error) {
      if (!error || (error as VfsError).errno !== EEXIST) throw error;
    }
  }
  if (stat(place._path)[0] !== TYPE_DIR) refuse(place, EEXIST);
}

/**
 * Removes a directory with everything in it.
 * @throws EBUSY before anything is removed if it is `/` or a mount point or leads to one; ENOENT; ENOTDIR for a file;
 *   EROFS; EBUSY at an open file, what came before it is gone then.
 * Source: CPython `shutil.rmtree`.
 */
export function rmtree(path: string): void {
  const steps = tree.walk(locate(path, 'rmtree', EBUSY)._path);
  const dirs: string[] = [];
  for (let step = steps.next(); !step.done; step = steps.next()) {
    const found = step.value as tree.WalkStep;
    dirs.push(found[0]);
    for (let i = 0; i < found[2].length; i++) remove(found[0] + '/' + found[2][i]);
  }
  while (dirs.length) rmdir(dirs.pop() as string);
}
