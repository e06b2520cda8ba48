/** What booting does before the scripts run: a part that a device loads for as long as that takes. */
import { optionsOf } from '../../modules/contract/arguments';
import { EIO, ENODEV, ENOENT, type VfsError, vfsError } from '../../modules/contract/errno';
import type { BlockDevice } from '../../modules/contract/filesystem';
import { chdir, exists, mount } from '../../modules/vfs';
import type { BoardDescription, BootReport, FurtherDevices, VolumeDescription, VolumeReport } from './boot';
import { mountFurther } from './further';
import { layOut } from './layout';
import { LAYOUT_EMPTY, LAYOUT_RESET } from './mark';
import { type Button, panel } from './panel';
import { pendingLayout } from './pending';
import { mountedAt, tell } from './report';
import { loader } from './require';
import { say } from './say';
import { chooseMode } from './select';
import { errorText, isBlank } from './trouble';

declare const BTN1: Button | undefined;

/** What a script or an earlier boot has mounted at its place is taken as it is. */
function mountVolume(board: BoardDescription, volume: VolumeDescription, boot: BootReport): void {
  const point = volume.point;
  const devices = volume.devices;
  const report: VolumeReport = { point: point, device: '', fs: '', state: 'mounted', error: '' };
  const own = !boot.volumes.length;
  const simple = board.simple;
  let unmountable: unknown;
  let bdev: BlockDevice | undefined;
  for (let i = mountedAt(board, point) === undefined ? 0 : devices.length; i < devices.length; ) {
    try {
      report.state = 'failed';
      bdev = bdev || board.open(devices[i]);
      report.device = devices[i];
      if (own && board.bdev) (globalThis as { bdev?: BlockDevice }).bdev = bdev;
      let layout = 0;
      if (unmountable) {
        if (!isBlank(bdev, simple)) throw unmountable;
        layout = own && simple ? LAYOUT_EMPTY : 0;
      } else if (own) layout = boot.mode === 'reset' ? LAYOUT_RESET : pendingLayout(bdev, simple);
      if (layout) layOut(bdev, board, layout);
      if (layout === LAYOUT_RESET) boot.mode = 'reset';
      mount(bdev, point, { mkfs: !!unmountable });
      report.state = unmountable || layout ? 'formatted' : 'mounted';
      report.error = '';
      break;
    } catch (thrown) {
      // A device may throw anything, also nothing.
      const failure = thrown || vfsError(EIO, 'mount', point);
      report.error = errorText(failure);
      const errno = (failure as VfsError).errno;
      if (!bdev && (errno === ENOENT || errno === ENODEV)) {
        report.state = 'absent';
        i++;
      } else if (!bdev || unmountable) break;
      else unmountable = failure;
    }
  }
  tell(board, boot, report);
}

/** Mounts what the board has. Gives the directories of the scripts; nothing if it has booted before. */
export function mountVolumes(
  board: BoardDescription,
  face: { bootReport?: BootReport },
  further: FurtherDevices | undefined,
): string[] | undefined {
  const point = board.volumes[0].point;
  const root = point === '/' ? '' : point;
  const devices = further === undefined ? board.further : optionsOf(further);
  const button = panel.button || (typeof BTN1 !== 'undefined' ? BTN1 : undefined);
  if (face.bootReport && mountedAt(board, point) !== undefined) {
    say(board.name + ': already booted');
    return undefined;
  }
  const report: BootReport = { board: board.name, volumes: [], scripts: [], ok: true };
  const mode = button && button.read() && chooseMode(button, board);
  if (mode) report.mode = mode as 'safe' | 'reset';
  for (let i = 0; i < board.volumes.length; i++) mountVolume(board, board.volumes[i], report);
  loader._path.splice(0, loader._path.length, root + '/lib');
  // Where the scripts are: the first directory that has one.
  const dirs = devices ? (mountFurther(board, devices, report) as string[]) : [root];
  if (dirs[0] && exists(dirs[0])) chdir(dirs[0]);
  face.bootReport = report;
  return dirs;
}
