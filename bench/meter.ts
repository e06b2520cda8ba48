/** Counting between a block device and the file system. */
import type { BlockDevice } from '../modules/contract/filesystem';

export interface Cost {
  reads: number;
  readBytes: number;
  programs: number;
  programBytes: number;
  erases: number;
  micros: number;
}

export const noCost = (): Cost => ({ reads: 0, readBytes: 0, programs: 0, programBytes: 0, erases: 0, micros: 0 });

/** Counts what passes to another device, as the C library's costs were counted. */
export class Meter implements BlockDevice {
  cost = noCost();
  progsize: number | undefined;
  /** There where the other device has it. */
  readarray: BlockDevice['readarray'];

  constructor(public inner: BlockDevice) {
    this.progsize = inner.progsize;
    if (inner.readarray)
      this.readarray = (block, offset, length) => {
        this.cost.reads++;
        this.cost.readBytes += length;
        return inner.readarray?.(block, offset, length);
      };
  }

  readblocks(block: number, buf: Uint8Array, offset: number): unknown {
    this.cost.reads++;
    this.cost.readBytes += buf.length;
    return this.inner.readblocks(block, buf, offset);
  }

  writeblocks(block: number, buf: Uint8Array, offset: number): unknown {
    this.cost.programs++;
    this.cost.programBytes += buf.length;
    return this.inner.writeblocks?.(block, buf, offset);
  }

  ioctl(op: number, arg: number): unknown {
    if (op === 6) this.cost.erases++;
    const result = this.inner.ioctl?.(op, arg);
    // `pyb.Flash` is another device after `ioctl(1, 1)`.
    this.progsize = this.inner.progsize;
    return result;
  }
}
