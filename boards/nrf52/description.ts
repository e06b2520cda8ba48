import type { BlockDevice } from '../../modules/contract/filesystem';
import { VfsLfs2 } from '../../modules/littlefs2';
import type { BoardDescription } from '../boot/boot';
import { openFlash } from './flash';

export const nrf52: BoardDescription = {
  name: 'nrf52',
  volumes: [{ point: '/flash', devices: ['flash'], format: 'VfsLfs2.mkfs(new v.Flash())' }],
  open: function (): BlockDevice {
    return openFlash(undefined);
  },
  kinds: { littlefs2: VfsLfs2 },
};
