import { suite as group } from 'uvu';
import { RAMBlockDev } from '../modules/blockdev';
import { ENODEV, vfsError } from '../modules/contract/errno';
import type { BlockDevice, FileSystem } from '../modules/contract/filesystem';
import { littlefs1, VfsLfs1 } from '../modules/littlefs1';
import * as vfs from '../modules/vfs';
import { allCases, runCase, type SuiteEnv } from './suite/suite';
import { MemFs, makeMedium } from './support/memfs';

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

interface Littlefs2 {
  VfsLfs2: { new (bdev: BlockDevice): FileSystem; mkfs(bdev: BlockDevice): void };
  littlefs2: Parameters<typeof vfs.register>[0];
}
const name = '../modules/littlefs2';
const lfs = (await import(name).catch(() => undefined)) as Littlefs2 | undefined;
if (!lfs) console.log('skipped: modules/littlefs2 is not there');
else {
  vfs.register(lfs.littlefs2);
  for (const [blockSize, blocks] of [
    [512, 128],
    [4096, 32],
    [128, 600],
    [1024, 256],
  ]) {
    const media = new WeakMap<FileSystem, BlockDevice>();
    const over = (device: BlockDevice) => {
      const volume = new lfs.VfsLfs2(device);
      media.set(volume, device);
      return volume;
    };
    declare('behaviour over littlefs 2, ' + blockSize + ' x ' + blocks, {
      vfs,
      makeVolume: () => {
        const device = new RAMBlockDev(blockSize, blocks);
        lfs.VfsLfs2.mkfs(device);
        return over(device);
      },
      reopen: (volume) => {
        const device = media.get(volume);
        if (!device) throw vfsError(ENODEV, 'reopen');
        return over(device);
      },
      makeDevice: () => new RAMBlockDev(blockSize, blocks),
      print: console.log,
      caps: { ...caps, mtime: true },
    });
  }
}

vfs.register(littlefs1);
for (const [blockSize, blocks] of [
  [512, 192],
  [4096, 48],
  [128, 700],
]) {
  const media = new WeakMap<FileSystem, BlockDevice>();
  const over = (device: BlockDevice) => {
    const volume = new VfsLfs1(device);
    media.set(volume, device);
    return volume;
  };
  declare('behaviour over littlefs 1, ' + blockSize + ' x ' + blocks, {
    vfs,
    makeVolume: () => {
      const device = new RAMBlockDev(blockSize, blocks);
      VfsLfs1.mkfs(device);
      return over(device);
    },
    reopen: (volume) => over(media.get(volume) as BlockDevice),
    makeDevice: () => new RAMBlockDev(blockSize, blocks),
    print: console.log,
    caps: { ...caps, attrs: false },
  });
}
