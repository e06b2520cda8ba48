/** A volume in a file of Espruino's Storage, for boards whose firmware leaves no other place. */
import * as creating from './create.lazy';
import type { StorageVolumeConstructor } from './types';
import * as opening from './volume.lazy';

export type { StorageVolumeConstructor, StorageVolumeDevice, StorageVolumeOptions } from './types';

export const StorageVolume = function () {
  return opening.openVolume();
} as unknown as StorageVolumeConstructor;
StorageVolume.create = creating.createVolume;
