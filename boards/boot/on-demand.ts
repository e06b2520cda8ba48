import { ENODEV, vfsError } from '../../modules/contract/errno';

type Module = Record<string, (a?: unknown, b?: unknown, c?: unknown, d?: unknown) => unknown>;

declare const require: (name: string) => unknown;
/** Espruino's module cache. */
declare const Modules: { removeCached(name: string): void };

/** As it is when this is loaded: booting puts `requireModule` in its place, which itself is on demand. */
const load = require;

/** The modules of which a function is running. */
const inUse: { [name: string]: Module | undefined } = {};

/**
 * Calls a function of a further module: of `vfs-more`, or with so many `$` in front as the others have here. The device build puts
 * this where a part that it keeps apart is called. On Espruino the module is read anew each time, from flash, and its
 * functions take no RAM in between.
 * @throws ENODEV if it cannot be loaded; what the function throws
 */
export function onDemand(name: string, a?: unknown, b?: unknown, c?: unknown, d?: unknown): unknown {
  const file = 'vfs-' + ['more', 'boot', 'check', 'portable'][name.lastIndexOf('$') + 1];
  const before = inUse[file];
  let module = before;
  try {
    if (!module) {
      module = load(file) as Module;
      // Throws on other engines, and where somebody's own `require` has brought it.
      Modules.removeCached(file);
    }
  } catch (error) {
    if (!module) throw vfsError(ENODEV, 'require', file, (error as Error).message);
  }
  inUse[file] = module;
  let value: unknown;
  // No `finally` in device code: see `replace`.
  try {
    value = (module as Module)[name](a, b, c, d);
  } catch (thrown) {
    inUse[file] = before;
    throw thrown;
  }
  inUse[file] = before;
  return value;
}
