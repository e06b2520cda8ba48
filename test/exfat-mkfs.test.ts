/** What `VfsExFat.mkfs` makes: by size, by option, and who accepts it. */
import { execFileSync, spawnSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RAMBlockDev } from '../modules/blockdev';
import type { VfsError } from '../modules/contract/errno';
import type { BlockDevice } from '../modules/contract/filesystem';
import { type ExFatFormat, exfat, VfsExFat } from '../modules/exfat';
import { fsckExFat } from '../modules/exfat/check';
import { fat, VfsFat } from '../modules/fat';
import * as vfs from '../modules/vfs';
import {
  dumpExfat,
  format,
  fsckExfat,
  hasTool,
  ImageDevice,
  mkfsExfat,
  mount,
  pattern,
  readFile,
  SparseDevice,
  scratch,
  writeFile,
} from './support/exfat';

const MB = 1048576;
const GB = 1073741824;

function code(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return (error as VfsError).code ?? (error as Error).name;
  }
  return 'nothing';
}

if (hasTool('mkfs.exfat')) {
  for (const [size, ...args] of [[4], [8], [64], [300], [8, '-c', '16K'], [16, '-c', '512']] as [number, ...string[]][])
    test(`${[size, 'MB', ...args].join(' ')}: the same bytes as mkfs.exfat, but for number, boot code, parameters and checksum`, () => {
      const theirs = mkfsExfat(size * MB, ...args);
      const ours = format(size * MB, args.length ? { clusterSize: args[1] === '512' ? 512 : 16384 } : {}).image;
      const differ: number[] = [];
      for (let i = 0; i < ours.length; i++) {
        const at = i % 6144;
        const region = i < 12288;
        if (region && ((at > 99 && at < 104) || at === 112 || (at > 119 && at < 510) || at >= 9 * 512)) continue;
        if (ours[i] !== theirs[i] && differ.length < 20) differ.push(i);
      }
      assert.equal(differ, []);
    });
}

test('both boot regions are the same, with checksums', () => {
  for (let n = 0; n < 5; n++) {
    const { image } = format(2 * MB);
    assert.ok(Buffer.from(image.subarray(0, 6144)).equals(image.subarray(6144, 12288)));
    let sum = 0;
    for (let i = 0; i < 11 * 512; i++) if (i !== 106 && i !== 107 && i !== 112) sum = (((sum << 31) | (sum >>> 1)) + image[i]) >>> 0;
    assert.is(Buffer.from(image).readUInt32LE(11 * 512), sum);
    assert.is(Buffer.from(image).readUInt32LE(12 * 512 - 4), sum);
  }
});

for (const [gb, cluster, boundary] of [
  [33, 128, 16],
  [64, 128, 16],
  [128, 128, 16],
  [200, 256, 32],
  [512, 256, 32],
  [1024, 512, 64],
  [2047, 512, 64],
])
  test(`${gb} GB: clusters of ${cluster} KiB and boundaries of ${boundary} MB, as the SD Association wants them`, () => {
    const device = new SparseDevice(gb * GB);
    VfsExFat.mkfs(device, { partition: true, label: 'CARD' });
    const mbr = device.blocks.get(0) as Uint8Array;
    const start = (boundary * MB) / 512;
    assert.is(mbr[450], 7);
    assert.is(Buffer.from(mbr).readUInt32LE(454), start);
    const boot = Buffer.from(device.blocks.get(start) as Uint8Array);
    assert.is(boot.readUInt32LE(80), start / 2, 'the FAT begins at half of one');
    assert.is(boot.readUInt32LE(88), start, 'clusters begin at one');
    assert.is(1 << (boot[108] + boot[109]), cluster * 1024);
    assert.is(Number(boot.readBigUInt64LE(64)), start);
    const fs = mount(device);
    assert.is(fs.label(), 'CARD');
    fs.mkdir('/DCIM');
    writeFile(fs, '/DCIM/a.bin', pattern(300000, 1));
    const [size, , blocks, free] = fs.statvfs('/');
    assert.is(size, cluster * 1024);
    assert.ok(size * blocks > gb * GB - 200 * MB && free > blocks - 40);
    fs.umount();
    assert.equal(readFile(mount(device), '/DCIM/a.bin'), pattern(300000, 1));
    if (gb > 200) return;
    assert.equal(fsckExFat(device), []);
    if (!hasTool('fsck.exfat')) return;
    const file = path.join(scratch, 'large.img');
    device.save(file, start);
    const run = spawnSync('fsck.exfat', ['-n', file], { encoding: 'utf8' });
    assert.is(run.status, 0, run.stdout + run.stderr);
    assert.match(execFileSync('dump.exfat', [file], { encoding: 'utf8' }), /Cluster size:\s+\d+/);
  });

