/** Checks of what callers give. */
import { EINVAL, expect, vfsError } from './errno';

/** The largest whole number that is exact. */
export const LARGEST = 9007199254740991;

/**
 * An argument that counts something: a whole number from `least` to `most`, or `otherwise` where it is missing.
 * @throws TypeError if it is no number, EINVAL if it is another; both name it.
 */
export function whole(
  value: number | undefined,
  otherwise: number | undefined,
  name: string,
  least: number,
  most: number,
  operation: string,
  path?: string,
): number {
  const n = value === undefined ? otherwise : value;
  expect(typeof n === 'number', name);
  if (value !== undefined && (!(value >= least && value <= most) || value % 1))
    throw vfsError(EINVAL, operation, path, name + ' ' + value + ' is no whole number from ' + least + ' to ' + most);
  return n as number;
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
