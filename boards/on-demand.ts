import { ENODEV, vfsError } from '../modules/errno';

type More = Record<string, (a?: unknown, b?: unknown, c?: unknown) => unknown>;

declare const require: (name: string) => unknown;
/** Espruino's module cache. */
declare const Modules: { removeCached(name: string): void };

/**
 * Calls a function of the second module, `vfs-more`. The device build puts this where a part that it keeps apart is
 * called. On Espruino the module is read anew each time, from flash, and its functions take no RAM in between.
 * @throws ENODEV if it cannot be loaded; what the function throws
 */
export function onDemand(name: string, a?: unknown, b?: unknown, c?: unknown): unknown {
  let more: More | undefined;
  try {
    more = require('vfs-more') as More;
    // Throws on other engines, and where somebody's own `require` has brought it.
    Modules.removeCached('vfs-more');
  } catch (error) {
    if (!more) throw vfsError(ENODEV, name, 'vfs-more', (error as Error).message);
  }
  return (more as More)[name](a, b, c);
}
