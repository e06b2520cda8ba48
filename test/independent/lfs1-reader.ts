/**
 * A reader of littlefs 1 images, written from the specification (SPEC.md of littlefs 1) alone and straight ahead: the judge of
 * what the module writes. It shares nothing with the module.
 */
import { crcFast } from './crc';

export interface Lfs1Node {
  type: 'file' | 'dir';
  content: Uint8Array;
}

export interface Lfs1Check {
  /** What no power cut explains. */
  problems: string[];
  /** What is half-done. */
  half: string[];
  tree: Map<string, Lfs1Node>;
  /** Blocks in use by what the tree shows, with the superblock's. */
  used: Set<number>;
  version: string;
}

interface Entry {
  type: number;
  x: number;
  y: number;
  name: Buffer;
}

interface Pair {
  /** Where the block that counts begins. */
  at: number;
  blocks: [number, number];
  more: boolean;
  tail: [number, number];
  entries: Entry[];
}

const NONE = 0xffffffff;

export function checkLfs1(image: Uint8Array, blockSize: number): Lfs1Check {
  const bytes = Buffer.from(image.buffer, image.byteOffset, image.length);
  const count = image.length / blockSize;
  const check: Lfs1Check = { problems: [], half: [], tree: new Map(), used: new Set(), version: '' };
  const wrong = (text: string): void => {
    check.problems.push(text);
  };

  function read(a: number, b: number): Pair | undefined {
    let best: { at: number; rev: number } | undefined;
    for (const block of [a, b]) {
      if (block >= count) {
        wrong(`pair {${a}, ${b}} lies outside`);
        return undefined;
      }
      const at = block * blockSize;
      const size = bytes.readUInt32LE(at + 4) & 0x7fffffff;
      if (size < 20 || size > blockSize) continue;
      if (crcFast(bytes.subarray(at, at + size - 4)) !== bytes.readUInt32LE(at + size - 4)) continue;
      const rev = bytes.readUInt32LE(at);
      if (!best || ((rev - best.rev) | 0) >= 0) best = { at, rev };
    }
    if (!best) {
      wrong(`pair {${a}, ${b}} has no valid block`);
      return undefined;
    }
    const { at } = best;
    const word = bytes.readUInt32LE(at + 4);
    const end = at + (word & 0x7fffffff) - 4;
    const entries: Entry[] = [];
    let i = at + 16;
    while (i < end) {
      const [type, elen, alen, nlen] = bytes.subarray(i, i + 4);
      const next = i + 4 + elen + alen + nlen;
      if (next > end || elen < 8) break;
      entries.push({ type, x: bytes.readUInt32LE(i + 4), y: bytes.readUInt32LE(i + 8), name: bytes.subarray(next - nlen, next) });
      i = next;
    }
    if (i !== end) wrong(`pair {${a}, ${b}}: entries do not end where the pair does`);
    return { at, blocks: [a, b], more: word > 0x7fffffff, tail: [bytes.readUInt32LE(at + 8), bytes.readUInt32LE(at + 12)], entries };
  }

  const key = (pair: [number, number]): string => [...pair].sort((p, q) => p - q).join();
  /** All pairs of a directory. */
  function chain(first: [number, number]): Pair[] {
    const pairs: Pair[] = [];
    for (let pair: [number, number] | undefined = first; pair; ) {
      if (pairs.length > count) {
        wrong(`the directory {${first}} has no end`);
        break;
      }
      const one: Pair | undefined = read(...pair);
      if (!one) break;
      pairs.push(one);
      pair = one.more ? one.tail : undefined;
    }
    return pairs;
  }
  function use(block: number, who: string): boolean {
    if (block >= count) wrong(`${who}: block ${block} lies outside`);
    else if (check.used.has(block)) wrong(`${who}: block ${block} is used twice`);
    else {
      check.used.add(block);
      return true;
    }
    return false;
  }

  const superblock = read(0, 1);
  const entry = superblock?.entries[0];
  if (!superblock || entry?.type !== 0x2e || entry.name.toString() !== 'littlefs') {
    wrong('no superblock');
    return check;
  }
  use(0, 'superblock');
  use(1, 'superblock');
  const version = bytes.readUInt32LE(superblock.at + 36);
  check.version = `${version >>> 16}.${version & 0xffff}`;
  if (bytes.readUInt32LE(superblock.at + 28) !== blockSize) wrong('another block size');
  if (bytes.readUInt32LE(superblock.at + 32) > count) wrong('more blocks than there are');

  /** All entries there are, to know what has been moved. */
  const all: Entry[] = [];
  const dirs: [number, number][] = [];
  const gather = (first: [number, number]): void => {
    if (dirs.some((each) => key(each) === key(first)) || dirs.length > count) return;
    dirs.push(first);
    for (const pair of chain(first))
      for (const one of pair.entries) {
        all.push(one);
        if ((one.type & 0x7f) === 0x22) gather([one.x, one.y]);
      }
  };
  const root: [number, number] = [entry.x, entry.y];
  gather(root);
  check.problems = check.problems.filter((each, i, list) => list.indexOf(each) === i);

  function content(path: string, head: number, size: number): Uint8Array {
    const room = blockSize - 8;
    const blocks: number[] = [];
    // How many blocks it takes: each but the first begins with as many pointers as its index has factors of two, and one.
    let capacity = 0;
    let n = 0;
    const pointers = (index: number): number => {
      let k = 0;
      if (!index) return 0;
      while (!((index >> k) & 1)) k++;
      return k + 1;
    };
    while (capacity < size && n < count) capacity += blockSize - 4 * pointers(n++);
    if (capacity < size) {
      wrong(`${path}: ${size} bytes are more than there is room for (${room})`);
      return new Uint8Array(0);
    }
    let block = head;
    for (let index = n - 1; index >= 0; index--) {
      if (!use(block, path)) return new Uint8Array(0);
      blocks[index] = block;
      if (index) block = bytes.readUInt32LE(block * blockSize);
    }
    const data = Buffer.alloc(size);
    let at = 0;
    for (let index = 0; index < n; index++) {
      const from = blocks[index] * blockSize;
      for (let k = 0; k < pointers(index); k++)
        if (bytes.readUInt32LE(from + 4 * k) !== blocks[index - 2 ** k])
          wrong(`${path}: pointer ${k} of block ${index} of the list is wrong`);
      at += bytes.copy(data, at, from + 4 * pointers(index), Math.min(from + blockSize, from + 4 * pointers(index) + size - at));
    }
    return new Uint8Array(data);
  }

  /** The first pairs of the directories that the tree shows. */
  const shown: [number, number][] = [];
  function visit(first: [number, number], path: string): void {
    shown.push(first);
    for (const pair of chain(first)) {
      for (const block of pair.blocks) if (!use(block, path || '/')) return;
      for (const one of pair.entries) {
        const at = `${path}/${one.name.toString()}`;
        const type = one.type & 0x7f;
        if (one.type & 0x80) {
          check.half.push(`${at} is being moved`);
          if (all.some((other) => !(other.type & 0x80) && other.x === one.x && other.y === one.y)) continue;
        }
        if (check.tree.has(at)) wrong(`${at}: there twice`);
        if (!one.name.length || one.name.length > 255) wrong(`${at}: impossible name`);
        if (type === 0x11) check.tree.set(at, { type: 'file', content: content(at, one.x, one.y) });
        else if (type === 0x22) {
          check.tree.set(at, { type: 'dir', content: new Uint8Array(0) });
          visit([one.x, one.y], at);
        } else wrong(`${at}: type ${one.type}`);
      }
    }
  }
  visit(root, '');

  // The thread: every directory of the tree, in any order, and nothing else.
  const threaded: [number, number][] = [];
  let previous: Pair | undefined = superblock;
  for (let steps = 0; previous && previous.tail[0] !== NONE && previous.tail[1] !== NONE; steps++) {
    if (steps > count) {
      wrong('the thread has no end');
      break;
    }
    const { tail, more } = previous;
    if (!more) threaded.push(tail);
    previous = read(...tail);
  }
  for (const one of threaded) {
    if (shown.some((each) => key(each) === key(one))) continue;
    const twin = shown.find((each) => each.some((block) => one.includes(block)));
    check.half.push(twin ? `the thread has {${one}} for {${twin}}` : `{${one}} is on the thread only`);
  }
  for (const one of shown)
    if (!threaded.some((each) => key(each) === key(one))) {
      if (threaded.some((each) => each.some((block) => one.includes(block)))) continue;
      // A pair behind one that the thread does not know yet.
      (check.half.some((each) => each.startsWith('the thread has')) ? check.half : check.problems).push(`{${one}} is not on the thread`);
    }
  if (new Set(threaded.map(key)).size !== threaded.length) wrong('a directory is on the thread twice');
  return check;
}
