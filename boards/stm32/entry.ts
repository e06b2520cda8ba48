/** The device bundle: everything that `require('vfs')` gives on an STM32. A CommonJS body. */
import { fsckFat } from '../../modules/fat/fsck';
import { format } from '../../modules/fat/mkfs';
import { fat, VfsFat } from '../../modules/fat/vfsfat';
import { register } from '../../modules/vfs';
import type { BootReport, FurtherDevices } from '../boot/boot';
import { bootBoard } from '../boot/boot';
import { loader } from '../boot/require';
import { native } from '../devices/native';
import { stm32 } from './description';

export { VfsFat } from '../../modules/fat/vfsfat';
export * from '../../modules/vfs';
export { path, requireModule as require } from '../boot/require';
export { SDCard } from '../devices/sdcard';
export { Flash } from '../devices/stm32/flash';

declare const exports: { bootReport?: BootReport };

loader._face = exports;
loader._outer = native.require = require;
VfsFat.mkfs = format;
VfsFat.fsck = fsckFat;
register(fat);

/** Mounts the volumes and runs the scripts; the result stays in `bootReport`. */
export function boot(further?: FurtherDevices): BootReport {
  return bootBoard(stm32, exports, further);
}
