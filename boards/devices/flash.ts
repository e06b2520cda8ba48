/** The flash that the firmware leaves free, under the names that MicroPython has for it on chips whose pages are of one size. */
import * as free from './free.lazy';
import { FlashWindow, type WindowConstructor, type WindowOptions } from './window';

/** Where the nRF52's external chip begins. */
const EXTERNAL = 0x60000000;

function openWindow(options: WindowOptions | undefined, operation: string): FlashWindow {
  return new FlashWindow(free.claim(options, operation), operation, 1);
}

/** MicroPython's `flashbdev.bdev`: pages of 4 kB. */
export function bdev(options?: WindowOptions): FlashWindow {
  return openWindow(options, 'bdev');
}

/**
 * Flash of the RP2040 and RP2350, MicroPython's `rp2.Flash`. Stock firmware leaves nothing free, and writes nowhere but
 * in Storage: `native.areas` tells what a firmware of one's own leaves.
 */
export const Rp2Flash = function (options?: WindowOptions) {
  return openWindow(options, 'Flash');
} as unknown as WindowConstructor;

/** Free pages of the nRF52, or of the external chip of Bangle.js 2, whichever are more. */
export const NrfFlash = function (options?: WindowOptions) {
  const pages = free.claim(options, 'Flash');
  // A word of the internal flash takes two programs at most between two erases: no byte of it can be added later.
  return new FlashWindow(pages, 'Flash', pages[0].addr < EXTERNAL ? 4 : 1);
} as unknown as WindowConstructor;
