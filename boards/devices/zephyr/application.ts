import { expect } from '../../../modules/contract/errno';
import type { FurtherDevices } from '../../boot/boot';
import { zephyr } from '../../zephyr/description';
import { DiskAccess } from './diskaccess';
import { useAreas } from './flasharea';
import type { NativeZephyr } from './native';

/** Puts the application under the board's code, and fills `FlashArea.areas` and `DiskAccess.disks`. Booting mounts each disk. */
export function useZephyr(application: NativeZephyr): void {
  expect(application && typeof application.disks === 'function', 'application');
  const disks = application.disks();
  const further: FurtherDevices = {};
  function add(name: string): void {
    further[name] = function () {
      return new DiskAccess(name);
    };
  }
  useAreas(application);
  DiskAccess.disks = disks;
  for (let i = 0; i < disks.length; i++) add(disks[i]);
  zephyr.further = further;
}
