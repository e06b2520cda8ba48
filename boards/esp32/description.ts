import { VfsLfs2 } from '../../modules/littlefs2';
import type { BoardDescription } from '../boot/boot';
import { Partition } from '../devices/esp32/partition';

export const esp32: BoardDescription = {
  name: 'esp32',
  volumes: [
    {
      point: '/',
      devices: ['vfs'],
      format: "VfsLfs2.mkfs(new v.Partition('vfs'))",
    },
  ],
  bdev: true,
  open: function (name: string): Partition {
    return new Partition(name);
  },
  kinds: { littlefs2: VfsLfs2 },
};
