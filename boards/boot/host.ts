/** Booting a board on the host: the device's own code over whatever native objects were put under it. */

import type { FileSystemType } from '../../modules/contract/filesystem';
import { VfsFat } from '../../modules/fat';
import { VfsLfs2 } from '../../modules/littlefs2';
import * as vfs from '../../modules/vfs';
import { type BoardDescription, type BootReport, bootBoard, type FurtherDevices } from './boot';
import { path, requireModule } from './require';

/** @param names what `require('vfs')` gives to scripts beside the operations, as on the device */
export function bootOnHost(
  board: BoardDescription,
  names: Record<string, unknown>,
  types: FileSystemType[],
  further: FurtherDevices | undefined,
): BootReport {
  for (const type of types) vfs.register(type);
  if (!board.kinds.littlefs2) board.kinds.littlefs2 = VfsLfs2;
  if (!board.kinds.fat) board.kinds.fat = VfsFat;
  const face: { bootReport?: BootReport } & Record<string, unknown> = { ...vfs, path, require: requireModule, ...names };
  return bootBoard(board, face, further);
}
