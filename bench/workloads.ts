/** The 14 standard workloads, on one volume, in order; what they cost is counted at the block device. */
import type { BlockDevice, RawFile } from '../modules/contract/filesystem';
import { VfsLfs2 } from '../modules/littlefs2';
import { type Cost, noCost } from './meter';

export type Lfs2Options = ConstructorParameters<typeof VfsLfs2>[1];

export interface Setting {
  blockSize: number;
  blockCount: number;
  options: Lfs2Options;
}

/** The settings under which the C library was measured. */
export const SETTINGS: Record<'MP' | 'BIG' | 'SMALLBLOCK', Setting> = {
  MP: {
    blockSize: 4096,
    blockCount: 256,
    options: { readsize: 32, progsize: 32, cachesize: 128, lookahead: 32, blockCycles: 100, mtime: false },
  },
  BIG: {
    blockSize: 4096,
    blockCount: 256,
    options: { readsize: 16, progsize: 16, cachesize: 512, lookahead: 32, blockCycles: 100, mtime: false },
  },
  SMALLBLOCK: {
    blockSize: 512,
    blockCount: 2048,
    options: { readsize: 16, progsize: 16, cachesize: 64, lookahead: 32, blockCycles: 100, mtime: false },
  },
};

/** What is measured with times of modification, as MicroPython does by default; the C library by itself writes none. */
export const TIMED: Setting = { ...SETTINGS.MP, options: { ...SETTINGS.MP.options, mtime: true } };

/** A device that counts what it is asked for. */
export interface Counted extends BlockDevice {
  cost: Cost;
}

/** A device as NOR flash is, in RAM: it counts, and takes a program of a byte that is not erased for an error. */
export class CountingDevice implements Counted {
  cost = noCost();
  image: Uint8Array;

  /** @param progsize what it states, nothing by default */
  constructor(
    public blockSize: number,
    public blockCount: number,
    public progsize?: number,
  ) {
    this.image = new Uint8Array(blockSize * blockCount).fill(0xff);
  }

  readblocks(block: number, buf: Uint8Array, offset: number): number {
    const at = block * this.blockSize + offset;
    buf.set(this.image.subarray(at, at + buf.length));
    this.cost.reads++;
    this.cost.readBytes += buf.length;
    return 0;
  }

  writeblocks(block: number, buf: Uint8Array, offset: number): number {
    const target = this.image.subarray(block * this.blockSize + offset, block * this.blockSize + offset + buf.length);
    for (const byte of target) if (byte !== 0xff) throw new Error(`block ${block}, offset ${offset}: programmed without an erase`);
    target.set(buf);
    this.cost.programs++;
    this.cost.programBytes += buf.length;
    return 0;
  }

  ioctl(op: number, arg: number): number | undefined {
    if (op === 4) return this.blockCount;
    if (op === 5) return this.blockSize;
    if (op === 6) {
      this.image.fill(0xff, arg * this.blockSize, (arg + 1) * this.blockSize);
      this.cost.erases++;
      return 0;
    }
    return undefined;
  }
}

/** Runs `work` with a clock that goes on by `step` milliseconds each time it is asked. */
export function withClock<R>(step: number, work: () => R): R {
  const real = Date.now;
  let time = 1700000000000;
  Date.now = () => {
    time += step;
    return time;
  };
  try {
    return work();
  } finally {
    Date.now = real;
  }
}

