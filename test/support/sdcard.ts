/** A slot with a simulated card, and a driver over it. */
import * as assert from 'uvu/assert';
import { SDCard, type SDCardOptions } from '../../boards/devices/sdcard';
import { type SdCardDescription, SimSdCard } from '../../boards/sim/sdcard';
import { SimSdSlot } from '../../boards/sim/sdcard-slot';
import { wire } from '../../boards/sim/spi';

export const SDSC: SdCardDescription = { type: 'SDSC', blocks: 4096 };
export const OLD: SdCardDescription = { type: 'SDSC', blocks: 4096, version1: true };
export const SDHC: SdCardDescription = { type: 'SDHC', blocks: 8 * 1024 * 1024 };
export const SDXC: SdCardDescription = { type: 'SDXC', blocks: 256 * 1024 * 1024 };
export const KINDS: [string, SdCardDescription][] = [
  ['SDSC version 1', OLD],
  ['SDSC', SDSC],
  ['SDHC', SDHC],
  ['SDXC', SDXC],
];

/** Microseconds. The driver's clock: a byte takes its time on the wire, and the chip 20 µs to have it sent. */
export const time = { us: Date.now() * 1000 };
Date.now = () => Math.floor(time.us / 1000);
wire.onTime = (us) => {
  time.us += us + 20;
};

/** Milliseconds that `action` takes. */
export function duration(action: () => void): number {
  const from = time.us;
  action();
  return (time.us - from) / 1000;
}

/** Every byte that the host receives from the slot passes through `filter`. */
export function through(slot: SimSdSlot, filter: (received: number, sent: number) => number): void {
  const inner = slot.spi.send;
  const spi = slot.spi;
  const one = (byte: number): number => filter(inner(byte), byte);
  const bytesOf = (data: Uint8Array | { data: number; count: number }): Uint8Array =>
    data instanceof Uint8Array ? data : new Uint8Array(data.count).fill(data.data);
  spi.send = ((data: never) => (typeof data === 'number' ? one(data) : bytesOf(data).map(one))) as typeof spi.send;
  spi.write = (...items) => {
    for (const item of items) for (const byte of typeof item === 'number' ? [item] : bytesOf(item)) one(byte & 255);
  };
}

/** Busy for so long after the next data response, or after the next end of a transfer. */
export function busyFor(slot: SimSdSlot, card: SimSdCard, ms: number, after: 'block' | 'stop'): void {
  let until = 0;
  let armed = true;
  through(slot, (received, sent) => {
    if (armed && (after === 'block' ? (received & 31) === 5 && received > 128 : sent === 0xfd)) {
      armed = false;
      until = time.us + ms * 1000;
    }
    return time.us < until ? 0 : received;
  });
  card.onCommand = (index) => {
    if (armed && after === 'stop' && index === 12) {
      armed = false;
      until = time.us + ms * 1000;
    }
    return undefined;
  };
}

export interface Rig {
  card: SimSdCard;
  slot: SimSdSlot;
  sd: SDCard;
}

export function rig(description: SdCardDescription, options?: SDCardOptions): Rig {
  const card = new SimSdCard(description);
  const slot = new SimSdSlot(card);
  return { card, slot, sd: new SDCard(slot.spi, slot.cs, options) };
}

export function pattern(blocks: number, seed: number): Uint8Array {
  return new Uint8Array(blocks * 512).map((_, i) => (i * 7 + (i >> 9) * 13 + seed) ^ (i >> 3));
}

/** What the host did was by the protocol. */
export function lawful(card: SimSdCard): void {
  assert.equal(card.violations, []);
}

/** The commands that `action` sends, and their arguments. */
export function commandsOf(card: SimSdCard, action: () => void): [number, number][] {
  const seen: [number, number][] = [];
  card.onCommand = (index, argument) => {
    seen.push([index, argument]);
    return undefined;
  };
  action();
  card.onCommand = undefined;
  return seen;
}
