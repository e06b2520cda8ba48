/** What the littlefs 1 tests share: a volume on a simulated chip, its content as data, and the independent judge. */
import * as assert from 'uvu/assert';
import { NorBlockDev, type NorFlash, norImage } from '../../boards/sim';
import type { BlockDevice, RawFile } from '../../modules/contract/filesystem';
import { type Lfs1Options, VfsLfs1 } from '../../modules/littlefs1';
import { checkLfs1, type Lfs1Check } from '../independent/lfs1-reader';
import { chip, pattern, type Snapshot } from './lfs2';

export { chip, difference, pattern, type Snapshot, sameTree, throwsCode } from './lfs2';

export interface Geometry1 {
  blockSize: number;
  blockCount: number;
  progSize: number;
  options: Lfs1Options;
}

export function geometry1(blockSize: number, blockCount: number, progSize: number): Geometry1 {
  return { blockSize, blockCount, progSize, options: { readsize: Math.min(progSize, 32), progsize: progSize } };
}

/** A chip for the geometry, erased or with an image. Programming a byte that is not erased throws. */
export function chip1(g: Geometry1, image?: Uint8Array): NorFlash {
  return chip({ ...g, options: {} }, image);
}

export function mount1(device: BlockDevice, options: Lfs1Options = {}, readonly = false): VfsLfs1 {
  const fs = new VfsLfs1(device, options);
  fs.mount(readonly, false);
  return fs;
}

/** Formats the chip and mounts it. */
export function format1(nor: NorFlash, g: Geometry1): VfsLfs1 {
  VfsLfs1.mkfs(new NorBlockDev(nor), g.options);
  return mount1(new NorBlockDev(nor), g.options);
}

export function put(fs: VfsLfs1, path: string, content: Uint8Array, mode = 'w'): void {
  const file = fs.open(path, mode) as RawFile;
  try {
    file.writeAt(mode.startsWith('a') ? file.size() : 0, content);
  } catch (error) {
    try {
      file.close();
    } catch {
      // The write's own error is the one to tell.
    }
    throw error;
  }
  file.close();
}

export function get(fs: VfsLfs1, path: string): Uint8Array {
  const file = fs.open(path, 'r') as RawFile;
  const content = new Uint8Array(file.size());
  assert.is(file.readAt(0, content), content.length, `${path}: short read`);
  file.close();
  return content;
}

export function names(fs: VfsLfs1, path: string): [string, number, number, number][] {
  const entries: [string, number, number, number][] = [];
  const iterator = fs.ilistdir(path);
  for (let step = iterator.next(); !step.done; step = iterator.next()) entries.push(step.value as [string, number, number, number]);
  return entries;
}

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** The whole tree as the file system under test shows it. */
export function snapshot1(fs: VfsLfs1, path = ''): Snapshot {
  const tree: Snapshot = {};
  for (const [name, type, , size] of names(fs, path || '/')) {
    const at = `${path}/${name}`;
    const isDir = type === 0x4000;
    const content = isDir ? new Uint8Array(0) : get(fs, at);
    assert.is(size, content.length, `${at}: size in the listing`);
    assert.is(fs.stat(at)[6], size, `${at}: size by stat`);
    assert.not(at in tree, `${at} twice`);
    tree[at] = isDir ? 'dir' : hex(content);
    if (isDir) Object.assign(tree, snapshot1(fs, at));
  }
  return tree;
}

/** The whole tree as the independent reader shows it. */
export function snapshotOf1(check: Lfs1Check): Snapshot {
  return Object.fromEntries([...check.tree].map(([path, node]) => [path, node.type === 'dir' ? 'dir' : hex(node.content)]));
}

/** The judge's findings about the chip as it is now; fails unless there are no problems. */
export function sound1(image: Uint8Array | NorFlash, g: Geometry1, strict: boolean, what = ''): Lfs1Check {
  const check = checkLfs1(image instanceof Uint8Array ? image : norImage(image), g.blockSize);
  assert.equal(strict ? check.problems.concat(check.half) : check.problems, [], what);
  return check;
}

/** Volume and judge agree on the blocks in use, and that `content` of some files is there. */
export function noLeaks1(fs: VfsLfs1, check: Lfs1Check, what = ''): void {
  const figures = fs.statvfs('/');
  assert.is(figures[2] - figures[3], check.used.size, `${what}: used blocks by statvfs, and by the judge`);
}

/** Does something of everything, in names of its own; gives what it adds to the tree. */
export function exercise(fs: VfsLfs1): Snapshot {
  const big = Math.min(fs.statvfs('/')[3] >> 2, 6) * fs.statvfs('/')[0];
  fs.mkdir('/new');
  put(fs, '/new/one', pattern(big, 1));
  put(fs, '/two', pattern(30, 2));
  fs.rename('/two', '/new/second');
  fs.mkdir('/new/b');
  fs.rename('/new/b', '/moved');
  put(fs, '/moved/three', pattern(big >> 1, 3));
  fs.mkdir('/gone');
  fs.rename('/gone', '/new/gone');
  fs.rmdir('/new/gone');
  fs.remove('/new/one');
  put(fs, '/moved/three', pattern(7, 4), 'a');
  return {
    '/new': 'dir',
    '/new/second': hex(pattern(30, 2)),
    '/moved': 'dir',
    '/moved/three': hex(pattern(big >> 1, 3)) + hex(pattern(7, 4)),
  };
}
