/** exFAT: damaged images. */
import { type ExFatFormat, VfsExFat } from '../../modules/exfat';
import { hasTool, fsckExfat as judge } from '../support/exfat';
import { layout, mutate, populate, usedEnd } from '../support/exfat-damage';
import { type Campaign, count, Failure, type Tally } from './campaign';
import { exfatDriver } from './campaign-exfat-powercut';
import { SectorDevice } from './fat-device';
import { bounded, exercise } from './fuzz-volume';
import { generator, mixSeed, pick, type Random } from './random';

/** Images of a round. */
const IMAGES = 60;
/** Bytes that may be allocated at once: what is asked for, a bit for each cluster, a sector. */
const MEMORY = 70000;
/** Every how manieth image fsck.exfat looks at after a repair. */
const JUDGED = 50;

const KINDS: [sectors: number, size: number, options: ExFatFormat][] = [
  [4096, 512, {}],
  [4096, 512, { clusterSize: 512 }],
  [4096, 512, { clusterSize: 1024 }],
  [1024, 4096, {}],
];
const bases = new Map<number, Uint8Array>();

function baseOf(kind: number): Uint8Array {
  const known = bases.get(kind);
  if (known) return known;
  const [sectors, size, options] = KINDS[kind];
  const device = new SectorDevice(new Uint8Array(sectors * size), size);
  VfsExFat.mkfs(device, options);
  const fs = new VfsExFat(device);
  fs.mount(false, false);
  populate(fs);
  const image = device.image();
  bases.set(kind, image);
  return image;
}

/** Bytes of the boot sector, which says how everything else is read. */
function damageBoot(image: Uint8Array, random: Random): void {
  for (let n = 1 + random(4); n--; ) {
    const at = random(8) ? 64 + random(56) : random(12 * 1024);
    image[at] = random(2) ? pick(random, [0, 1, 2, 3, 127, 128, 255]) : image[at] ^ (1 << random(8));
  }
}

let images = 0;

/** Has one repaired, and judged. */
function judged(image: Uint8Array): void {
  const device = new SectorDevice(image, 512);
  try {
    exfatDriver.check(device, { repair: true });
  } catch {
    return;
  }
  const { exit, lines } = judge(device.image());
  // Other primary entries that are benign (A0 to BF) are to be passed over, section 8.2; it would have them deleted.
  if (lines.some((line) => /unknown entry type 0x[ab]/.test(line))) return;
  if (exit || lines.length) throw new Error(`after a repair fsck.exfat says: ${lines.join('; ')}`);
}

export function fuzzExFat(seed: number, tally: Tally, most: number): void {
  const random = generator(seed);
  const kind = random(KINDS.length);
  const size = KINDS[kind][1];
  const base = baseOf(kind);
  const end = usedEnd(layout(base));
  const image = base.slice();
  for (let i = 0; i < most; i++) {
    const own = mixSeed(seed, i);
    image.set(base.subarray(0, end));
    const boot = random(8) === 0;
    if (boot) damageBoot(image, generator(own));
    else mutate(image, own);
    try {
      bounded(MEMORY, () => exercise({ name: 'exFAT', driver: exfatDriver }, image, size, own, tally));
      if (!boot && size === 512 && images++ % JUDGED === 0 && hasTool('fsck.exfat')) {
        judged(image);
        count(tally, 'damaged exFAT images judged after a repair');
      }
    } catch (error) {
      throw new Failure(`image ${i} of kind ${kind}: ${(error as Error).stack}`, {
        kind,
        seed: own,
        image: Buffer.from(image).toString('base64'),
      });
    }
    count(tally, 'damaged exFAT images');
  }
}

export const exfatFuzz: Campaign = {
  name: 'exfat-fuzz',
  share: 3,
  goal: ['damaged exFAT images', 100000],
  about: 'exFAT: damaged images, by bytes, by fields of entries and in the boot sector',
  round: (seed, tally) => fuzzExFat(seed, tally, IMAGES),
};
