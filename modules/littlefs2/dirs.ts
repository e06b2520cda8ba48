import { EBUSY, EEXIST, EINVAL, EISDIR, ENOSPC, ENOTDIR, ENOTEMPTY } from '../contract/errno';
import { blocksFreed, releaseList } from './alloc';
import { begin } from './begin';
import { commit, entryOps, writeTwin } from './commit';
import { NO_STATE, NOTHING, pairBytes } from './gstate';
import type { Ops } from './log';
import { fetch, KIND_DIR, listOf } from './mdir';
import { setMove } from './moved';
import { newPair } from './split';
import { CREATE, DELETE, DIR, DIRSTRUCT, NO_ID, TAIL } from './tags';
import { dropOps, endMove, findOnThread, settle } from './thread';
import { checkUnused, create, dirPair, look, need } from './tree';
import { fail, fs, limitSteps, type Volume } from './volume';

export function makeDir(v: Volume, path: string): void {
  begin(v, 'mkdir', path, true);
  if (look(path)) fail(EEXIST);
  const dir = newPair(undefined);
  if (!dir) fail(ENOSPC);
  // The new pair follows the last one of the parent on the thread.
  let pred = v._m;
  for (let steps = 0; pred._split; steps++) {
    limitSteps(steps);
    pred = fetch(pred._tail0, pred._tail1);
  }
  dir._tail0 = pred._tail0;
  dir._tail1 = pred._tail1;
  writeTwin(dir, NO_STATE);
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
    const ops: Ops = [DIRSTRUCT, v._id, pair];
    if (!apart) ops.push(TAIL, NO_ID, pair);
    create(DIR, ops);
  } catch (failure) {
    try {
      // The new pair is on the thread and nobody's: if it can be, it is taken off at once.
      v._stale = v._stale || apart;
      if (apart) {
        begin(v, 'mkdir', path, true);
        settle();
      }
    } catch (_later) {
      // Then by the next change.
    }
    throw failure;
  }
}

/** The directory just looked up is about to lose its entry: it has to be empty, and to be taken off the thread afterwards. */
function orphanDir(): void {
  const dir = dirPair();
  let m = fetch(dir._a, dir._b);
  for (let steps = 0; !m._count && m._split; steps++) {
    limitSteps(steps);
    m = fetch(m._tail0, m._tail1);
  }
  if (m._count) fail(ENOTEMPTY);
  fs._dir = dir;
  fs._orphans++;
}

/** Takes the directory that has lost its entry off the thread. */
function unthread(): void {
  const dir = fs._dir;
  let m = fetch(dir._a, dir._b);
  for (let steps = 0; m._split; steps++) {
    limitSteps(steps);
    commit(m, dropOps(fetch(m._tail0, m._tail1)));
    m = fetch(dir._a, dir._b);
  }
  const pred = findOnThread(dir._a, dir._b, false);
  fs._orphans--;
  if (pred) commit(pred, dropOps(fetch(dir._a, dir._b)));
}

export function removeDir(v: Volume, path: string): void {
  begin(v, 'rmdir', path, true);
  if (need(path) !== KIND_DIR) fail(ENOTDIR);
  if (v._id < 0) fail(EBUSY);
  orphanDir();
  commit(v._m, [DELETE, v._id, NOTHING]);
  unthread();
}

export function removeFile(v: Volume, path: string): void {
  begin(v, 'remove', path, true);
  if (need(path) === KIND_DIR) fail(EISDIR);
  checkUnused(false);
  blocksFreed();
  v._leaving = listOf(v._m, v._id);
  commit(v._m, [DELETE, v._id, NOTHING]);
  releaseList(0);
}

export function renameEntry(v: Volume, from: string, to: string): void {
  begin(v, 'rename', from, true);
  const kind = need(from);
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
  v._leaving = old ? listOf(target, newId) : undefined;
  if (v._leaving) blocksFreed();
  if (source._a === target._a) {
    if (!old && newId <= id) id++;
    ops.push(DELETE, id, NOTHING);
    commit(target, ops);
  } else {
    // The first commit says that the source is on the move; a cut before the second is mended by the next change.
    setMove(id, source._a, source._b);
    commit(target, ops);
    endMove();
  }
  if (old && dir) unthread();
  releaseList(0);
  for (let i = 0; i < v._files.length; i++) {
    const f = v._files[i];
    if (f._path.indexOf(from + '/') === 0) f._path = to + f._path.substring(from.length);
  }
}
