/** A slot with a simulated card, and a driver over it. */
import * as assert from 'uvu/assert';
import { SDCard, type SDCardOptions } from '../../boards/sdcard';
import { type SdCardDescription, SimSdCard } from '../../boards/sim/sdcard';
import { SimSdSlot } from '../../boards/sim/sdcard-slot';

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
