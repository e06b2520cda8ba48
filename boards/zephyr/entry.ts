/** The device bundle: everything that `require('vfs')` gives on Zephyr. A CommonJS body. */
import { littlefs2 } from '../../modules/littlefs2';
import { register } from '../../modules/vfs';
import type { BootReport, FurtherDevices } from '../boot';
import { bootBoard } from '../boot';
import { native } from '../native';
import { loader } from '../require';
import { zephyr } from './description';

export { VfsLfs2 } from '../../modules/littlefs2';
export * from '../../modules/vfs';
export { path, requireModule as require } from '../require';
export { ecma419 } from './ecma419';
export { espruinoZephyr } from './espruino';
export { FlashArea, useAreas as useZephyr } from './flasharea';

declare const exports: { bootReport?: BootReport };

loader._face = exports;
loader._outer = native.require = require;
register(littlefs2);

/** Mounts the volumes and runs the scripts; the result stays in `bootReport`. */
export function boot(further?: FurtherDevices): BootReport {
  return bootBoard(zephyr, exports, further);
}
