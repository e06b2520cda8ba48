/**
 * The suite as one script for an engine. It expects
 * - `require('vfs')`, a built bundle with the class of the kind and a kind registered that can be made (its mounts are let go first); with
 *   `VfsOverlay` also `VfsRom` and `VfsLfs2`, with `WearLevelling` also `VfsFat`;
 * - `print` or `console.log`;
 * - a declared global `suiteResult` (`var suiteResult;`), where the result is left;
 * - perhaps a global `suiteKind`, the kind of file system, else `VfsLfs2`;
 * - perhaps a global `suiteGeometry`, `[block size, block count]` of the RAM devices made here, else 512 x 128.
 * It prints a line `FAIL name: message` for each failed case and `suite: N passed, M failed` at the end.
 */
import type { BlockDevice, FileSystem } from '../../modules/contract/filesystem';
import type * as Vfs from '../../modules/vfs';
import { type SuiteResult, suite } from './suite';

interface Driver {
  new (bdev: BlockDevice): FileSystem;
  mkfs(bdev: BlockDevice): void;
}

/** What lies above or below another. */
interface Layers {
  VfsOverlay: new (lower: FileSystem, upper: FileSystem) => FileSystem;
  VfsRom: new (image: Uint8Array) => FileSystem;
  WearLevelling: new (bdev: BlockDevice, options: { mode: 'perf' }) => BlockDevice;
}

declare const require: (name: string) => unknown;
declare const print: ((text: string) => void) | undefined;
/** Espruino's. */
declare const E: unknown;
declare const suiteKind: 'VfsLfs2' | 'VfsLfs1' | 'VfsFat' | 'VfsExFat' | 'VfsOverlay' | 'WearLevelling' | undefined;
declare const suiteGeometry: [number, number] | undefined;
declare var suiteResult: SuiteResult | undefined;

/** A block device in RAM, a list of blocks; erased bytes are 0xFF. */
class RamDevice {
  blocks: (Uint8Array | null)[] = [];
  blockSize: number;

  constructor(blockSize: number, count: number) {
    this.blockSize = blockSize;
    for (let i = 0; i < count; i++) this.blocks.push(null);
  }
  erased(): Uint8Array {
    const block = new Uint8Array(this.blockSize);
    block[0] = 255;
    for (let n = 1; n < this.blockSize; n *= 2) block.set(block.subarray(0, Math.min(n, this.blockSize - n)), n);
    return block;
  }
  readblocks(block: number, buf: Uint8Array, offset?: number): number {
    let from = offset || 0;
    for (let done = 0; done < buf.length; block++) {
      const n = Math.min(this.blockSize - from, buf.length - done);
      buf.set((this.blocks[block] || this.erased()).subarray(from, from + n), done);
      done += n;
      from = 0;
    }
    return 0;
  }
  writeblocks(block: number, buf: Uint8Array, offset?: number): number {
    let from = offset || 0;
    for (let done = 0; done < buf.length; block++) {
      const n = Math.min(this.blockSize - from, buf.length - done);
      let data = this.blocks[block];
      if (!data) this.blocks[block] = data = this.erased();
      data.set(buf.subarray(done, done + n), from);
      done += n;
      from = 0;
    }
    return 0;
  }
  ioctl(op: number, arg: number): number {
    if (op === 4) return this.blocks.length;
    if (op === 5) return this.blockSize;
    if (op === 6) this.blocks[arg] = null;
    return 0;
  }
}

function say(text: string): void {
  if (typeof print === 'function') print(text);
  else console.log(text);
}

function main(): SuiteResult {
  const kind = typeof suiteKind === 'undefined' || !suiteKind ? 'VfsLfs2' : suiteKind;
  const vfs = require('vfs') as typeof Vfs;
  const classes = vfs as unknown as Record<string, Driver>;
  const layers = vfs as unknown as Layers;
  const Volume = classes[kind === 'VfsOverlay' ? 'VfsLfs2' : kind === 'WearLevelling' ? 'VfsFat' : kind];
  const geometry = typeof suiteGeometry === 'undefined' || !suiteGeometry ? [512, 128] : suiteGeometry;
  const volumes: FileSystem[] = [];
  const devices: BlockDevice[] = [];
  /** What the volume itself lies on. */
  function below(device: BlockDevice): BlockDevice {
    return kind === 'WearLevelling' ? new layers.WearLevelling(device, { mode: 'perf' }) : device;
  }
  function over(device: BlockDevice): FileSystem {
    let volume: FileSystem = new Volume(below(device));
    // An image of ROMFS in which nothing is.
    if (kind === 'VfsOverlay') volume = new layers.VfsOverlay(new layers.VfsRom(new Uint8Array([0xd2, 0xcd, 0x31, 0])), volume);
    volumes.push(volume);
    devices.push(device);
    // What large devices hold takes memory, and so does a list of many blocks.
    if (volumes.length > (geometry[0] * geometry[1] > 100000 ? 3 : 8)) {
      volumes.splice(0, 1);
      devices.splice(0, 1);
    }
    return volume;
  }
  function makeDevice(): BlockDevice {
    return new RamDevice(geometry[0], geometry[1]) as unknown as BlockDevice;
  }
  // A bundle that boots by itself may have mounted its own volume.
  const mounted = vfs.mount();
  for (let i = mounted.length - 1; i >= 0; i--) vfs.umount(mounted[i][1], { force: true });
  return suite({
    vfs: vfs,
    makeVolume: function () {
      const device = makeDevice();
      Volume.mkfs(below(device));
      return over(device);
    },
    reopen: function (volume) {
      return over(devices[volumes.indexOf(volume)]);
    },
    makeDevice: makeDevice,
    print: say,
    caps: {
      attrs: kind === 'VfsLfs2',
      byteStrings: typeof E !== 'undefined',
      mtime: kind !== 'VfsLfs1',
      fatNames: Volume === classes.VfsFat || kind === 'VfsExFat',
    },
  });
}

const result = main();
say('suite: ' + result.passed + ' passed, ' + result.failed + ' failed');
suiteResult = result;
