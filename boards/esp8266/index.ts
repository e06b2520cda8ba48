/** The ESP8266 on the host: the device's own code over the native objects it is given. */
import { fat, VfsFat } from '../../modules/fat';
import { littlefs2, VfsLfs2 } from '../../modules/littlefs2';
import type { BootReport, FurtherDevices } from '../boot/boot';
import { bootOnHost } from '../boot/host';
import { SDCard } from '../devices/sdcard';
import { bdev } from './bdev';
import { esp8266 } from './description';

export type { BoardDescription, BootReport, FurtherDevices, ScriptReport, VolumeDescription, VolumeReport } from '../boot/boot';
export { type Button, type Led, panel } from '../boot/panel';
export { type FlashArea, type Native, type NativeFlash, native } from '../devices/native';
export { SDCard, type SDCardOptions } from '../devices/sdcard';
export type { FlashWindow, WindowOptions } from '../devices/window';
export { bdev } from './bdev';
export { esp8266 } from './description';

export let bootReport: BootReport | undefined;

/** Mounts the volumes and runs the scripts, for which `require('vfs')` gives what it gives on the device. */
export function boot(further?: FurtherDevices): BootReport {
  bootReport = bootOnHost(esp8266, { VfsLfs2, VfsFat, SDCard, bdev, boot }, [littlefs2, fat], further);
  return bootReport;
}
