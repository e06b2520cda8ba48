/** The card that the firmware reads by itself, for the description of a board whose firmware knows its pins. */
import { ENODEV, vfsError } from '../contract/errno';
import type { FileSystem } from '../contract/filesystem';
import * as making from './make.lazy';

/**
 * The firmware's file system, if a card is there that it can list. A board's file says `further: { sd: firmwareCard }`.
 * @throws ENODEV where the firmware has no `fs`, or no card that it reads
 */
export function firmwareCard(): FileSystem {
  const fs = making.makeVolume(undefined) as Required<FileSystem>;
  try {
    fs.ilistdir('/');
  } catch (_unreadable) {
    throw vfsError(ENODEV, 'boot', '', 'no card that the firmware reads');
  }
  return fs;
}
