/** What holding a board's button at power-on chooses, for the command line's help. */
import { simBoards } from '../boards/sim';

/** From so many milliseconds on its release means safe mode, and a factory reset; by how many LEDs the board has. */
export function holdTimes(board: string): { safe: number; reset: number } {
  const { leds } = simBoards[board];
  if (!leds) return { safe: 3000, reset: 8000 };
  return leds === 1 ? { safe: 700, reset: 1700 } : { safe: 600, reset: 1200 };
}

/** A line for the boards that have the same times. */
export function holdHelp(): string[] {
  const lines = new Map<string, string[]>();
  for (const board of Object.keys(simBoards)) {
    const { safe, reset } = holdTimes(board);
    const text = `BTN1:${safe + 100} safe mode (from ${safe} ms on), BTN1:${reset + 100} factory reset (from ${reset})`;
    lines.set(text, [...(lines.get(text) ?? []), board]);
  }
  return [...lines].map(([text, names]) => `  ${names.join(', ')}: ${text}`);
}
