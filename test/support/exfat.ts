/** What the exFAT tests share: a volume over an image in memory, and the judges. */
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import type { BlockDevice } from '../../modules/contract/filesystem';
import { type ExFatFormat, VfsExFat } from '../../modules/exfat';
import type { VfsFat } from '../../modules/fat';
import * as fat from './fat';

export { hasTool, ImageDevice, pattern, random, scratch } from './fat';

/** The helpers of FAT use what both have. */
const like = (fs: VfsExFat): VfsFat => fs as unknown as VfsFat;
export const list = (fs: VfsExFat, dir: string) => fat.list(like(fs), dir);
export const tree = (fs: VfsExFat) => fat.tree(like(fs));
export const readFile = (fs: VfsExFat, name: string) => fat.readFile(like(fs), name);
export const writeFile = (fs: VfsExFat, name: string, content: Uint8Array, mode = 'w') => fat.writeFile(like(fs), name, content, mode);

export function mount(device: BlockDevice, readonly = false, partition?: number): VfsExFat {
  const fs = new VfsExFat(device, partition === undefined ? undefined : { partition });
  fs.mount(readonly, false);
  return fs;
}

export function format(size: number, options: ExFatFormat = {}, blockSize = 512): fat.ImageDevice {
  const device = new fat.ImageDevice(new Uint8Array(size), blockSize);
  VfsExFat.mkfs(device, options);
  return device;
}

/** What `fsck.exfat -n` says: its exit code and its lines but the version and the summary. */
export function fsckExfat(image: Uint8Array): { exit: number; lines: string[] } {
  const file = fat.saved('exfat-fsck.img', image);
  const run = spawnSync('fsck.exfat', ['-n', file], { encoding: 'utf8' });
  const lines = (run.stdout + run.stderr)
    .split('\n')
    .filter((line) => line && !line.startsWith('exfatprogs version') && !/: clean\. directories \d+, files \d+$/.test(line));
  return { exit: run.status ?? -1, lines };
}

/** What `dump.exfat` says, by name. */
export function dumpExfat(image: Uint8Array): Record<string, number> {
  const file = fat.saved('exfat-dump.img', image);
  const told: Record<string, number> = {};
  for (const line of execFileSync('dump.exfat', [file], { encoding: 'utf8' }).split('\n')) {
    const [, name, value] = /^([^:]+):\s+(\d+)$/.exec(line) ?? [];
    if (name) told[name] = Number(value);
  }
  return told;
}

/** An image by mkfs.exfat. */
export function mkfsExfat(size: number, ...args: string[]): Uint8Array {
  const file = path.join(fat.scratch, 'exfat-made.img');
  writeFileSync(file, '');
  truncateSync(file, size);
  execFileSync('mkfs.exfat', [...args, file], { stdio: 'ignore' });
  return new Uint8Array(readFileSync(file));
}

/** A large device of which only what was written takes memory: the rest reads as zeros. Counts its calls. */
export class SparseDevice implements BlockDevice {
  blocks = new Map<number, Uint8Array>();
  size: number;
  reads = 0;
  writes = 0;
  constructor(bytes: number) {
    this.size = bytes / 512;
  }
  readblocks(block: number, buf: Uint8Array): void {
    this.check(block, buf);
    this.reads++;
    for (let i = 0; i < buf.length; i += 512) {
      const data = this.blocks.get(block + i / 512);
      if (data) buf.set(data, i);
      else buf.fill(0, i, i + 512);
    }
  }
  writeblocks(block: number, buf: Uint8Array): void {
    this.check(block, buf);
    this.writes++;
    for (let i = 0; i < buf.length; i += 512) {
      const data = buf.slice(i, i + 512);
      if (data.every((byte) => !byte)) this.blocks.delete(block + i / 512);
      else this.blocks.set(block + i / 512, data);
    }
  }
  ioctl(op: number): number | undefined {
    return op === 4 ? this.size : op === 5 ? 512 : undefined;
  }
  private check(block: number, buf: Uint8Array): void {
    if (block < 0 || block + buf.length / 512 > this.size || buf.length % 512) throw new Error(`outside: ${block}, ${buf.length}`);
  }
  /** As a sparse file, from a block on. */
  save(file: string, from = 0): void {
    writeFileSync(file, '');
    truncateSync(file, (this.size - from) * 512);
    const fd = openSync(file, 'r+');
    for (const [block, data] of this.blocks) if (block >= from) writeSync(fd, data, 0, 512, (block - from) * 512);
    closeSync(fd);
  }
}
