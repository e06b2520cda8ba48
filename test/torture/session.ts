/**
 * A file system at work with a model of what it holds: what survives a power cut (`tree`), what may (`allowed`), and
 * what open files hold in RAM. Operations are data, so that a failing list of them can be shrunk and kept.
 */
import type { RawFile } from '../../modules/contract/filesystem';
import { VfsLfs2 } from '../../modules/littlefs2';
import { difference, hex, type Lfs2Options, pattern, type Snapshot, sameTree, snapshot } from '../support/lfs2';
import { expected, type Operation } from '../support/script';
import { Flash, type FlashShape } from './flash';
import { formatLean, leanVolume } from './lean';

/** An operation by path, or on one of a few files that stay open across other operations. */
export type Step =
  | Operation
  /** Slot, path, mode. */
  | ['open', number, string, 'w' | 'a' | 'r+']
  /** Slot, position (-1: the end), length, seed. */
  | ['put', number, number, number, number]
  | ['cut', number, number]
  | ['sync', number]
  | ['close', number]
  /** Work ahead of time, with so many device operations. */
  | ['gc', number]
  | ['mount'];

export interface Setup extends FlashShape {
  options: Lfs2Options;
  /** By `modules/lean`. */
  lean?: boolean;
}

interface Handle {
  path: string;
  file: RawFile;
  /** In hex, like the bodies in the tree. */
  body: string;
  /** Differs from the entry's body as far as the user knows. */
  changed: boolean;
}

export interface Session {
  setup: Setup;
  flash: Flash;
  fs: VfsLfs2;
  tree: Snapshot;
  /** What a power cut during the present call may leave. */
  allowed: Snapshot[];
  handles: (Handle | undefined)[];
}

export function startSession(setup: Setup, flash: Flash, tree: Snapshot): Session {
  return { setup, flash, fs: mountOn(setup, flash), tree, allowed: [tree], handles: [] };
}

export function mountOn(setup: Setup, flash: Flash): VfsLfs2 {
  if (setup.lean) return leanVolume(flash);
  const fs = new VfsLfs2(flash, setup.options);
  fs.mount(false, false);
  return fs;
}

export function formatted(setup: Setup): Flash {
  const flash = new Flash(setup);
  if (setup.lean) formatLean(flash);
  else VfsLfs2.mkfs(flash, setup.options);
  return flash;
}

const bodyOf = (tree: Snapshot, path: string): string => (tree[path] ?? '').split(' ')[0];
const isDir = (tree: Snapshot, path: string): boolean => path === '' || path === '/' || bodyOf(tree, path) === 'dir';
const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));
const withBody = (tree: Snapshot, path: string, body: string): Snapshot => ({
  ...tree,
  [path]: [body, ...(tree[path] ?? '').split(' ').slice(1)].join(' '),
});

/** Whether the model can do it now: after a cut or in a shrunk list what it refers to may be missing. */
export function applicable(session: Pick<Session, 'tree' | 'handles'>, step: Step): boolean {
  const { tree, handles } = session;
  if (step[0] === 'mount' || step[0] === 'gc') return true;
  if (step[0] === 'open') {
    const path = step[2];
    if (handles[step[1]] || handles.some((each) => each?.path === path) || isDir(tree, path) || !isDir(tree, parentOf(path))) return false;
    return step[3] !== 'r+' || path in tree;
  }
  if (step[0] === 'put' || step[0] === 'cut' || step[0] === 'sync' || step[0] === 'close') return handles[step[1]] !== undefined;
  const path = step[1] as string;
  const isOpen = (at: string): boolean => handles.some((each) => each?.path === at);
  const there = path in tree;
  if (!isDir(tree, parentOf(path))) return false;
  switch (step[0]) {
    case 'mkdir':
      return !there;
    case 'rmdir':
      return isDir(tree, path) && there && !Object.keys(tree).some((each) => each.startsWith(path + '/'));
    case 'remove':
      return there && !isDir(tree, path) && !isOpen(path);
    case 'write':
    case 'append':
    case 'log':
      return !isDir(tree, path) && !isOpen(path);
    case 'overwrite':
    case 'truncate':
      return there && !isDir(tree, path) && !isOpen(path);
    case 'rename': {
      const to = step[2];
      if (!there || path === to || to.startsWith(path + '/') || !isDir(tree, parentOf(to)) || isOpen(path) || isOpen(to)) return false;
      if (!(to in tree)) return true;
      if (isDir(tree, path) !== isDir(tree, to)) return false;
      return !isDir(tree, to) || !Object.keys(tree).some((each) => each.startsWith(to + '/'));
    }
    case 'setattr':
      return there;
    default:
      return there && ` ${tree[path]}`.includes(` ${step[2]}=`);
  }
}

/** Makes one call, after which `next` is what the medium holds for sure; until then it is that or what it was. */
function call<R>(session: Session, work: () => R, next: Snapshot = session.tree): R {
  session.allowed = next === session.tree ? [next] : [session.tree, next];
  const result = work();
  session.tree = next;
  session.allowed = [next];
  return result;
}

