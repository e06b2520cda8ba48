/** The button and the lights that a board shows its user. */
import { now } from '../../modules/engine';

export interface Button {
  /** Whether it is pressed. */
  read(): unknown;
}

export interface Led {
  write(on: boolean | number): void;
}

/** By default Espruino's `BTN1` and `LED1` to `LED4`, as far as the board has them. A test puts its own in. */
export const panel: { button: Button | undefined; leds: Led[] | undefined; now(): number } = {
  button: undefined,
  leds: undefined,
  now: now,
};
