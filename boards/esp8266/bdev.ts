import { type FlashWindow, openWindow, type WindowOptions } from '../devices/window';

/** The flash that the firmware leaves free, MicroPython's `flashbdev.bdev`: pages of 4 kB. */
export function bdev(options?: WindowOptions): FlashWindow {
  return openWindow(options, 'bdev', 1);
}
