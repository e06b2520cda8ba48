/** `require('vfs')` on an RP2040 or RP2350. In a program's declarations: `import 'microvfs/device/rp2';`. No import here: that would make this no declaration of a module. */

declare module 'vfs' {
  import type * as board from 'microvfs/boards/rp2';
  import type { Common } from 'microvfs/device';

  const vfs: Common &
    Pick<typeof board, 'VfsLfs2' | 'Flash' | 'StorageVolume'> &
    // In bundles with `-sd` or `-all`.
    Pick<typeof board, 'VfsFat' | 'VfsExFat' | 'SDCard' | 'SpiFlash' | 'VfsLfs1' | 'VfsRom' | 'VfsOverlay' | 'VfsStorage'> &
    // In bundles with `-kaluma`.
    Pick<typeof board, 'useKaluma' | 'kalumaFs' | 'kalumaPin' | 'kalumaSpi'>;
  export = vfs;
}

declare function require(name: 'vfs'): typeof import('vfs');
