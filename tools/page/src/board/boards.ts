/** The board of the page, as `boards/sim/all.ts` has all of them for Node. */
import * as esp32 from '../../../../boards/esp32';

/** Chips of this family have no LED; boards with them often have one. */
export const boards = { esp32: { ...esp32, sim: { ...esp32.sim, leds: 1 } } };
