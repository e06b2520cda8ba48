/** A board of one file: two LEDs, the flash of a chip of the simulator, `crumbs` on it. */

import { bootOnHost } from '../../boards/boot/host';
import type { BoardDescription, Bundles } from '../../boards/boot/types';
import { Rp2Flash } from '../../boards/devices/flash';
import type { SimWiring } from '../../boards/sim/board';
import { chips } from '../../boards/sim/chips';
import type { BlockDevice } from '../../modules/contract/filesystem';
import { fat, VfsFat } from '../../modules/fat';
import { littlefs2, VfsLfs2 } from '../../modules/littlefs2';
import { crumbs, VfsCrumbs } from './crumbs';

export * from '../../boards/boot/host';
export { native } from '../../boards/devices/native';
export { crumbs, fat, littlefs2, Rp2Flash, VfsCrumbs, VfsFat, VfsLfs2 };

export const toaster: BoardDescription = {
  name: 'toaster',
  volumes: [{ point: '/toast', devices: ['bread'], format: 'v.mount(new v.Bread(), "/toast", {mkfs: true})' }],
  open: function (): BlockDevice {
    return new Rp2Flash();
  },
  drivers: [crumbs],
};

export const bundles: Bundles = {
  '': { names: { VfsCrumbs, Bread: Rp2Flash } },
  '-all': { names: { VfsLfs2, VfsFat }, drivers: [littlefs2, fat] },
};

export const boot = bootOnHost(toaster, bundles);
export const budget = {};
export const sim: SimWiring = { chip: chips.rp2040vfs, leds: 2 };
