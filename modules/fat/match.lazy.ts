/** Look-ups that need more than comparing bytes: a part that a device loads for as long as that takes. */
import { fold as upper } from '../contract/upcase';
import { scan } from './dir';
import { entryName, toUnits } from './name';
import { fs } from './volume';

/** Upper case of one UTF-16 unit. */
export function fold(c: number): number {
  return upper(c);
}

/**
 * Looks for the entry that is listed under the first `length` units of `_name`, in any case, as `scan` does: through the
 * names themselves, whatever is in them. In vain, what `scan` found out stays.
 */
export function findListed(dir: number, length: number): number {
  const v = fs;
  const wanted = new Uint16Array(v._name);
  const kept = v._length;
  const hole = v._hole;
  const end = v._end;
  const capitals = new Uint16Array(length);
  let kind = 0;
  for (let i = 0; i < length; i++) capitals[i] = upper(wanted[i]);
  for (let slot = 0, found = false; !found; slot = v._slot + 1) {
    kind = scan(dir, slot, false);
    if (!kind) break;
    // As it is listed; of a long one only if its length may be right.
    if (!v._long || v._length === length) toUnits(entryName());
    found = v._length === length && v._slot !== v._ignore;
    for (let i = 0; found && i < length; i++) {
      const unit = v._name[i];
      found = unit === wanted[i] || (unit > 127 === capitals[i] > 127 && upper(unit) === capitals[i]);
    }
  }
  v._name.set(wanted);
  v._length = kept;
  v._hole = hole;
  v._end = end;
  return kind;
}