/** Does a step, with all its calls. What it throws leaves the model at the last call that was completed. */
export function perform(session: Session, step: Step): void {
  const { tree, fs, handles } = session;
  switch (step[0]) {
    case 'mount':
      for (const handle of handles) if (handle) closeHandle(session, handle);
      session.handles = [];
      session.fs = mountOn(session.setup, session.flash);
      return;
    case 'open': {
      handles[step[1]] = openHandle(session, step[2], step[3]);
      return;
    }
    case 'put':
    case 'cut':
    case 'sync':
      onHandle(session, handles[step[1]] as Handle, step);
      return;
    case 'close':
      closeHandle(session, handles[step[1]] as Handle);
      return;
    case 'gc':
      call(session, () => fs.gc(step[1]));
      return;
    case 'mkdir':
    case 'rmdir':
    case 'remove':
    case 'rename':
    case 'setattr':
    case 'removeattr': {
      call(session, () => simple(fs, step), expected(tree, step)[0]);
      if (step[0] === 'rename')
        for (const handle of handles) if (handle?.path.startsWith(step[1] + '/')) handle.path = step[2] + handle.path.slice(step[1].length);
      return;
    }
    default:
      viaHandle(session, step);
  }
}

function simple(fs: VfsLfs2, step: Operation): void {
  if (step[0] === 'mkdir') fs.mkdir(step[1]);
  else if (step[0] === 'rmdir') fs.rmdir(step[1]);
  else if (step[0] === 'remove') fs.remove(step[1]);
  else if (step[0] === 'rename') fs.rename(step[1], step[2]);
  else if (step[0] === 'setattr') fs.setattr(step[1], step[2], Uint8Array.from(Buffer.from(step[3], 'hex')));
  else fs.removeattr(step[1], step[2] as number);
}

function openHandle(session: Session, path: string, mode: 'w' | 'a' | 'r+'): Handle {
  const { tree, fs } = session;
  const next = path in tree ? tree : withBody(tree, path, '');
  const file = call(session, () => fs.open(path, mode) as RawFile, next);
  return { path, file, body: mode === 'w' ? '' : bodyOf(next, path), changed: mode === 'w' };
}

function onHandle(session: Session, handle: Handle, step: Extract<Step, ['put' | 'cut' | 'sync', ...unknown[]]>): void {
  const { file } = handle;
  try {
    if (step[0] === 'put') {
      const [, , at, length, seed] = step;
      const pos = at < 0 ? handle.body.length / 2 : at;
      call(session, () => file.writeAt(pos, pattern(length, seed)));
      if (length || pos * 2 > handle.body.length) {
        const gap = handle.body.padEnd(pos * 2, '0');
        handle.body = gap.slice(0, pos * 2) + hex(pattern(length, seed)) + gap.slice((pos + length) * 2);
      }
    } else if (step[0] === 'cut') {
      call(session, () => file.truncate(step[2]));
      handle.body = handle.body.padEnd(step[2] * 2, '0').slice(0, step[2] * 2);
    } else call(session, () => file.sync(), withBody(session.tree, handle.path, handle.body));
  } catch (error) {
    handle.body = bodyOf(session.tree, handle.path);
    throw error;
  }
}

function closeHandle(session: Session, handle: Handle): void {
  session.handles[session.handles.indexOf(handle)] = undefined;
  call(session, () => handle.file.close(), withBody(session.tree, handle.path, handle.body));
}

/** Opens, changes and closes; after an error it closes too, as a script's `finally` would. */
function viaHandle(session: Session, step: Operation & ['write' | 'append' | 'log' | 'overwrite' | 'truncate', ...unknown[]]): void {
  const mode = step[0] === 'write' ? 'w' : step[0] === 'append' || step[0] === 'log' ? 'a' : 'r+';
  const handle = openHandle(session, step[1] as string, mode);
  const slot = session.handles.push(handle) - 1;
  const put = (pos: number, length: number, seed: number): void => onHandle(session, handle, ['put', slot, pos, length, seed]);
  try {
    if (step[0] === 'overwrite') put(step[2], step[3], step[4]);
    else if (step[0] === 'truncate') onHandle(session, handle, ['cut', slot, step[2]]);
    else if (step[0] === 'log') {
      put(-1, step[2], step[4]);
      onHandle(session, handle, ['sync', slot]);
      put(-1, step[3], step[4] + 1);
    } else put(-1, step[2], step[3] as number);
  } catch (error) {
    if ((error as { code?: string }).code) {
      const { allowed } = session;
      try {
        closeHandle(session, handle);
      } catch {
        // The first error is the one to tell.
      }
      session.allowed = session.allowed.concat(allowed);
    }
    throw error;
  }
  closeHandle(session, handle);
}

/** Compares what the file system shows with the model. */
export function compare(session: Session, what: string): void {
  const now = snapshot(session.fs);
  if (!sameTree(now, session.tree)) throw new Error(`${what}: ${difference(now, session.tree)}`);
  for (const handle of session.handles) {
    if (!handle) continue;
    const content = new Uint8Array(handle.file.size());
    let got = 0;
    try {
      got = handle.file.readAt(0, content);
    } catch (error) {
      // What is written in the middle of a file ends with a copy of what follows, for which there may be no room.
      if ((error as { code?: string }).code !== 'ENOSPC') throw error;
      handle.body = bodyOf(session.tree, handle.path);
      continue;
    }
    if (got !== content.length || hex(content) !== handle.body)
      throw new Error(`${what}: open file ${handle.path} of ${content.length} bytes, ${handle.body.length / 2} expected`);
  }
}
