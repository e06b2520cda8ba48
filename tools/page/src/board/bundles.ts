/** The bundles of the page's board, as `tools/bundle-text.ts` has all of them for Node. */

import vfs from '../../../../dist/esp32/vfs.min.js?raw';
import chip from '../../../../dist/sim/chip.js?raw';

const texts: { [bundle: string]: string } = { 'esp32/vfs.min.js': vfs, 'sim/chip.js': chip };

export const wholeBundle = (board: string): string => `${board}/vfs.min.js`;

/** Only Espruino has such. */
export const storedBundles = (): { [name: string]: string } => ({});

export function bundleText(bundle: string): string {
  if (!texts[bundle]) throw new Error(`the page has no ${bundle}`);
  return texts[bundle];
}
