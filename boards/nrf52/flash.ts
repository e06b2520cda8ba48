import { claim } from '../devices/free';
import { FlashWindow, type WindowConstructor, type WindowOptions } from '../devices/window';

/** Where the external chip begins. */
const EXTERNAL = 0x60000000;

/** @throws what `new Flash()` does */
export function openFlash(options: WindowOptions | undefined): FlashWindow {
  const pages = claim(options, 'Flash');
  // A word of the internal flash takes two programs at most between two erases: no byte of it can be added later.
  return new FlashWindow(pages, 'Flash', pages[0].addr < EXTERNAL ? 4 : 1);
}

/** Free pages of the nRF52, or of the external chip of Bangle.js 2, whichever are more. */
export const Flash = function (options?: WindowOptions) {
  return openFlash(options);
} as unknown as WindowConstructor;
