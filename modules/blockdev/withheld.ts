/** A device of which one block is kept in RAM, to be written last. */
import type { BlockDevice } from '../contract/filesystem';
import type { Keeping } from './kept.lazy';
import * as kept from './kept.lazy';

/** The device, but for that block. Its methods call by way of a part, so that nothing of it need be there when they do not. */
function withoutBlock(keeping: Keeping): BlockDevice {
  return {
    readblocks: function (block: number, buf: Uint8Array, offset?: number): number {
      return kept.read(keeping, block, buf, offset);
    },
    writeblocks: function (block: number, buf: Uint8Array, offset?: number): number {
      return kept.write(keeping, block, buf, offset);
    },
    ioctl: function (op: number, arg: number): unknown {
      return kept.ask(keeping, op, arg);
    },
    progsize: keeping._dev._bdev.progsize,
  };
}

/** Has `make` work on the device without that block. */
export function withhold(keeping: Keeping, make: (disk: BlockDevice) => void): void {
  kept.hold();
  try {
    make(withoutBlock(keeping));
  } catch (error) {
    kept.letGo();
    throw error;
  }
  kept.letGo();
}
