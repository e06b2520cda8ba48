import { EOPNOTSUPP, type VfsError, vfsError } from '../errno';

/** What an error tells of where it arose: a resolved path, an open file or a mount, and what is being done with it. */
export interface Where {
  _operation: string;
  /** Absolute and normalised. */
  _path: string;
}

export function refuse(where: Where, code: number): never {
  throw vfsError(code, where._operation, where._path);
}

/** @throws TypeError where an argument is not what it has to be. */
export function expect(right: boolean, operation: string): void {
  if (!right) throw new TypeError(operation + ': wrong type of argument');
}

/**
 * Makes an error of a driver one of ours, with the operation and the full path the script asked for. What the driver
 * said in its own words stays. Anything without an errno (a TypeError, a user's own exception) is handed back as it is.
 */
export function remake(error: unknown, where: Where): unknown {
  const from = error as VfsError;
  return from && typeof from.errno === 'number'
    ? vfsError(from.errno, where._operation, where._path, from.operation ? from._detail : from.message)
    : error;
}

/** Calls a method of a driver. @throws EOPNOTSUPP where it has none; the driver's error, remade. */
export function invoke(target: unknown, method: string, where: Where, a?: unknown, b?: unknown): unknown {
  const methods = target as Record<string, (first?: unknown, second?: unknown) => unknown>;
  if (typeof methods[method] !== 'function') refuse(where, EOPNOTSUPP);
  try {
    return methods[method](a, b);
  } catch (error) {
    throw remake(error, where);
  }
}
