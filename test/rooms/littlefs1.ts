/** littlefs 1 with nothing but its check. */
import { littlefs1, VfsLfs1 } from '../../modules/littlefs1';
import { addDriver } from '../../modules/vfs';
import '../../modules/littlefs1/check/fsck';

export * from '../../modules/vfs';
export { VfsLfs1 };

addDriver(littlefs1);
