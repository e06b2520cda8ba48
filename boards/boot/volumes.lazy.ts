/** What booting does before the scripts run. */
import { openDevice, readPiece } from '../../modules/blockdev';
import { optionsOf } from '../../modules/contract/arguments';
import { EIO, ENODEV, ENOENT, ENOSYS, type VfsError, vfsError } from '../../modules/contract/errno';
import type { BlockDevice } from '../../modules/contract/filesystem';
import { le32 } from '../../modules/engine';
import { chdir, exists, mount } from '../../modules/vfs';
import * as cards from './further.lazy';
import * as layouts from './layout.lazy';
import * as reports from './report.lazy';
import * as modes from './select.lazy';
import { type Button, LAYOUT_EMPTY, LAYOUT_RESET, loader, MARK, panel } from './shared';
import * as trouble from './trouble.lazy';
import type { BoardDescription, BootReport, FurtherDevices, VolumeDescription, VolumeReport } from './types';

declare const BTN1: Button | undefined;

/** Which layout of the device a power cut has interrupted, 0 for none. */
function pendingLayout(bdev: BlockDevice, simple: boolean | undefined): number {
  const dev = openDevice(bdev, 'boot', simple);
  const head = new Uint8Array(8);
  let layout = 0;
  for (let block = 0; block < 2; block++) if (!readPiece(dev, block, 0, head) && le32(head, 0) === MARK) layout = le32(head, 4);
  // A mark that was cut short means nothing yet.
  return layout === LAYOUT_EMPTY || layout === LAYOUT_RESET ? layout : 0;
}

/** What a script or an earlier boot has mounted at its place is taken as it is. */
function mountVolume(board: BoardDescription, volume: VolumeDescription, boot: BootReport, create: string | number | undefined): void {
  const point = volume.point;
  const devices = volume.devices;
  const report: VolumeReport = { point: point, device: '', fs: '', state: 'mounted', error: '' };
  const own = !boot.volumes.length;
  const simple = board.drivers[0].simple;
  const absent: string[] = [];
  // Which of them was not there, and is made.
  let making = -1;
  let unmountable: unknown;
  let bdev: (BlockDevice & { moved?: number }) | undefined;
  for (let i = reports.mountedAt(board, point) === undefined ? 0 : devices.length; i < devices.length; ) {
    try {
      report.state = 'failed';
      bdev = bdev || (making === i && board.create ? board.create(create as string, { anywhere: true }) : board.open(devices[i]));
      report.device = devices[i];
      if (own && board.bdev) (globalThis as { bdev?: BlockDevice }).bdev = bdev;
      let layout = 0;
      if (unmountable) {
        if (!trouble.isBlank(bdev, simple)) throw unmountable;
        layout = own && simple ? LAYOUT_EMPTY : 0;
      } else if (own && !bdev.readblocks) {
        // A card of the firmware's is not made anew.
        if (boot.mode) boot.mode = 'safe';
      } else if (own) layout = boot.mode === 'reset' ? LAYOUT_RESET : pendingLayout(bdev, simple);
      if (layout) layouts.layOut(bdev, board, layout);
      if (layout === LAYOUT_RESET) boot.mode = 'reset';
      mount(bdev, point, { mkfs: !!unmountable });
      report.state = unmountable || layout ? 'formatted' : 'mounted';
      report.error = '';
      if (bdev.moved)
        report.error =
          'EROFS: moved by ' +
          bdev.moved +
          " bytes in Storage. v.umount('" +
          point +
          "'); new v.StorageVolume().relocate() lets it be written again";
      break;
    } catch (thrown) {
      // A device may throw anything, also nothing.
      const failure = thrown || vfsError(EIO, 'mount', point);
      report.error = trouble.errorText(failure);
      const errno = (failure as VfsError).errno;
      if (!bdev && (errno === ENOENT || errno === ENODEV)) {
        report.state = 'absent';
        if (devices[i] === 'storage' && making !== i && own && create !== undefined && board.create) making = i;
        else {
          // Each tells what it wants.
          absent.push(report.error);
          report.error = absent.join('\n');
          i++;
        }
      } else if (!bdev || unmountable) break;
      else unmountable = failure;
    }
  }
  reports.tell(board, boot, report);
}

/** Mounts what the board has. Gives the directories of the scripts; nothing if it has booted before. */
export function mountVolumes(
  board: BoardDescription,
  face: { bootReport?: BootReport; installFs?(): unknown },
  further: FurtherDevices | undefined,
): string[] | undefined {
  const point = board.volumes[0].point;
  const root = point === '/' ? '' : point;
  const given = optionsOf(further);
  const create = given.create;
  const fs = given.fs;
  // Bits: 1 the board's own devices stay, 2 others are given.
  let kinds = further === undefined ? 1 : 0;
  for (const name in given) kinds |= name === 'create' || name === 'fs' || name === 'safe' ? 1 : 2;
  const devices = kinds === 1 ? board.further : given;
  const button = panel.button || (typeof BTN1 !== 'undefined' ? BTN1 : undefined);
  if (face.bootReport && reports.mountedAt(board, point) !== undefined) {
    reports.say(board.name + ': already booted');
    return undefined;
  }
  const report: BootReport = { board: board.name, volumes: [], scripts: [], ok: true };
  const mode = button && button.read() && modes.chooseMode(button, board);
  if (mode) report.mode = mode as 'safe' | 'reset';
  for (let i = 0; i < board.volumes.length; i++) mountVolume(board, board.volumes[i], report, create);
  loader._module = board.module || board.name;
  loader._path.splice(0, loader._path.length, root + '/lib');
  if (board._roms) board._roms(report);
  if ((fs === undefined ? board.fs : fs) && face.installFs) face.installFs();
  else if (fs) {
    report.ok = false;
    report.error = vfsError(ENOSYS, 'installFs').message;
    reports.say(board.name + ': ' + report.error);
  }
  // Where the scripts are: the first directory that has one.
  const dirs = devices ? (cards.mountFurther(board, devices, report) as string[]) : [root];
  if (dirs[0] && exists(dirs[0])) chdir(dirs[0]);
  face.bootReport = report;
  return dirs;
}
