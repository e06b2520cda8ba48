/** FAT with all its parts. A device bundle may take `vfsfat` alone and set `VfsFat.mkfs` to something that fetches the part when it is called. */
import { fsckFat } from './fsck';
import { getLabel, getVolumeId, setLabel } from './label';
import { format } from './mkfs';
import { VfsFat } from './vfsfat';

export { fat, VfsFat } from './vfsfat';
export type { FatFormat, FatOptions } from './volume';

const methods = VfsFat.prototype;

VfsFat.mkfs = format;
VfsFat.fsck = fsckFat;

methods.label = function (): string {
  return getLabel(this);
};

methods.setLabel = function (text: string): void {
  setLabel(this, text);
};

methods.volumeId = function (): number {
  return getVolumeId(this);
};
