/** What the FAT tests share: a volume over an image in memory, its content as data, and the judges. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BlockDevice, RawFile } from '../../modules/contract/filesystem';
import { VfsFat } from '../../modules/fat';

/** A block device over an image, which counts its calls. */
export class ImageDevice implements BlockDevice {
  image: Uint8Array;
  blockSize: number;
  reads = 0;
  writes = 0;
  blocksRead = 0;
  blocksWritten = 0;
  /** Called before each sector of a write; a thrown error is a power cut. */
  onSector?: (block: number, data: Uint8Array) => unknown;

  constructor(image: Uint8Array, blockSize = 512) {
    this.image = image;
    this.blockSize = blockSize;
  }
  readblocks(block: number, buf: Uint8Array): number {
    const at = block * this.blockSize;
    if (at < 0 || at + buf.length > this.image.length || buf.length % this.blockSize)
      throw new Error(`read outside: ${block}, ${buf.length}`);
    buf.set(this.image.subarray(at, at + buf.length));
    this.reads++;
    this.blocksRead += buf.length / this.blockSize;
    return 0;
  }
  writeblocks(block: number, buf: Uint8Array): number {
    const at = block * this.blockSize;
    if (at < 0 || at + buf.length > this.image.length || buf.length % this.blockSize)
      throw new Error(`write outside: ${block}, ${buf.length}`);
    this.writes++;
    for (let done = 0; done < buf.length; done += this.blockSize) {
      const sector = buf.subarray(done, done + this.blockSize);
      this.onSector?.(block + done / this.blockSize, sector);
      this.image.set(sector, at + done);
      this.blocksWritten++;
    }
    return 0;
  }
  ioctl(op: number): number | undefined {
    if (op === 4) return this.image.length / this.blockSize;
    if (op === 5) return this.blockSize;
    return 0;
  }
  resetCounts(): void {
    this.reads = this.writes = this.blocksRead = this.blocksWritten = 0;
  }
}

export function mount(device: BlockDevice, readonly = false, partition?: number): VfsFat {
  const fs = new VfsFat(device, partition === undefined ? undefined : { partition });
  fs.mount(readonly, false);
  return fs;
}

export function format(size: number, options: Parameters<NonNullable<typeof VfsFat.mkfs>>[1] = {}, blockSize = 512): ImageDevice {
  const device = new ImageDevice(new Uint8Array(size), blockSize);
  VfsFat.mkfs?.(device, options);
  return device;
}

/** A volume of a type in clusters of one sector, about as small as one may be. @param sectors of FAT12 */
export function formatAs(type: 12 | 16 | 32, sectors = 100): ImageDevice {
  if (type < 16) return format(sectors * 512);
  return format(type < 32 ? 4200 * 512 : 66100 * 512 + 600 * 1024, { type, clusterSize: 512 });
}

export function writeFile(fs: VfsFat, name: string, content: Uint8Array, mode = 'w'): void {
  const file = fs.open(name, mode);
  try {
    file.writeAt(mode.startsWith('a') ? file.size() : 0, content);
  } finally {
    file.close();
  }
}

export function readFile(fs: VfsFat, name: string): Uint8Array {
  const file = fs.open(name, 'r') as RawFile;
  const content = new Uint8Array(file.size());
  let got = 0;
  try {
    got = file.readAt(0, content);
  } finally {
    file.close();
  }
  if (got !== content.length) throw new Error(`${name}: ${got} of ${content.length} bytes`);
  return content;
}

export function list(fs: VfsFat, dir: string): [string, number, number, number][] {
  const entries: [string, number, number, number][] = [];
  const iterator = fs.ilistdir(dir);
  for (let step = iterator.next(); !step.done; step = iterator.next()) entries.push(step.value as [string, number, number, number]);
  return entries;
}

/** Each path with `dir` or the content in hex. */
export function tree(fs: VfsFat, top = ''): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, type, , size] of list(fs, top || '/')) {
    const at = `${top}/${name}`;
    if (type === 0x4000) Object.assign(found, { [at]: 'dir' }, tree(fs, at));
    else {
      const content = readFile(fs, at);
      if (content.length !== size) throw new Error(`${at}: listed with ${size}, has ${content.length} bytes`);
      found[at] = Buffer.from(content).toString('hex');
    }
  }
  return found;
}

/** Bytes that differ from seed to seed and from sector to sector. */
export function pattern(length: number, seed: number): Uint8Array {
  const content = new Uint8Array(length);
  for (let i = 0, x = (seed + 1) >>> 0; i < length; i++) {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    content[i] = x >>> 24;
  }
  return content;
}

/** Numbers that repeat from run to run. */
export function random(seed: number): (below: number) => number {
  let x = seed >>> 0 || 1;
  return (below) => {
    x ^= x << 13;
    x >>>= 0;
    x ^= x >>> 17;
    x ^= x << 5;
    x >>>= 0;
    return x % below;
  };
}

export const scratch = mkdtempSync(path.join(tmpdir(), 'fat-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));

/** Whether a tool is installed; says so if it is not. */
export function hasTool(name: string): boolean {
  const found = !spawnSync(name, ['--help'], { stdio: 'ignore' }).error;
  if (!found) console.log(`skipped: ${name} is not installed`);
  return found;
}

const ZEROS = Buffer.alloc(65536);

/** Puts an image into a file of this name, whose end of zeros is left out on the disk, and gives its path. */
export function saved(name: string, image: Uint8Array): string {
  const file = path.join(scratch, name);
  let end = image.length;
  while (end && ZEROS.subarray(0, Math.min(end, ZEROS.length)).equals(image.subarray(Math.max(0, end - ZEROS.length), end)))
    end = Math.max(0, end - ZEROS.length);
  writeFileSync(file, image.subarray(0, end));
  truncateSync(file, image.length);
  return file;
}

/** What `fsck.fat -n` says: its exit code and its lines but the last, the summary. */
export function fsckFat(image: Uint8Array): { exit: number; lines: string[] } {
  const file = saved('fsck.img', image);
  const run = spawnSync('fsck.fat', ['-n', file], { encoding: 'utf8' });
  const lines = (run.stdout + run.stderr)
    .split('\n')
    .filter((line) => line && !line.startsWith('fsck.fat ') && !/\d+ files, \d+\/\d+ clusters/.test(line) && !line.startsWith('Leaving '));
  return { exit: run.status ?? -1, lines };
}

/** Runs an mtools command on an image. */
export function mtool(tool: string, image: Uint8Array, ...args: string[]): Buffer {
  const file = saved('mtools.img', image);
  const output = execFileSync(tool, ['-i', file, ...args], {
    env: { ...process.env, MTOOLS_SKIP_CHECK: '1', LC_ALL: 'C.UTF-8', TZ: 'UTC' },
  });
  image.set(readFileSync(file));
  return output;
}

/** An image by mkfs.fat. */
export function mkfsFat(size: number, ...args: string[]): Uint8Array {
  const file = path.join(scratch, 'made.img');
  writeFileSync(file, new Uint8Array(size));
  execFileSync('mkfs.fat', [...args, file], { stdio: 'ignore' });
  return new Uint8Array(readFileSync(file));
}
