import type { BlockDevice } from '../../modules/contract/filesystem';

/** The power is gone. */
export class Cut extends Error {}

/** NOR flash: programming clears bits, and a cut leaves what was at work half done. The extended interface, or the simple one. */
export class Nor {
  bytes: Uint8Array;
  operations = 0;
  /** Before this operation ends the power goes. */
  cutAt = Infinity;
  blockSize: number;
  /** Programs bits that are no longer there. */
  overwrites = 0;

  constructor(bytes: Uint8Array, blockSize = 4096) {
    this.bytes = bytes;
    this.blockSize = blockSize;
  }
  private step(whole: (bytes: number) => void, length: number): void {
    this.operations++;
    if (this.operations < this.cutAt) whole(length);
    else {
      // Half of it at the operation itself; afterwards there is no power.
      if (this.operations === this.cutAt) whole(length >> 1);
      throw new Cut('cut');
    }
  }
  erase(at: number, length: number): void {
    this.step((done) => this.bytes.fill(0xff, at, at + done), length);
  }
  program(at: number, data: Uint8Array): void {
    this.step((done) => {
      for (let i = 0; i < done; i++) {
        if (data[i] & ~this.bytes[at + i]) this.overwrites++;
        this.bytes[at + i] &= data[i];
      }
    }, data.length);
  }
  device(simple = false): BlockDevice {
    const size = this.blockSize;
    const read = (block: number, buf: Uint8Array, offset = 0): void => {
      buf.set(this.bytes.subarray(block * size + offset, block * size + offset + buf.length));
    };
    const write = (block: number, buf: Uint8Array, offset?: number): void => {
      if (offset === undefined) {
        for (let done = 0; done < buf.length; done += size) this.erase(block * size + done, size);
        this.program(block * size, buf);
      } else this.program(block * size + offset, buf);
    };
    const ioctl = (op: number, arg: number): number | undefined => {
      if (op === 6 && !simple) this.erase(arg * size, size);
      return op === 4 ? this.bytes.length / size : op === 5 ? size : 0;
    };
    return simple
      ? { readblocks: (block, buf) => read(block, buf), writeblocks: (block, buf) => write(block, buf), ioctl }
      : {
          readblocks: (block: number, buf: Uint8Array, offset: number | undefined) => read(block, buf, offset),
          writeblocks: (block: number, buf: Uint8Array, offset: number | undefined) => write(block, buf, offset),
          ioctl,
        };
  }
}
