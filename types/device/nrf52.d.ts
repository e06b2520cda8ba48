/** `require('vfs')` on an nRF52. In a program's declarations: `import 'microvfs/device/nrf52';`. No import here: that would make this no declaration of a module. */

declare module 'vfs' {
  import type * as board from 'microvfs/boards/nrf52';
  import type { Common } from 'microvfs/device';

  const vfs: Common &
    Pick<typeof board, 'VfsLfs2' | 'Flash' | 'StorageVolume'> &
    // In bundles with `-sd` or `-all`.
    Pick<typeof board, 'VfsFat' | 'VfsExFat' | 'VfsStorage' | 'SDCard' | 'SpiFlash'> &
    // In bundles with `-native`.
    Pick<typeof board, 'VfsNative'>;
  export = vfs;
}

declare function require(name: 'vfs'): typeof import('vfs');
