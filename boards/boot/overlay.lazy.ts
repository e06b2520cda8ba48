/** Factory content in a ROM, under the board's own volume: in bundles whose board says `factory: 'overlay'`. */
import { VfsOverlay } from '../../modules/overlay';
import { mount, umount } from '../../modules/vfs';
import { mounts } from '../../modules/vfs/mounts';
import { useRom } from './rom';
import type { BoardDescription, BootReport } from './types';

/** Lays the board's own volume over the first image. What a script has mounted there is taken as it is. */
export function layOver(board: BoardDescription, names: string[], boot: BootReport): void {
  const point = board.volumes[0].point;
  const own = boot.volumes[0];
  if (!own.device || own.state === 'failed') return;
  useRom(board, names, boot, point, function (rom) {
    const fs = mounts.filter(function (row) {
      return row._path === point;
    })[0]._fs;
    const overlay = new VfsOverlay(rom, fs);
    umount(point);
    try {
      mount(overlay, point);
    } catch (failure) {
      // Without the factory content rather than not at all.
      mount(fs, point);
      throw failure;
    }
    return 'overlay';
  });
}
