/**
 * A complete reader and checker of littlefs 2 images, written from the format's specification (SPEC.md, DESIGN.md) and
 * sharing no code with the modules under test. It judges the medium as it lies there, and shows the content as a
 * mount would: the source of a pending move is hidden.
 */
import { judgeRest, type Log, type LogEntry, readLog, u32 } from './lfs2-log';

export interface Lfs2Node {
  type: 'file' | 'dir';
  size: number;
  content: Uint8Array;
  attrs: Map<number, Uint8Array>;
}

export interface Lfs2Check {
  /** `2.1` */
  version: string;
  blockSize: number;
  blockCount: number;
  nameMax: number;
  fileMax: number;
  attrMax: number;
  /** Every path but the root. */
  tree: Map<string, Lfs2Node>;
  rootAttrs: Map<number, Uint8Array>;
  /** Blocks of all pairs on the thread or in the tree, and of all files. */
  used: Set<number>;
  /** Whatever makes the image invalid; empty for a sound one. */
  problems: string[];
  /** The source that the next write must remove. */
  pendingMove?: { id: number; pair: [number, number]; path?: string };
  /** The global state says that the thread may hold what no directory names. */
  orphansFlagged: boolean;
  /** Pairs on the thread without a directory, and directories whose pair is relocated only in part. */
  orphans: string[];
  /** Pairs whose newer block is not followed by erased bytes (a torn commit, or no FCRC): legal, but not after calm work. */
  dirty: string[];
  /** How many pairs carry a superblock entry (more than one once expanded). */
  superblocks: number;
  /** Number of metadata pairs in the tree. */
  pairs: number;
}

export interface Lfs2CheckOptions {
  /** Pending moves and orphans are problems too. */
  strict?: boolean;
  /** So are rests of pairs that are not erased (`dirty`): what only a power cut may leave. */
  erased?: boolean;
  /** Commits must end at multiples of this. */
  progSize?: number;
  /** The largest inline file that the reading configuration takes; min(1022, block size / 8) otherwise. */
  inlineMax?: number;
  /**
   * Show what the C library (up to 2.11) shows before its first write: while a move is pending it also loses sight of
   * the entry right after the source, which is back once the move is completed.
   */
  asC?: boolean;
}

interface Pair {
  blocks: [number, number];
  log: Log;
}

const show = (pair: [number, number]): string => `{${pair[0]}, ${pair[1]}}`;
const sameSet = (a: [number, number], b: [number, number]): boolean => (a[0] === b[0] && a[1] === b[1]) || (a[0] === b[1] && a[1] === b[0]);
const touch = (a: [number, number], b: [number, number]): boolean => a.includes(b[0]) || a.includes(b[1]);
/** The order of names in a directory: bytewise over the common length, then the *longer* first, as the C library searches. */
function compareNames(a: Uint8Array, b: Uint8Array): number {
  const common = Math.min(a.length, b.length);
  return Buffer.compare(a.subarray(0, common), b.subarray(0, common)) || b.length - a.length;
}
const text = new TextDecoder();
const NULL_BLOCK = 0xffffffff;
const EMPTY = new Uint8Array(0);

