/** Looking whether a layout was interrupted: a part to load on demand. */
import { openDevice, readPiece } from '../../modules/blockdev';
import type { BlockDevice } from '../../modules/contract/filesystem';
import { le32 } from '../../modules/engine';
import { LAYOUT_EMPTY, LAYOUT_RESET, MARK } from './mark';

/** Which layout of the device a power cut has interrupted, 0 for none. */
export function pendingLayout(bdev: BlockDevice, simple: boolean | undefined): number {
  const dev = openDevice(bdev, 'boot', simple);
  const head = new Uint8Array(8);
  let layout = 0;
  for (let block = 0; block < 2; block++) if (!readPiece(dev, block, 0, head) && le32(head, 0) === MARK) layout = le32(head, 4);
  // A mark that was cut short means nothing yet.
  return layout === LAYOUT_EMPTY || layout === LAYOUT_RESET ? layout : 0;
}
