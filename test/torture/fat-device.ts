/** A block device of sectors over a base that is not written to: it is copied by its changes alone, and tells what it is told. */
import type { BlockDevice } from '../../modules/contract/filesystem';

/** One sector written, or a sync. */
export type Event = { block: number; data: Uint8Array } | 'sync';

export class SectorDevice implements BlockDevice {
  base: Uint8Array;
  size: number;
  changes: Map<number, Uint8Array>;
  /** What is done, where it is wanted. */
  log: Event[] | undefined;
  /** Blocks that may still be moved: beyond that it throws. */
  budget = Infinity;

  constructor(base: Uint8Array, size: number, changes?: Map<number, Uint8Array>) {
    this.base = base;
    this.size = size;
    this.changes = new Map(changes);
  }
  clone(): SectorDevice {
    return new SectorDevice(this.base, this.size, this.changes);
  }
  sector(block: number): Uint8Array {
    return this.changes.get(block) ?? this.base.subarray(block * this.size, (block + 1) * this.size);
  }
  image(): Uint8Array {
    const image = this.base.slice();
    for (const [block, data] of this.changes) image.set(data, block * this.size);
    return image;
  }
  private check(block: number, buf: Uint8Array): number {
    const n = buf.length / this.size;
    if (n % 1 || block < 0 || (block + n) * this.size > this.base.length) throw new Error(`outside: block ${block}, ${buf.length} bytes`);
    this.budget -= n;
    if (this.budget < 0) throw new Error('too many device operations');
    return n;
  }
  readblocks(block: number, buf: Uint8Array): void {
    const n = this.check(block, buf);
    for (let i = 0; i < n; i++) buf.set(this.sector(block + i), i * this.size);
  }
  writeblocks(block: number, buf: Uint8Array): void {
    const n = this.check(block, buf);
    for (let i = 0; i < n; i++) {
      const data = buf.slice(i * this.size, (i + 1) * this.size);
      this.log?.push({ block: block + i, data });
      this.changes.set(block + i, data);
    }
  }
  ioctl(op: number): number | undefined {
    if (op === 3) this.log?.push('sync');
    return op === 4 ? this.base.length / this.size : op === 5 ? this.size : undefined;
  }
}

/** Writes that a cut may find done in any order: those between two syncs, with what is on the medium before them. */
export interface Group {
  before: SectorDevice;
  writes: { block: number; data: Uint8Array }[];
}

export function groupsOf(start: SectorDevice, log: readonly Event[]): Group[] {
  const groups: Group[] = [];
  const at = start.clone();
  let writes: Group['writes'] = [];
  const end = (): void => {
    if (writes.length) groups.push({ before: at.clone(), writes });
    for (const { block, data } of writes) at.changes.set(block, data);
    writes = [];
  };
  for (const event of log) {
    if (event === 'sync') end();
    else writes.push(event);
  }
  end();
  return groups;
}
