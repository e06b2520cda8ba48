/** What is mounted in our tree as a file system of Kaluma's `fs`, beside its own. */
import { expect } from '../../../modules/contract/errno';
import type { Kaluma, KalumaKind } from './types';
import { KalumaVolume } from './volume';

declare const global: Kaluma;

/**
 * Shows a place of our tree at a place of Kaluma's `fs`, whose functions then work on it.
 * @param point the place in Kaluma's tree
 * @param tree the place in ours, the same unless given
 * @throws ENOENT for a place that is not there; TypeError for what is no path
 */
export function kalumaFs(point: string, tree?: string): void {
  expect(typeof point === 'string', 'point');
  expect(tree === undefined || typeof tree === 'string', 'tree');
  const fs = global.require('fs');
  const kind = 'microvfs ' + point;
  const made = function (place: string) {
    return new KalumaVolume(point, place);
  };
  fs.register(kind, made as unknown as KalumaKind);
  fs.mount(point, tree === undefined ? point : tree, kind);
}
