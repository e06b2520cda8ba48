/** FAT: damaged images. */

import { VfsFat } from '../../modules/fat';
import { clusterAt, layout, mutate, populate } from '../support/fat-damage';
import { type Campaign, count, Failure, type Tally } from './campaign';
import { SectorDevice } from './fat-device';
import { fatDriver } from './fat-model';
import { bounded, exercise } from './fuzz-volume';
import { generator, mixSeed, pick, type Random } from './random';

/** Images of a round. */
const IMAGES = 60;
/** Bytes that may be allocated at once: what is asked for, a cluster, or a bit for each sector. */
const MEMORY = 70000;

const KINDS: [sectors: number, size: number, options: Parameters<NonNullable<typeof VfsFat.mkfs>>[1]][] = [
  [120, 512, {}],
  [400, 512, { type: 12, clusterSize: 1024 }],
  [70, 4096, {}],
  [4400, 512, { type: 16, clusterSize: 512 }],
  [67900, 512, { type: 32, clusterSize: 512 }],
];
const bases = new Map<number, Uint8Array>();

function baseOf(kind: number): Uint8Array {
  const known = bases.get(kind);
  if (known) return known;
  const [sectors, size, options] = KINDS[kind];
  const device = new SectorDevice(new Uint8Array(sectors * size), size);
  VfsFat.mkfs?.(device, options);
  const fs = new VfsFat(device);
  fs.mount(false, false);
  populate(fs);
  const image = device.image();
  bases.set(kind, image);
  return image;
}

/** Bytes of the boot sector, which says how everything else is read. */
function damageBoot(image: Uint8Array, random: Random): void {
  for (let n = 1 + random(4); n--; ) {
    const at = random(3) ? 11 + random(42) : random(512);
    image[at] = random(2) ? pick(random, [0, 1, 2, 3, 127, 128, 255]) : image[at] ^ (1 << random(8));
  }
}

export function fuzzFat(seed: number, tally: Tally, images: number): void {
  const random = generator(seed);
  // FAT32 is large.
  const kind = random(20) ? random(KINDS.length - 1) : KINDS.length - 1;
  const size = KINDS[kind][1];
  const base = baseOf(kind);
  const end = Math.min(base.length, clusterAt(layout(base), 100));
  const image = base.slice();
  if (base.length > 1e7) images = Math.min(images, 4);
  for (let i = 0; i < images; i++) {
    const own = mixSeed(seed, i);
    image.set(base.subarray(0, end));
    if (random(6) === 0) damageBoot(image, generator(own));
    else mutate(image, own);
    try {
      bounded(MEMORY, () => exercise({ name: 'FAT', driver: fatDriver }, image, size, own, tally));
    } catch (error) {
      throw new Failure(`image ${i} of kind ${kind}: ${(error as Error).stack}`, {
        kind,
        seed: own,
        image: image.length < 1e7 ? Buffer.from(image).toString('base64') : undefined,
      });
    }
    count(tally, 'damaged FAT images');
  }
}

export const fatFuzz: Campaign = {
  name: 'fat-fuzz',
  share: 5,
  goal: ['damaged FAT images', 1000000],
  about: 'FAT: damaged images, by bytes, by entries and in the boot sector',
  round: (seed, tally) => fuzzFat(seed, tally, IMAGES),
};
