/** What is written to files that are open, and not synced yet. */
import { O_ACCMODE } from '../contract/prefix';
import { table } from '../fd/table';
import { locate } from '../vfs/mounts';

/** Makes what is written to files of that path what others see there. */
export function settle(path: string): void {
  const wanted = path && locate(path, 'open')._path;
  for (let fd = 0; fd < table.length; fd++) {
    const one = table[fd];
    if (one && one._flags & O_ACCMODE && one._path === wanted && one._file) one._file.flush();
  }
}
