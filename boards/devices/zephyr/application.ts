import { expect } from '../../../modules/contract/errno';
import type { FurtherDevices } from '../../boot/types';
import { DiskAccess } from './diskaccess';
import { useAreas } from './flasharea';
import type { NativeZephyr } from './native';

/** Puts the application under `FlashArea` and `DiskAccess`, and fills `areas` and `disks`. Gives the disks. */
export function useDisks(application: NativeZephyr): FurtherDevices {
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
  return further;
}
