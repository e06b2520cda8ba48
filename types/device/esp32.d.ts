/** `require('vfs')` on an ESP32. In a program's declarations: `import 'microvfs/device/esp32';`. No import here: that would make this no declaration of a module. */

declare module 'vfs' {
  import type * as board from 'microvfs/boards/esp32';
  import type { Common } from 'microvfs/device';

  const vfs: Common &
    Pick<typeof board, 'Partition' | 'StorageVolume' | 'VfsLfs2'> &
    // In bundles with `-sd` or `-all`.
    Pick<
      typeof board,
      'VfsFat' | 'VfsExFat' | 'VfsNative' | 'SDCard' | 'SpiFlash' | 'VfsLfs1' | 'VfsRom' | 'VfsOverlay' | 'VfsStorage' | 'rom_ioctl'
    >;
  export = vfs;
}

declare function require(name: 'vfs'): typeof import('vfs');
