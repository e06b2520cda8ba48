/** What is sent on SPI, for buses that take nothing but whole buffers and may leave there what came back. */
import { fill } from '../../modules/engine';
import type { SpiData } from './spi';

/** Always an array of its own. */
export function bytesOf(data: number | SpiData): Uint8Array {
  if (typeof data === 'number') return new Uint8Array([data]);
  const given = data as { data: number; count: number };
  if (given.count === undefined) return new Uint8Array(data as Uint8Array);
  const bytes = new Uint8Array(given.count);
  fill(bytes, given.data);
  return bytes;
}
