import { ENOENT, vfsError } from '../../modules/contract/errno';
import type { BlockDevice } from '../../modules/contract/filesystem';
import { VfsLfs2 } from '../../modules/littlefs2';
import type { BoardDescription } from '../boot/boot';
import { FlashArea } from '../devices/zephyr/flasharea';

export const zephyr: BoardDescription = {
  name: 'zephyr',
  volumes: [
    {
      point: '/flash',
      devices: ['storage'],
      format: 'VfsLfs2.mkfs(new v.FlashArea(v.FlashArea.areas.storage[0], 4096))',
    },
  ],
  open: function (name: string): BlockDevice {
    const area = FlashArea.areas[name];
    if (!area) throw vfsError(ENOENT, 'FlashArea', name);
    return new FlashArea(area[0], area[1]);
  },
  kinds: { littlefs2: VfsLfs2 },
};
