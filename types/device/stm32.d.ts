/** `require('vfs')` on an STM32. In a program's declarations: `import 'microvfs/device/stm32';`. No import here: that would make this no declaration of a module. */

declare module 'vfs' {
  import type * as board from 'microvfs/boards/stm32';
  import type { Common } from 'microvfs/device';

  const vfs: Common &
    Pick<typeof board, 'VfsFat' | 'Flash' | 'SDCard'> &
    // In bundles with `-sd` or `-all`.
    Pick<typeof board, 'VfsExFat' | 'SpiFlash' | 'VfsLfs2' | 'VfsLfs1' | 'VfsRom' | 'VfsNative' | 'VfsOverlay'>;
  export = vfs;
}

declare function require(name: 'vfs'): typeof import('vfs');
