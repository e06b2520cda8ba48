export { native } from '../native';
export { SDCard, type SDCardOptions } from '../sdcard';
export type { WindowOptions } from '../window';
export { stm32 } from './description';
export { Flash } from './flash';
