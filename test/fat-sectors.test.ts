/** FAT as mkfs.fat makes it, in the `vfs` partition of an ESP32 and on other devices whose blocks are erased 4096 bytes at a time. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Partition } from '../boards/esp32';
import { RAMBlockDev } from '../modules/blockdev';
import type { VfsError } from '../modules/contract/errno';
import type { BlockDevice } from '../modules/contract/filesystem';
import { fat, VfsFat } from '../modules/fat';
import { fsckFat } from '../modules/fat/check/fsck.lazy';
import { littlefs2 } from '../modules/littlefs2';
import * as vfs from '../modules/vfs';
import { chipWith, tableImage } from './esp32-chip';

vfs.addDriver(littlefs2);
vfs.addDriver(fat);

const PATH = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin`, MTOOLS_SKIP_CHECK: '1' };
const here = !spawnSync('mkfs.fat', ['--help'], { env: PATH }).error;
if (!here) console.log('skipped: no mkfs.fat');

test.after.each(() => {
  for (const [fs] of vfs.mount()) vfs.umount(fs, { force: true });
});

function image(bytes: number, args: string[]): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'fat-'));
  const path = join(folder, 'image');
  try {
    writeFileSync(path, new Uint8Array(bytes));
    execFileSync('mkfs.fat', [...args, path], { env: PATH, stdio: 'pipe' });
    return new Uint8Array(readFileSync(path));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What fsck.fat says of the device's content. */
function sound(bdev: BlockDevice, bytes: number): void {
  const content = new Uint8Array(bytes);
  for (let block = 0; block * 4096 < bytes; block++) bdev.readblocks(block, content.subarray(block * 4096, block * 4096 + 4096));
  const folder = mkdtempSync(join(tmpdir(), 'fat-'));
  const path = join(folder, 'image');
  try {
    writeFileSync(path, content);
    const check = spawnSync('fsck.fat', ['-n', path], { env: PATH });
    assert.is(check.status, 0, String(check.stdout) + String(check.stderr));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function fill(bdev: BlockDevice, content: Uint8Array): void {
  for (let at = 0; at < content.length; at += 4096)
    assert.not((bdev.writeblocks as BlockDevice['readblocks'])(at / 4096, content.subarray(at, at + 4096)));
}

const text = (i: number): string => `file ${i} `.repeat(i * 97);

/** Writes, reads, removes, over several mounts. */
function use(bdev: BlockDevice): void {
  vfs.mount(bdev, '/v');
  assert.equal(vfs.listdir('/v'), []);
  vfs.makedirs('/v/a/b');
  for (let i = 0; i < 20; i++) vfs.writeFile(`/v/a/b/a long name ${i}.txt`, text(i));
  const log = vfs.open('/v/log', 'a');
  for (let i = 0; i < 50; i++) {
    log.write('one line of it\n');
    if (i % 10 === 0) log.flush();
  }
  log.close();
  for (let i = 0; i < 20; i += 2) vfs.remove(`/v/a/b/a long name ${i}.txt`);
  vfs.umount('/v');
  vfs.mount(bdev, '/v');
  for (let i = 1; i < 20; i += 2) assert.is(vfs.readFile(`/v/a/b/a long name ${i}.txt`, 'utf8'), text(i));
  assert.is(vfs.readFile('/v/log', 'utf8'), 'one line of it\n'.repeat(50));
  vfs.umount('/v');
}

const SIZE = 1024 * 1024;

for (const sector of here ? [512, 1024, 2048, 4096] : [])
  for (const bits of ['12', '16']) {
    const clusters = bits === '16' ? 5000 : 0;
    const size = Math.max(SIZE, clusters * sector);
    if (size > 3 * SIZE) continue;
    const args = ['-S', String(sector), '-F', bits, '-s', '1'];
    test(`mkfs.fat ${args.join(' ')} in a vfs partition is mounted, used, and sound`, () => {
      const made = image(size, args);
      chipWith(tableImage([{ label: 'vfs', addr: 0x10000, size }]));
      const partition = new Partition('vfs');
      fill(partition, made);
      use(partition);
      sound(partition, size);
      assert.equal(fsckFat(partition), []);
      if (sector < 4096) use1(new Partition('vfs', { blockSize: 512 }));
    });
    test(`mkfs.fat ${args.join(' ')} on a device of 4096-byte blocks, without a vfs partition`, () => {
      const ram = new RAMBlockDev(4096, size / 4096);
      fill(ram, image(size, args));
      use(ram);
      sound(ram, size);
      assert.equal(fsckFat(ram), []);
    });
  }

/** The same volume in blocks that fit it. */
function use1(bdev: BlockDevice): void {
  vfs.mount(bdev, '/w');
  assert.is(vfs.readFile('/w/a/b/a long name 7.txt', 'utf8'), text(7));
  vfs.umount('/w');
}

if (here) {
  test('an image with a partition table in sectors of 512 bytes', () => {
    const ram = new RAMBlockDev(4096, 512);
    const whole = new Uint8Array(512 * 4096);
    const start = 63;
    const made = image(SIZE, ['-S', '512']);
    whole.set(made, start * 512);
    whole.set([0, 0, 0, 0, 0x0e, 0, 0, 0, start, 0, 0, 0, 0, 8, 0, 0], 446);
    whole.set([0x55, 0xaa], 510);
    fill(ram, whole);
    use(ram);
    vfs.mount(new VfsFat(ram, { partition: 1 }), '/v');
    assert.is(vfs.readFile('/v/log', 'utf8').length, 750);
  });

  test('a damaged volume in small sectors is damaged, one on a device that is too small too', () => {
    const made = image(SIZE, ['-S', '512']);
    const cut = new RAMBlockDev(4096, 128);
    fill(cut, made.subarray(0, 128 * 4096));
    assert.throws(
      () => vfs.mount(cut, '/v'),
      (error: VfsError) => error.code === 'ECORRUPT',
    );
    const bad = new RAMBlockDev(4096, 256);
    made[16] = 0;
    fill(bad, made);
    assert.throws(
      () => vfs.mount(bad, '/v'),
      (error: VfsError) => error.code === 'ECORRUPT',
    );
  });

  test('a device that only reads, and one that fails in the middle', () => {
    const ram = new RAMBlockDev(4096, 256);
    fill(ram, image(SIZE, ['-S', '512']));
    use(ram);
    vfs.mount(
      {
        readblocks: (block: number, buf: Uint8Array) => ram.readblocks(block, buf),
        ioctl: (op: number, arg: number) => ram.ioctl(op, arg),
      },
      '/v',
    );
    assert.is(vfs.readFile('/v/log', 'utf8').length, 750);
    assert.throws(
      () => vfs.writeFile('/v/x', 'x'),
      (error: VfsError) => error.code === 'EROFS',
    );
    vfs.umount('/v');
    let fails = false;
    vfs.mount(
      {
        readblocks: (block: number, buf: Uint8Array) => ram.readblocks(block, buf),
        writeblocks: (block: number, buf: Uint8Array) => (fails ? -5 : ram.writeblocks(block, buf)),
        ioctl: (op: number, arg: number) => ram.ioctl(op, arg),
      },
      '/v',
    );
    fails = true;
    assert.throws(
      () => vfs.writeFile('/v/x', 'x'),
      (error: VfsError) => error.code === 'EIO',
    );
    fails = false;
    vfs.writeFile('/v/x', 'again');
    assert.is(vfs.readFile('/v/x', 'utf8'), 'again');
  });
}

test.run();
