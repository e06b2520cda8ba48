/** Node's and Espruino's `fs` over the board's volumes. */
import { isEspruino } from '../../modules/engine';
import * as espruino from '../../modules/fs/espruino.lazy';
import * as face from '../../modules/fs/face.lazy';
import type { Fs } from '../../modules/fs/types';
import { loader } from './shared';

declare const E: Parameters<typeof espruino.give>[1];
/** Espruino's table of modules. */
declare const Modules: { addCached(name: string, body: string): void };
declare const require: (name: string) => Parameters<typeof espruino.give>[2];

const NAME = 'fs';

/**
 * Lets `require('fs')` give Node's `fs` over whatever is mounted, and gives it. On Espruino it replaces the firmware's, and
 * `E.openFile` with it.
 */
export function installFs(): Fs {
  const known = loader._loaded.fs;
  if (known) return known.exports as Fs;
  const fs = face.makeFs();
  loader._loaded.fs = { exports: fs };
  if (isEspruino) {
    espruino.give(fs, E, require(NAME));
    // A function would run without what is around it.
    const outer = globalThis as { microvfs?: Fs };
    outer.microvfs = fs;
    Modules.addCached(NAME, 'module.exports=microvfs');
    delete outer.microvfs;
  }
  return fs;
}
