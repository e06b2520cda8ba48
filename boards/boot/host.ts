/** The face of a board on the host: the device's own code over whatever native objects were put under it. */
import '../../modules/fat';
import type { BlockDevice, Driver } from '../../modules/contract/filesystem';
import { openDoors } from '../../modules/doors';
import * as vfs from '../../modules/vfs';
import { bootBoard, requireModule } from './boot';
import * as cards from './card.lazy';
import * as fs from './fs.lazy';
import * as layers from './overlay.lazy';
import { bootOk } from './ready.lazy';
import * as rom from './rom.lazy';
import { loader, path } from './shared';
import type { BoardDescription, Boot, BootReport, Bundle, Bundles, FurtherDevices } from './types';
import * as watching from './watch.lazy';

export { bootBoard } from './boot';
export { bootOk } from './ready.lazy';
export { type Button, type Led, panel } from './shared';
export type { BoardDescription, BootReport, CardWiring, FurtherDevices, ScriptReport, VolumeDescription, VolumeReport } from './types';

/** What the last boot of a board in this process came to. */
export let bootReport: BootReport | undefined;

/** The file systems of a bundle, in the order of probing. */
export function driversOf(board: BoardDescription, bundle: Bundle): Driver[] {
  const { drivers = [], alone } = bundle;
  return alone || drivers.indexOf(board.drivers[0]) >= 0 ? drivers : [...new Set([...board.drivers, ...drivers])];
}

/** The board's `boot`: scripts get from `require('vfs')` what the bundles of the board, taken together, give on the device. */
export function bootOnHost(board: BoardDescription, bundles: Bundles): Boot {
  const kinds = Object.values(bundles);
  // The largest bundle says how all of them follow each other.
  const drivers = [
    ...new Set(
      kinds
        .map((bundle) => driversOf(board, bundle))
        .sort((a, b) => b.length - a.length)
        .flat(),
    ),
  ];
  const roms = kinds.flatMap((bundle) => bundle.roms || []);
  const others = Object.assign({}, ...kinds.map((bundle) => bundle.further)) as FurtherDevices;
  /** Mounts the volumes and runs the scripts. */
  return function boot(further?: FurtherDevices): BootReport {
    const face: { bootReport?: BootReport } & Record<string, unknown> = {
      ...vfs,
      path,
      require: requireModule,
      boot,
      bootOk,
      installFs: fs.installFs,
    };
    for (const { names } of kinds) Object.assign(face, names);
    for (const driver of drivers) {
      if (board.drivers.indexOf(driver) < 0) board.drivers.push(driver);
      vfs.addDriver(driver);
    }
    if (Object.keys(others).length) board.further = others;
    if (roms.length) board._roms = (report) => (board.factory === 'overlay' ? layers.layOver : rom.mountRom)(board, roms, report);
    if (face.SDCard) {
      board._watch = (point, wiring) => watching.watchCard(board, point, wiring);
      board._card = (wiring) => cards.openCard(wiring, face.SDCard as never, face.VfsNative as never, board.ownCards) as BlockDevice;
    }
    openDoors(face);
    loader._face = face;
    bootReport = bootBoard(board, face, further);
    return bootReport;
  };
}
