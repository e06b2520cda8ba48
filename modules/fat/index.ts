/** FAT with all its parts. A device bundle may take `vfsfat` alone and set `VfsFat.mkfs` to something that fetches the part when it is called. */
import { fsckFat } from './fsck';
import { getLabel, getVolumeId, setLabel } from './label';
import { format } from './mkfs';
import { VfsFat } from './vfsfat';

export { type FatFormat, type FatOptions, fat, VfsFat } from './vfsfat';

VfsFat.mkfs = format;
VfsFat.fsck = fsckFat;

VfsFat.prototype.label = function (): string {
  return getLabel(this);
};

VfsFat.prototype.setLabel = function (text: string): void {
  setLabel(this, text);
};

VfsFat.prototype.volumeId = function (): number {
  return getVolumeId(this);
};
