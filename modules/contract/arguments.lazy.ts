/** Checks of what callers give: a part that a device loads on demand. What is checked often is checked by `isWhole` first. */
import { EINVAL, expect, isWhole, vfsError } from './errno';

/**
 * A whole number from the first to the second of `range`, for the operation and path of `where`.
 * @throws TypeError if it is no number, EINVAL if it is another; both name it.
 */
export function whole(value: unknown, name: string, range: number[], where: { _operation: string; _path: string }): number {
  expect(typeof value === 'number', name);
  if (!isWhole(value, range[0], range[1]))
    throw vfsError(EINVAL, where._operation, where._path, name + ' ' + value + ' is no whole number from ' + range.join(' to '));
  return value as number;
}

/** The options of a call, none by default. @throws TypeError for what is no object, as MicroPython's positional arguments */
export function optionsOf<T extends object>(given: T | undefined): T {
  expect(given === undefined || (given && typeof given === 'object'), 'options');
  return given || ({} as T);
}

/** An option that is on or off, off by default. @throws TypeError for anything but a boolean */
export function flag(value: unknown, name: string): boolean {
  expect(value === undefined || typeof value === 'boolean', name);
  return value as boolean;
}
