import type { VfsError } from '../errno';
import { isEspruino } from './native';

/**
 * Espruino's `new Error` records a stack trace: 350 to 630 bytes and up to 0.3 ms. An object that only inherits from
 * `Error.prototype` is a tenth of that, but needs a `toString` of its own to be printed when uncaught.
 */
const lightError = isEspruino && Object.create(Error.prototype);
if (lightError)
  lightError.toString = function (this: VfsError): string {
    return this.message;
  };

export function makeError(message: string): VfsError {
  if (!lightError) return new Error(message) as VfsError;
  const error = Object.create(lightError);
  error.message = message;
  return error;
}
