/** Changes of the upper that are not seen, and with which others become one step. A device loads them when something is changed. */
import { EBUSY, EEXIST, EINVAL, EISDIR, ENOTDIR, ENOTEMPTY, EOPNOTSUPP } from '../contract/errno';
import type { RawFile } from '../contract/filesystem';
import { entries, fail, HIDES, isDir, type Layers, look, merged, statOf, whiteout } from './layers';

/** Where a file is copied before it has its name. */
const FRESH = '/' + HIDES + '.up';
const PIECE = 512;

/** Makes the directories above a path in the upper, as the lower has them. */
export function raiseParents(layers: Layers, path: string): void {
  const upper = layers._upper;
  for (let end = path.indexOf('/', 1); end > 0; end = path.indexOf('/', end + 1)) {
    const dir = path.substring(0, end);
    if (!statOf(upper, dir)) upper.mkdir(dir);
  }
}

/** Hides what the lower has there. */
function hide(layers: Layers, path: string): void {
  raiseParents(layers, path);
  (layers._upper.open(whiteout(path), 'w') as RawFile).close();
}

/** Removes the whiteouts in a directory of the upper below which nothing of the lower is seen. */
function clear(layers: Layers, path: string): void {
  const next = entries(layers._upper, path);
  const names: string[] = [];
  for (let entry = next(); entry; entry = next()) if (entry[0].indexOf(HIDES) === 0) names.push(entry[0]);
  for (let i = 0; i < names.length; i++) layers._upper.remove(path + '/' + names[i]);
}

/**
 * Copies a file of the lower to the upper, in one step: a copy that is whole gets its name. What is open goes on there.
 * @param times what the copy has; by default those of its making
 */
export function raise(layers: Layers, path: string, times?: number[]): void {
  const upper = layers._upper;
  const buf = new Uint8Array(PIECE);
  const source = layers._lower.open(path, 'r') as RawFile;
  let target: RawFile | undefined;
  try {
    raiseParents(layers, path);
    target = upper.open(FRESH, 'w') as RawFile;
    for (let at = 0, n = PIECE; n === PIECE; at += n) {
      n = source.readAt(at, buf);
      if (n) target.writeAt(at, n < PIECE ? buf.subarray(0, n) : buf);
    }
    target.close();
    if (times) upper.utime(FRESH, times);
    upper.rename(FRESH, path);
  } catch (error) {
    dropFresh(layers, target);
    source.close();
    throw error;
  }
  source.close();
  for (let i = 0; i < layers._files.length; i++) {
    const file = layers._files[i];
    if (file._path !== path || file._risen) continue;
    const raw = upper.open(path, file._writable ? 'r+' : 'r') as RawFile;
    file._raw.close();
    file._raw = raw;
    file.limit = raw.limit;
    file._risen = true;
  }
}

/** What could not be copied takes no room. */
function dropFresh(layers: Layers, target: RawFile | undefined): void {
  for (let i = target ? 2 : 0; i--; ) {
    try {
      (target as RawFile).close();
      i = 0;
      layers._upper.remove(FRESH);
    } catch (_late) {
      // What went wrong first is what the caller should know.
    }
  }
}

/** Has the upper everything that is seen in a directory. */
function raiseTree(layers: Layers, path: string): void {
  const dirs = [path];
  raiseParents(layers, path);
  while (dirs.length) {
    const dir = dirs.pop() as string;
    const names: string[] = [];
    look(layers, dir, false);
    if (!layers._u) layers._upper.mkdir(dir);
    if (!layers._l) continue;
    const next = merged(layers, dir);
    for (let entry = next(); entry; entry = next()) names.push(entry[0]);
    for (let i = 0; i < names.length; i++) {
      const full = dir + '/' + names[i];
      if (isDir(look(layers, full, false) as number[])) dirs.push(full);
      else if (!layers._u) raise(layers, full);
    }
  }
}

/** @throws EBUSY where something is open at the path, or with `writers` for writing */
export function checkUnused(layers: Layers, path: string, writers: boolean): void {
  for (let i = 0; i < layers._files.length; i++)
    if (layers._files[i]._path === path && (layers._files[i]._writable || !writers)) fail(layers, EBUSY);
}

export function makeDir(layers: Layers, path: string): void {
  if (look(layers, path, true)) fail(layers, EEXIST);
  raiseParents(layers, path);
  layers._upper.mkdir(path);
}

/** Removes a file or an empty directory: hidden first, it goes with the upper's. */
export function removeEntry(layers: Layers, path: string, directory: boolean): void {
  if (path === '/') fail(layers, EBUSY);
  if (isDir(look(layers, path, false) as number[]) !== directory) fail(layers, directory ? ENOTDIR : EISDIR);
  const upper = layers._u;
  checkUnused(layers, path, false);
  if (directory && merged(layers, path)()) fail(layers, ENOTEMPTY);
  if (layers._l) hide(layers, path);
  if (!upper) return;
  if (!directory) layers._upper.remove(path);
  else {
    clear(layers, path);
    layers._upper.rmdir(path);
  }
}

/** Renames: the upper has all of it, the lower's is hidden, then one step. */
export function renameEntry(layers: Layers, from: string, to: string): void {
  const upper = layers._upper;
  const source = look(layers, from, false) as number[];
  const directory = isDir(source);
  const mine = layers._l;
  const risen = layers._u;
  if (to === from) return;
  if (from === '/' || to === '/') fail(layers, EBUSY);
  if (to.indexOf(from + '/') === 0) fail(layers, directory ? EINVAL : ENOTDIR);
  const target = look(layers, to, true);
  const theirs = layers._l;
  checkUnused(layers, from, false);
  checkUnused(layers, to, false);
  if (target) {
    if (isDir(target) !== directory) fail(layers, directory ? ENOTDIR : EISDIR);
    if (directory && merged(layers, to)()) fail(layers, ENOTEMPTY);
  }
  raiseParents(layers, to);
  if (directory) raiseTree(layers, from);
  else if (!risen) raise(layers, from);
  if (target && directory) {
    // Empty it stays, hidden or not.
    if (!statOf(upper, to)) upper.mkdir(to);
    if (theirs) hide(layers, to);
    clear(layers, to);
  }
  if (mine) hide(layers, from);
  upper.rename(from, to);
  for (let i = 0; i < layers._files.length; i++) {
    const file = layers._files[i];
    if (file._path.indexOf(from + '/') === 0) file._path = to + file._path.substring(from.length);
  }
}

export function setTimes(layers: Layers, path: string, times: number[]): void {
  const directory = isDir(look(layers, path, false) as number[]);
  if (path === '/') fail(layers, EBUSY);
  if (!layers._upper.utime) fail(layers, EOPNOTSUPP);
  if (layers._u || directory) {
    raiseParents(layers, path + '/');
    layers._upper.utime(path, times);
  } else raise(layers, path, times);
}
