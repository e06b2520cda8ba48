import { openDevice, readAt } from '../modules/blockdev';
import { le32 } from '../modules/engine';
import type { BlockDevice } from '../modules/filesystem';

/**
 * How block 0 or 1 begins while the volume is being laid out anew, "mvfs" as a number, and behind it which layout. No FAT
 * begins so, and where littlefs has its revisions it would take two thousand million of them.
 */
export const MARK = 0x7366766d;
/** An empty volume, "mkfs". */
export const LAYOUT_EMPTY = 0x73666b6d;
/** A factory reset, "rset". */
export const LAYOUT_RESET = 0x74657372;

/** Which layout of the device a power cut has interrupted, 0 for none. */
export function pendingLayout(bdev: BlockDevice, simple: boolean | undefined): number {
  const dev = openDevice(bdev, 'boot', simple);
  const head = new Uint8Array(8);
  let layout = 0;
  for (let block = 0; block < 2; block++) if (!readAt(dev, block, 0, head) && le32(head, 0) === MARK) layout = le32(head, 4);
  // A mark that was cut short means nothing yet.
  return layout === LAYOUT_EMPTY || layout === LAYOUT_RESET ? layout : 0;
}
