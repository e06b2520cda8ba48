/** What simulated parts on an SPI port share. */
import type { NativeSpi, SpiData } from '../devices/spi';

/** Told how many microseconds a byte takes on the wire: the time of whoever drives the clock by it. */
export const wire: { onTime: ((us: number) => void) | undefined } = { onTime: undefined };

function expand(data: SpiData): ArrayLike<number> {
  const repeated = data as { data: number; count: number };
  if (repeated.count === undefined) return data as Uint8Array;
  const bytes = new Uint8Array(repeated.count);
  for (let i = 0; i < bytes.length; i++) bytes[i] = repeated.data;
  return bytes;
}

/** A port as Espruino gives it to a script. @param exchange one byte in each direction */
export function simPort(exchange: (byte: number) => number, setup: (settings: { [name: string]: unknown }) => void): NativeSpi {
  return {
    setup: setup,
    send: function (data: SpiData | number): never {
      if (typeof data === 'number') return exchange(data) as never;
      const bytes = expand(data);
      const received = new Uint8Array(bytes.length);
      for (let i = 0; i < bytes.length; i++) received[i] = exchange(bytes[i]);
      return received as never;
    },
    write: function (): void {
      for (let k = 0; k < arguments.length; k++) {
        const item = arguments[k] as SpiData | number;
        const bytes = typeof item === 'number' ? [item] : expand(item);
        for (let i = 0; i < bytes.length; i++) exchange(bytes[i]);
      }
    },
  };
}
