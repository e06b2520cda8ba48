/** `require('vfs')` on Zephyr. In a program's declarations: `import 'microvfs/device/zephyr';`. No import here: that would make this no declaration of a module. */

declare module 'vfs' {
  import type * as board from 'microvfs/boards/zephyr';
  import type { Common } from 'microvfs/device';

  const vfs: Common &
    Pick<typeof board, 'VfsLfs2' | 'FlashArea' | 'useZephyr' | 'ecma419' | 'espruinoZephyr'> &
    // In bundles with `-sd` or `-all`.
    Pick<typeof board, 'VfsFat' | 'VfsExFat' | 'DiskAccess' | 'VfsLfs1' | 'VfsRom' | 'VfsOverlay' | 'rom_ioctl'> &
    // In the bundle `-moddable`.
    Pick<typeof board, 'SDCard' | 'ecma419Spi' | 'ecma419Pin'>;
  export = vfs;
}

declare function require(name: 'vfs'): typeof import('vfs');
