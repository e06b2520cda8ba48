/** The board's button and LEDs with a clock of their own: no test waits. */
import { panel } from '../../boards/boot/shared';

/** The button is down from power-on for so many milliseconds. Gives what the LEDs show, with the time, as it changes. */
export function pressed(ms: number, leds: number): string[] {
  let time = 0;
  const shown: string[] = [];
  const state: number[] = new Array(leds).fill(0);
  panel.now = () => ++time;
  panel.button = { read: () => time < ms };
  panel.leds = state.map((_, i) => ({
    write: (on) => {
      if (state[i] !== Number(on)) {
        state[i] = Number(on);
        shown.push(`${time} ${state.join('')}`);
      }
    },
  }));
  return shown;
}