test('sizes: from 2 MB on, sectors of 4096 too', () => {
  assert.is(
    code(() => format(2 * MB - 512)),
    'ENOSPC',
  );
  for (const size of [2 * MB, 2 * MB + 512, 3 * MB, 4 * MB - 512, 5 * MB + 1024, 256 * MB + 512]) {
    const device = format(size);
    assert.equal(fsckExFat(device), []);
    if (hasTool('fsck.exfat')) assert.equal(fsckExfat(device.image), { exit: 0, lines: [] }, `${size}`);
  }
  const wide = format(6 * MB, {}, 4096);
  assert.is(wide.image[108], 12);
  const fs = mount(wide);
  writeFile(fs, '/x', pattern(9000, 1));
  assert.equal(readFile(fs, '/x'), pattern(9000, 1));
  fs.umount();
  assert.equal(fsckExFat(wide), []);
});

test('options: clusters, boundary, label, a partition', () => {
  const device = format(16 * MB, { clusterSize: 65536, align: 262144, label: 'Größe 😀', partition: true });
  const start = Buffer.from(device.image).readUInt32LE(454);
  assert.is(start, 512);
  const told = hasTool('dump.exfat') ? dumpExfat(device.image.slice(start * 512)) : undefined;
  if (told) {
    assert.is(told['Cluster size'], 65536);
    assert.is(told['FAT Offset(sector offset)'], 512);
    assert.is(told['Cluster Heap Offset (sector offset)'], 1024);
  }
  assert.is(mount(device).label(), 'Größe 😀');
  assert.is(mount(device, false, 1).label(), 'Größe 😀');
  assert.is(
    code(() => mount(device, false, 0)),
    'ENODEV',
  );
  const bad: [ExFatFormat, string][] = [
    [{ clusterSize: 1000 }, 'EINVAL'],
    [{ clusterSize: 256 }, 'EINVAL'],
    [{ clusterSize: 67108864 }, 'EINVAL'],
    [{ clusterSize: '4096' as never }, 'TypeError'],
    [{ align: 700 }, 'EINVAL'],
    [{ align: 0 }, 'EINVAL'],
    [{ align: 3 * MB }, 'EINVAL'],
    [{ label: 'twelve units' }, 'EINVAL'],
    [{ label: 5 as never }, 'TypeError'],
    [{ partition: 1 as never }, 'TypeError'],
  ];
  for (const [options, wanted] of bad)
    assert.is(
      code(() => format(4 * MB, options)),
      wanted,
      JSON.stringify(options),
    );
  const readonly = { readblocks: () => 0, ioctl: (op: number) => (op === 4 ? 8192 : op === 5 ? 512 : 0) } as BlockDevice;
  assert.is(
    code(() => VfsExFat.mkfs(readonly)),
    'EROFS',
  );
});

test('autodetection finds it, in a partition too; it makes FAT up to 32 GB, and exFAT above', () => {
  vfs.addDriver(exfat);
  vfs.addDriver(fat);
  const mounted = (device: BlockDevice, options?: vfs.MountOptions): unknown => {
    vfs.mount(device, '/x', options);
    const [[fs]] = vfs.mount();
    vfs.umount('/x');
    return fs.constructor;
  };
  assert.is(mounted(format(4 * MB)), VfsExFat);
  assert.is(mounted(format(8 * MB, { partition: true })), VfsExFat);
  assert.is(mounted(new ImageDevice(new Uint8Array(4 * MB)), { mkfs: true }), VfsFat);
  assert.is(mounted(new SparseDevice(64 * GB), { mkfs: true }), VfsExFat);
  assert.is(mounted(new SparseDevice(32 * GB), { mkfs: true }), VfsFat);
  const direct = new VfsExFat(new RAMBlockDev(512, 4096));
  assert.is(
    code(() => direct.mount(false, false)),
    'ENODEV',
  );
  direct.mount(false, true);
  assert.ok(direct.statvfs('/')[3] > 400);
});

test('what is not all there, or not exFAT, is told', () => {
  const { image } = format(4 * MB);
  const message = (work: () => unknown): string => {
    try {
      work();
    } catch (error) {
      return (error as Error).message;
    }
    return '';
  };
  assert.match(
    message(() => mount(new ImageDevice(image.slice(0, 3 * MB)))),
    /^ECORRUPT: found damaged exFAT/,
  );
  assert.match(
    message(() => mount(new ImageDevice(new Uint8Array(65536)))),
    /^ENODEV/,
  );
  assert.is(
    code(() => new VfsExFat(new RAMBlockDev(8192, 512))),
    'EINVAL',
  );
});

test.run();
