/** File systems, block devices and faces that no default bundle has, as one bundle for the small engines. */

import { RAMBlockDev } from '../../modules/blockdev';
import { openDoors } from '../../modules/doors';
import { fat } from '../../modules/fat';
import { levelledFat } from '../../modules/fat/levelled';
import { VfsFat } from '../../modules/fat/vfsfat';
import { littlefs2, VfsLfs2 } from '../../modules/littlefs2';
import { VfsOverlay } from '../../modules/overlay';
import { romIoctl } from '../../modules/romfs/ioctl';
import { VfsRom } from '../../modules/romfs/vfsrom';

declare const exports: Parameters<typeof openDoors>[0];

export * from '../../modules/vfs';
export { fat, levelledFat, littlefs2, RAMBlockDev, romIoctl, VfsFat, VfsLfs2, VfsOverlay, VfsRom };

openDoors(exports);
