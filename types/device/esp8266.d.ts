/** `require('vfs')` on an ESP8266. In a program's declarations: `import 'microvfs/device/esp8266';`. No import here: that would make this no declaration of a module. */

declare module 'vfs' {
  import type * as board from 'microvfs/boards/esp8266';
  import type { Common } from 'microvfs/device';

  const vfs: Common &
    Pick<typeof board, 'VfsLfs2' | 'bdev'> &
    // In bundles with `-sd` or `-all`.
    Pick<typeof board, 'VfsFat' | 'VfsExFat' | 'SDCard' | 'SpiFlash'>;
  export = vfs;
}

declare function require(name: 'vfs'): typeof import('vfs');
