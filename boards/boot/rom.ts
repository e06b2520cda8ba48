/** What booting does with images of ROMFS. */
import { ENODEV, ENOENT, type VfsError } from '../../modules/contract/errno';
import type { BlockDevice } from '../../modules/contract/filesystem';
import { romfs, VfsRom } from '../../modules/romfs/vfsrom';
import * as reports from './report.lazy';
import * as trouble from './trouble.lazy';
import type { BoardDescription, BootReport, VolumeReport } from './types';

/**
 * Hands the first image to `use`, which gives the kind of file system that it is at `point` then, and reports that, or what is
 * wrong with it. A device that is not there, and one that holds something else, are passed over.
 */
export function useRom(board: BoardDescription, names: string[], boot: BootReport, point: string, use: (rom: VfsRom) => string): void {
  for (let i = 0; i < names.length; i++) {
    const row: VolumeReport = { point: point, device: names[i], fs: '', state: 'mounted', error: '' };
    let bdev: BlockDevice | undefined;
    try {
      bdev = board.open(names[i]);
      if (!romfs.probe(bdev)) continue;
      row.fs = use(new VfsRom(bdev));
    } catch (failure) {
      const errno = failure && (failure as VfsError).errno;
      if (!bdev && (errno === ENOENT || errno === ENODEV)) continue;
      row.state = 'failed';
      row.error = trouble.errorText(failure);
    }
    reports.tell(board, boot, row);
    return;
  }
}
