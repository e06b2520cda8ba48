/** Laying a board's own volume out anew. Seldom wanted: a part to load on demand. */
import type { BlockDevice } from '../../modules/contract/filesystem';
import { putLe32 } from '../../modules/engine';
import { makedirs, mount, umount, writeFile } from '../../modules/vfs';
import { factoryFiles } from './factory';
import * as reports from './report.lazy';
import { LAYOUT_RESET, MARK } from './shared';
import type { BoardDescription } from './types';

/** An empty volume on that device, or one with the files of the factory; it is left unmounted. */
function fillVolume(disk: BlockDevice, board: BoardDescription, reset: boolean): void {
  const point = board.volumes[0].point;
  const own = board.drivers[0];
  const fs = own.create(disk);
  const failures: unknown[] = [];
  // Whatever lies there goes.
  if (own.mkfs) own.mkfs(disk);
  mount(fs, point, { mkfs: !own.mkfs });
  try {
    const factory = board.factory;
    // Called by name, it need not be there all the time.
    const files = !reset || factory === 'overlay' ? [] : factory ? factory() : factoryFiles();
    for (let i = 0; i < files.length; i += 2) {
      const path = (point === '/' ? '' : point) + files[i];
      makedirs(path + '/..');
      writeFile(path, files[i + 1]);
    }
  } catch (error) {
    failures.push(error);
  }
  try {
    umount(point, { force: true });
  } catch (late) {
    failures.push(late);
  }
  if (failures.length) throw failures[0];
}

/**
 * Makes the board's first volume anew, by a factory reset with files on it, and leaves it unmounted.
 * @throws what the device or the file system says; the mark stays then
 */
export function layOut(bdev: BlockDevice, board: BoardDescription, layout: number): void {
  const mark = new Uint8Array(8);
  const reset = layout === LAYOUT_RESET;
  putLe32(mark, 0, MARK);
  putLe32(mark, 4, layout);
  if (reset) reports.say(board.name + ': factory reset, leave the power on');
  const own = board.drivers[0];
  const make = function (disk: BlockDevice): void {
    fillVolume(disk, board, reset);
  };
  if (own.remake) own.remake(bdev, mark, make);
  else make(bdev);
  if (reset) reports.say(board.name + ': safe mode, scripts are not run');
}
