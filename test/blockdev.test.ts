import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { closeDevice, eraseBlock, mapBlock, openDevice, progAt, RAMBlockDev, readAt, readPiece, syncDevice } from '../modules/blockdev';
import { readBlocks, writeBlocks } from '../modules/blockdev/blocks';
import { EIO, EROFS } from '../modules/contract/errno';
import type { BlockDevice } from '../modules/contract/filesystem';
import { fat, VfsFat } from '../modules/fat';
import { remake } from '../modules/fat/remake.lazy';
import { littlefs2, VfsLfs2 } from '../modules/littlefs2';

const code = (expected: string) => (error: Error & { code?: string }) => error.code === expected;

test('RAMBlockDev reads erased bytes as 0xFF and keeps what is written', () => {
  const ram = new RAMBlockDev(64, 4);
  const buf = new Uint8Array(64);
  ram.readblocks(2, buf);
  assert.ok(buf.every((b) => b === 0xff));
  ram.writeblocks(2, new Uint8Array([1, 2]), 10);
  ram.readblocks(2, buf);
  assert.equal([...buf.subarray(9, 13)], [0xff, 1, 2, 0xff]);
  ram.writeblocks(1, new Uint8Array(128).fill(7));
  ram.readblocks(2, buf);
  assert.ok(buf.every((b) => b === 7));
  ram.ioctl(6, 2);
  ram.readblocks(2, buf);
  assert.ok(buf.every((b) => b === 0xff));
});

test('RAMBlockDev refuses what lies outside and impossible geometries', () => {
  const ram = new RAMBlockDev(64, 4);
  assert.is(ram.readblocks(4, new Uint8Array(1)), -EIO);
  assert.is(ram.writeblocks(3, new Uint8Array(65)), -EIO);
  assert.is(ram.ioctl(6, 4), -EIO);
  for (const [size, count] of [
    [0, 4],
    [8, 4],
    [64, 0],
    [64.5, 4],
    [64, 1.5],
    [Number.NaN, 1],
  ])
    assert.throws(() => new RAMBlockDev(size, count), code('EINVAL'));
});

test('a device is opened with ioctl 1 and its geometry; no block size means 512', () => {
  const ops: number[][] = [];
  const bdev: BlockDevice = {
    readblocks: (_block, _buf, _offset?) => 0,
    ioctl: (op, arg) => {
      ops.push([op, arg]);
      return op === 4 ? 100 : undefined;
    },
  };
  const dev = openDevice(bdev, 'mount');
  assert.is(dev._blockSize, 512);
  assert.is(dev._blockCount, 100);
  assert.ok(dev._extended);
  assert.equal(ops[0], [1, 1]);
  closeDevice(dev);
  assert.equal(ops[ops.length - 1], [2, 0]);
});

test('who wants whole blocks only says so: ioctl(1, 0)', () => {
  const ops: number[][] = [];
  const bdev: BlockDevice = {
    readblocks: (_block, buf, _offset?) => {
      buf.fill(0);
      return 0;
    },
    writeblocks: (_block, _buf, _offset?) => 0,
    ioctl: (op, arg) => {
      if (op === 1) ops.push([op, arg]);
      return op === 4 ? 100 : undefined;
    },
  };
  openDevice(bdev, 'mount', true);
  openDevice(bdev, 'mount', false);
  assert.equal(ops.splice(0), [
    [1, 0],
    [1, 1],
  ]);
  assert.not(littlefs2.probe(bdev));
  assert.equal(ops.splice(0), [[1, 1]]);
  assert.not(fat.probe(bdev));
  VfsFat.mkfs?.(bdev);
  assert.throws(() => new VfsFat(bdev).mount(false, false), code('ENODEV'));
  assert.equal(ops, [
    [1, 0],
    [1, 0],
    [1, 0],
    [1, 0],
  ]);
});

test('what is no block device is a TypeError, a failing or impossible one a coded error', () => {
  for (const bad of [undefined, null, 5, {}, { readblocks: 1 }, { readblocks: () => 0 }])
    assert.throws(
      () => openDevice(bad as unknown as BlockDevice, 'mount'),
      (e: Error) => e instanceof TypeError,
    );
  const device = (answers: Record<number, unknown>): BlockDevice => ({ readblocks: () => 0, ioctl: (op) => answers[op] });
  assert.throws(() => openDevice(device({ 1: -5, 4: 10 }), 'mount'), code('EIO'));
  assert.throws(() => openDevice(device({ 1: 'x', 4: 10 }), 'mount'), code('EIO'));
  assert.throws(() => openDevice(device({ 1: -19, 4: 10 }), 'mount'), code('ENODEV'));
  for (const answers of [{}, { 4: 0 }, { 4: -1 }, { 4: '8' }, { 4: 8, 5: 0 }, { 4: 8, 5: -512 }])
    assert.throws(() => openDevice(device(answers), 'mount'), code('EINVAL'));
});

