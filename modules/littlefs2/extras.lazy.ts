/** What a volume has besides what the VFS calls: methods that are there once a script has got hold of a volume. */
import * as attributes from './attributes.lazy';
import * as maintenance from './maintenance.lazy';
import type { Volume } from './volume';

/** Methods of `VfsLfs2`. */
export interface Extras {
  /** A user attribute, or undefined. @param type 0 to 255; 1 is MicroPython's time of modification */
  getattr(path: string, type: number): Uint8Array | undefined;
  /** Sets a user attribute, 1022 bytes at most. @throws ENOSPC if it is longer; EINVAL for another type than 0 to 255; TypeError */
  setattr(path: string, type: number, value: Uint8Array): void;
  /** @throws ENODATA if there is none */
  removeattr(path: string, type: number): void;
  /** The types of a path's attributes, ascending. */
  listattr(path: string): number[];
  /**
   * Does work ahead of time, for an idle moment: mends what a power cut left, compacts metadata pairs whose log is nearly
   * full, looks for free blocks; so that later writes need not.
   * @param budget device operations to spend; it ends after the step that exceeds them. Default: no limit
   * @returns whether there is more to do
   * @throws TypeError, EINVAL if the budget is no whole number
   */
  gc(budget?: number): boolean;
  /**
   * Lets the volume use `blockCount` blocks, by default all of the device.
   * @throws EINVAL if that is less than it has, or more than the device; TypeError if it is no number
   */
  grow(blockCount?: number): void;
  /**
   * Leaves the blocks from `blockCount` on to others. Nothing is moved: none of them may be in use.
   * @throws ENOTEMPTY if one is; EINVAL for fewer than 2, or more than the volume has
   */
  shrink(blockCount: number): void;
  /** Ends what a power cut left half-done, as the next change would. @throws EROFS */
  repair(): void;
}

/** @param prototype that of `VfsLfs2` */
export function addExtras(prototype: Extras): void {
  prototype.getattr = function (this: Volume, path: string, type: number): Uint8Array | undefined {
    return attributes.getAttr(this, path, type);
  };
  prototype.setattr = function (this: Volume, path: string, type: number, value: Uint8Array): void {
    attributes.setAttr(this, path, type, value);
  };
  prototype.removeattr = function (this: Volume, path: string, type: number): void {
    attributes.removeAttr(this, path, type);
  };
  prototype.listattr = function (this: Volume, path: string): number[] {
    return attributes.listAttrs(this, path);
  };
  prototype.gc = function (this: Volume, budget?: number): boolean {
    return maintenance.collect(this, budget);
  };
  prototype.grow = function (this: Volume, blockCount?: number): void {
    maintenance.grow(this, blockCount);
  };
  prototype.shrink = function (this: Volume, blockCount: number): void {
    maintenance.shrink(this, blockCount);
  };
  prototype.repair = function (this: Volume): void {
    maintenance.repair(this);
  };
}
