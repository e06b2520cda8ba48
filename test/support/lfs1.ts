/** What the littlefs 1 tests share: a volume on a simulated chip, its content as data, and the independent judge. */
import * as assert from 'uvu/assert';
import { NorBlockDev, type NorFlash, norImage } from '../../boards/sim';
import type { BlockDevice } from '../../modules/contract/filesystem';
import { type Lfs1Options, VfsLfs1 } from '../../modules/littlefs1';
import { checkLfs1, type Lfs1Check } from '../independent/lfs1-reader';
import { chip, hex, pattern, writeFile as put, type Snapshot } from './lfs2';

export {
  difference,
  hex,
  list as names,
  noLeaks as noLeaks1,
  pattern,
  readFile as get,
  type Snapshot,
  sameTree,
  snapshot as snapshot1,
  snapshotOf as snapshotOf1,
  throwsCode,
  writeFile as put,
} from './lfs2';

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

/** The judge's findings about the chip as it is now; fails unless there are no problems. */
export function sound1(image: Uint8Array | NorFlash, g: Geometry1, strict: boolean, what = ''): Lfs1Check {
  const check = checkLfs1(image instanceof Uint8Array ? image : norImage(image), g.blockSize);
  assert.equal(strict ? check.problems.concat(check.half) : check.problems, [], what);
  return check;
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