/** Reads and judges `image`. Without `blockCount` the superblock's count holds. Never throws. */
export function checkLfs2(image: Uint8Array, blockSize: number, blockCount?: number, options: Lfs2CheckOptions = {}): Lfs2Check {
  const progSize = options.progSize ?? 1;
  const problems: string[] = [];
  const result: Lfs2Check = {
    version: '',
    blockSize: 0,
    blockCount: 0,
    nameMax: 0,
    fileMax: 0,
    attrMax: 0,
    tree: new Map(),
    rootAttrs: new Map(),
    used: new Set(),
    problems,
    orphansFlagged: false,
    orphans: [],
    dirty: [],
    superblocks: 0,
    pairs: 0,
  };
  let limit = Math.floor(image.length / blockSize);
  let minor = 1;
  const bytesOf = (block: number): Uint8Array => image.subarray(block * blockSize, (block + 1) * blockSize);

  const cache = new Map<string, Pair | undefined>();
  /** The newer valid block of a pair; revisions are compared as a signed difference. */
  function load(blocks: [number, number], who: string): Pair | undefined {
    const key = [...blocks].sort((a, b) => a - b).join();
    if (cache.has(key)) return cache.get(key);
    let pair: Pair | undefined;
    if (blocks[0] >= limit || blocks[1] >= limit) problems.push(`${who}: pair ${show(blocks)} lies outside the volume`);
    else if (blocks[0] === blocks[1]) problems.push(`${who}: pair ${show(blocks)} has equal blocks`);
    else {
      const revisions = blocks.map((block) => u32(bytesOf(block), 0));
      const second = ((revisions[1] - revisions[0]) | 0) > 0 ? 1 : 0;
      const log =
        readLog(bytesOf(blocks[second]), blocks[second], progSize) ?? readLog(bytesOf(blocks[1 - second]), blocks[1 - second], progSize);
      if (!log) problems.push(`${who}: pair ${show(blocks)} has no valid commit`);
      else {
        pair = { blocks, log };
        problems.push(...log.problems);
        const before = log.problems.length;
        judgeRest(log, bytesOf(log.block), minor, progSize);
        problems.push(...log.problems.slice(before));
        if (log.dirty) result.dirty.push(`pair ${show(blocks)}, block ${log.block} from ${log.end}: ${log.dirty}`);
        log.entries.forEach((entry, id) => {
          if (!entry.name) problems.push(`pair ${show(blocks)}, id ${id}: no name`);
          if (!entry.struct) problems.push(`pair ${show(blocks)}, id ${id}: no struct`);
        });
      }
    }
    cache.set(key, pair);
    return pair;
  }

  /** A pair and all it is followed by on its hard tails. */
  function chain(first: [number, number], who: string): Pair[] {
    const pairs: Pair[] = [];
    for (let at: [number, number] | undefined = first; at; ) {
      const here: [number, number] = at;
      if (pairs.some((p) => touch(p.blocks, here))) {
        problems.push(`${who}: hard tails run in a circle at ${show(here)}`);
        break;
      }
      const pair = load(here, who);
      if (!pair) break;
      // The C library drops such a pair, and lists an entry without a name where it meets one.
      if (pairs.length && !pair.log.entries.length) problems.push(`${who}: pair ${show(here)} in the middle of the directory is empty`);
      pairs.push(pair);
      at = pair.log.tail?.hard ? pair.log.tail.pair : undefined;
    }
    return pairs;
  }

  // The version decides how rests are judged, so look for the superblock first.
  for (const block of [0, 1]) {
    const entry = limit > 1 ? readLog(bytesOf(block), block, 1)?.entries[0] : undefined;
    if (entry?.nameType === 0xff && entry.struct?.length === 24) minor = u32(entry.struct, 0) & 0xffff;
  }
  const root = limit > 1 ? chain([0, 1], '/') : [];
  if (!root.length) problems.push('no superblock: pair {0, 1} is not valid');
  superblock(root);
  if (result.blockCount) {
    if (image.length < result.blockCount * blockSize) problems.push(`the image ends before block ${result.blockCount}`);
    if (blockCount !== undefined && blockCount !== result.blockCount)
      problems.push(`block count ${result.blockCount} in the superblock, ${blockCount} expected`);
    limit = Math.min(limit, result.blockCount);
  }

  function superblock(pairs: Pair[]): void {
    pairs.forEach((pair, i) => {
      const found = pair.log.entries.findIndex((e) => e.nameType === 0xff);
      if (found < 0) return;
      const entry = pair.log.entries[found];
      if (found || pair.log.entries.filter((e) => e.nameType === 0xff).length > 1) problems.push(`superblock entry at id ${found}, not 0`);
      if (i !== result.superblocks) problems.push('superblock entries do not begin the chain of the root');
      if (text.decode(entry.name) !== 'littlefs') problems.push('superblock entry with a wrong magic');
      if (entry.structType !== 0x201 || entry.struct?.length !== 24) {
        problems.push('superblock entry without its 24 bytes');
        return;
      }
      result.superblocks++;
      const word = (n: number) => u32(entry.struct as Uint8Array, n * 4);
      result.version = `${word(0) >>> 16}.${word(0) & 0xffff}`;
      result.blockSize = word(1);
      result.blockCount = word(2);
      result.nameMax = word(3);
      result.fileMax = word(4);
      result.attrMax = word(5);
      result.rootAttrs = entry.attrs;
    });
    pairs.slice(0, result.superblocks - 1).forEach((pair) => {
      if (pair.log.entries.length !== 1) problems.push(`expanded superblock pair ${show(pair.blocks)} holds files`);
    });
    if (!result.superblocks) {
      problems.push('no superblock entry');
      return;
    }
    const first = pairs[0].log.block;
    if (text.decode(bytesOf(first).subarray(8, 16)) !== 'littlefs') problems.push('no magic at offset 8 of the superblock');
    if (result.version !== '2.0' && result.version !== '2.1') problems.push(`version ${result.version}`);
    if (result.blockSize !== blockSize) problems.push(`block size ${result.blockSize} in the superblock, ${blockSize} expected`);
    if (result.nameMax > 1022 || result.attrMax > 1022 || result.fileMax > 0x7fffffff) problems.push('limits in the superblock too large');
  }

  // The thread, and the global state that its pairs add up to.
  const thread: Pair[] = [];
  const state = [0, 0, 0];
  for (let at: [number, number] | undefined = [0, 1]; at; ) {
    const here: [number, number] = at;
    if (thread.some((p) => touch(p.blocks, here))) {
      problems.push(`the thread visits a block of ${show(here)} twice`);
      break;
    }
    const pair = load(here, 'thread');
    if (!pair) break;
    thread.push(pair);
    for (let i = 0; i < 3; i++) state[i] = (state[i] ^ pair.log.delta[i]) >>> 0;
    at = pair.log.tail?.pair;
    // The end of the thread may be a soft tail to nowhere.
    if (at && !pair.log.tail?.hard && (at[0] === NULL_BLOCK || at[1] === NULL_BLOCK)) at = undefined;
  }
  result.orphansFlagged = state[0] >>> 31 === 1;
  const moveType = (state[0] >>> 20) & 0x7ff;
  if (state[0] & 0x3ff) problems.push('the global state has bits in its padding');
  if (moveType === 0x4ff) result.pendingMove = { id: (state[0] >>> 10) & 0x3ff, pair: [state[1], state[2]] };
  else if (moveType) problems.push(`the global state names a move of unknown type 0x${moveType.toString(16)}`);
  else if (state[1] || state[2] || (state[0] >>> 10) & 0x3ff) problems.push('the global state has a pair but no move');

  // The tree. Every block has one owner, but for pairs that are relocated in part.
  const owners = new Map<number, string>();
  const reached: Pair[] = [];
  let moveSeen = false;
  function own(block: number, owner: string): void {
    const other = owners.get(block);
    if (other !== undefined) problems.push(`block ${block} belongs to ${other} and to ${owner}`);
    owners.set(block, owner);
    result.used.add(block);
  }

  function directory(first: [number, number], path: string): void {
    let last: Uint8Array | undefined;
    chain(first, path || '/').forEach((pair) => {
      if (reached.includes(pair)) {
        problems.push(`${path || '/'}: pair ${show(pair.blocks)} is in two directories`);
        return;
      }
      reached.push(pair);
      own(pair.blocks[0], `directory ${path}/`);
      own(pair.blocks[1], `directory ${path}/`);
      pair.log.entries.forEach((entry, id) => {
        if (!entry.name || !entry.struct) return;
        if (entry.nameType === 0xff) {
          if (path) problems.push(`${path}: superblock entry in a directory`);
          return;
        }
        if (last && compareNames(last, entry.name) >= 0) problems.push(`${path}/: names not in order at ${text.decode(entry.name)}`);
        last = entry.name;
        const move = result.pendingMove;
        const at = `${path}/${text.decode(entry.name)}`;
        if (move && move.id === id && touch(move.pair, pair.blocks)) {
          if (!sameSet(move.pair, pair.blocks)) problems.push(`the pending move names ${show(move.pair)}, not ${show(pair.blocks)}`);
          move.path = at;
          moveSeen = true;
          return;
        }
        if (options.asC && move && move.id + 1 === id && touch(move.pair, pair.blocks)) return;
        if (result.tree.has(at)) problems.push(`${at}: two of the same name`);
        node(entry, at);
      });
    });
  }

  function node(entry: LogEntry, path: string): void {
    const name = entry.name as Uint8Array;
    const struct = entry.struct as Uint8Array;
    if (!name.length || name.length > result.nameMax || name.includes(0x2f) || name.includes(0)) problems.push(`${path}: impossible name`);
    entry.attrs.forEach((value, type) => {
      if (value.length > result.attrMax) problems.push(`${path}: attribute ${type} longer than allowed`);
    });
    if (entry.nameType === 2) {
      result.tree.set(path, { type: 'dir', size: 0, content: EMPTY, attrs: entry.attrs });
      if (entry.structType !== 0x200) problems.push(`${path}: a directory without a directory struct`);
      else directory([u32(struct, 0), u32(struct, 4)], path);
      return;
    }
    let content: Uint8Array = EMPTY;
    if (entry.structType === 0x201) {
      content = struct;
      const most = options.inlineMax ?? Math.min(1022, Math.floor(blockSize / 8));
      if (content.length > most) problems.push(`${path}: inline file of ${content.length} bytes, ${most} allowed`);
    } else if (entry.structType === 0x202) content = readCtz(u32(struct, 0), u32(struct, 4), path);
    else problems.push(`${path}: a file without a file struct`);
    result.tree.set(path, { type: 'file', size: content.length, content, attrs: entry.attrs });
  }

  /** DESIGN.md, "CTZ skip-lists": block n begins with pointers to the blocks n - 2^k for every k with 2^k dividing n. */
  function readCtz(head: number, size: number, path: string): Uint8Array {
    const wrong = (what: string): Uint8Array => {
      problems.push(`${path}: ${what}`);
      return EMPTY;
    };
    if (!size) return wrong('CTZ list of no bytes');
    if (size > result.fileMax) return wrong(`size ${size} is more than allowed`);
    const skips = (n: number): number => (n ? 1 + Math.log2(n & -n) : 0);
    // Data in block n: what its pointers leave.
    let count = 0;
    for (let room = 0; room < size; count++) {
      room += blockSize - 4 * skips(count);
      if (count > limit) return wrong(`size ${size} needs more blocks than there are`);
    }
    const list: number[] = [];
    let at = head;
    for (let n = count - 1; n >= 0; n--) {
      if (at >= limit) return wrong(`block ${n} of its list is ${at}, outside the volume`);
      list[n] = at;
      own(at, path);
      at = u32(bytesOf(at), 0);
    }
    const content = new Uint8Array(size);
    let done = 0;
    list.forEach((block, n) => {
      const bytes = bytesOf(block);
      for (let k = 0; k < skips(n); k++) {
        const target = u32(bytes, 4 * k);
        if (target !== list[n - 2 ** k]) problems.push(`${path}: skip pointer ${k} of block ${n} is ${target}, not ${list[n - 2 ** k]}`);
      }
      const data = bytes.subarray(4 * skips(n), 4 * skips(n) + Math.min(blockSize, size - done));
      content.set(data, done);
      done += data.length;
    });
    return content;
  }

  if (result.superblocks) directory([0, 1], '');
  result.pairs = reached.length;
  if (result.pendingMove && !moveSeen)
    problems.push(`the pending move of id ${result.pendingMove.id} in ${show(result.pendingMove.pair)} names nothing`);

  // Directories against the thread: SPEC.md, "0x6xx LFS_TYPE_TAIL", what may be out of step while orphans are flagged.
  for (const pair of thread) {
    pair.blocks.forEach((block) => {
      const other = owners.get(block);
      if (other !== undefined && !other.startsWith('directory')) problems.push(`block ${block} is on the thread and belongs to ${other}`);
      result.used.add(block);
    });
    if (reached.includes(pair)) continue;
    const half = reached.find((p) => touch(p.blocks, pair.blocks));
    result.orphans.push(half ? `half orphan ${show(pair.blocks)}, now ${show(half.blocks)}` : `orphan ${show(pair.blocks)}`);
  }
  // A pair that moved may already be followed by a new directory, which the thread reaches when it learns of the move.
  const behind = reached.filter((pair) => thread.some((p) => p !== pair && touch(p.blocks, pair.blocks)));
  for (const moved of behind) {
    const next = reached.find((pair) => moved.log.tail && pair.blocks.join() === moved.log.tail.pair.join());
    if (next && !thread.includes(next) && !behind.includes(next)) behind.push(next);
  }
  for (const pair of reached) {
    if (!thread.includes(pair) && !behind.includes(pair)) problems.push(`directory pair ${show(pair.blocks)} is not on the thread`);
  }
  if (result.orphans.length && !result.orphansFlagged) problems.push(`not flagged: ${result.orphans.join('; ')}`);
  if (options.strict) {
    if (result.pendingMove) problems.push('a move is pending');
    if (result.orphansFlagged || result.orphans.length) problems.push(`orphans: ${result.orphans.join('; ') || 'flagged, none there'}`);
  }
  if (options.erased) problems.push(...result.dirty);
  return result;
}
