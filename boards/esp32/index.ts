/** The ESP32 board for the host: the device's own code over whatever `native.flash` is set to. */
import { littlefs2, VfsLfs2 } from '../../modules/littlefs2';
import * as vfs from '../../modules/vfs';
import { type BootReport, bootBoard } from '../boot';
import { esp32 } from './description';
import { Partition } from './partition';

export { type BoardDescription, type BootReport, bootBoard, type ScriptReport, type VolumeDescription, type VolumeReport } from '../boot';
export { esp32 } from './description';
export { type FlashArea, type NativeFlash, native } from './native';
export { Partition, type PartitionOptions, type PartitionQuery } from './partition';
export type { PartitionInfo } from './table';

export let bootReport: BootReport | undefined;

/** Mounts the volumes and runs the scripts, for which `require('vfs')` gives what it gives on the device. */
export function boot(): BootReport {
  vfs.register(littlefs2);
  bootReport = bootBoard(esp32, { ...vfs, VfsLfs2, Partition, boot, bootReport } as { bootReport?: BootReport }, undefined);
  return bootReport;
}
