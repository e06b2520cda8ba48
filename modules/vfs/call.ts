/** Calls of a driver, and what errors tell of them. */
import { whole } from '../contract/arguments';
import { EOPNOTSUPP, isWhole, type VfsError, vfsError } from '../contract/errno';

/** The largest number of bytes anywhere. */
export const LARGEST = 1e15;

/** What an error tells of where it arose: a resolved path, an open file or a mount, and what is being done with it. */
export interface Where {
  _operation: string;
  /** Absolute and normalised. */
  _path: string;
  /** The driver is at work for this one. */
  _busy?: boolean;
}

type Methods = Record<string, (first?: unknown, second?: unknown) => unknown>;

export function refuse(where: Where, code: number): never {
  throw vfsError(code, where._operation, where._path);
}

/**
 * Makes an error of a driver one of ours, with the operation and the full path the script asked for. What the driver
 * said in its own words stays. Anything without an errno (a TypeError, a user's own exception) is handed back as it is.
 */
export function remake(error: unknown, where: Where): unknown {
  const from = error as VfsError;
  return from && from.errno ? vfsError(from.errno, where._operation, where._path, from.operation ? from._detail : from.message) : error;
}

/** Calls a method of a driver. @throws EOPNOTSUPP where it has none; the driver's error, remade. */
export function invoke(target: unknown, method: string, where: Where, a?: unknown, b?: unknown): unknown {
  if (!(target as Methods)[method]) refuse(where, EOPNOTSUPP);
  let value: unknown;
  where._busy = true;
  try {
    value = (target as Methods)[method](a, b);
  } catch (error) {
    where._busy = false;
    throw remake(error, where);
  }
  where._busy = false;
  return value;
}

/** @throws TypeError, EINVAL for what is no whole number from `least` to `most`, by default without limit */
export function check(file: Where, value: unknown, name: string, least: number, most?: number): void {
  if (!isWhole(value, least, most || LARGEST)) whole(value, name, [least, most || LARGEST], file);
}
