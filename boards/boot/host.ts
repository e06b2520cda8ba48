/** The face of a board on the host: the device's own code over whatever native objects were put under it. */
import '../../modules/fat';
import * as vfs from '../../modules/vfs';
import { bootBoard, requireModule } from './boot';
import * as fs from './fs.lazy';
import { loader, path } from './shared';
import type { BoardDescription, Boot, BootReport, Bundles, FurtherDevices } from './types';

export { bootBoard } from './boot';
export { type Button, type Led, panel } from './shared';
export type { BoardDescription, BootReport, FurtherDevices, ScriptReport, VolumeDescription, VolumeReport } from './types';

/** What the last boot of a board in this process came to. */
export let bootReport: BootReport | undefined;

/** The board's `boot`: scripts get from `require('vfs')` what the bundles of the board, taken together, give on the device. */
export function bootOnHost(board: BoardDescription, bundles: Bundles): Boot {
  /** Mounts the volumes and runs the scripts. */
  return function boot(further?: FurtherDevices): BootReport {
    const face: { bootReport?: BootReport } & Record<string, unknown> = {
      ...vfs,
      path,
      require: requireModule,
      boot,
      installFs: fs.installFs,
    };
    for (const kind in bundles) {
      const { names, drivers } = bundles[kind];
      for (const name in names) face[name] = names[name];
      for (const driver of drivers || []) if (board.drivers.indexOf(driver) < 0) board.drivers.push(driver);
    }
    board.drivers.forEach(vfs.register);
    loader._face = face;
    bootReport = bootBoard(board, face, further);
    return bootReport;
  };
}
