import { closeDevice } from '../blockdev';
import { EBUSY, vfsError } from '../contract/errno';
import { use, type Volume } from './volume';

export function unmountVolume(v: Volume): void {
  use(v);
  if (v._files.length) throw vfsError(EBUSY, 'umount');
  v._mounted = false;
  v._mdirs = [];
  closeDevice(v._dev);
}

export function syncFiles(v: Volume): void {
  for (let i = 0; i < v._files.length; i++) v._files[i].sync();
}
