import { espruinoE } from './native';

/**
 * What errors are made from on Espruino, undefined elsewhere. Its `new Error` records a stack trace: 350 to 630 bytes and
 * up to 0.3 ms. An object that only inherits from `Error.prototype` is a tenth of that, but needs a `toString` of its own to
 * be printed when uncaught.
 */
export const lightError: Error | undefined = espruinoE && Object.create(Error.prototype);
if (lightError)
  lightError.toString = function (this: Error): string {
    return this.message;
  };
