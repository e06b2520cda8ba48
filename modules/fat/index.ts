/** FAT with all its parts. A device bundle may take `vfsfat` alone and set `VfsFat.mkfs` to something that fetches the part when it is called. */

import * as checking from './check/fsck.lazy';
import * as formatting from './format.lazy';
import * as label from './label.lazy';
import { VfsFat } from './vfsfat';

export { fat, VfsFat } from './vfsfat';
export type { FatFormat, FatOptions } from './volume';

const methods = VfsFat.prototype;

VfsFat.mkfs = formatting.format;
VfsFat.fsck = checking.fsckFat;

methods.label = function (): string {
  return label.getLabel(this);
};

methods.setLabel = function (text: string): void {
  label.setLabel(this, text);
};

methods.volumeId = function (): number {
  return label.getVolumeId(this);
};
