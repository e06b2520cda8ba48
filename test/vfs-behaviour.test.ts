import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite as group } from 'uvu';
import { RAMBlockDev } from '../modules/blockdev';
import { ENODEV, vfsError } from '../modules/contract/errno';
import type { BlockDevice, FileSystem } from '../modules/contract/filesystem';
import { exfat, VfsExFat } from '../modules/exfat';
import { littlefs1, VfsLfs1 } from '../modules/littlefs1';
import { littlefs2, VfsLfs2 } from '../modules/littlefs2';
import { VfsOverlay } from '../modules/overlay';
import { VfsPosix } from '../modules/posix';
import { ways } from '../modules/posix/beneath';
import { romfs, VfsRom } from '../modules/romfs';
import * as vfs from '../modules/vfs';
import { allCases, runCase, type SuiteEnv } from './suite/suite';
import { mappedDevice } from './support/mapped';
import { MemFs, makeMedium } from './support/memfs';
import { ReadThrough } from './support/readthrough';
import { Sinking } from './support/sinking';

const caps = { attrs: true, byteStrings: false, mtime: false };

function declare(title: string, env: SuiteEnv): void {
  const test = group(title);
  for (const one of allCases()) test(one.name, () => runCase(env, one));
  test.run();
}

declare('behaviour over memory', {
  vfs,
  makeVolume: () => new MemFs(makeMedium(200000)),
  reopen: (volume) => new MemFs((volume as MemFs).medium),
  print: console.log,
  caps,
});

for (const [where, place] of [
  ['memory', (image: Uint8Array) => image],
  ['a device that maps', (image: Uint8Array) => mappedDevice(image, 64)],
  ['a device that does not', (image: Uint8Array) => mappedDevice(image, 64, 'none')],
] as const)
  declare('behaviour of what is read from ROMFS in ' + where, {
    vfs,
    makeVolume: () => new ReadThrough(makeMedium(200000), place),
    reopen: (volume) => new ReadThrough((volume as ReadThrough).medium, place),
    print: console.log,
    caps: { ...caps, attrs: false },
  });

