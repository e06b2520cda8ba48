/** exFAT with all its parts. A device bundle may take `vfsexfat` alone and set `VfsExFat.mkfs` to something that fetches the part when it is called. */
import type { Attributes } from '../contract/filesystem';
import * as attributes from './attributes.lazy';
import * as label from './label.lazy';
import * as making from './mkfs.lazy';
import { exfat, VfsExFat } from './vfsexfat';

export { type ExFatFormat, type ExFatOptions, exfat, VfsExFat } from './vfsexfat';

VfsExFat.mkfs = exfat.mkfs = making.format;

VfsExFat.prototype.label = function (): string {
  return label.getLabel(this);
};

VfsExFat.prototype.setLabel = function (text: string): void {
  label.setLabel(this, text);
};

VfsExFat.prototype.volumeId = function (): number {
  return label.getVolumeId(this);
};

VfsExFat.prototype.attributes = function (path: string): Attributes {
  return attributes.getAttributes(this, path);
};

VfsExFat.prototype.setAttributes = function (path: string, changes: Partial<Attributes>): void {
  attributes.setAttributes(this, path, changes);
};
