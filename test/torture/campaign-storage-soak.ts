/** Volumes in Storage: what other code does to Storage costs neither side anything. */
import { umount } from '../../modules/vfs';
import { type Campaign, count, Failure } from './campaign';
import { soakStorage } from './soak-storage';

const COMPACTIONS = 100;

export const storageSoak: Campaign = {
  name: 'storage-soak',
  about: 'a volume in Storage, which other code writes, erases and compacts',
  share: 0.5,
  round(seed, tally) {
    try {
      soakStorage((seed % 2147483646) + 1, COMPACTIONS);
    } catch (error) {
      // For the rounds after it.
      umount('/v', { force: true });
      throw new Failure(String(error), { seed, compactions: COMPACTIONS });
    }
    count(tally, 'compactions of Storage', COMPACTIONS);
  },
};
