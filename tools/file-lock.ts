/** One process at a time for a file: beside it lies NAME.lock with the number of the process that has it. */
import { existsSync, readFileSync, realpathSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { UsageError } from './usage';

const held = new Set<string>();
process.on('exit', () => {
  for (const lock of held) remove(lock);
});

const lockOf = (path: string): string =>
  (existsSync(path) ? realpathSync(path) : join(realpathSync(dirname(path)), basename(path))) + '.lock';

/** Does something that takes the file, unless this process has it already. @throws UsageError that says who else has it */
export function whileLocked<T>(path: string, work: () => T): T {
  if (held.has(lockOf(path))) return work();
  const unlock = lockFile(path);
  try {
    return work();
  } finally {
    unlock();
  }
}

/**
 * Takes the file, which need not be there yet; its directory must. What a process has left that is no more is taken over.
 * @returns gives it back
 * @throws UsageError that says who has it
 */
export function lockFile(path: string): () => void {
  const lock = lockOf(path);
  if (!create(lock)) {
    let owner = ownerOf(lock);
    if (!owner) {
      // It may be about to be written.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
      owner = ownerOf(lock);
    }
    if (isRunning(owner, lock)) throw inUse(path, owner, lock);
    // Of two that find it only one moves it away; who moves what another has made meanwhile puts it back.
    const stale = `${lock}.${process.pid}`;
    try {
      renameSync(lock, stale);
    } catch {
      // Another was faster.
    }
    const moved = ownerOf(stale);
    if (isRunning(moved, lock)) renameSync(stale, lock);
    else remove(stale);
    if (!create(lock)) throw inUse(path, ownerOf(lock), lock);
  }
  held.add(lock);
  return () => {
    if (held.delete(lock)) remove(lock);
  };
}

const inUse = (path: string, owner: number, lock: string): UsageError =>
  new UsageError(`${path} is in use by process ${owner || '?'}, and one has it at a time (if that is none of microvfs, remove ${lock})`);

function create(lock: string): boolean {
  try {
    writeFileSync(lock, `${process.pid}\n`, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
}

/** 0 where there is none, or not yet. */
function ownerOf(lock: string): number {
  try {
    return Number.parseInt(readFileSync(lock, 'utf8'), 10) || 0;
  } catch {
    return 0;
  }
}

function isRunning(pid: number, lock: string): boolean {
  if (!pid) return false;
  // Numbers are given anew: that of this process is its own only if it has taken the file.
  if (pid === process.pid) return held.has(lock);
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function remove(lock: string): void {
  try {
    unlinkSync(lock);
  } catch {
    // Somebody else did.
  }
}
