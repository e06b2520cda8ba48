/** The device bundle with FAT and littlefs 2: what `entry.ts` gives, and `VfsLfs2`. A CommonJS body. */
import { littlefs2, VfsLfs2 } from '../../modules/littlefs2';
import { register } from '../../modules/vfs';
import { stm32 } from './description';

export { VfsLfs2 } from '../../modules/littlefs2';
export * from './entry';

stm32.kinds.littlefs2 = VfsLfs2;
// After FAT, which `entry` has registered: what is blank it formats.
register(littlefs2);
