/** The device bundle with littlefs 2, FAT and disks: what `entry.ts` gives, and `VfsFat` and `DiskAccess`. A CommonJS body. */
import { fat, VfsFat } from '../../modules/fat';
import { register } from '../../modules/vfs';
import { zephyr } from './description';

export { VfsFat } from '../../modules/fat';
export { useZephyr } from '../devices/zephyr/application';
export { DiskAccess } from '../devices/zephyr/diskaccess';
export * from './entry';

zephyr.kinds.fat = VfsFat;
// After littlefs 2, which `entry` has registered: what is blank it formats.
register(fat);
