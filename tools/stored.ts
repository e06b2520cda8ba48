/** What Espruino's Storage gets of a bundle. */
import { boards } from '../boards/sim';
import { wholeBundle } from './dist';

/** Files below `dist/` by the names in Storage: the module that stays loaded, and its parts; of a bundle that is one file there too, that. */
export function storedBundles(board: string, kind = ''): { [name: string]: string } {
  if (boards[board]?.bundles[kind]?.single) return { vfs: wholeBundle(board, kind) };
  return { vfs: `${board}/vfs-resident${kind}.min.js`, 'vfs-parts': `${board}/vfs-parts${kind}.min.js` };
}
