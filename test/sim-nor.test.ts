import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { NorBlockDev, NorFlash, PowerCut } from '../boards/sim';

const geometry = { size: 64 * 1024, eraseSize: 4096, progSize: 4 };

function get(nor: NorFlash, addr: number, length: number): number[] {
  const buf = new Uint8Array(length);
  nor.peek(addr, buf);
  return [...buf];
}

function cuts(action: () => unknown): void {
  try {
    action();
  } catch (error) {
    assert.instance(error, PowerCut);
    return;
  }
  assert.unreachable('no power cut');
}

test('a new chip reads as erased and takes no memory', () => {
  const nor = new NorFlash(geometry);
  assert.equal(get(nor, 4094, 4), [255, 255, 255, 255]);
  assert.equal(nor.usedBlocks(), []);
});

test('programming only clears bits, erasing sets the whole block', () => {
  const nor = new NorFlash(geometry);
  assert.is(nor.program(0, new Uint8Array([0xf0, 0xff, 0x0f, 0x00])), 0);
  assert.is(nor.program(0, new Uint8Array([0x3c, 0xaa, 0xff, 0xff])), 0);
  assert.equal(get(nor, 0, 5), [0x30, 0xaa, 0x0f, 0, 0xff]);
  nor.program(4096, new Uint8Array(4));
  assert.is(nor.erase(0), 0);
  assert.equal(get(nor, 0, 4), [255, 255, 255, 255]);
  assert.equal(get(nor, 4096, 4), [0, 0, 0, 0]);
});

test('a program may run over several blocks', () => {
  const nor = new NorFlash(geometry);
  nor.program(4096, new Uint8Array([1, 2, 3, 4]));
  assert.is(nor.program(4092, new Uint8Array(4100)), 0);
  assert.equal(get(nor, 4088, 8), [255, 255, 255, 255, 0, 0, 0, 0]);
  assert.equal(get(nor, 8190, 3), [0, 0, 255]);
});

test('unaligned programs and erases and accesses beyond the chip are EINVAL and change nothing', () => {
  const nor = new NorFlash(geometry);
  assert.is(nor.program(2, new Uint8Array(4)), -22);
  assert.is(nor.program(0, new Uint8Array(3)), -22);
  assert.is(nor.program(65536, new Uint8Array(4)), -22);
  assert.is(nor.program(-4, new Uint8Array(4)), -22);
  assert.is(nor.erase(100), -22);
  assert.is(nor.erase(65536), -22);
  assert.is(nor.read(65535, new Uint8Array(2)), -22);
  assert.equal(nor.usedBlocks(), []);
  assert.equal(nor.counters, { reads: 0, readBytes: 0, programs: 0, programBytes: 0, erases: 0, eraseBytes: 0, wear: {} });
});

test('calls, bytes and wear are counted', () => {
  const nor = new NorFlash(geometry);
  nor.read(0, new Uint8Array(10));
  nor.program(0, new Uint8Array(8));
  nor.program(8, new Uint8Array(4));
  nor.erase(4096);
  nor.erase(4096);
  nor.erase(0);
  assert.equal(nor.counters, {
    reads: 1,
    readBytes: 10,
    programs: 2,
    programBytes: 12,
    erases: 3,
    eraseBytes: 12288,
    wear: { 0: 1, 1: 2 },
  });
  nor.resetCounters();
  assert.is(nor.counters.reads, 0);
});

test('fail: one operation reports EIO and does nothing', () => {
  const nor = new NorFlash(geometry);
  nor.arm('fail', 2);
  assert.is(nor.program(0, new Uint8Array(4)), 0);
  assert.is(nor.program(4, new Uint8Array(4)), -5);
  assert.is(nor.program(8, new Uint8Array(4)), 0);
  assert.equal(get(nor, 4, 4), [255, 255, 255, 255]);
  nor.arm('fail', 1, 'erase');
  assert.is(nor.program(12, new Uint8Array(4)), 0);
  assert.is(nor.erase(0), -5);
  assert.equal(get(nor, 0, 1), [0]);
});

