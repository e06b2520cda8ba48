/** How values and errors look on the device's console, on engines whose own console shows little. Runs inside them: ES5. */

const MOST = 100;
/** Of a stack that has run over, the rest is more of the same. */
const FRAMES = 20;

/** What is used of `require('vfs')`, by whose names things are shown. */
interface Names {
  [name: string]: unknown;
  mount(): [unknown, string][];
  statvfs(path: string): number[];
}

let names: Names | undefined;

/** From now on volumes, devices and files are shown as what they are. */
export function showAs(vfs: unknown): void {
  names = vfs as Names;
}

/** One value for a console: strings as they are on top, quoted inside. */
export function show(value: unknown): string {
  return typeof value === 'string' ? value : inner(value, 0);
}

function inner(value: unknown, depth: number): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'function') return '[function]';
  if (value === null || typeof value !== 'object') return String(value);
  if (value instanceof Error) return String(value);
  if (value instanceof Uint8Array) return 'Uint8Array(' + value.length + ') ' + list(value, depth);
  if (Array.isArray(value)) return depth > 2 ? '[...]' : list(value, depth);
  const known = names && knownThing(value as Thing);
  if (known) return known;
  if (depth > 2) return '{...}';
  const parts: string[] = [];
  const fields = value as { [key: string]: unknown };
  const keys = Object.keys(fields);
  for (let i = 0; i < keys.length && i < MOST; i++)
    parts.push(typeof fields[keys[i]] === 'function' ? keys[i] + '()' : keys[i] + ': ' + inner(fields[keys[i]], depth + 1));
  if (keys.length > MOST) parts.push('...');
  return parts.length ? '{ ' + parts.join(', ') + ' }' : '{}';
}

function list(items: ArrayLike<unknown>, depth: number): string {
  const parts: string[] = [];
  for (let i = 0; i < items.length && i < MOST; i++) parts.push(inner(items[i], depth + 1));
  if (items.length > MOST) parts.push('... ' + (items.length - MOST) + ' more');
  return '[' + parts.join(', ') + ']';
}

/** What volumes, devices and files have, of which each has some. */
interface Thing {
  ilistdir?: unknown;
  readblocks?: unknown;
  ioctl?(op: number, arg: number): number | undefined;
  readinto?: unknown;
  tell?(): number;
  getTime?(): number;
  toISOString?(): string;
}

/** As `thing`; what only looks like one, as a prototype, is none. */
function knownThing(value: Thing): string {
  try {
    return thing(value);
  } catch (_none) {
    return '';
  }
}

/** One line for what is more than its fields; nothing for what is none of these. */
function thing(value: Thing): string {
  // Not a number, if it is invalid.
  if (typeof value.getTime === 'function' && value.toISOString) return value.getTime() >= -8.64e15 ? value.toISOString() : 'Invalid Date';
  if (typeof value.ilistdir === 'function') return volume(value);
  if (typeof value.readblocks === 'function' && value.ioctl) return device(value);
  if (typeof value.readinto !== 'function' || !value.tell) return '';
  try {
    return '[file, at ' + value.tell() + ']';
  } catch (_closed) {
    return '[file, closed]';
  }
}

/** The name under which users know what has made it. */
function className(value: unknown, otherwise: string): string {
  const all = names as Names;
  for (const name in all) {
    const one = all[name] as { prototype?: unknown };
    if (/^[A-Z]/.test(name) && typeof one === 'function' && one.prototype && value instanceof (one as never)) return name;
  }
  return otherwise;
}

function volume(value: unknown): string {
  const all = names as Names;
  const name = className(value, 'volume');
  const mounts = all.mount();
  for (let i = 0; i < mounts.length; i++)
    if (mounts[i][0] === value) return '[' + name + ' at ' + mounts[i][1] + spaceOf(mounts[i][1]) + ']';
  return '[' + name + ', not mounted]';
}

/** Nothing where the file system cannot say, or its medium has gone. */
function spaceOf(point: string): string {
  try {
    const space = (names as Names).statvfs(point);
    return ', ' + kB(space[3] * space[0]) + ' of ' + kB(space[2] * space[0]) + ' kB free';
  } catch (_unknown) {
    return '';
  }
}

function kB(bytes: number): number {
  return Math.round(bytes / 102.4) / 10;
}

function device(value: Thing): string {
  const name = className(value, 'device');
  try {
    const ioctl = value.ioctl as (op: number, arg: number) => number | undefined;
    return '[' + name + ', ' + ioctl.call(value, 4, 0) + ' blocks of ' + (ioctl.call(value, 5, 0) || 512) + ' bytes]';
  } catch (_gone) {
    return '[' + name + ']';
  }
}

/** An uncaught error: what it says, and the stack where the engine keeps one. */
export function describe(error: unknown): string {
  const text = error instanceof Error ? String(error) : 'Uncaught ' + inner(error, 0);
  const kept: unknown = error instanceof Error ? error.stack : '';
  // JerryScript keeps an array, Node begins with the text.
  const stack = Array.isArray(kept) ? '    at ' + kept.join('\n    at ') : typeof kept === 'string' ? kept : '';
  const where = stack.indexOf(text) === 0 ? stack.substring(text.length + 1) : stack;
  if (!where) return text;
  const frames = where.split('\n');
  return text + '\n' + (frames.length > FRAMES ? frames.slice(0, FRAMES).join('\n') + '\n    ...' : where);
}
