import type { VfsError } from '../errno';
import { isEspruino } from './native';

/**
 * Espruino's `new Error` records a stack trace: 350 to 630 bytes and up to 0.3 ms. An object that only inherits from
 * `Error.prototype` is a tenth of that, but needs a `toString` of its own to be printed when uncaught.
 */
function LightError(this: VfsError, message: string): void {
  this.message = message;
}

if (isEspruino) {
  LightError.prototype = Object.create(Error.prototype);
  LightError.prototype.toString = function (this: VfsError): string {
    return this.message;
  };
}

export function makeError(message: string): VfsError {
  return isEspruino ? new (LightError as unknown as new (message: string) => VfsError)(message) : (new Error(message) as VfsError);
}
