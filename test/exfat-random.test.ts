/** Thousands of random operations against a model, judged by fsck.exfat at intervals, and once after every one. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fsckExFat } from '../modules/exfat/check';
import type { VfsFat } from '../modules/fat';
import { format, fsckExfat, hasTool, ImageDevice, mkfsExfat, mount } from './support/exfat';
import { workload } from './support/random-tree';
import { rounds } from './support/rounds';

if (hasTool('fsck.exfat') && hasTool('mkfs.exfat')) {
  const judge = (image: Uint8Array) => {
    assert.equal(fsckExFat(new ImageDevice(image)), []);
    return fsckExfat(image);
  };
  const subject = { mount: (device: ImageDevice) => mount(device) as unknown as VfsFat, judge };
  const subject4096 = { ...subject, judge: fsckExfat };
  const by = (size: number, ...args: string[]) => new ImageDevice(mkfsExfat(size, ...args));
  const cases: [string, () => ImageDevice, number][] = [
    ['by mkfs.exfat', () => by(8 << 20), 60000],
    ['by mkfs.exfat, clusters of 512', () => by(6 << 20, '-c', '512'), 40000],
    ['of ours', () => format(2 << 20), 60000],
    ['of ours, clusters of 512, so that they are scattered', () => format(2 << 20, { clusterSize: 512 }), 20000],
    ['of ours, clusters of 32 KiB', () => format(8 << 20, { clusterSize: 32768 }), 100000],
  ];
  for (const [title, make, largest] of cases)
    test(`${title}: random operations agree with a model, and fsck.exfat finds nothing`, () => {
      workload(subject, make(), 7919, rounds(500), largest);
    });
  test('sectors of 4096', () => workload(subject4096, format(6 << 20, {}, 4096), 4711, rounds(500), 60000, 500));
  test('fsck.exfat finds nothing after any of many operations', () => workload(subject, format(2 << 20), 99, rounds(90), 30000, 1));
}

test.run();
