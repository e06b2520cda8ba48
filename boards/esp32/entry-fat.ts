/** The device bundle with FAT alone, for cards and for block devices of one's own. A CommonJS body. */
import { fat } from '../../modules/fat';
import { register } from '../../modules/vfs';

export { VfsFat } from '../../modules/fat';
export * from '../../modules/vfs';

register(fat);
