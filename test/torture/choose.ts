/** Random steps that make sense for the tree as it is. */
import { pattern } from '../support/lfs2';
import { pick, type Random } from './random';
import type { Session, Step } from './session';

/** What a random workload is mostly made of. */
export interface Taste {
  /** Bytes of the largest files. */
  largest: number;
  /** Files and directories at most. */
  entries: number;
  /** Weights of the kinds of steps; a kind that is absent does not occur. */
  weights: { [kind in Step[0]]?: number };
}

const NAMES = 'abcdefgh';

export function choose(session: Session, taste: Taste, random: Random): Step | undefined {
  const { tree, handles } = session;
  const paths = Object.keys(tree);
  const dirs = paths.filter((path) => tree[path].startsWith('dir'));
  const files = paths.filter((path) => !tree[path].startsWith('dir'));
  const parent = dirs.length && random(3) ? pick(random, dirs) : '';
  const depth = parent.split('/').length;
  const fresh = `${parent}/${NAMES[random(8)].repeat(1 + random(random(4) ? 3 : 20))}${random(20)}`;
  const file = files.length ? pick(random, files) : fresh;
  const dir = dirs.length ? pick(random, dirs) : fresh;
  const any = paths.length ? pick(random, paths) : fresh;
  const size = random(4) ? random(60) : random(2) ? random(taste.largest) : random(300);
  const old = (tree[file] ?? '').split(' ')[0].length / 2;
  const target = random(3) ? file : fresh;
  const slot = random(3);
  const seed = random(256);
  const full = paths.length >= taste.entries;
  let total = 0;
  for (const kind in taste.weights) total += taste.weights[kind as Step[0]] as number;
  let left = random(total);
  let kind: Step[0] = 'mount';
  for (const each in taste.weights) {
    kind = each as Step[0];
    left -= taste.weights[kind] as number;
    if (left < 0) break;
  }
  if (full && (kind === 'mkdir' || kind === 'write')) kind = random(3) ? 'remove' : 'rmdir';
  switch (kind) {
    case 'mkdir':
      return depth > 4 ? undefined : ['mkdir', fresh];
    case 'rmdir':
      return ['rmdir', dir];
    case 'remove':
      return ['remove', file];
    case 'write':
      return ['write', target, size, seed];
    case 'append':
      return ['append', file, size, seed];
    case 'log':
      return ['log', random(2) ? file : fresh, random(40), random(40), seed];
    case 'overwrite':
      return ['overwrite', file, random(old + 40), size, seed];
    case 'truncate':
      return ['truncate', file, random(2) ? random(old + 1) : random(old + 100)];
    case 'rename': {
      const to = random(2) ? fresh : random(2) ? file : dir;
      return ['rename', random(3) ? file : dir, depth > 4 ? file : to];
    }
    case 'setattr':
      return ['setattr', any, random(4), Buffer.from(pattern(random(4) ? random(12) : random(60), seed)).toString('hex')];
    case 'removeattr':
      return ['removeattr', any, random(4)];
    case 'open':
      return ['open', slot, target, pick(random, ['w', 'a', 'r+'] as const)];
    case 'put':
      return ['put', slot, random(3) ? -1 : random((handles[slot]?.body.length ?? 0) / 2 + 30), size, seed];
    case 'cut':
      return ['cut', slot, random((handles[slot]?.body.length ?? 0) / 2 + 30)];
    case 'sync':
      return ['sync', slot];
    case 'close':
      return ['close', slot];
    case 'gc':
      return ['gc', random(60)];
    default:
      return ['mount'];
  }
}
