import { EIO, ENOSYS, isWhole } from '../contract/errno';
import { LARGEST, refuse, remake, type Where } from './call';
import type { Mount } from './rows';

type Operation = (...args: unknown[]) => unknown;

/** The operation of the driver, if it has it. */
export function operationOf(row: Mount, name: string): Operation | undefined {
  return (row._fs as unknown as Record<string, Operation>)[name];
}

/**
 * Calls an operation of the driver.
 * @returns what it gave, 0 for nothing
 * @throws ENOSYS where it has none; the errno that it gave as a negative number; what it threw
 */
export function call(row: Mount, where: Where, name: string, args: unknown[]): unknown {
  const operation = operationOf(row, name);
  if (!operation) refuse(where, ENOSYS);
  let value: unknown;
  try {
    value = (operation as Operation).apply(row._fs, (row._context as unknown[]).concat(args));
  } catch (error) {
    throw remake(error, where);
  }
  if ((value as number) < 0) refuse(where, isWhole(value, -LARGEST, -1) ? -(value as number) : EIO);
  return value === undefined || value === null || value === false ? 0 : value;
}
