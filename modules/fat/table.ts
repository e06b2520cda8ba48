import { ECORRUPT } from '../contract/errno';
import * as free from './free.lazy';
import * as marks from './marks.lazy';
import { fatEntry } from './sector';
import { type Chain, fail, fs } from './volume';

/** The cluster behind one, 0 at the end: after a cut that may be an end half written. @throws ECORRUPT where the chain leads nowhere */
export function nextCluster(cluster: number): number {
  const next = cluster > 1 && cluster <= fs._last ? fatEntry(cluster) : 0;
  if (next > 1 && next <= fs._last) return next;
  return next > (fs._wasDirty ? fs._last : fs._mask - 8) ? 0 : fail(ECORRUPT);
}

/** The cluster with that index in a chain, 0 behind its end: then that is where the chain is passed. */
export function reach(chain: Chain, index: number): number {
  if (index < chain._index) {
    chain._index = 0;
    chain._cluster = chain._first;
  }
  if (chain._marks && index > chain._index + chain._step) marks.advance(chain, index);
  while (chain._first && chain._index < index) {
    const from = chain._cluster;
    const next = from === chain._linkFrom ? chain._linkTo : nextCluster(from);
    if (!next) return 0;
    if (next === chain._first) fail(ECORRUPT);
    // What leads back into itself leads to a lower cluster. Looked for when twice as far as the last time, all work stays linear.
    if (next <= from && chain._index >= chain._checked * 2) free.checkCircle(chain, next);
    chain._cluster = next;
    if (++chain._index === chain._mark) marks.remember(chain);
  }
  return chain._cluster;
}

/**
 * What FSInfo has in reserved bytes when its numbers are ours: both of them, and the entries of the FAT where the next search
 * begins. Other systems begin there too, so that it shows also what they have written without telling FSInfo.
 */
export function infoMark(free: number): number {
  const next = fs._next;
  return (free + 31 * (next + 31 * (fatEntry(next) + 31 * fatEntry(next < fs._last ? next + 1 : 2))) + 1) | 0;
}
