import { type FlashWindow, openWindow, type WindowOptions } from '../window';

export { native } from '../native';
export { esp8266 } from './description';

/** The flash that the firmware leaves free, MicroPython's `flashbdev.bdev`: pages of 4 kB. */
export function bdev(options?: WindowOptions): FlashWindow {
  return openWindow(options, 'bdev');
}
