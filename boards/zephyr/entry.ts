/** The device bundle: everything that `require('vfs')` gives on Zephyr. A CommonJS body. */
import { littlefs2 } from '../../modules/littlefs2';
import { register } from '../../modules/vfs';
import type { BootReport, FurtherDevices } from '../boot/boot';
import { bootBoard } from '../boot/boot';
import { loader } from '../boot/require';
import { native } from '../devices/native';
import { zephyr } from './description';

export { VfsLfs2 } from '../../modules/littlefs2';
export * from '../../modules/vfs';
export { path, requireModule as require } from '../boot/require';
export { ecma419 } from '../devices/zephyr/ecma419';
export { espruinoZephyr } from '../devices/zephyr/espruino';
export { FlashArea, useAreas as useZephyr } from '../devices/zephyr/flasharea';

declare const exports: { bootReport?: BootReport };

loader._face = exports;
loader._outer = native.require = require;
register(littlefs2);

/** Mounts the volumes and runs the scripts; the result stays in `bootReport`. */
export function boot(further?: FurtherDevices): BootReport {
  return bootBoard(zephyr, exports, further);
}
