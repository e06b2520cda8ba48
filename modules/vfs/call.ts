import { EOPNOTSUPP, type VfsError, vfsError } from '../errno';

/**
 * Makes an error of a driver one of ours, with the operation and the full path the script asked for. What the driver
 * said in its own words stays. Anything without an errno (a TypeError, a user's own exception) is handed back as it is.
 */
export function remake(error: unknown, operation: string, path: string): unknown {
  const from = error as VfsError;
  if (!from || typeof from.errno !== 'number') return error;
  let detail = from.message;
  if (from.operation) {
    // One of ours: cut `CODE: ` and `, operation 'path'`, see vfsError().
    const where = from.path ? from.path.length + 3 : 0;
    detail = detail.substring(from.code.length + 2, detail.length - from.operation.length - 2 - where);
  }
  return vfsError(from.errno, operation, path, detail);
}

/** Calls a method of a driver. @throws EOPNOTSUPP where it has none; the driver's error, remade. */
export function invoke(target: unknown, method: string, operation: string, path: string, a?: unknown, b?: unknown): unknown {
  const methods = target as Record<string, (first?: unknown, second?: unknown) => unknown>;
  if (typeof methods[method] !== 'function') throw vfsError(EOPNOTSUPP, operation, path);
  try {
    return methods[method](a, b);
  } catch (error) {
    throw remake(error, operation, path);
  }
}
