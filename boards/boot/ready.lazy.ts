/** Telling that a start went well. */
import { native } from '../devices/native';
import { begunIn, FILE, HALF, keep, marksOf, storageOf, unitsOf } from './marks';
import { loader } from './shared';

/**
 * The scripts have come so far that the board may start again like this: starts before are not counted any more. Booting says so
 * itself when 30 s have passed. Never throws.
 */
export function bootOk(): void {
  const unit = loader._unit;
  if (!unit) return;
  loader._unit = 0;
  try {
    const storage = storageOf();
    if (native.retained) keep(0);
    else if (storage) {
      const begun = begunIn(marksOf(storage), unit);
      if (begun) storage.write(FILE, unitsOf(unit), HALF + (begun - 1) * unit);
    }
  } catch (_failed) {
    // As with `begin`.
  }
}
