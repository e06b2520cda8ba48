import type { Campaign } from './campaign';
import { badflash } from './campaign-badflash';
import { exfatFuzz } from './campaign-exfat-fuzz';
import { exfatPowercut } from './campaign-exfat-powercut';
import { fatFuzz } from './campaign-fat-fuzz';
import { fatPowercut } from './campaign-fat-powercut';
import { full } from './campaign-full';
import { fuzz } from './campaign-fuzz';
import { lfs1Fuzz } from './campaign-lfs1-fuzz';
import { lfs1Powercut } from './campaign-lfs1-powercut';
import { model } from './campaign-model';
import { powercut } from './campaign-powercut';
import { romFuzz } from './campaign-rom-fuzz';
import { storageSoak } from './campaign-storage-soak';
import { wearFuzz } from './campaign-wear-fuzz';

export const CAMPAIGNS: Campaign[] = [
  powercut,
  model,
  fuzz,
  full,
  badflash,
  fatPowercut,
  fatFuzz,
  exfatPowercut,
  exfatFuzz,
  lfs1Powercut,
  lfs1Fuzz,
  romFuzz,
  wearFuzz,
  storageSoak,
];
