/** A card that comes and goes: mounted when it is put in, unmounted when it is taken out. */
import { expect, isWhole } from '../../modules/contract/errno';
import * as looking from './look.lazy';
import type { BoardDescription, CardWiring } from './types';

declare function setWatch(run: () => void, pin: unknown, options: { repeat: boolean; edge: string; debounce: number }): unknown;
declare function setInterval(run: () => void, ms: number): { unref?(): void };

/** A switch bounces, and the card has to have power. */
const DEBOUNCE_MS = 50;

/**
 * Mounts the card if it is there, and follows it from then on: by the slot's switch, where its pin is told, else by asking the card.
 * @throws TypeError for what is no pin, time or function
 */
export function watchCard(board: BoardDescription, point: string, wiring: CardWiring): void {
  const detect = wiring.detect;
  const poll = wiring.poll;
  expect(!detect || typeof detect.read === 'function', 'detect');
  expect(poll === undefined || isWhole(poll, 1, 1e9), 'poll');
  expect(!wiring.onCard || typeof wiring.onCard === 'function', 'onCard');
  const watch: looking.Watch = { _board: board, _point: point, _wiring: wiring, _bdev: undefined, _mounted: false, _busy: false };
  const look = function (): void {
    looking.look(watch);
  };
  // The switch closes to ground.
  if (detect && detect.mode && !wiring.inserted) detect.mode('input_pullup');
  look();
  if (detect && typeof setWatch !== 'undefined') setWatch(look, detect, { repeat: true, edge: 'both', debounce: DEBOUNCE_MS });
  if (poll && typeof setInterval !== 'undefined') {
    const timer = setInterval(look, poll);
    // What is simulated does not keep Node waiting.
    if (timer && timer.unref) timer.unref();
  }
}
