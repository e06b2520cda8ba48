/** FAT with all its parts. A device bundle may take `vfsfat` alone and set `VfsFat.mkfs` to something that fetches the part when it is called. */

import type { Attributes } from '../contract/filesystem';
import * as attributes from './attributes.lazy';
import * as checking from './check/fsck.lazy';
import * as formatting from './format.lazy';
import * as label from './label.lazy';
import { fat, VfsFat } from './vfsfat';

export { fat, VfsFat } from './vfsfat';
export type { FatFormat, FatOptions } from './volume';

const methods = VfsFat.prototype;

VfsFat.mkfs = fat.mkfs = formatting.format;
VfsFat.fsck = fat.check = checking.fsckFat;

methods.label = function (): string {
  return label.getLabel(this);
};

methods.setLabel = function (text: string): void {
  label.setLabel(this, text);
};

methods.volumeId = function (): number {
  return label.getVolumeId(this);
};

methods.attributes = function (path: string): Attributes {
  return attributes.getAttributes(this, path);
};

methods.setAttributes = function (path: string, changes: Partial<Attributes>): void {
  attributes.setAttributes(this, path, changes);
};
