export type { NativePin, NativeSpi, SpiData } from '../spi';
export { SDCard, type SDCardOptions } from './sdcard';
