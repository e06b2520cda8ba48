/** `fs` over littlefs 2 and the firmware's own card. */
import { openDoors } from '../../modules/doors';

declare const exports: Parameters<typeof openDoors>[0];

export { installFs } from '../../boards/boot/fs.lazy';
export { RAMBlockDev } from '../../modules/blockdev';
export { VfsLfs2 } from '../../modules/littlefs2';
export { VfsNative } from '../../modules/native';
export * from '../../modules/vfs';

openDoors(exports);
