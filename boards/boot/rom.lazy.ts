/** A ROM at boot: in bundles whose board names one. */
import { mount } from '../../modules/vfs';
import * as reports from './report.lazy';
import { useRom } from './rom';
import { loader } from './shared';
import type { BoardDescription, BootReport } from './types';

/** Mounts the first image at `/rom`, for reading only, where scripts find modules too. What a script has mounted there is taken as it is. */
export function mountRom(board: BoardDescription, names: string[], boot: BootReport): void {
  const point = '/rom';
  if (reports.mountedAt(board, point) !== undefined) return;
  useRom(board, names, boot, point, function (rom) {
    mount(rom, point, { readonly: true });
    loader._path.push(point + '/lib', point);
    return 'romfs';
  });
}
