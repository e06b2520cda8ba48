export type { NativePin, NativeSpi, SpiData } from '../spi';
export { SpiFlash, type SpiFlashConstructor, type SpiFlashDevice, type SpiFlashOptions } from './spiflash';
