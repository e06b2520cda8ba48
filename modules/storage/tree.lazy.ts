/** Names in Storage: listing, removing, renaming, and files that are written as a whole. */
import { EEXIST, EISDIR, ENOENT, ENOSPC, ENOTDIR, ENOTEMPTY, EOPNOTSUPP, vfsError } from '../contract/errno';
import { type DirEntry, type Stat, type StatVfs, TYPE_DIR, TYPE_FILE } from '../contract/filesystem';
import { CHUNKS, DIRECTORY, kindOf, NAME_MAX, NOTHING, nameOf, namesOf, PLAIN, refuseChange, shown, sizeOf, textBytes } from './names';
import type { StorageModule, StorageState } from './types';

/** Bytes that move at a time. */
const PIECE = 256;

export function listNames(state: StorageState, path: string): DirEntry[] {
  const storage = state._storage;
  const name = nameOf(path);
  const kind = kindOf(storage, name);
  const entries: DirEntry[] = [];
  const seen: string[] = [];
  if (kind !== DIRECTORY) throw vfsError(kind ? ENOTDIR : ENOENT, 'listdir', path);
  const prefix = name ? name + '/' : '';
  for (let k = 0; k < 2; k++) {
    const names = namesOf(storage, !!k);
    for (let i = 0; i < names.length; i++) {
      if (names[i].indexOf(prefix)) continue;
      const rest = names[i].substring(prefix.length);
      const slash = rest.indexOf('/');
      const one = slash < 0 ? rest : rest.substring(0, slash);
      if (seen.indexOf(one) >= 0) continue;
      seen.push(one);
      // A file hides a directory of its name.
      const what = slash < 0 ? (k ? CHUNKS : PLAIN) : kindOf(storage, prefix + one);
      if (what === DIRECTORY) entries.push([shown(one), TYPE_DIR, 0, 0]);
      else entries.push([shown(one), TYPE_FILE, 0, sizeOf(storage, prefix + one, what)]);
    }
  }
  return entries;
}

export function statName(state: StorageState, path: string): Stat {
  const name = nameOf(path);
  const kind = kindOf(state._storage, name);
  if (!kind) throw vfsError(ENOENT, 'stat', path);
  const size = kind === DIRECTORY ? 0 : sizeOf(state._storage, name, kind);
  return [kind === DIRECTORY ? TYPE_DIR : TYPE_FILE, 0, 0, 0, 0, 0, size, 0, 0, 0];
}

/** Free is what a compaction would give, available what there is at once. */
export function statStorage(state: StorageState): StatVfs {
  const stats = state._storage.getStats();
  return [1, 1, stats.totalBytes, stats.freeBytes + stats.trashBytes, stats.freeBytes, 0, 0, 0, 0, NAME_MAX];
}

function eraseName(storage: StorageModule, name: string, kind: number): void {
  if (kind === CHUNKS) storage.open(name, 'r').erase();
  else storage.erase(name);
}

export function removeName(state: StorageState, path: string): void {
  const name = nameOf(path);
  const kind = kindOf(state._storage, name);
  if (kind === DIRECTORY || !kind) throw vfsError(kind ? EISDIR : ENOENT, 'remove', path);
  refuseChange(state, 'remove', path, name);
  eraseName(state._storage, name, kind);
}

/** A directory is there as long as something is in it. */
export function removeDirectory(state: StorageState, path: string): void {
  const kind = kindOf(state._storage, nameOf(path));
  throw vfsError(kind === DIRECTORY ? ENOTEMPTY : kind ? ENOTDIR : ENOENT, 'rmdir', path);
}

/** By a copy: the new file is there before the old one goes. */
export function renameName(state: StorageState, from: string, to: string): void {
  const storage = state._storage;
  const old = nameOf(from);
  const name = nameOf(to);
  const kind = kindOf(storage, old);
  const target = kindOf(storage, name);
  if (!kind) throw vfsError(ENOENT, 'rename', from);
  if (kind === DIRECTORY) throw vfsError(EOPNOTSUPP, 'rename', from, 'Storage has no directories: rename its files');
  if (target === DIRECTORY) throw vfsError(EISDIR, 'rename', to);
  if (old === name) return;
  refuseChange(state, 'rename', from, old);
  refuseChange(state, 'rename', to, name);
  if (kind === PLAIN) writeWhole(storage, 'rename', to, textBytes(storage.read(old) as string));
  else {
    if (target) eraseName(storage, name, target);
    const source = storage.open(old, 'r');
    const copy = storage.open(name, 'w');
    try {
      for (let text = source.read(PIECE); text; text = source.read(PIECE)) copy.write(text);
    } catch (_full) {
      copy.erase();
      throw vfsError(ENOSPC, 'rename', to);
    }
  }
  if (kind === PLAIN && target === CHUNKS) eraseName(storage, name, CHUNKS);
  eraseName(storage, old, kind);
}

/** @throws ENOSPC; EOPNOTSUPP for no bytes, which Storage cannot keep */
export function writeWhole(storage: StorageModule, operation: string, path: string, data: Uint8Array): void {
  if (!data.length) throw vfsError(EOPNOTSUPP, operation, path, 'Storage has no empty files');
  try {
    storage.write(nameOf(path), data);
  } catch (_full) {
    throw vfsError(ENOSPC, operation, path);
  }
}

export function replaceFile(state: StorageState, path: string, data: Uint8Array): void {
  const storage = state._storage;
  const name = nameOf(path);
  const kind = kindOf(storage, name);
  if (kind === DIRECTORY) throw vfsError(EISDIR, 'writeFile', path);
  refuseChange(state, 'writeFile', path, name);
  writeWhole(storage, 'writeFile', path, data);
  if (kind === CHUNKS) eraseName(storage, name, kind);
}

/** Whether a file may be opened so, and which kind it is. */
export function admit(state: StorageState, path: string, mode: string): number {
  const name = nameOf(path);
  const kind = kindOf(state._storage, name);
  if (kind === DIRECTORY) throw vfsError(EISDIR, 'open', path);
  if (mode.indexOf('r') >= 0 && kind === NOTHING) throw vfsError(ENOENT, 'open', path);
  if (mode.indexOf('x') >= 0 && kind) throw vfsError(EEXIST, 'open', path);
  return kind;
}
