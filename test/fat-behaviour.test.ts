/** The behaviour suite of the VFS over FAT volumes. */
import { suite as group } from 'uvu';
import { RAMBlockDev } from '../modules/blockdev';
import type { BlockDevice, FileSystem } from '../modules/contract/filesystem';
import { fat, VfsFat } from '../modules/fat';
import * as vfs from '../modules/vfs';
import { allCases, runCase, type SuiteEnv } from './suite/suite';

vfs.addDriver(fat);

const shapes: [string, number, number, Parameters<NonNullable<typeof VfsFat.mkfs>>[1]][] = [
  ['FAT12, 512 x 160', 512, 160, {}],
  ['FAT12, 4096 x 80', 4096, 80, {}],
  ['FAT16, 512 x 8192', 512, 8192, { type: 16 }],
  ['FAT32, 512 x 70000', 512, 70000, { type: 32, clusterSize: 512 }],
  ['FAT12 in a partition, 1024 x 200', 1024, 200, { partition: true, align: 4096 }],
];

for (const [title, size, count, options] of shapes) {
  const media = new WeakMap<FileSystem, BlockDevice>();
  const over = (device: BlockDevice): FileSystem => {
    const volume = new VfsFat(device);
    media.set(volume, device);
    return volume;
  };
  const env: SuiteEnv = {
    vfs,
    makeVolume: () => {
      const device = new RAMBlockDev(size, count);
      VfsFat.mkfs?.(device, options);
      return over(device);
    },
    reopen: (volume) => over(media.get(volume) as BlockDevice),
    makeDevice: () => new RAMBlockDev(size, count),
    print: console.log,
    caps: { attrs: false, byteStrings: false, mtime: true, fatNames: true },
  };
  const test = group('behaviour over ' + title);
  for (const one of allCases()) test(one.name, () => runCase(env, one));
  test.run();
}
