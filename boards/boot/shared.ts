/** What the parts of booting share: the panel, what `require` knows, the marks of a layout. */
import { now } from '../../modules/engine';

export interface Button {
  /** Whether it is pressed. */
  read(): unknown;
}

export interface Led {
  write(on: boolean | number): void;
}

/** By default Espruino's `BTN1` and `LED1` to `LED4`, as far as the board has them. A test puts its own in. */
export const panel: { button?: Button | undefined; leds?: Led[] | undefined; now(): number } = { now: now };

/** What `require` needs to know. */
export interface Loader {
  /** What `require('vfs')` gives. */
  _face?: unknown;
  /** `require` for names that the firmware knows. */
  _outer?: ((name: string) => unknown) | undefined;
  /** Makes `require` for a module in that directory. */
  _from?: (dir: string) => (name: string) => unknown;
  /** Modules that were loaded from volumes, by path. */
  _loaded: { [path: string]: { exports: unknown } | undefined };
  _path: string[];
  /** What is programmed at once to count this start, 0 when that is done: see `count.lazy.ts`. */
  _unit?: number;
  /** The module in which the re-created system has the board's devices. */
  _module?: string;
}

export const loader: Loader = { _loaded: {}, _path: ['/lib'] };

/** Directories in which `require` looks for modules, in this order. Booting fills it; scripts may change it. */
export const path = loader._path;

/**
 * How block 0 or 1 begins while the volume is being laid out anew, "mvfs" as a number, and behind it which layout. No FAT
 * begins so, and where littlefs has its revisions it would take two thousand million of them.
 */
export const MARK = 0x7366766d;
/** An empty volume, "mkfs". */
export const LAYOUT_EMPTY = 0x73666b6d;
/** A factory reset, "rset". */
export const LAYOUT_RESET = 0x74657372;
