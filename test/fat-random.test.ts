/** Thousands of random operations on each type against a model, judged by fsck.fat at intervals. */
import { test } from 'uvu';
import { format, fsckFat, hasTool, ImageDevice, mkfsFat, mount } from './support/fat';
import { workload } from './support/random-tree';
import { rounds } from './support/rounds';

if (hasTool('fsck.fat') && hasTool('mkfs.fat')) {
  const by =
    (size: number, blockSize: number, ...args: string[]) =>
    () =>
      new ImageDevice(mkfsFat(size, ...args), blockSize);
  const cases: [string, () => ImageDevice, number][] = [
    ['FAT12 by mkfs.fat', by(360 * 1024, 512, '-F', '12', '-s', '1'), 40000],
    ['FAT12 of ours, small', () => format(120 * 1024), 20000],
    ['FAT12 with sectors of 4096', by(2 * 1024 * 1024, 4096, '-F', '12', '-S', '4096', '-s', '1'), 100000],
    ['FAT16 by mkfs.fat', by(3 * 1024 * 1024, 512, '-F', '16', '-s', '1'), 100000],
    ['FAT16 of ours', () => format(8 * 1024 * 1024, { type: 16 }), 100000],
    ['FAT32 by mkfs.fat', by(36 * 1024 * 1024, 512, '-F', '32', '-s', '1'), 100000],
    ['FAT32 of ours', () => format(36 * 1024 * 1024, { type: 32, clusterSize: 512 }), 100000],
  ];
  for (const [title, make, largest] of cases)
    test(`${title}: random operations agree with a model, and fsck.fat finds nothing`, () => {
      workload({ mount, judge: fsckFat }, make(), 7919, rounds(500), largest);
    });
}

test.run();
