/** FAT with all its parts. A device bundle may take `vfsfat` alone and set `VfsFat.mkfs` to something that fetches the part when it is called. */

import { flag } from '../contract/arguments';
import type { Attributes, DirIterator, ListOptions } from '../contract/filesystem';
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

const listing = methods.ilistdir;

methods.ilistdir = function (path?: string, options?: ListOptions): DirIterator {
  const entries = listing.call(this, path);
  return options && flag(options.attributes, 'attributes') ? attributes.withAttributes(this, entries) : entries;
};
