/** ROMFS with the builder of images. A device bundle takes `vfsrom` alone. */
import { buildRom } from './build';
import { romfs as type } from './vfsrom';

export type { RomOptions, RomTree } from './build';
export { type RomIoctl, type RomPlace, romIoctl } from './ioctl';
export { VfsRom } from './vfsrom';

/** ROMFS for autodetection, and `romfs.build`. */
export const romfs: typeof type & { build: typeof buildRom } = type as typeof type & { build: typeof buildRom };
romfs.build = buildRom;
