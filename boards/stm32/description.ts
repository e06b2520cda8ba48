import type { BlockDevice } from '../../modules/filesystem';
import { VfsLfs2 } from '../../modules/littlefs2';
import type { BoardDescription } from '../boot';
import { Flash } from './flash';

export const stm32: BoardDescription = {
  name: 'stm32',
  volumes: [{ point: '/flash', devices: ['flash'], format: 'VfsLfs2.mkfs(new v.Flash({}))' }],
  open: function (): BlockDevice {
    return new Flash({});
  },
  kinds: { littlefs2: VfsLfs2 },
};
