/** FAT under wear levelling: damaged states of wear levelling. */
import { exerciseWear } from '../support/wear';
import { type Campaign, count } from './campaign';
import { mixSeed } from './random';

/** Images of a round. */
const IMAGES = 50;

export const wearFuzz: Campaign = {
  name: 'wear-fuzz',
  share: 1,
  goal: ['damaged states of wear levelling', 100000],
  about: 'wear levelling under FAT: damaged states and notes of moves',
  round: (seed, tally) => {
    for (let i = 0; i < IMAGES; i++)
      for (const outcome of exerciseWear(mixSeed(seed, i))) count(tally, `wear levelling that ended in ${outcome}`);
    count(tally, 'damaged states of wear levelling', IMAGES);
  },
};
