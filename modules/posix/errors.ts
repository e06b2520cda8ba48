import { type ErrorCode, vfsError } from '../contract/errno';

export const EACCES = 13;
export const ELOOP = 40;
export { EBUSY, EEXIST, EINVAL, EISDIR, ENODEV, ENOTDIR, ENOTEMPTY, EOPNOTSUPP, EROFS } from '../contract/errno';

/** What the host or this room says, to be made an error of an operation by `tell`. */
class Refusal extends Error {
  code: string;
  errno: number;
  detail: string | undefined;

  constructor(number: number, detail?: string) {
    const { code } = vfsError(number, '');
    super(detail ?? code);
    this.code = number === ELOOP ? 'ELOOP' : code;
    this.errno = -number;
    this.detail = detail;
  }
}

export function refuse(number: number, detail?: string): never {
  throw new Refusal(number, detail);
}

/** Runs `work`; an error of the host becomes one of ours: by its name, else by its number. */
export function tell<T>(operation: string, path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { code, errno } = error as NodeJS.ErrnoException;
    if (!code || !errno) throw error;
    const named = vfsError(code as ErrorCode, operation, path, (error as Refusal).detail);
    throw named.code === code ? named : vfsError(Math.abs(errno), operation, path, (error as Refusal).detail);
  }
}
