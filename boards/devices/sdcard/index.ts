export type { NativePin, NativeSpi, SpiData } from './native';
export { SDCard, type SDCardOptions } from './sdcard';
