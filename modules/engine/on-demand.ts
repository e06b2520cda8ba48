/**
 * On Espruino: calls functions of the parts, which lie in one file in Storage. A part is evaluated from its slice, which stays
 * in flash, and dropped when none of its functions runs and it has not asked to stay. The build puts this into bundles that
 * have parts, and nowhere else.
 */
import { ENODEV, vfsError } from '../contract/errno';
import { type LoadedPart, leave, loaded, type PartFunctions } from './stay';

interface Storage {
  read(file: string, offset: number, length: number): string | undefined;
}

declare const require: (name: 'Storage') => Storage;
/** The name of the build, the same in both files. The build puts it in. */
declare const $build: string;
/** The value of an expression where the outermost names of this module are known. The build makes `eval` of it. */
declare function $here(text: string): unknown[];

/** As it is when this is loaded: booting puts another in its place. */
const load = /*@__PURE__*/ (() => require)();
const FILE = 'vfs-parts';
/** The file begins with a row for each part: the name of the build, and where the part begins, its code begins, and it ends. */
const ROW = 22;
const NAME = 4;
const DIGITS = 6;

/**
 * A part begins with the names of what it uses of this module, a comma before each. In its code, the body of a function, they
 * are parameters, which cost less than an object of all that any part uses.
 */
function loadPart(part: number): LoadedPart {
  const storage = load('Storage');
  const row = storage.read(FILE, part * ROW, ROW);
  if (!row || row.substring(0, NAME) !== $build)
    throw vfsError(ENODEV, 'require', FILE, FILE + (row ? ' in Storage is of another build' : ' is not in Storage'));
  const place = parseInt(row.substring(NAME, NAME + DIGITS), 10);
  const code = parseInt(row.substring(NAME + DIGITS, NAME + 2 * DIGITS), 10);
  const text = storage.read(FILE, code, parseInt(row.substring(NAME + 2 * DIGITS), 10) - code) as string;
  const names = code > place ? (storage.read(FILE, place, code - place) as string) : '';
  const functions: PartFunctions = {};
  const values = [functions as unknown].concat($here('[' + names.substring(1) + ']'));
  Function.apply(undefined, ('exports' + names).split(',').concat(text)).apply(undefined, values);
  loaded[part] = { _functions: functions, _uses: 0 };
  return loaded[part];
}

/**
 * The build puts this where a function of a part is called.
 * @throws ENODEV if the file is missing or of another build; what the function throws
 */
export function onDemand(part: number, name: string, a?: unknown, b?: unknown, c?: unknown, d?: unknown): unknown {
  // Espruino would read all of it at each call, were it put in here.
  const own = loaded[part] || /*@__NOINLINE__*/ loadPart(part);
  let value: unknown;
  own._uses++;
  // No `finally` in device code: what is thrown in it would get lost.
  try {
    value = own._functions[name](a, b, c, d);
  } catch (thrown) {
    leave(part);
    throw thrown;
  }
  leave(part);
  return value;
}
