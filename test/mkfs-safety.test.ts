/** `{ mkfs: true }` formats what is nobody's, and a mount that is refused has changed nothing and leads nowhere. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Extent, RAMBlockDev } from '../modules/blockdev';
import type { VfsError } from '../modules/contract/errno';
import type { BlockDevice } from '../modules/contract/filesystem';
import { fat, VfsFat } from '../modules/fat';
import { littlefs2, VfsLfs2 } from '../modules/littlefs2';
import { addDriver, mkdir, mount, readFile, umount, writeFile } from '../modules/vfs';

addDriver(littlefs2);
addDriver(fat);

test.after.each(() => {
  for (const [fs] of mount()) umount(fs, { force: true });
});

function code(action: () => void): string {
  try {
    action();
  } catch (error) {
    return (error as VfsError).code;
  }
  return '';
}

function contents(device: RAMBlockDev): string {
  const blockSize = device.ioctl(5, 0) as number;
  const block = new Uint8Array(blockSize);
  let all = '';
  for (let i = 0; i < (device.ioctl(4, 0) as number); i++) {
    device.readblocks(i, block);
    all += Buffer.from(block).toString('latin1');
  }
  return all;
}

/** A device with a FAT volume that holds one file. */
function withFat(blockSize: number, change: (boot: Uint8Array) => void = () => {}): RAMBlockDev {
  const device = new RAMBlockDev(blockSize, (1 << 20) / blockSize);
  VfsFat.mkfs(device);
  mount(device, '/a');
  writeFile('/a/kept', 'kept');
  umount('/a');
  const boot = new Uint8Array(Math.max(512, blockSize));
  for (let i = 0; i * blockSize < boot.length; i++) device.readblocks(i, boot.subarray(i * blockSize, (i + 1) * blockSize));
  change(boot);
  for (let i = 0; i * blockSize < boot.length; i++) device.writeblocks(i, boot.subarray(i * blockSize, (i + 1) * blockSize));
  return device;
}

for (const blockSize of [128, 256, 512, 1024, 4096]) {
  test(`a FAT on blocks of ${blockSize} is mounted by its own kind, and not formatted by another`, () => {
    const device = withFat(blockSize);
    mount(new VfsFat(device), '/a', { mkfs: true });
    assert.is(readFile('/a/kept', 'utf8'), 'kept');
    umount('/a');
    const before = contents(device);
    assert.ok(code(() => mount(new VfsLfs2(device), '/b', { mkfs: true })));
    assert.ok(contents(device) === before);
  });
}

test('a FAT that others mount without signature, or without a jump, is not formatted either', () => {
  const changes: ((boot: Uint8Array) => void)[] = [
    (boot) => boot.fill(0, 510, 512),
    (boot) => boot.fill(0, 0, 3),
    (boot) => {
      boot[0] = 0xe8;
    },
  ];
  for (const change of changes) {
    const device = withFat(512, change);
    mount(new VfsFat(device), '/a', { mkfs: true });
    assert.is(readFile('/a/kept', 'utf8'), 'kept');
    umount('/a');
    assert.ok(code(() => mount(new VfsLfs2(device), '/b', { mkfs: true })));
    mount(device, '/a');
    assert.is(readFile('/a/kept', 'utf8'), 'kept');
    umount('/a');
  }
});

/** A window of a device, as those of boards are. */
function windowOf(device: RAMBlockDev, first: number, count: number): BlockDevice & { _extent: Extent } {
  return {
    _extent: [device, first * 4096, (first + count) * 4096],
    readblocks: (block, buf, offset) => device.readblocks(block + first, buf, offset),
    writeblocks: (block, buf, offset) => device.writeblocks(block + first, buf, offset),
    ioctl: (op, arg) => (op === 4 ? count : device.ioctl(op, op === 6 ? (arg as number) + first : arg)),
  };
}

test('a window around a mounted one is not formatted', () => {
  const device = new RAMBlockDev(4096, 64);
  const small = windowOf(device, 16, 48);
  VfsLfs2.mkfs(small);
  mount(small, '/small');
  writeFile('/small/kept', 'kept');
  const before = contents(device);
  const whole = (): BlockDevice => windowOf(device, 0, 64);
  for (const make of [whole, () => new VfsFat(whole()), () => new VfsLfs2(whole())]) {
    assert.is(
      code(() => mount(make(), '/big', { mkfs: true })),
      'EBUSY',
    );
    assert.ok(contents(device) === before);
  }
});

test('what cannot be written is not erased', () => {
  const device = new RAMBlockDev(512, 64);
  device.writeblocks(0, new Uint8Array(512).fill(0x41));
  const before = contents(device);
  const readonly: BlockDevice = {
    readblocks: (block, buf, offset) => device.readblocks(block, buf, offset),
    ioctl: (op, arg) => device.ioctl(op, arg),
  };
  assert.is(
    code(() => mount(readonly, '/a', { mkfs: true })),
    'EROFS',
  );
  assert.ok(contents(device) === before);
});

test('a volume whose mount was refused late cannot be used beside the one that is mounted', () => {
  const device = new RAMBlockDev(512, 8192);
  VfsFat.mkfs(device, { partition: true });
  mount(new VfsFat(device, { partition: 1 }), '/a');
  const second = new VfsFat(device);
  assert.is(
    code(() => mount(second, '/b')),
    'EBUSY',
  );
  assert.is(
    code(() => second.mkdir('/d')),
    'ENODEV',
  );
  mkdir('/a/d');
});

test('where the mark of a volume in use cannot be written, others are read as before, and the volume gets clean', () => {
  const device = withFat(512);
  let failing = false;
  const faulty: BlockDevice = {
    readblocks: (block, buf) => device.readblocks(block, buf),
    writeblocks: (block, buf) => (failing ? -5 : device.writeblocks(block, buf)),
    ioctl: (op, arg) => (op === 6 ? -22 : device.ioctl(op, arg)),
  };
  mount(new VfsFat(faulty), '/a');
  failing = true;
  assert.is(
    code(() => writeFile('/a/new', 'new')),
    'EIO',
  );
  assert.is(readFile('/a/kept', 'utf8'), 'kept');
  failing = false;
  assert.is(readFile('/a/kept', 'utf8'), 'kept');
  umount('/a');
  assert.equal(
    VfsFat.fsck(device).map((finding) => finding.code),
    [],
  );
});

test('a new FAT, in a partition too, is not taken for the littlefs that was there', () => {
  for (const options of [{}, { partition: true }, { align: 4096 }, { partition: true, align: 65536 }]) {
    const device = new RAMBlockDev(512, 4096);
    VfsLfs2.mkfs(device);
    mount(device, '/a');
    writeFile('/a/old', 'old');
    umount('/a');
    VfsFat.mkfs(device, options);
    mount(device, '/a');
    assert.instance(mount()[0][0], VfsFat, JSON.stringify(options));
    umount('/a');
  }
});

test.run();
