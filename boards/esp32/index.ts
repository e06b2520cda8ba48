/** The ESP32 board for the host: the device's own code over whatever `native.flash` is set to. */
import { littlefs2, VfsLfs2 } from '../../modules/littlefs2';
import type { BootReport, FurtherDevices } from '../boot';
import { bootOnHost } from '../host';
import { esp32 } from './description';
import { Partition } from './partition';

export {
  type BoardDescription,
  type BootReport,
  bootBoard,
  type FurtherDevices,
  type ScriptReport,
  type VolumeDescription,
  type VolumeReport,
} from '../boot';
export { type Button, type Led, panel } from '../panel';
export { SDCard, type SDCardOptions } from '../sdcard';
export { esp32 } from './description';
export { type FlashArea, type NativeFlash, native } from './native';
export { Partition, type PartitionOptions, type PartitionQuery } from './partition';
export type { PartitionInfo } from './table';

export let bootReport: BootReport | undefined;

/** Mounts the volumes and runs the scripts, for which `require('vfs')` gives what it gives on the device. */
export function boot(further?: FurtherDevices): BootReport {
  bootReport = bootOnHost(esp32, { VfsLfs2, Partition, boot }, [littlefs2], further);
  return bootReport;
}