test('stop: power goes before the operation and stays away until it is turned on', () => {
  const nor = new NorFlash(geometry);
  nor.arm('stop', 1);
  cuts(() => nor.program(0, new Uint8Array(4)));
  assert.ok(nor.isOff());
  cuts(() => nor.read(0, new Uint8Array(4)));
  cuts(() => nor.erase(0));
  nor.power();
  assert.equal(get(nor, 0, 1), [255]);
  assert.is(nor.program(0, new Uint8Array(4)), 0);
});

test('tear: half of the bytes are programmed or erased, then power goes', () => {
  const nor = new NorFlash(geometry);
  nor.arm('tear', 1);
  cuts(() => nor.program(0, new Uint8Array(8)));
  nor.power();
  assert.equal(get(nor, 0, 8), [0, 0, 0, 0, 255, 255, 255, 255]);
  nor.program(0, new Uint8Array(4096));
  nor.arm('tear', 1);
  cuts(() => nor.erase(0));
  nor.power();
  assert.equal(get(nor, 2047, 2), [255, 0]);
});

test('a hook decides by address, so that blocks can be bad', () => {
  const nor = new NorFlash(geometry);
  nor.onOperation = (operation, addr) => (operation === 'erase' && addr === 8192 ? 'fail' : undefined);
  assert.is(nor.erase(4096), 0);
  assert.is(nor.erase(8192), -5);
  assert.is(nor.erase(8192), -5);
});

test('a view of a mapped chip is live and ends with its block', () => {
  const nor = new NorFlash({ ...geometry, mapped: true });
  const view = nor.view(4096, 8)!;
  assert.is(view[0], 255);
  nor.program(4096, new Uint8Array(4));
  assert.is(view[0], 0);
  nor.erase(4096);
  assert.is(view[0], 255);
  assert.is(nor.view(4092, 8), undefined);
  assert.is(new NorFlash(geometry).view(0, 8), undefined);
});

test('the block device is a window: extended writes program, simple writes erase first', () => {
  const nor = new NorFlash(geometry);
  const bdev = new NorBlockDev(nor, 8192, 4);
  assert.is(bdev.ioctl(4, 0), 4);
  assert.is(bdev.ioctl(5, 0), 4096);
  assert.is(bdev.writeblocks(1, new Uint8Array(8), 0), 0);
  assert.equal(get(nor, 12288, 9), [0, 0, 0, 0, 0, 0, 0, 0, 255]);
  const block = new Uint8Array(4096).fill(0x55);
  assert.is(bdev.writeblocks(1, block), 0);
  const back = new Uint8Array(4096);
  bdev.readblocks(1, back);
  assert.equal(back, block);
  assert.is(bdev.ioctl(6, 1), 0);
  assert.is(get(nor, 12288, 1)[0], 255);
  assert.equal(nor.counters.wear, { 3: 2 });
});

test('the block device refuses what lies outside its window', () => {
  const nor = new NorFlash(geometry);
  const bdev = new NorBlockDev(nor, 8192, 4);
  assert.is(bdev.readblocks(4, new Uint8Array(4), 0), -5);
  assert.is(bdev.writeblocks(3, new Uint8Array(8192)), -5);
  assert.is(bdev.writeblocks(-1, new Uint8Array(4096)), -5);
  assert.is(bdev.ioctl(6, 4), -5);
  assert.is(nor.counters.erases + nor.counters.programs, 0);
  assert.throws(() => new NorBlockDev(nor, 8192, 100));
});

test('a failing chip is a failing block device', () => {
  const nor = new NorFlash(geometry);
  const bdev = new NorBlockDev(nor);
  nor.arm('fail', 1);
  assert.is(bdev.ioctl(6, 0), -5);
  nor.arm('fail', 2);
  assert.is(bdev.writeblocks(0, new Uint8Array(4096)), -5);
});

test.run();
