import { ENODEV, vfsError } from '../../modules/contract/errno';
import { type MemoryMap, type Native, type NativeFlash, native } from './native';

declare const process: { memory?: () => MemoryMap } | undefined;

/** @throws ENODEV on an engine without `Flash` */
export function flashChip(operation: string): NativeFlash {
  if (!native.flash && native.require) {
    try {
      native.flash = native.require('Flash') as NativeFlash;
      native.storage = native.require('Storage') as Native['storage'];
      native.memory = typeof process !== 'undefined' && process ? process.memory : undefined;
    } catch (_absent) {
      // What is missing stays undefined.
    }
  }
  if (!native.flash) throw vfsError(ENODEV, operation);
  return native.flash;
}
