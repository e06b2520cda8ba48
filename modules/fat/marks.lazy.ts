/**
 * Clusters of a long file's chain that are remembered, evenly spread, so that a seek does not read the chain from its start: met every
 * 64 clusters at first, later more seldom, a part that a device loads for it.
 */
import type { Chain } from './volume';

/** How many. */
const MARKS = 32;

/** Remembers the cluster where the chain is passed. Where there is no more room, every second one is forgotten. */
export function remember(chain: Chain): void {
  if (!chain._marks) chain._marks = new Uint32Array(MARKS);
  const marks = chain._marks;
  const known = chain._mark / chain._step;
  marks[known - 1] = chain._cluster;
  if (known === MARKS) {
    for (let i = 1; i < MARKS; i += 2) marks[i >> 1] = marks[i];
    chain._step *= 2;
  }
  chain._mark += chain._step;
}

/** Goes on to the last cluster before or at `index` that is remembered, if that is further than where the chain was passed. */
export function advance(chain: Chain, index: number): void {
  const k = Math.min(Math.floor(index / chain._step), chain._mark / chain._step - 1);
  if (k * chain._step <= chain._index) return;
  chain._index = k * chain._step;
  chain._cluster = (chain._marks as Uint32Array)[k - 1];
}
