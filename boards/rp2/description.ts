import type { BlockDevice } from '../../modules/contract/filesystem';
import { VfsLfs2 } from '../../modules/littlefs2';
import type { BoardDescription } from '../boot/boot';
import { openWindow } from '../devices/window';

export const rp2: BoardDescription = {
  name: 'rp2',
  volumes: [{ point: '/', devices: ['flash'], format: 'VfsLfs2.mkfs(new v.Flash())' }],
  open: function (): BlockDevice {
    return openWindow(undefined, 'Flash', 1);
  },
  kinds: { littlefs2: VfsLfs2 },
};
