/**
 * On the device: calls functions of the parts that lie in one file of Espruino's Storage. A part is evaluated from its slice,
 * which stays in flash, and dropped when none of its functions runs and it has not asked to stay.
 */
import { ENODEV, vfsError } from '../../../modules/contract/errno';

type Part = Record<string, (a?: unknown, b?: unknown, c?: unknown, d?: unknown) => unknown>;

declare const require: (name: 'Storage') => { read(file: string, offset: number, length: number): string | undefined };

/** As it is when this is loaded: booting puts another in its place. */
const load = require;
const FILE = 'vfs-parts';
/** Of each number in the table at the beginning of the file: where the parts begin, and where the last one ends. */
const DIGITS = 6;

const loaded: { [part: number]: Part | undefined } = {};
/** How many calls of a part are running, and how often it has asked to stay. */
const uses: { [part: number]: number } = {};
/** The part of which a function is running. */
let running = -1;

/**
 * The build puts this where a function of a part is called.
 * @throws ENODEV if the file is missing; what the function throws
 */
export function onDemand(part: number, name: string, a?: unknown, b?: unknown, c?: unknown, d?: unknown): unknown {
  const outer = running;
  let module = loaded[part];
  let value: unknown;
  if (!module) {
    const storage = load('Storage');
    const place = storage.read(FILE, DIGITS * part, 2 * DIGITS);
    if (!place) throw vfsError(ENODEV, 'require', FILE, 'no ' + FILE + ' in Storage');
    const from = parseInt(place.substring(0, DIGITS), 10);
    module = {};
    new Function('exports', storage.read(FILE, from, parseInt(place.substring(DIGITS), 10) - from) as string)(module);
    loaded[part] = module;
    uses[part] = 0;
  }
  uses[part]++;
  running = part;
  // No `finally` in device code: what is thrown in it would get lost.
  try {
    value = module[name](a, b, c, d);
  } catch (thrown) {
    running = outer;
    if (!--uses[part]) loaded[part] = undefined;
    throw thrown;
  }
  running = outer;
  if (!--uses[part]) loaded[part] = undefined;
  return value;
}

/** A part that calls this stays loaded until it has called `leave` as often. Elsewhere it does nothing. */
export function stay(): void {
  if (running >= 0) uses[running]++;
}

export function leave(): void {
  if (running >= 0) uses[running]--;
}
