/** FAT: power cuts. */

import { VfsFat } from '../../modules/fat';
import { hasTool, fsckFat as judge, mkfsFat } from '../support/fat';
import type { Campaign, Tally } from './campaign';
import { cutVolume, type Kind } from './cut-volume';
import { SectorDevice } from './fat-device';
import { fatDriver } from './fat-model';

interface FatKind extends Kind {
  options: Parameters<NonNullable<typeof VfsFat.mkfs>>[1];
  /** Made by mkfs.fat instead, with these arguments. */
  by?: string[];
}

const KINDS: FatKind[] = [
  { name: 'FAT12', sectors: 120, size: 512, options: { clusterSize: 512 } },
  { name: 'FAT12, many clusters', sectors: 3200, size: 512, options: { type: 12, clusterSize: 512 } },
  { name: 'FAT12, sectors of 4096', sectors: 60, size: 4096, options: {} },
  { name: 'FAT12, clusters of 2048', sectors: 400, size: 512, options: { type: 12, clusterSize: 2048 } },
  { name: 'FAT12, two FATs', sectors: 400, size: 512, options: {}, by: ['-F', '12', '-s', '1'] },
  { name: 'FAT16', sectors: 4300, size: 512, options: { type: 16, clusterSize: 512 } },
  { name: 'FAT16, two FATs', sectors: 5000, size: 512, options: {}, by: ['-F', '16', '-s', '1'] },
  { name: 'FAT32', sectors: 67300, size: 512, options: { type: 32, clusterSize: 512 } },
];

const made = new Map<FatKind, Uint8Array>();

function volume(kind: FatKind): SectorDevice {
  let base = made.get(kind);
  if (!base) {
    if (kind.by && hasTool('mkfs.fat')) base = mkfsFat(kind.sectors * kind.size, ...kind.by);
    else {
      const device = new SectorDevice(new Uint8Array(kind.sectors * kind.size), kind.size);
      VfsFat.mkfs?.(device, kind.options);
      base = device.image();
    }
    made.set(kind, base);
  }
  return new SectorDevice(base, kind.size);
}

const family = {
  name: 'FAT',
  driver: fatDriver,
  kinds: KINDS,
  volume,
  judge: (image: Uint8Array) => (hasTool('fsck.fat') ? judge(image) : undefined),
  names: [],
  torn: true,
};

/** @param most cuts that are made at most */
export function cutFat(seed: number, tally: Tally, most: number): void {
  cutVolume(family, seed, tally, most);
}

export const fatPowercut: Campaign = {
  name: 'fat-powercut',
  share: 5,
  goal: ['FAT cuts', 200000],
  about: 'FAT: a power cut at every sector, in any order between syncs, and torn; repaired, or gone on with as it is',
  round: (seed, tally) => cutFat(seed, tally, 120),
};
