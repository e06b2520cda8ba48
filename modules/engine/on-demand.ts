/**
 * On Espruino: calls functions of the parts, which lie in one file in Storage. The functions of a part are made of slices of the
 * file, which stay in flash, when one of them is called. They are taken away when none runs and the part has not asked to stay.
 * All of them have the variables of this module, so that they take nothing but themselves. The build puts this into bundles
 * that have parts, and nowhere else.
 */
import { ENODEV, vfsError } from '../contract/errno';
import { leave, loader, uses } from './stay';

interface Storage {
  read(file: string, offset: number, length: number): string | undefined;
}

type Some = ((...args: unknown[]) => unknown) & { [name: string]: unknown };

declare const require: (name: 'Storage') => Storage;
/** The name of the build, the same in both files. The build puts it in. */
declare const $build: string;

/** As it is when this is loaded: booting puts another in its place. */
const load = /*@__PURE__*/ (() => require)();
const FILE = 'vfs-parts';
/** The file begins with a row for each section: the name of the build, and where the section begins and ends. */
const ROW = 16;
const NAME = 4;
const DIGITS = 6;
/** No file has more rows than these bytes, and where they are memory it takes nothing but a reference to have them. */
const ROWS = 16000;
/** How many bytes the body of a function has. */
const LENGTH = 4;
/** Espruino's name for the scope that a function was made in, as a property of it (`JSPARSE_FUNCTION_SCOPE_NAME`). */
const SCOPE = String.fromCharCode(255) + 'sco';

/** The outermost names of this module: its functions know what is put there. */
const own = (exchange as unknown as Some)[SCOPE] as { [name: string]: unknown };

/** The beginning of the file, since it was wanted first: Espruino looks through all of Storage for a file. */
let rows = '';

/**
 * Makes the functions of a section, or takes them away; before that those of the sections that it needs. Its text begins with
 * the numbers of these, up to `;`. Of each function there follow the length of its body, its name and parameters, and between
 * braces the body. With `=` before its name that is what the function gives.
 */
function exchange(section: number, there: boolean): void {
  const storage = load('Storage');
  const row = section * ROW;
  if (rows.substring(row, row + NAME) !== $build) {
    rows = storage.read(FILE, 0, ROWS) || '';
    if (rows.substring(row, row + NAME) !== $build)
      throw vfsError(ENODEV, 'require', FILE, FILE + (rows ? ' in Storage is of another build' : ' is not in Storage'));
  }
  const begin = parseInt(rows.substring(row + NAME, row + NAME + DIGITS), 10);
  const text = storage.read(FILE, begin, parseInt(rows.substring(row + NAME + DIGITS, row + ROW), 10) - begin) as string;
  const first = text.indexOf(';');
  const needs = text.substring(0, first).split(',');
  for (let i = 0; first && i < needs.length; i++) {
    const need = +needs[i];
    if (!there) leave(need);
    else {
      if (!uses[need]) exchange(need, true);
      uses[need]++;
    }
  }
  for (let at = first + 1; at < text.length; ) {
    const open = text.indexOf('{', at);
    const end = open + 1 + parseInt(text.substring(at, at + LENGTH), 10);
    const made = text.substring(at + LENGTH, open).split(',');
    const given = made.splice(0, 1)[0];
    const name = given.replace('=', '');
    at = end + 1;
    if (there) {
      made.push(text.substring(open + 1, end));
      const one = Function.apply(undefined, made) as Some;
      one[SCOPE] = own;
      own[name] = name === given ? one : one();
    } else delete own[name];
  }
  if (there) {
    uses[section] = 0;
    // Not where this is loaded: a bundle with everything goes without it.
    loader._exchange = exchange;
  } else delete uses[section];
}

/**
 * The build puts this where a function of a part is called.
 * @throws ENODEV if the file is missing or of another build; what the function throws
 */
export function onDemand(part: number, name: string, a?: unknown, b?: unknown, c?: unknown, d?: unknown): unknown {
  // Espruino would read all of it at each call, were it put in here.
  if (!uses[part]) /*@__NOINLINE__*/ exchange(part, true);
  let value: unknown;
  uses[part]++;
  // No `finally` in device code: what is thrown in it would get lost.
  try {
    value = (own[name] as Some)(a, b, c, d);
  } catch (thrown) {
    leave(part);
    throw thrown;
  }
  leave(part);
  return value;
}

/** The same for a function that is to be a value: the build makes one of it that hands on its `arguments`. */
export function withGiven(part: number, name: string, given: ArrayLike<unknown>): unknown {
  return onDemand(part, name, given[0], given[1], given[2], given[3]);
}
