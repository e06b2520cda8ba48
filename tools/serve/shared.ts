/** What all files and directories that are served have in common. */
import type { Adapter } from 'nephele';
import type { Kept } from './kept';
import type { Library } from './library';
import type { Locks } from './locks';

export interface Shared {
  dav: Library;
  adapter: Adapter;
  kept: Kept;
  locks: Locks;
  /** When serving began, in milliseconds: the time of what has none. */
  since: number;
}
