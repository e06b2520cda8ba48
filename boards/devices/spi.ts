/** What drivers of chips and cards on SPI need of Espruino's SPI object and pins. Hosts and the simulator give objects of this shape. */

/** A typed array, or so many times one byte. */
export type SpiData = Uint8Array | { data: number; count: number };

export interface NativeSpi {
  /** Sets clock and mode. Espruino takes every setting anew, pins too. */
  setup(settings: { [name: string]: unknown }): void;
  /** Sends bytes, gives those received meanwhile: a number for a number, else a new array of the same length. */
  send(data: number): number;
  send(data: SpiData): Uint8Array;
  /** Sends bytes, one argument after the other. */
  write(...data: (number | SpiData)[]): void;
}

export interface NativePin {
  write(level: boolean | number): void;
}
