/**
 * Paths of the host that cannot leave a directory. On Linux they are opened step by step, each directory by its name in the one before
 * (`/proc/self/fd/N/name`), no link being followed but by hand: whatever is swapped meanwhile, what is reached lies below the root. Elsewhere
 * they are checked before and after: what is swapped in between and back again is not seen.
 */
import fs from 'node:fs';
import path from 'node:path';
import { EACCES, EINVAL, ELOOP, ENOTDIR, refuse } from './errors';

/** How steps are taken. A test may have it otherwise. @internal */
export const ways = { steps: process.platform === 'linux' && fs.existsSync('/proc/self/fd') };

const LINKS = 40;
/** Linux's O_PATH, which Node does not name: a directory to go on from, without a right to read it. */
const O_PATH = 0x200000;

/** A directory that is held: by its descriptor, or elsewhere by its real path. */
type Held = number | string;

export class Root {
  private stack: Held[];

  constructor(root: string) {
    this.stack = [ways.steps ? fs.openSync(root, O_PATH | fs.constants.O_DIRECTORY) : fs.realpathSync(root)];
    if (!ways.steps && !fs.statSync(root).isDirectory()) refuse(ENOTDIR);
  }

  close(): void {
    release(this.stack, 0);
  }

  /**
   * Calls `work` with the name of a path of the host, below the root, the last part of which is no link if `follow`; `work` must not
   * follow it, and may throw ELOOP if it has become one.
   */
  at<T>(inner: string, follow: boolean, work: (place: string) => T): T {
    for (let tries = 0; ; tries++) {
      const stack = this.stack.slice(0, 1);
      try {
        const place = descend(stack, inner.split('/'), follow);
        check(stack);
        const result = work(place);
        check(stack);
        return result;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ELOOP' || !follow || tries === LINKS) throw error;
      } finally {
        release(stack, 1);
      }
    }
  }
}

function release(stack: Held[], from: number): void {
  for (const held of stack.splice(from)) if (typeof held === 'number') fs.closeSync(held);
}

function nameOf(held: Held): string {
  return typeof held === 'number' ? '/proc/self/fd/' + held : held;
}

/** Where there are no descriptors: the directory still is where it was. */
function check(stack: Held[]): void {
  const held = stack[stack.length - 1];
  if (typeof held === 'string' && fs.realpathSync(held) !== held) refuse(EACCES, 'it leads elsewhere now');
}

/** The target of a link, undefined for what is none. */
function targetOf(place: string): string | undefined {
  try {
    return fs.readlinkSync(place);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EINVAL' || code === 'ENOENT' || code === 'UNKNOWN') return undefined;
    throw error;
  }
}

function enter(held: Held, name: string): Held {
  const place = nameOf(held) + '/' + name;
  if (typeof held === 'number') return fs.openSync(place, O_PATH | fs.constants.O_DIRECTORY | fs.constants.O_NOFOLLOW);
  if (!fs.lstatSync(place).isDirectory()) refuse(ENOTDIR);
  return path.join(held, name);
}

/** Goes down to the directory of what the parts name; its place in there. */
function descend(stack: Held[], todo: string[], follow: boolean): string {
  for (let links = 0; ; ) {
    const name = todo.shift();
    if (name === undefined) return nameOf(stack[stack.length - 1]) + '/.';
    if (name === '' || name === '.') continue;
    if (path.sep === '\\' && /[\\:]/.test(name)) refuse(EINVAL);
    if (name === '..') {
      if (stack.length < 2) refuse(EACCES, 'it leads outside');
      release(stack, stack.length - 1);
      continue;
    }
    const top = stack[stack.length - 1];
    const place = nameOf(top) + '/' + name;
    const last = todo.every((part) => part === '' || part === '.');
    let target = last && follow ? targetOf(place) : undefined;
    if (target === undefined) {
      if (last) return place;
      try {
        stack.push(enter(top, name));
        continue;
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code;
        target = code === 'ENOTDIR' || code === 'ELOOP' ? targetOf(place) : undefined;
        if (target === undefined) throw error;
      }
    }
    if (++links > LINKS) refuse(ELOOP, 'too many links');
    if (path.isAbsolute(target)) refuse(EACCES, 'it leads outside');
    todo = target.split(path.sep === '\\' ? /[\\/]/ : '/').concat(todo);
  }
}
