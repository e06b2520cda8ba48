/** The device bundle: everything that `require('vfs')` gives on an ESP32. A CommonJS body. */
import { littlefs2 } from '../../modules/littlefs2';
import { register } from '../../modules/vfs';
import type { BootReport, FurtherDevices } from '../boot';
import { bootBoard } from '../boot';
import { loader } from '../require';
import { esp32 } from './description';
import { native } from './native';

export { VfsLfs2 } from '../../modules/littlefs2';
export * from '../../modules/vfs';
export { path, requireModule as require } from '../require';
export { Partition } from './partition';

declare const exports: { bootReport?: BootReport };

loader._face = exports;
loader._outer = native.require = require;
register(littlefs2);

/** Mounts the volumes and runs the scripts; the result stays in `bootReport`. */
export function boot(further?: FurtherDevices): BootReport {
  return bootBoard(esp32, exports, further);
}
