import type { BlockDevice } from '../../modules/contract/filesystem';
import { VfsFat } from '../../modules/fat/vfsfat';
import type { BoardDescription } from '../boot/boot';
import { firstWindow } from '../devices/stm32/begin';
import { Flash } from '../devices/stm32/flash';

export const stm32: BoardDescription = {
  name: 'stm32',
  volumes: [{ point: '/flash', devices: ['flash'], format: 'VfsFat.mkfs(new v.Flash({}))' }],
  simple: true,
  open: function (): BlockDevice {
    return new Flash(firstWindow());
  },
  kinds: { fat: VfsFat },
};
