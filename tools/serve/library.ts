/** The library that speaks WebDAV (RFC 4918), `nephele`, which need not be there; and what errors of ours are to it. */
import { PlaceError } from '../places/tree';
import { UsageError } from '../usage';

export type Library = typeof import('nephele');

/** @throws UsageError that says what to install */
export async function library(): Promise<Library> {
  try {
    return await import('nephele');
  } catch (error) {
    if ((error as { code?: string }).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new UsageError("serving needs the library 'nephele': npm install nephele");
  }
}

type Kind = Extract<keyof Library, `${string}Error`>;

/** What a code is in HTTP. Names that a format does not have are 403, as RFC 4918 says it of locations (9.3.1). */
const KINDS: { [code: string]: Kind } = {
  ENOENT: 'ResourceNotFoundError',
  ENOTDIR: 'ResourceTreeNotCompleteError',
  EEXIST: 'ResourceExistsError',
  EISDIR: 'MethodNotSupportedError',
  ENOSPC: 'InsufficientStorageError',
  EFBIG: 'InsufficientStorageError',
  EBUSY: 'LockedError',
  EROFS: 'ForbiddenError',
  EACCES: 'ForbiddenError',
  EPERM: 'ForbiddenError',
  EINVAL: 'ForbiddenError',
  ENAMETOOLONG: 'ForbiddenError',
  ENOTEMPTY: 'ForbiddenError',
  EOPNOTSUPP: 'ForbiddenError',
};

/** What a tree has refused, as the library knows it. */
export function told(dav: Library, error: unknown): unknown {
  if (error instanceof PlaceError) return new dav[KINDS[error.code] ?? 'InternalServerError'](error.message);
  if (error instanceof UsageError) return new dav.ServiceUnavailableError(error.message);
  return error;
}
