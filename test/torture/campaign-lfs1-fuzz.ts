/** Damaged littlefs 1 images: each answer is the same the second time or a coded error, within bounded device operations and the volume. */
import { VfsLfs1 } from '../../modules/littlefs1';
import { fsckLfs1 } from '../../modules/littlefs1/check/fsck';
import { crcFast } from '../independent/crc';
import { checkLfs1 } from '../independent/lfs1-reader';
import { perform } from '../support/script';
import { change, ENTRIES, linesOf, look } from './answers';
import { type Campaign, count, Failure, type Tally } from './campaign';
import { Flash } from './flash';
import { formatted1, randomSetup1, randomSteps1, type Setup1 } from './lfs1';
import { generator, mixSeed, pick, type Random } from './random';

/** A passage over all pairs for each pair. */
function budgetOf(setup: Setup1): number {
  const piece = Math.max(64, 4 * Math.max(setup.options.readsize ?? 32, setup.progSize));
  return 4000 + 30 * setup.blockCount * setup.blockCount * (Math.ceil(setup.blockSize / Math.min(piece, setup.blockSize)) + 4);
}

/** Numbers that are likely to hurt. */
function number(random: Random, setup: Setup1): number {
  const { blockSize, blockCount } = setup;
  return pick(random, [
    () => pick(random, [0, 1, 2, 3]),
    () => blockCount - 1 + random(3),
    () => pick(random, [0xffffffff, 0xfffffffe, 0x80000000, 0x7fffffff]),
    () => blockSize * blockCount + random(3),
    () => random(0x7fffffff) * 2,
    () => random(blockCount),
    () => random(blockCount),
    () => random(blockSize),
  ])();
}

/** Damages a random valid pair so that its CRC is right, or bytes at random; says how. */
function damage(image: Uint8Array, setup: Setup1, random: Random): string {
  const { blockSize, blockCount } = setup;
  const view = Buffer.from(image.buffer, image.byteOffset, image.length);
  const valid: number[] = [];
  for (let at = 0; at < image.length; at += blockSize) {
    const size = view.readUInt32LE(at + 4) & 0x7fffffff;
    if (size >= 20 && size <= blockSize && crcFast(image.subarray(at, at + size - 4)) === view.readUInt32LE(at + size - 4)) valid.push(at);
  }
  const at = pick(random, valid.length ? valid : [0]);
  if (!valid.length || !random(3)) {
    const where = random(2) ? random(image.length) : at + random(Math.min(64, blockSize));
    switch (random(5)) {
      case 0:
        image[where] ^= 1 << random(8);
        return `bit at ${where}`;
      case 1:
        image.fill(random(2) ? 0xff : 0, where, where + random(blockSize));
        return `range from ${where}`;
      case 2: {
        const from = random(blockCount) * blockSize;
        image.copyWithin(at, from, from + blockSize);
        return `block at ${at} is that at ${from}`;
      }
      case 3:
        view.writeUInt32LE(number(random, setup), (random(blockCount) * blockSize + 4 * random(4)) >>> 0);
        return 'a word in a block';
      default:
        image[where] = random(256);
        return `byte at ${where}`;
    }
  }
  let size = view.readUInt32LE(at + 4) & 0x7fffffff;
  const starts: number[] = [];
  for (let i = 16; i + 4 <= size - 4; i += 4 + image[at + i + 1] + image[at + i + 2] + image[at + i + 3]) starts.push(i);
  let what = '';
  if (!starts.length || !random(4)) {
    const word = pick(random, [0, 8, 8, 12, 12, 4]);
    const value = word === 4 ? (view.readUInt32LE(at + 4) ^ 0x80000000) >>> 0 : number(random, setup);
    view.writeUInt32LE(value >>> 0, at + word);
    what = `header word ${word}: ${value}`;
  } else {
    const i = at + pick(random, starts);
    switch (random(7)) {
      case 0:
        image[i] ^= pick(random, [0x80, 0x33, 1 << random(8)]);
        what = `type ${image[i]}`;
        break;
      case 1:
        image[i + 1 + random(3)] = random(3) ? random(12) : random(256);
        what = 'a length';
        break;
      case 2: {
        const other = at + pick(random, starts);
        if (i + 12 <= at + size && other + 12 <= at + size) image.copyWithin(i + 4, other + 4, other + 12);
        what = 'data of another';
        break;
      }
      case 3: {
        const end = i + 4 + image[i + 1] + image[i + 2] + image[i + 3];
        if (image[i + 3] && end <= at + size - 4) image[end - 1 - random(image[i + 3])] = pick(random, [0, 0x2f, 0x2e, 0xff, random(256)]);
        what = 'name';
        break;
      }
      case 4: {
        const less = random(size - 20);
        size -= less;
        view.writeUInt32LE(((view.readUInt32LE(at + 4) & 0x80000000) | size) >>> 0, at + 4);
        what = `${less} bytes shorter`;
        break;
      }
      default:
        if (i + 12 <= at + size - 4) view.writeUInt32LE(number(random, setup) >>> 0, i + 4 + 4 * random(2));
        what = 'a word of its data';
    }
    what = `entry at ${i - at}: ${what}`;
  }
  if (!random(4)) view.writeUInt32LE((view.readUInt32LE(at) + random(3)) >>> 0, at);
  view.writeUInt32LE(crcFast(image.subarray(at, at + size - 4)), at + size - 4);
  return `block ${at / blockSize}, ${what}`;
}

