/** ROMFS: damaged images. */
import { exerciseRom } from '../support/rom';
import { type Campaign, count } from './campaign';
import { mixSeed } from './random';

/** Images of a round. */
const IMAGES = 500;

export const romFuzz: Campaign = {
  name: 'rom-fuzz',
  share: 1,
  goal: ['damaged ROMFS images', 100000],
  about: 'ROMFS: damaged images',
  round: (seed, tally) => {
    for (let i = 0; i < IMAGES; i++) exerciseRom(mixSeed(seed, i));
    count(tally, 'damaged ROMFS images', IMAGES);
  },
};
