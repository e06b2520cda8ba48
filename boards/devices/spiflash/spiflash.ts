/** External flash on SPI. Nothing of it takes RAM until there is a chip. */
import type { NativePin, NativeSpi } from '../spi';
import * as opening from './open.lazy';
import type { SpiFlashConstructor, SpiFlashOptions } from './types';

export type { SpiFlashConstructor, SpiFlashDevice, SpiFlashOptions } from './types';

export const SpiFlash = function (spi: NativeSpi, cs: NativePin, options?: SpiFlashOptions) {
  return opening.openFlash(spi, cs, options);
} as unknown as SpiFlashConstructor;
