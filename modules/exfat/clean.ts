import { flush, load, syncVolume } from './sector';
import { fs } from './volume';

/** VolumeFlags in the boot sector (section 3.1.13): VolumeDirty, and ClearToZero, which is to be cleared before any change. */
const FLAGS = 106;
const DIRTY = 2;
const TO_ZERO = 8;

/**
 * Sets or clears the mark that says that changes are under way. Nothing else is written before it is on the medium. It goes through
 * the window of data, which no file needs at that moment: the sector of a directory that is in the other one is needed again.
 */
function markClean(clean: boolean): void {
  if (!fs._wasDirty) {
    const b = load(fs._data, 0, false);
    b[FLAGS] = (b[FLAGS] & ~(DIRTY | TO_ZERO)) | (clean ? 0 : DIRTY);
    // PercentInUse, FF where that is not known.
    if (clean) b[112] = fs._free < 0 ? 255 : Math.floor(((fs._last - 1 - fs._free) / (fs._last - 1)) * 100);
    fs._data._dirty = true;
    flush(fs._data);
    syncVolume();
  }
  fs._touched = !clean;
}

/** Comes before every change: the first one since the volume was clean marks it. */
export function touch(): void {
  if (!fs._touched) markClean(false);
}

/** Writes what is still in RAM, and marks the volume as clean. */
export function settle(): void {
  flush(fs._data);
  if (!fs._touched) return;
  syncVolume();
  markClean(true);
}

/** Ends an operation: what it changed is on the medium, and where no file is open for writing the volume is marked as clean. */
export function finish(): void {
  if (!fs._touched) return;
  syncVolume();
  for (let i = 0; i < fs._files.length; i++) if (fs._files[i]._writable) return;
  settle();
}