const folders: string[] = [];
process.on('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});
/** With the steps of Linux, and as elsewhere. */
for (const steps of ways.steps ? [true, false] : [false]) {
  const set = <T>(work: () => T): T => {
    ways.steps = steps;
    return work();
  };
  declare('behaviour over a directory of the host' + (steps ? '' : ', as where there is no /proc'), {
    vfs,
    makeVolume: () =>
      set(() => {
        folders.push(mkdtempSync(join(tmpdir(), 'microvfs-posix-')));
        return new VfsPosix(folders.at(-1));
      }),
    reopen: (volume) => set(() => new VfsPosix((volume as VfsPosix).root)),
    print: console.log,
    caps: { ...caps, attrs: false, mtime: true, sharedRoom: true },
  });
}

declare('behaviour over an overlay whose lower is empty', {
  vfs,
  makeVolume: () => new VfsOverlay(new MemFs(makeMedium(0)), new MemFs(makeMedium(200000))),
  reopen: (volume) => {
    const { _lower, _upper } = volume as unknown as { _lower: MemFs; _upper: MemFs };
    return new VfsOverlay(new MemFs(_lower.medium), new MemFs(_upper.medium));
  },
  print: console.log,
  caps: { ...caps, attrs: false },
});

declare('behaviour over an overlay whose lower has everything', {
  vfs,
  makeVolume: () => new Sinking(new MemFs(makeMedium(0)), 200000),
  reopen: (volume) => (volume as Sinking).again(),
  print: console.log,
  caps: { ...caps, attrs: false },
});

vfs.addDriver(littlefs2);
declare('behaviour over an overlay over littlefs 2', {
  vfs,
  makeVolume: () => {
    const device = new RAMBlockDev(512, 128);
    VfsLfs2.mkfs(device);
    return new VfsOverlay(new VfsRom(romfs.build({})), new VfsLfs2(device));
  },
  reopen: (volume) =>
    new VfsOverlay(new VfsRom(romfs.build({})), new VfsLfs2((volume as unknown as { _dev: { _bdev: BlockDevice } })._dev._bdev)),
  print: console.log,
  caps: { ...caps, attrs: false, mtime: true },
});

/** Volumes over devices, and others over the same ones. */
function reopened(Volume: new (device: BlockDevice) => FileSystem) {
  const media = new WeakMap<FileSystem, BlockDevice>();
  const over = (device: BlockDevice): FileSystem => {
    const volume = new Volume(device);
    media.set(volume, device);
    return volume;
  };
  const reopen = (volume: FileSystem): FileSystem => {
    const device = media.get(volume);
    if (!device) throw vfsError(ENODEV, 'reopen');
    return over(device);
  };
  return { over, reopen };
}

for (const [blockSize, blocks] of [
  [512, 128],
  [4096, 32],
  [128, 600],
  [1024, 256],
]) {
  const { over, reopen } = reopened(VfsLfs2);
  declare('behaviour over littlefs 2, ' + blockSize + ' x ' + blocks, {
    vfs,
    makeVolume: () => {
      const device = new RAMBlockDev(blockSize, blocks);
      VfsLfs2.mkfs(device);
      return over(device);
    },
    reopen,
    makeDevice: () => new RAMBlockDev(blockSize, blocks),
    print: console.log,
    caps: { ...caps, mtime: true },
  });
}

/** A device that takes whole blocks only. */
function card(blocks: number): BlockDevice {
  const ram = new RAMBlockDev(512, blocks);
  return {
    readblocks: (block, buf) => ram.readblocks(block, buf),
    writeblocks: (block, buf) => ram.writeblocks(block, buf),
    ioctl: (op, arg) => ram.ioctl(op, arg),
  };
}

for (const [title, Volume, blocksize] of [
  ['littlefs 2 on a card', VfsLfs2, undefined],
  ['littlefs 2 on a card, in blocks of 2048', VfsLfs2, 2048],
  ['littlefs 1 on a card, in blocks of 1024', VfsLfs1, 1024],
] as const) {
  const { over, reopen } = reopened(Volume);
  declare('behaviour over ' + title, {
    vfs,
    makeVolume: () => {
      const device = card(400);
      (Volume.mkfs as (bdev: BlockDevice, options: object) => void)(device, { blocksize });
      return over(device);
    },
    reopen,
    print: console.log,
    caps: { ...caps, attrs: Volume !== VfsLfs1, mtime: Volume !== VfsLfs1 },
  });
}

vfs.addDriver(exfat);
for (const [blockSize, blocks, clusterSize] of [
  [512, 4096, 4096],
  [512, 4096, 512],
  [4096, 512, 4096],
]) {
  const { over, reopen } = reopened(VfsExFat);
  declare(`behaviour over exFAT, ${blockSize} x ${blocks}, clusters of ${clusterSize}`, {
    vfs,
    makeVolume: () => {
      const device = new RAMBlockDev(blockSize, blocks);
      VfsExFat.mkfs(device, { clusterSize });
      return over(device);
    },
    reopen,
    makeDevice: () => new RAMBlockDev(512, 128),
    print: console.log,
    caps: { ...caps, attrs: false, mtime: true, fatNames: true },
  });
}

vfs.addDriver(littlefs1);
for (const [blockSize, blocks] of [
  [512, 192],
  [4096, 48],
  [128, 700],
]) {
  const { over, reopen } = reopened(VfsLfs1);
  declare('behaviour over littlefs 1, ' + blockSize + ' x ' + blocks, {
    vfs,
    makeVolume: () => {
      const device = new RAMBlockDev(blockSize, blocks);
      VfsLfs1.mkfs(device);
      return over(device);
    },
    reopen,
    makeDevice: () => new RAMBlockDev(blockSize, blocks),
    print: console.log,
    caps: { ...caps, attrs: false },
  });
}