/** Runs all workloads on a device, which is formatted first, and gives the cost of each. */
export function runWorkloads(device: Counted, options: Lfs2Options): Record<string, Cost> {
  const costs: Record<string, Cost> = {};
  let fs = undefined as unknown as VfsLfs2;
  function workload(name: string, work: () => void): void {
    device.cost = noCost();
    const start = process.hrtime.bigint();
    work();
    device.cost.micros = Number((process.hrtime.bigint() - start) / 1000n);
    costs[name] = device.cost;
    device.cost = noCost();
  }
  const open = (path: string, mode: string): RawFile => fs.open(path, mode) as RawFile;
  const bytes = (length: number, seed: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 7 + seed) & 0xff);
  const fileName = (i: number): string => `file${String(i).padStart(3, '0')}.txt`;
  function store(path: string, content: Uint8Array): void {
    const file = open(path, 'w');
    file.writeAt(0, content);
    file.close();
  }

  workload('W1', () => {
    VfsLfs2.mkfs(device, options);
    fs = new VfsLfs2(device, options);
    fs.mount(false, false);
  });
  // The baseline counts neither this mkdir nor that of `e`.
  fs.mkdir('/d');
  workload('W2', () => {
    for (let i = 0; i < 100; i++) store('/d/' + fileName(i), bytes(100, i));
  });
  workload('W3', () => {
    const file = open('/big', 'w');
    for (let i = 0; i < 512; i++) file.writeAt(i * 128, bytes(128, i));
    file.close();
  });
  workload('W4', () => {
    const file = open('/big', 'r');
    const piece = new Uint8Array(128);
    for (let i = 0; i < 512; i++) if (file.readAt(i * 128, piece) !== 128 || piece[3] !== ((21 + i) & 0xff)) throw new Error('W4 read');
    file.close();
  });
  workload('W5', () => {
    const file = open('/big', 'r');
    const piece = new Uint8Array(16);
    for (let i = 0, x = 12345; i < 100; i++, x = (Math.imul(x, 1103515245) + 12345) & 0x7fffffff) file.readAt(x % 65520, piece);
    file.close();
  });
  workload('W6', () => {
    const file = open('/log', 'a');
    for (let i = 0; i < 500; i++) {
      file.writeAt(i * 32, bytes(32, i));
      file.sync();
    }
    file.close();
  });
  workload('W7', () => {
    for (let i = 0; i < 200; i++) store('/cfg', bytes(1000, i));
  });
  workload('W8a', () => {
    fs.mkdir('/t');
    for (let i = 0; i < 5; i++) {
      fs.mkdir(`/t/${i}`);
      for (let j = 0; j < 5; j++) {
        fs.mkdir(`/t/${i}/${j}`);
        for (let k = 0; k < 5; k++) store(`/t/${i}/${j}/${k}`, bytes(20, k));
      }
    }
  });
  function walk(path: string): number {
    let count = 0;
    const directories: string[] = [];
    const entries = fs.ilistdir(path || '/');
    for (let step = entries.next(); !step.done; step = entries.next()) {
      const [name, type] = step.value as unknown as [string, number];
      fs.stat(`${path}/${name}`);
      count++;
      if (type === 0x4000) directories.push(`${path}/${name}`);
    }
    for (const directory of directories) count += walk(directory);
    return count;
  }
  workload('W8b', () => {
    if (walk('') !== 5 + 100 + 5 + 25 + 125) throw new Error(`W8b lists ${walk('')}`);
  });
  fs.mkdir('/e');
  workload('W9', () => {
    for (let i = 0; i < 100; i++) fs.rename('/d/' + fileName(i), '/e/' + fileName(i));
  });
  workload('W10', () => {
    for (let i = 0; i < 100; i++) if (fs.stat('/e/' + fileName(i))[6] !== 100) throw new Error('W10 stat');
  });
  workload('W11', () => {
    for (let i = 0; i < 100; i++) fs.remove('/e/' + fileName(i));
  });
  workload('W12', () => {
    fs = new VfsLfs2(device, options);
    fs.mount(false, false);
  });
  workload('W13', () => {
    fs.statvfs('/');
  });
  return costs;
}

/** What must not exceed the C library's figure. */
export const JUDGED = ['readBytes', 'programBytes', 'erases'] as const;

/** `W6 readBytes 12 > 10`, for each judged figure that is more than the baseline's. */
export function worse(costs: Record<string, Cost>, baseline: Record<string, Omit<Cost, 'micros'>>): string[] {
  return Object.keys(baseline).flatMap((name) =>
    JUDGED.filter((figure) => costs[name][figure] > baseline[name][figure]).map(
      (figure) => `${name} ${figure} ${costs[name][figure]} > ${baseline[name][figure]}`,
    ),
  );
}
