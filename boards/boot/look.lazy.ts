/** Looking whether a card is still there, or there again. */
import { EDEADLK } from '../../modules/contract/errno';
import type { BlockDevice } from '../../modules/contract/filesystem';
import { mount, umount } from '../../modules/vfs';
import type { BoardDescription, CardWiring } from './types';

export interface Watch {
  _board: BoardDescription;
  _point: string;
  _wiring: CardWiring;
  /** As long as a card answers, also one that cannot be mounted. */
  _bdev: Required<BlockDevice> | undefined;
  _mounted: boolean;
  /** It is being looked: what is called meanwhile may come here again. */
  _busy: boolean;
}

/** What is to be done with a card that answers, or does not any more. Never throws. */
export function look(watch: Watch): void {
  const wiring = watch._wiring;
  const detect = wiring.detect;
  const point = watch._point;
  let bdev = watch._bdev;
  let mounted = watch._mounted;
  let error: unknown;
  if (watch._busy) return;
  watch._busy = true;
  try {
    const out = detect && !detect.read() !== !wiring.inserted;
    const status = bdev && bdev.ioctl(3, 0);
    // It waits for the card, and has called this meanwhile: at the next look.
    if (status === -EDEADLK) {
      watch._busy = false;
      return;
    }
    if (bdev && (out || status)) {
      // Nothing is written any more, whatever card comes.
      bdev.ioctl(2, 0);
      watch._bdev = undefined;
      mounted = false;
      if (watch._mounted) umount(point, { force: true });
    } else if (!bdev && !out) {
      bdev = watch._bdev = (watch._board._card as Required<BoardDescription>['_card'])(wiring) as Required<BlockDevice>;
      mount(bdev, point);
      mounted = true;
    }
  } catch (failure) {
    error = failure;
  }
  const changed = mounted !== watch._mounted || (watch._bdev && error);
  watch._mounted = mounted;
  watch._busy = false;
  if (changed && wiring.onCard) wiring.onCard(point, mounted, error);
}
