import { openWindow, type WindowConstructor, type WindowOptions } from '../window';

/** Free pages of the nRF52, or of the external chip of Bangle.js 2, whichever are more. */
export const Flash = function (options?: WindowOptions) {
  return openWindow(options, 'Flash');
} as unknown as WindowConstructor;