function exercise(setup: Setup1, image: Uint8Array, seed: number, tally: Tally): void {
  const flash = new Flash({ ...setup, cached: false }, image);
  const budget = budgetOf(setup);
  flash.lenient = true;
  const line = linesOf(flash, budget, tally, 'a damaged littlefs 1 image');
  const lookAt = (found: string[]): string[] => look(fs, found, line, ENTRIES * 4, () => []);
  flash.budget = 4 * budget;
  const verdict = fsckLfs1(flash, setup.options);
  const judged = checkLfs1(image, setup.blockSize);
  if (judged.problems.length && verdict.sound && !verdict.infos)
    throw new Error(`fsck finds nothing, the judge: ${judged.problems.join('; ')}`);
  let fs = undefined as unknown as VfsLfs1;
  const mount = (readonly: boolean): string =>
    line('mount', () => {
      fs = new VfsLfs1(flash, setup.options);
      fs.mount(readonly, false);
    });
  const mounted = mount(true);
  if (!mounted.endsWith('undefined')) {
    count(tally, 'littlefs 1 images refused');
    return;
  }
  if (verdict.sound) count(tally, 'littlefs 1 images found sound');
  const paths: string[] = [];
  const first = [line('statvfs', () => fs.statvfs('/')), ...lookAt(paths)];
  mount(true);
  const again = [line('statvfs', () => fs.statvfs('/')), ...lookAt([])];
  if (first.join('\n') !== again.join('\n')) throw new Error(`not the same twice:\n${first.join('\n')}\n\n${again.join('\n')}`);
  if (verdict.sound && first.some((each) => each.includes('ECORRUPT'))) throw new Error(`fsck finds nothing, but\n${first.join('\n')}`);
  if (flash.programs + flash.erases) throw new Error('reading wrote something');
  const random = generator(seed);
  mount(false);
  for (let i = 0; i < 8; i++) {
    const path = paths.length ? pick(random, paths) : '/x';
    change(fs, path, `${path.slice(0, path.lastIndexOf('/'))}/${'xyz'[random(3)]}${random(9)}`, random(8), line);
  }
  line('sync', () => fs.sync());
  line('statvfs', () => fs.statvfs('/'));
}

export const lfs1Fuzz: Campaign = {
  name: 'lfs1-fuzz',
  share: 1,
  about: 'littlefs 1: damaged images, by bytes and by structure',
  round(seed, tally) {
    const random = generator(seed);
    const setup: Setup1 = { ...randomSetup1(random), cached: false, medium: 'nor' };
    const flash = formatted1(setup);
    const fs = new VfsLfs1(flash, setup.options);
    fs.mount(false, false);
    try {
      for (const step of randomSteps1(setup, random, 20 + random(60))) perform(fs, step);
    } catch (error) {
      if ((error as { code?: string }).code !== 'ENOSPC') throw error;
    }
    const images = Math.max(20, Math.min(200, Math.floor(1000000 / flash.image.length)));
    for (let i = 0; i < images; i++) {
      const image = flash.image.slice();
      const own = mixSeed(seed, i);
      const r = generator(own);
      const done: string[] = [];
      for (let times = 1 + r(r(3) ? 2 : 6); times; times--) done.push(damage(image, setup, r));
      const base = Buffer.from(image).toString('base64');
      try {
        exercise(setup, image, own, tally);
      } catch (error) {
        throw new Failure(`image ${i}: ${done.join(', ')}\n${JSON.stringify(setup)}\n${(error as Error).message}`, {
          setup,
          seed: own,
          image: base,
        });
      } finally {
        count(tally, 'damaged littlefs 1 images');
      }
    }
  },
};
