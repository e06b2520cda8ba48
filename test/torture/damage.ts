/** Ways to damage an image: bytes and blocks at random, and metadata that is wrong but has right CRCs. */
import { little, putLittle, putTogether, type RawLog, type RawTag, takeApart } from './log-codec';
import { pick, type Random } from './random';
import type { Setup } from './session';

/** Damages `image`; says how. */
export function damage(image: Uint8Array, setup: Setup, random: Random): string {
  const times = 1 + random(random(3) ? 2 : 6);
  const done: string[] = [];
  for (let i = 0; i < times; i++) done.push(random(3) ? structure(image, setup, random) : bytes(image, setup, random));
  return done.join(', ');
}

function bytes(image: Uint8Array, setup: Setup, random: Random): string {
  const { blockSize, blockCount } = setup;
  const at = random(4) ? random(image.length) : random(blockSize * 2);
  const block = random(blockCount);
  const other = random(blockCount);
  const content = (n: number): Uint8Array => image.slice(n * blockSize, (n + 1) * blockSize);
  switch (random(7)) {
    case 0:
      image[at] ^= 1 << random(8);
      return `bit at ${at}`;
    case 1:
      image[at] = random(256);
      return `byte at ${at}`;
    case 2: {
      const end = Math.min(image.length, at + random(64));
      for (let i = at; i < end; i++) image[i] = random(256);
      return `bytes from ${at} to ${end}`;
    }
    case 3:
      image.fill(random(2) ? 0xff : 0, at, at + random(blockSize));
      return `range from ${at}`;
    case 4:
      image.set(content(other), block * blockSize);
      return `block ${block} is ${other}`;
    case 5: {
      const first = content(block);
      image.set(content(other), block * blockSize);
      image.set(first, other * blockSize);
      return `blocks ${block} and ${other} exchanged`;
    }
    default:
      // Pointers at the beginning of a block of a file.
      putLittle(image, block * blockSize + 4 * random(4), number(random, setup));
      return `word in block ${block}`;
  }
}

/** Numbers that are likely to hurt. */
function number(random: Random, setup: Setup): number {
  const { blockSize, blockCount } = setup;
  switch (random(9)) {
    case 0:
      return pick(random, [0, 1, 2, 3]);
    case 1:
      return blockCount - 1 + random(3);
    case 2:
      return pick(random, [0xffffffff, 0xfffffffe, 0x80000000, 0x7fffffff, 0x3fffffff]);
    case 3:
      return blockSize - 1 + random(3);
    case 4:
      return blockSize * blockCount + random(3);
    case 5:
      return random(0x7fffffff) * 2;
    default:
      return random(blockCount);
  }
}

/** Changes tags of a log, and writes it with right CRCs. */
function structure(image: Uint8Array, setup: Setup, random: Random): string {
  const { blockSize, blockCount, progSize } = setup;
  const logs: number[] = [];
  for (let block = 0; block < blockCount; block++)
    if (takeApart(image.subarray(block * blockSize, (block + 1) * blockSize))) logs.push(block);
  if (!logs.length) return 'nothing';
  const block = random(4) ? pick(random, logs) : logs[0];
  const log = takeApart(image.subarray(block * blockSize, (block + 1) * blockSize)) as RawLog;
  const flat = log.commits.reduce<RawTag[]>((all, commit) => all.concat(commit), []);
  let what = '';
  if (!random(8)) {
    log.revision = random(2) ? log.revision + 1 : number(random, setup);
    what = `revision ${log.revision}`;
  } else if (flat.length) {
    const tag = pick(random, flat);
    what = `tag 0x${tag.type.toString(16)} id ${tag.id}: ${change(tag, flat, log, setup, random)}`;
  }
  image.set(putTogether(log, blockSize, progSize, random(4) > 0), block * blockSize);
  return `block ${block}, ${what}`;
}

const TYPES = [
  0x001, 0x002, 0x0ff, 0x200, 0x201, 0x202, 0x300, 0x301, 0x305, 0x401, 0x4ff, 0x600, 0x601, 0x7ff, 0x0aa, 0x2ff, 0x44f, 0x6aa,
];

function change(tag: RawTag, flat: RawTag[], log: RawLog, setup: Setup, random: Random): string {
  const resize = (length: number): void => {
    const data = new Uint8Array(length);
    data.set(tag.data.subarray(0, length));
    tag.data = data;
    tag.length = length;
  };
  switch (random(9)) {
    case 0:
      tag.type = random(2) ? pick(random, TYPES) : random(0x800);
      if (tag.type >> 7 === 0x500 >> 7) tag.type = 0x4ff;
      return `type 0x${tag.type.toString(16)}`;
    case 1:
      tag.id = random(3) ? random(6) : pick(random, [0x3ff, 0x3fe, random(0x400)]);
      return `id ${tag.id}`;
    case 2:
      resize(random(3) ? Math.max(0, tag.data.length + random(9) - 4) : random(Math.min(1022, setup.blockSize)));
      return `length ${tag.length}`;
    case 3: {
      const commit = pick(random, log.commits);
      commit.splice(random(commit.length + 1), 0, { ...tag, data: tag.data.slice() });
      return 'doubled';
    }
    case 4: {
      for (const commit of log.commits) {
        const at = commit.indexOf(tag);
        if (at >= 0) commit.splice(at, 1);
      }
      return 'left out';
    }
    case 5: {
      const other = pick(random, flat);
      tag.data = other.data.slice();
      tag.length = other.length;
      return 'data of another';
    }
    case 6: {
      // Another tail, move or pair: what the log did not have.
      const data = new Uint8Array(random(4) ? 8 : 12);
      for (let k = 0; k < data.length; k += 4) putLittle(data, k, number(random, setup));
      const type = pick(random, [0x600, 0x601, 0x7ff, 0x200, 0x202]);
      if (type === 0x7ff && data.length === 12) putLittle(data, 0, random(2) ? 0x80000000 : ((0x4ff << 20) | (random(5) << 10)) >>> 0);
      pick(random, log.commits).push({ type, id: type < 0x600 ? random(4) : 0x3ff, length: data.length, data });
      return `0x${type.toString(16)} added`;
    }
    default: {
      if (!tag.data.length) return 'nothing';
      tag.data = tag.data.slice();
      if (tag.data.length >= 4 && tag.type >= 0x200 && random(4)) {
        const at = 4 * random(tag.data.length >> 2);
        const old = little(tag.data, at);
        putLittle(tag.data, at, random(3) ? number(random, setup) : old + (random(2) ? 1 : -1));
        return `word ${at >> 2}: ${little(tag.data, at)}`;
      }
      tag.data[random(tag.data.length)] = random(3) ? random(256) : pick(random, [0, 0x2f, 0x2e, 0x80, 0xff]);
      return 'byte of its data';
    }
  }
}