test('results are success, minus an errno, or EIO', () => {
  let answer: unknown;
  const dev = openDevice({ readblocks: (_b, _d, _o?) => answer, ioctl: (op) => (op === 4 ? 8 : undefined) }, 'x');
  for (const [given, expected] of [
    [undefined, 0],
    [null, 0],
    [0, 0],
    [false, 0],
    [-30, -EROFS],
    [5, -EIO],
    [true, -EIO],
    ['no', -EIO],
    ['', -EIO],
    ['-5', -EIO],
    [Number.NaN, -EIO],
    [-0.5, -EIO],
    [Number.NEGATIVE_INFINITY, -EIO],
    [-0, 0],
    [{}, -EIO],
    [-110, -110],
  ]) {
    answer = given;
    assert.is(readAt(dev, 0, 0, new Uint8Array(4)), expected as number);
  }
  const thrown = openDevice(
    {
      readblocks: (_b, _d, _o?) => {
        throw new RangeError('mine');
      },
      ioctl: (op) => (op === 4 ? 8 : undefined),
    },
    'x',
  );
  assert.throws(() => readAt(thrown, 0, 0, new Uint8Array(4)), /mine/);
});

test('bounds are checked before the device is asked', () => {
  let calls = 0;
  const count = () => void calls++;
  const dev = openDevice(
    {
      readblocks: (_b, _d, _o?) => count(),
      writeblocks: (_b, _d, _o?) => count(),
      ioctl: (op) => (op === 4 ? 8 : op === 5 ? 64 : op === 6 ? count() : 0),
    },
    'x',
  );
  const buf = new Uint8Array(16);
  for (const [block, offset] of [
    [8, 0],
    [-1, 0],
    [0, 49],
    [0, -1],
    [0, 64],
    [Number.NaN, 0],
  ]) {
    assert.is(readAt(dev, block, offset, buf), -EIO);
    assert.is(readPiece(dev, block, offset, buf), -EIO);
    assert.is(progAt(dev, block, offset, buf), -EIO);
  }
  assert.is(eraseBlock(dev, 8), -EIO);
  assert.is(readBlocks(dev, 7, new Uint8Array(128)), -EIO);
  assert.is(writeBlocks(dev, 0, new Uint8Array(63)), -EIO);
  assert.is(calls, 0);
  assert.is(readAt(dev, 7, 48, buf), 0);
  assert.is(readBlocks(dev, 6, new Uint8Array(128)), 0);
  assert.is(calls, 2);
});

test('a simple device is read in whole blocks', () => {
  const sizes: number[] = [];
  const dev = openDevice(
    {
      readblocks: (block: number, buf: Uint8Array) => {
        sizes.push(buf.length);
        buf.fill(block + 1);
      },
      ioctl: (op) => (op === 4 ? 8 : op === 5 ? 64 : 0),
    },
    'x',
  );
  assert.not(dev._extended);
  const buf = new Uint8Array(4);
  assert.is(readPiece(dev, 2, 60, buf), 0);
  assert.equal([...buf], [3, 3, 3, 3]);
  assert.equal(sizes, [64]);
});

test('an old device has count() and sync() and 512-byte blocks', () => {
  let synced = 0;
  const dev = openDevice(
    { readblocks: (_block: number, _buf: Uint8Array) => 0, writeblocks: () => 0, count: () => 20, sync: () => void synced++ },
    'x',
  );
  assert.is(dev._blockSize, 512);
  assert.is(dev._blockCount, 20);
  assert.is(syncDevice(dev), 0);
  assert.is(synced, 1);
  assert.is(writeBlocks(dev, 19, new Uint8Array(512)), 0);
});

test('FAT is made anew on an old device, which is told of a sync by sync()', () => {
  const ram = new RAMBlockDev(512, 100);
  let synced = 0;
  const old: BlockDevice = {
    readblocks: (block, buf) => ram.readblocks(block, buf),
    writeblocks: (block, buf) => ram.writeblocks(block, buf),
    count: () => 100,
    sync: () => void synced++,
  };
  const block = new Uint8Array(512);
  remake(old, new Uint8Array(8).fill(7), (disk) => {
    VfsFat.mkfs(disk);
    ram.readblocks(0, block);
    assert.equal([...block.subarray(0, 9)], [7, 7, 7, 7, 7, 7, 7, 7, 0]);
  });
  assert.ok(synced > 2);
  const fs = new VfsFat(old);
  fs.mount(false, false);
  assert.equal(fs.statvfs('/')[1], 512);
});

test('without writeblocks everything that writes is EROFS', () => {
  const dev = openDevice({ readblocks: (_b, _d, _o?) => 0, ioctl: (op) => (op === 4 ? 8 : undefined) }, 'x');
  assert.is(progAt(dev, 0, 0, new Uint8Array(1)), -EROFS);
  assert.is(eraseBlock(dev, 0), -EROFS);
  assert.is(writeBlocks(dev, 0, new Uint8Array(512)), -EROFS);
  assert.is(mapBlock(dev, 0), undefined);
});

test('a volume that is mounted again initialises its device again', () => {
  for (const kind of [VfsLfs2, VfsFat]) {
    const ram = new RAMBlockDev(512, 100);
    kind.mkfs?.(ram);
    let on = false;
    const card: BlockDevice = {
      readblocks: (block, buf, offset) => (on ? ram.readblocks(block, buf, offset) : -19),
      writeblocks: (block, buf, offset) => (on ? ram.writeblocks(block, buf, offset) : -19),
      ioctl: (op, arg) => {
        if (op === 1) on = true;
        if (op === 2) on = false;
        return ram.ioctl(op, arg);
      },
    };
    const volume = new kind(card);
    for (let i = 0; i < 3; i++) {
      volume.mount(false, false);
      volume.mkdir('/d' + i);
      volume.umount();
      assert.not(on);
    }
    volume.mount(true, false);
    for (let i = 0; i < 3; i++) assert.is(volume.stat('/d' + i)[0], 0x4000);
  }
});

test.run();
