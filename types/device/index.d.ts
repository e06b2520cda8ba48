/** What `require('vfs')` gives on every board, whichever bundle is on it. */
import type * as host from 'microvfs';
import type * as board from 'microvfs/boards/esp32';

declare global {
  /** As `@types/espruino` has it, but with what the firmware takes: one argument. */
  interface SPI {
    send(data: number): number;
    send(data: unknown): Uint8Array;
    write(...data: unknown[]): void;
  }
}

export type Common = Pick<
  typeof host,
  | 'addDriver'
  | 'chdir'
  | 'copy'
  | 'exists'
  | 'getcwd'
  | 'ilistdir'
  | 'listdir'
  | 'makedirs'
  | 'mkdir'
  | 'mount'
  | 'open'
  | 'readFile'
  | 'register'
  | 'remove'
  | 'rename'
  | 'rmdir'
  | 'rmtree'
  | 'stat'
  | 'statvfs'
  | 'sync'
  | 'umount'
  | 'unlink'
  | 'unregister'
  | 'utime'
  | 'walk'
  | 'writeFile'
> &
  // In bundles with `-sd` and `-all`.
  Pick<typeof host, 'devfs' | 'fd' | 'poll' | 'redirect' | 'stderr' | 'stdin' | 'stdout' | 'uart'> &
  Pick<typeof board, 'boot' | 'bootOk' | 'bootReport'> & {
    /** Directories in which `require` looks for modules. */
    path: string[];
    /** A module: `vfs`, one that the firmware knows, or a file of a volume. */
    require(name: string): unknown;
    /** Makes `require('fs')` Node's `fs` over the volumes. In bundles with `-sd` and `-all`. */
    installFs(): unknown;
  };
