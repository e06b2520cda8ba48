/** Waiting until descriptors can be read or written, POSIX's `poll` and ESP-IDF's `select`. */
import { EINVAL, ENOSYS, expect, isWhole, vfsError } from '../contract/errno';
import { now } from '../engine';
import { leave, stay } from '../engine/stay';
import * as driver from '../vfs/driver.lazy';
import * as descriptors from './open.lazy';
import type { Open } from './table';

/** A descriptor, and bits: 1 to be read, 2 to be written, 4 an error (always told). */
export interface Polled {
  fd: number;
  events: number;
}

const ERROR = 4;
/** What cannot tell when it changes is asked this often, in milliseconds. */
const PAUSE = 20;

/** A call that waits. */
interface Waiting {
  _wanted: Polled[];
  _files: Open[];
  /** Which have been closed. */
  _closed: boolean[];
  /** Called at the end: nothing tells any more. */
  _ends: (() => void)[];
  /** Something has to be asked again and again. */
  _asking: boolean;
  _over: boolean;
  /** What is ready now. */
  _ready(): Polled[];
  /** Looks soon, but never inside of what has called. */
  _changed(): void;
}

declare function setTimeout(run: () => void, ms: number): unknown;
declare function clearTimeout(timer: unknown): void;

/**
 * Waits until one or several of the descriptors can be read (1) or written (2), or have failed or been closed (4).
 * Files of mounts are always ready, drivers without `select` never.
 * @param fds descriptors, for reading, or `{ fd, events }`
 * @param timeout in milliseconds, 0 to look only, by default without end
 * @param callback gets what is ready, `{ fd, events }` each; nothing at the timeout. It is called once, after this has returned
 * @returns a promise of it where there is no callback and the engine has promises
 * @throws EBADF; EINVAL for other events or timeouts; ENOSYS without callback and promises, or where the engine has no timers and one is
 *   needed; TypeError
 * Source: POSIX `poll`, ESP-IDF `select`. Differs: it does not block; a descriptor that is closed ends it.
 */
export function poll(fds: (number | Polled)[], timeout?: number, callback?: (ready: Polled[]) => void): Promise<Polled[]> | undefined {
  expect(Array.isArray(fds), 'fds');
  expect(timeout === undefined || timeout === null || typeof timeout === 'number', 'timeout');
  expect(callback === undefined || typeof callback === 'function', 'callback');
  if (timeout && !(timeout >= 0)) throw vfsError(EINVAL, 'poll', '', 'timeout ' + timeout);
  const wanted: Polled[] = [];
  const files: Open[] = [];
  for (let i = 0; i < fds.length; i++) {
    const given = fds[i];
    const one: Polled = typeof given === 'number' ? { fd: given, events: 1 } : given;
    expect(one && typeof one === 'object', 'fds');
    if (!isWhole(one.events, 0, 7)) throw vfsError(EINVAL, 'poll', '', 'events ' + one.events);
    files.push(descriptors.find(one.fd, 'poll'));
    wanted.push({ fd: one.fd, events: one.events });
  }
  if (callback) {
    begin(wanted, files, timeout, callback);
    return undefined;
  }
  if (typeof Promise === 'undefined') throw vfsError(ENOSYS, 'poll', '', 'no callback, and the engine has no promises');
  let resolve: unknown;
  const promise = new Promise<Polled[]>(function (done) {
    resolve = done;
  });
  begin(wanted, files, timeout, resolve as (ready: Polled[]) => void);
  return promise;
}

function readyNow(this: Waiting): Polled[] {
  const ready: Polled[] = [];
  for (let i = 0; i < this._wanted.length; i++) {
    const one = this._files[i];
    const row = one._row;
    let events = this._wanted[i].events;
    if (this._closed[i]) events = ERROR;
    // The console can only be written to.
    else if (!row) events &= one._path ? 3 : 2;
    // ESP-IDF: what cannot be asked never becomes ready.
    else if (!(row._fs as { select?: unknown }).select) events = 0;
    else
      try {
        events = (driver.operate(row, one, 'select', [one._fd, events]) as number) & (events | ERROR);
      } catch (_error) {
        events = ERROR;
      }
    if (events) ready.push({ fd: this._wanted[i].fd, events: events });
  }
  return ready;
}

/** Is told of the end of what is open, and has its driver call `_changed`. */
function note(waiting: Waiting, index: number): void {
  const one = waiting._files[index];
  waiting._closed.push(false);
  function gone(): void {
    waiting._closed[index] = true;
    waiting._changed();
  }
  one._waiting.push(gone);
  waiting._ends.push(function () {
    const at = one._waiting.indexOf(gone);
    if (at >= 0) one._waiting.splice(at, 1);
  });
  const row = one._row;
  if (!row || !(row._fs as { select?: unknown }).select) return;
  const end = driver.operate(row, one, 'select', [one._fd, waiting._wanted[index].events, waiting._changed]);
  if (typeof end === 'function') waiting._ends.push(end as () => void);
  // Who does not say when has to be asked again and again.
  else waiting._asking = true;
}

function begin(wanted: Polled[], files: Open[], timeout: number | undefined, done: (ready: Polled[]) => void): void {
  const ends: (() => void)[] = [];
  const timed = typeof setTimeout !== 'undefined';
  const deadline = typeof timeout === 'number' ? now() + timeout : Infinity;
  let timer: unknown;
  let scheduled = false;

  function finish(): void {
    waiting._over = true;
    for (let i = 0; i < ends.length; i++) ends[i]();
    if (timer !== undefined) clearTimeout(timer);
    leave();
  }

  function look(): void {
    scheduled = false;
    timer = undefined;
    if (waiting._over) return;
    const ready = waiting._ready();
    const left = deadline - now();
    if (ready.length || left <= 0) {
      finish();
      done(ready);
    } else if (timed && (waiting._asking || left < Infinity)) timer = setTimeout(look, waiting._asking ? Math.min(PAUSE, left) : left);
  }

  function changed(): void {
    if (waiting._over || scheduled) return;
    scheduled = true;
    if (!timed) {
      look();
      return;
    }
    if (timer !== undefined) clearTimeout(timer);
    timer = setTimeout(look, 0);
  }

  const waiting: Waiting = {
    _wanted: wanted,
    _files: files,
    _closed: [],
    _ends: ends,
    _asking: false,
    _over: false,
    _ready: readyNow,
    _changed: changed,
  };
  stay();
  try {
    for (let i = 0; i < wanted.length; i++) note(waiting, i);
    if (!timed && deadline < Infinity && deadline > now() && !waiting._ready().length)
      throw vfsError(ENOSYS, 'poll', '', 'the engine has no timers');
  } catch (error) {
    finish();
    throw error;
  }
  changed();
}
