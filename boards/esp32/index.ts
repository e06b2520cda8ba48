/** The ESP32 board for the host: the device's own code over whatever `native.flash` is set to. */
import { littlefs2, VfsLfs2 } from '../../modules/littlefs2';
import type { BootReport, FurtherDevices } from '../boot/boot';
import { bootOnHost } from '../boot/host';
import { Partition } from '../devices/esp32/partition';
import { esp32 } from './description';

export {
  type BoardDescription,
  type BootReport,
  bootBoard,
  type FurtherDevices,
  type ScriptReport,
  type VolumeDescription,
  type VolumeReport,
} from '../boot/boot';
export { type Button, type Led, panel } from '../boot/panel';
export { type FlashArea, type NativeFlash, native } from '../devices/esp32/native';
export { Partition, type PartitionOptions, type PartitionQuery } from '../devices/esp32/partition';
export type { PartitionInfo } from '../devices/esp32/table';
export { SDCard, type SDCardOptions } from '../devices/sdcard';
export { esp32 } from './description';

export let bootReport: BootReport | undefined;

/** Mounts the volumes and runs the scripts, for which `require('vfs')` gives what it gives on the device. */
export function boot(further?: FurtherDevices): BootReport {
  bootReport = bootOnHost(esp32, { VfsLfs2, Partition, boot }, [littlefs2], further);
  return bootReport;
}
