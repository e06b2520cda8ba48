import { VfsFat } from '../../modules/fat/vfsfat';
import type { BlockDevice } from '../../modules/filesystem';
import type { BoardDescription } from '../boot';
import { firstWindow } from './begin';
import { Flash } from './flash';

export const stm32: BoardDescription = {
  name: 'stm32',
  volumes: [{ point: '/flash', devices: ['flash'], format: 'VfsFat.mkfs(new v.Flash({}))' }],
  simple: true,
  open: function (): BlockDevice {
    return new Flash(firstWindow());
  },
  kinds: { fat: VfsFat },
};
