import { ENOSYS, vfsError } from './errno';

/** The build puts a call of this where a bundle goes without something. @param bundle the one that has it, `''` if none has */
export function leftOut(feature: string, bundle: string): never {
  throw vfsError(ENOSYS, feature, '', feature + ' is not in this bundle' + (bundle && ', but in ' + bundle));
}
