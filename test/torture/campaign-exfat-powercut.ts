/** exFAT: power cuts. Sectors are written as a whole. */
import { type ExFatFormat, VfsExFat } from '../../modules/exfat';
import { fsckExFat } from '../../modules/exfat/check';
import type { VfsFat } from '../../modules/fat';
import { hasTool, fsckExfat as judge, mkfsExfat } from '../support/exfat';
import type { Campaign, Tally } from './campaign';
import { cutVolume, type Kind } from './cut-volume';
import { SectorDevice } from './fat-device';
import type { Driver } from './fat-model';

interface ExFatKind extends Kind {
  options: ExFatFormat;
  /** Made by mkfs.exfat instead, with these arguments. */
  by?: string[];
}

const KINDS: ExFatKind[] = [
  { name: 'clusters of 512', sectors: 4096, size: 512, options: { clusterSize: 512 } },
  { name: 'clusters of 1024', sectors: 4096, size: 512, options: { clusterSize: 1024 } },
  { name: 'clusters of 4096', sectors: 4096, size: 512, options: {} },
  { name: 'sectors of 4096', sectors: 1024, size: 4096, options: {} },
  { name: 'mkfs.exfat', sectors: 16384, size: 512, options: {}, by: [] },
  { name: 'mkfs.exfat, clusters of 512', sectors: 12288, size: 512, options: {}, by: ['-c', '512'] },
];

const made = new Map<ExFatKind, Uint8Array>();

function volume(kind: ExFatKind): SectorDevice {
  let base = made.get(kind);
  if (!base) {
    const bytes = kind.sectors * kind.size;
    if (kind.by && hasTool('mkfs.exfat')) base = mkfsExfat(bytes, ...kind.by);
    else {
      const device = new SectorDevice(new Uint8Array(bytes), kind.size);
      VfsExFat.mkfs(device, kind.options);
      base = device.image();
    }
    made.set(kind, base);
  }
  return new SectorDevice(base, kind.size);
}

export const exfatDriver: Driver = { create: (device) => new VfsExFat(device) as unknown as VfsFat, check: fsckExFat };

const family = {
  name: 'exFAT',
  driver: exfatDriver,
  kinds: KINDS,
  volume,
  // It takes the sectors of an image for 512 bytes.
  judge: (image: Uint8Array) => (hasTool('fsck.exfat') && image[108] === 9 ? judge(image) : undefined),
  // Entry sets that lie in two sectors, or just do not.
  names: ['y'.repeat(210), 'z'.repeat(230), 'w'.repeat(255)],
  torn: false,
};

/** @param most cuts that are made at most */
export function cutExFat(seed: number, tally: Tally, most: number): void {
  cutVolume(family, seed, tally, most);
}

export const exfatPowercut: Campaign = {
  name: 'exfat-powercut',
  share: 3,
  goal: ['exFAT cuts', 20000],
  about: 'exFAT: a power cut at every sector, in any order between syncs; repaired, or gone on with as it is',
  round: (seed, tally) => cutExFat(seed, tally, 120),
};
