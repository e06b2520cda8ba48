/** What a console offers to complete. Runs inside the engines: ES5. */

interface Listing {
  listdir(path: string): string[];
  stat(path: string): number[];
}

/** What may stand there, and what of the text it stands for. */
export interface Completion {
  names: string[];
  of: string;
}

const DIR = 0x4000;
const MOST = 200;

/**
 * Behind an open quote paths of the board, else names: of an object that is written as `a.b.`, or global ones.
 * @param evaluate for names of objects, which calls nothing
 */
export function complete(text: string, evaluate: (source: string) => unknown, vfs: Listing): Completion {
  const quoted = openQuote(text);
  if (quoted >= 0) return { names: paths(text.substring(quoted), vfs), of: text.substring(quoted) };
  const found = /((?:[A-Za-z_$][A-Za-z0-9_$]*\.)*)([A-Za-z_$][A-Za-z0-9_$]*)?$/.exec(text);
  const object = found ? found[1] : '';
  const begun = (found && found[2]) || '';
  // Behind a number, or what only running would tell.
  const before = text.charAt(text.length - object.length - begun.length - 1);
  if (before === '.' || (!object && before === ')')) return { names: [], of: '' };
  let holder: unknown;
  try {
    holder = evaluate(object ? object.substring(0, object.length - 1) : 'globalThis');
  } catch (_none) {
    return { names: [], of: '' };
  }
  const names: string[] = [];
  const all = namesOf(holder);
  for (let i = 0; i < all.length && names.length < MOST; i++)
    if (all[i].indexOf(begun) === 0 && (begun || all[i].charAt(0) !== '_') && all[i].indexOf('__') !== 0) names.push(object + all[i]);
  return { names: names.sort(), of: object + begun };
}

/** Where the string begins in which the text ends, -1 if it does not. */
function openQuote(text: string): number {
  let quote = '';
  let from = -1;
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i);
    if (quote) {
      if (char === '\\') i++;
      else if (char === quote) quote = '';
    } else if (char === '"' || char === "'") {
      quote = char;
      from = i + 1;
    }
  }
  return quote ? from : -1;
}

function paths(begun: string, vfs: Listing): string[] {
  const end = begun.lastIndexOf('/') + 1;
  const dir = begun.substring(0, end);
  const found: string[] = [];
  try {
    const names = vfs.listdir(dir || '.');
    for (let i = 0; i < names.length && found.length < MOST; i++)
      if (names[i].indexOf(begun.substring(end)) === 0) found.push(dir + names[i] + (vfs.stat(dir + names[i])[0] & DIR ? '/' : ''));
  } catch (_none) {
    // There is no such directory.
  }
  return found.sort();
}

/** Of an object and of what it is made by, but not what every object has. */
function namesOf(holder: unknown): string[] {
  const names: string[] = [];
  let object = holder === null || holder === undefined ? undefined : Object(holder);
  for (; object && object !== Object.prototype; object = Object.getPrototypeOf(object)) {
    const own = Object.getOwnPropertyNames(object);
    for (let i = 0; i < own.length; i++) if (names.indexOf(own[i]) < 0 && /^[A-Za-z_$][A-Za-z0-9_$]*$/.test(own[i])) names.push(own[i]);
  }
  return names;
}
