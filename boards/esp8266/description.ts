import type { BlockDevice } from '../../modules/contract/filesystem';
import { VfsLfs2 } from '../../modules/littlefs2';
import type { BoardDescription } from '../boot/boot';
import { openWindow } from '../devices/window';

export const esp8266: BoardDescription = {
  name: 'esp8266',
  volumes: [{ point: '/', devices: ['bdev'], format: 'VfsLfs2.mkfs(v.bdev())' }],
  bdev: true,
  open: function (): BlockDevice {
    return openWindow(undefined, 'bdev', 1);
  },
  kinds: { littlefs2: VfsLfs2 },
};
