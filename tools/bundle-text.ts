/** The built bundles of boards: their names, and what is in them. */
import { readFileSync } from 'node:fs';
import { distPath } from './dist';

export { wholeBundle } from './dist';
export { storedBundles } from './stored';

/** (The page has another file in the place of this one, with the bundles of its board.) */
export function bundleText(bundle: string, encoding: 'utf8' | 'latin1' = 'utf8'): string {
  return readFileSync(distPath(bundle), encoding);
}
