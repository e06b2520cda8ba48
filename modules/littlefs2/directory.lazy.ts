/** Changes of directories: mkdir, rmdir, remove, rename. */
import { EBUSY, EEXIST, EINVAL, EISDIR, ENOENT, ENOTDIR, ENOTEMPTY } from '../contract/errno';
import { now } from '../engine';
import { entryOps } from './compaction';
import { fetch } from './mdir';
import { begin, commit } from './operation';
import { mtimeBytes, pairBytes } from './ops';
import * as relocate from './relocate.lazy';
import { KIND_DIR } from './table';
import { CREATE, DELETE, DIR, DIRSTRUCT, INLINESTRUCT, MOVE, MTIME, NO_ID, NOTHING, REG, TAIL } from './tags';
import { checkUnused, dirPair, look } from './tree';
import { fail, fs, limitSteps, type Ops, type Volume } from './volume';
import * as write from './write.lazy';

/** Does `operation` with a path, and for a rename with another. */
export function change(v: Volume, operation: string, path: string, to: string): void {
  begin(v, operation, path, true);
  write.during(function (): void {
    if (operation === 'mkdir') makeDir(v, path);
    else if (operation === 'rmdir') removeDir(v, path);
    else if (operation === 'remove') removeFile(v, path);
    else renameEntry(v, path, to);
  });
}

/** Makes the file, empty, that was looked up and not found, while `write` is held; it is looked up then. */
export function makeFile(path: string): void {
  const v = fs;
  const id = v._id;
  const ops: Ops = [CREATE, id, NOTHING, REG, id, v._name, INLINESTRUCT, id, NOTHING];
  if (v._mtime) ops.push(MTIME, id, mtimeBytes(now()));
  commit(v._m, ops);
  look(path);
}

function makeDir(v: Volume, path: string): void {
  if (look(path)) fail(EEXIST);
  // The new pair follows the last one of the parent on the relocate.
  let pred = v._m;
  for (let steps = 0; pred._split; steps++) {
    limitSteps(steps);
    pred = fetch(pred._tail0, pred._tail1);
  }
  const dir = relocate.newDir(pred);
  v._dir = dir;
  const apart = pred._a !== v._m._a;
  if (apart) {
    v._orphans++;
    commit(pred, [TAIL, NO_ID, pairBytes(dir._a, dir._b)]);
    v._orphans--;
  }
  const pair = pairBytes(dir._a, dir._b);
  try {
    if (apart) look(path);
    const ops: Ops = [CREATE, v._id, NOTHING, DIR, v._id, v._name, DIRSTRUCT, v._id, pair];
    if (!apart) ops.push(TAIL, NO_ID, pair);
    commit(v._m, ops);
  } catch (failure) {
    try {
      // The new pair is on the thread and nobody's: if it can be, it is taken off at once.
      v._stale = v._stale || apart;
      if (apart) {
        begin(v, 'mkdir', path, true);
        relocate.settle();
      }
    } catch (_later) {
      // Then by the next change.
    }
    throw failure;
  }
}

/** The directory just looked up is about to lose its entry: it has to be empty, and to be taken off the thread afterwards. */
function orphanDir(): void {
  const v = fs;
  const dir = dirPair();
  let m = fetch(dir._a, dir._b);
  for (let steps = 0; !m._count && m._split; steps++) {
    limitSteps(steps);
    m = fetch(m._tail0, m._tail1);
  }
  if (m._count) fail(ENOTEMPTY);
  v._dir = dir;
  v._orphans++;
}

function removeDir(v: Volume, path: string): void {
  if ((look(path) || fail(ENOENT)) !== KIND_DIR) fail(ENOTDIR);
  if (v._id < 0) fail(EBUSY);
  orphanDir();
  commit(v._m, [DELETE, v._id, NOTHING]);
  relocate.unthread();
}

function removeFile(v: Volume, path: string): void {
  if ((look(path) || fail(ENOENT)) === KIND_DIR) fail(EISDIR);
  checkUnused(false);
  write.leaveList(v._m, v._id, 0);
  commit(v._m, [DELETE, v._id, NOTHING]);
}

function renameEntry(v: Volume, from: string, to: string): void {
  const kind = look(from) || fail(ENOENT);
  const dir = kind === KIND_DIR;
  const source = v._m;
  let id = v._id;
  if (id < 0 || to.indexOf(from + '/') === 0) fail(EINVAL);
  if (!dir) checkUnused(false);
  const old = look(to);
  if (from === to) return;
  if (v._id < 0) fail(EBUSY);
  if (old && (old === KIND_DIR) !== dir) fail(dir ? ENOTDIR : EISDIR);
  const target = v._m;
  const newId = v._id;
  let ops: Ops = [];
  if (old) {
    checkUnused(false);
    if (dir) orphanDir();
    ops.push(DELETE, newId, NOTHING);
  }
  ops.push(CREATE, newId, NOTHING);
  // What the entry is made of goes along: struct and attributes.
  v._source = source._a;
  ops = ops.concat(entryOps(source, id, newId, v._name));
  if (old) write.leaveList(target, newId, 0);
  if (source._a === target._a) {
    if (!old && newId <= id) id++;
    ops.push(DELETE, id, NOTHING);
    commit(target, ops);
  } else {
    // The first commit says that the source is on the move; a cut before the second is mended by the next change.
    v._gstate.set([MOVE + (id << 10), source._a, source._b]);
    commit(target, ops);
    relocate.endMove();
  }
  if (old && dir) relocate.unthread();
  for (let i = 0; i < v._files.length; i++) {
    const f = v._files[i];
    if (f._path.indexOf(from + '/') === 0) f._path = to + f._path.substring(from.length);
  }
}
