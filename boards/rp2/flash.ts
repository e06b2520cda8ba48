import { openWindow, type WindowConstructor, type WindowOptions } from '../devices/window';

/**
 * Flash of the RP2040 and RP2350, MicroPython's `rp2.Flash`. Stock firmware leaves nothing free, and writes nowhere but
 * in Storage: `native.areas` tells what a firmware of one's own leaves.
 */
export const Flash = function (options?: WindowOptions) {
  return openWindow(options, 'Flash', 1);
} as unknown as WindowConstructor;
