import type { BoardSetup } from './engine';
import { LONGEST } from './time';

/** Calls `stop` when the board's own time has been over for so many milliseconds; never where it has no end, or one that is weeks away. */
export function deadline({ end = 0, speed = 1 }: BoardSetup, grace: number, stop: () => void): NodeJS.Timeout | undefined {
  const ms = end / speed + grace;
  return end && ms <= LONGEST ? setTimeout(stop, ms) : undefined;
}
