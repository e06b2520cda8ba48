/** The device bundle with littlefs 2 and FAT: what `entry.ts` gives, and `VfsFat` and `SDCard`. A CommonJS body. */
import { fat, VfsFat } from '../../modules/fat';
import { register } from '../../modules/vfs';
import { esp32 } from './description';

export { VfsFat } from '../../modules/fat';
export { SDCard } from '../devices/sdcard';
export * from './entry';

esp32.kinds.fat = VfsFat;
// After littlefs 2, which `entry` has registered: what is blank it formats.
register(fat);
