/** What one call costs as a directory grows, and the most that one call costs in a long run: counted device operations. */
import type { RawFile } from '../modules/contract/filesystem';
import { VfsLfs2 } from '../modules/littlefs2';
import type { Cost } from './meter';
import { CountingDevice, SETTINGS } from './workloads';

function operations(cost: Cost): number {
  return cost.reads + cost.programs + cost.erases;
}

/** A volume of `SETTINGS.MP`, larger where asked, and the counters of its device around one piece of work. */
function volume(blockCount: number): { fs: VfsLfs2; measure: (work: () => void) => Cost } {
  const { blockSize, options } = SETTINGS.MP;
  const device = new CountingDevice(blockSize, blockCount, 1);
  VfsLfs2.mkfs(device, options);
  const fs = new VfsLfs2(device, options);
  fs.mount(false, false);
  return {
    fs,
    measure: (work) => {
      const before = { ...device.cost };
      work();
      const cost = { ...device.cost };
      for (const key of Object.keys(before) as (keyof Cost)[]) cost[key] -= before[key];
      return cost;
    },
  };
}

function store(fs: VfsLfs2, path: string, length: number, mode = 'w'): void {
  const file = fs.open(path, mode) as RawFile;
  file.writeAt(file.size(), new Uint8Array(length).fill(length));
  file.close();
}

const name = (i: number): string => `/d/file${String(i).padStart(4, '0')}.txt`;

/** Device operations and bytes read, averaged over 20 calls, in a directory of `count` files of 100 bytes. */
export function growth(count: number): Record<'create' | 'stat' | 'list' | 'remove', { operations: number; readBytes: number }> {
  const { fs, measure } = volume(1024);
  fs.mkdir('/d');
  for (let i = 0; i < count; i++) store(fs, name((i * 7919) % count), 100);
  const average = (work: (i: number) => void, times: number) => {
    const cost = measure(() => {
      for (let i = 0; i < times; i++) work((i * 7919) % count);
    });
    return { operations: Math.round(operations(cost) / times), readBytes: Math.round(cost.readBytes / times) };
  };
  return {
    stat: average((i) => fs.stat(name(i)), 20),
    list: average(() => {
      const entries = fs.ilistdir('/d');
      while (!entries.next().done);
    }, 1),
    create: average((i) => store(fs, `${name(i)}~`, 100), 20),
    remove: average((i) => fs.remove(`${name(i)}~`), Math.min(20, count)),
  };
}

/** What one long mixed run costs at most. */
interface Stalls {
  /** The most device operations of one call, and of one with a single compaction. */
  call: number;
  what: string;
  compaction: number;
  /** Of one call of `gc`. */
  gc: number;
  /** Of the first block taken after the mount, which searches the whole volume for free ones. */
  first: number;
}

/** On a volume of so many blocks, a share of them in files that stay; with an idle hook that calls `gc` where there is a budget. */
export function stalls(calls: number, blockCount: number, share: number, budget: number | undefined): Stalls {
  const { fs, measure } = volume(blockCount);
  if (share) fs.mkdir('/kept');
  for (let i = 0; fs.statvfs('/')[3] > blockCount * (1 - share); i++) store(fs, `/kept/f${i}`, 4096 * (5 + ((i * 7) % 20)));
  fs.umount();
  fs.mount(false, false);
  const first = operations(measure(() => store(fs, '/first', 1000)));
  let x = 12345;
  const random = (below: number): number => {
    x = (Math.imul(x, 1103515245) + 12345) & 0x7fffffff;
    return (x >>> 8) % below;
  };
  let most = 0;
  let what = '';
  let gc = 0;
  let compaction = 0;
  for (let k = 0; k < 4; k++) fs.mkdir(`/d${k}`);
  for (let i = 0; i < calls; i++) {
    const path = `/d${random(4)}/f${random(12)}`;
    const kinds: [string, () => void][] = [
      ['write 60 bytes', () => store(fs, path, 60)],
      ['write 1,000 bytes', () => store(fs, path, 1000)],
      ['append 32 bytes', () => store(fs, path, 32, 'a')],
      ['stat', () => exists(fs, path) && fs.stat(path)],
      ['remove', () => exists(fs, path) && fs.remove(path)],
      ['rename', () => exists(fs, path) && fs.rename(path, `/d${random(4)}/f${random(12)}`)],
    ];
    const [kind, work] = kinds[random(kinds.length)];
    const cost = measure(work);
    if (operations(cost) > most) {
      most = operations(cost);
      what = kind;
    }
    if (cost.erases === 1) compaction = Math.max(compaction, operations(cost));
    if (budget !== undefined) gc = Math.max(gc, operations(measure(() => fs.gc(budget))));
  }
  return { call: most, what, compaction, gc, first };
}

function exists(fs: VfsLfs2, path: string): boolean {
  try {
    fs.stat(path);
    return true;
  } catch {
    return false;
  }
}

export function printGrowth(): void {
  console.log('\nOne call in a directory of 10, 100, 1,000, 3,000 files (MP): device operations / bytes read');
  const sizes = [10, 100, 1000, 3000].map(growth);
  for (const call of ['create', 'stat', 'list', 'remove'] as const)
    console.log(call.padEnd(8) + sizes.map((size) => `${size[call].operations} / ${size[call].readBytes}`.padStart(18)).join(''));
  const calls = 10000;
  console.log(`\nThe most device operations of one call, over ${calls} mixed calls`);
  for (const [blockCount, share] of [
    [256, 0],
    [512, 0.9],
    [4096, 0.6],
  ]) {
    const plain = stalls(calls, blockCount, share, undefined);
    const idle = stalls(calls, blockCount, share, 100);
    console.log(`${blockCount} blocks, ${share * 100} % in files that stay; the first write after the mount ${plain.first}`);
    console.log(`  without gc      ${plain.call} (${plain.what}); the longest with one compaction ${plain.compaction}`);
    console.log(`  gc(100) between ${idle.call} (${idle.what}); one gc call ${idle.gc}`);
  }
}
