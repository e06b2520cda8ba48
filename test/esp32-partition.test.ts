import { createHash } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { md5 } from '../boards/devices/esp32/md5';
import { Partition } from '../boards/devices/esp32/partition';
import { native } from '../boards/devices/native';
import { norImage } from '../boards/sim';
import type { VfsError } from '../modules/contract/errno';
import { chipWith, goldenChip, rows, tableImage } from './esp32-chip';

function fails(code: string, text: string | RegExp, action: () => unknown): void {
  try {
    action();
  } catch (error) {
    assert.is((error as VfsError).code, code, (error as Error).message);
    assert.match((error as VfsError).message, text);
    return;
  }
  assert.unreachable('no ' + code);
}

/** Nothing of the chip changes by what is done. */
function untouched(nor: ReturnType<typeof chipWith>, action: () => void): void {
  const before = norImage(nor);
  action();
  assert.is(nor.counters.programs + nor.counters.erases, 0);
  assert.equal(norImage(nor), before);
}

test('md5 agrees with the library at every length around the block size', () => {
  for (let length = 0; length < 200; length++) {
    const data = new Uint8Array(length).map((_, i) => i * 7 + length);
    assert.equal(Buffer.from(md5(data)).toString('hex'), createHash('md5').update(data).digest('hex'));
  }
});

test('the golden chip has the partitions of its manifest', () => {
  const golden = goldenChip();
  if (!golden) return;
  for (const expected of golden.manifest.partitions) {
    const info = new Partition(expected.label).info();
    assert.equal(info, [expected.type, expected.subtype, expected.offset, expected.size, expected.label, false]);
  }
  assert.is(Partition.find(Partition.TYPE_DATA).length, golden.manifest.partitions.filter((row) => row.type === 1).length);
});

test('the constants are those of MicroPython', () => {
  assert.equal([Partition.TYPE_APP, Partition.TYPE_DATA, Partition.BOOT, Partition.RUNNING], [0, 1, 0, 1]);
});

test('find gives a list by type, subtype and label', () => {
  chipWith(tableImage(rows));
  const labels = (list: Partition[]) => list.map((partition) => partition.info()[4]);
  assert.equal(labels(Partition.find()), ['factory', 'ota_0']);
  assert.equal(labels(Partition.find(Partition.TYPE_DATA)), ['nvs', 'vfs', 'sixteen-letters!']);
  assert.equal(labels(Partition.find(Partition.TYPE_DATA, { subtype: 0x83 })), ['vfs']);
  assert.equal(labels(Partition.find(Partition.TYPE_DATA, { label: 'nvs' })), ['nvs']);
  assert.equal(labels(Partition.find(Partition.TYPE_APP, { subtype: 0 })), ['factory']);
  assert.equal(labels(Partition.find(Partition.TYPE_APP, { label: 'vfs' })), []);
  assert.equal(labels(Partition.find(77)), []);
  assert.is(Partition.find(1, { label: 'vfs', blockSize: 512 })[0].ioctl(5, 0), 512);
});

test('BOOT and RUNNING are the first application', () => {
  chipWith(tableImage(rows));
  assert.is(new Partition(Partition.BOOT).info()[4], 'factory');
  assert.is(new Partition(Partition.RUNNING).info()[4], 'factory');
  fails('EINVAL', '', () => new Partition(2));
});

test('a label of 16 characters is found, an application before data of the same label', () => {
  chipWith(tableImage([...rows, { label: 'nvs', type: 0, subtype: 0x11, addr: 0x360000, size: 0x10000 }]));
  assert.is(new Partition('sixteen-letters!').info()[3], 0x8000);
  assert.is(new Partition('nvs').info()[0], 0);
});

test('info tells the encrypted flag', () => {
  chipWith(tableImage([{ ...rows[3], flags: 1 }]));
  assert.is(new Partition('vfs').info()[5], true);
});

test('an id that is neither label nor number is a TypeError', () => {
  chipWith(tableImage(rows));
  for (const id of [undefined, null, {}, true, () => 1]) assert.throws(() => new Partition(id as never), TypeError as never);
});

test('without a flash chip: ENODEV', () => {
  native.flash = undefined;
  fails('ENODEV', 'no flash chip', () => new Partition('vfs'));
});

test('Flash is loaded when it is first wanted', () => {
  chipWith(tableImage(rows));
  const flash = native.flash;
  native.flash = undefined;
  native.require = (name) => (name === 'Flash' ? flash : undefined);
  assert.is(new Partition('vfs').ioctl(4, 0), 32);
  native.require = undefined;
});

test('no partition table: ENODEV, nothing written', () => {
  const nor = chipWith(undefined);
  untouched(nor, () => {
    fails('ENODEV', 'no partition table at 0x8000', () => new Partition('vfs'));
    fails('ENODEV', 'no partition table at 0x8000', () => Partition.find());
  });
});

test('wrong MD5: ECORRUPT, nothing written', () => {
  const nor = chipWith(tableImage(rows, { md5: 'wrong' }));
  untouched(nor, () => fails('ECORRUPT', 'wrong MD5', () => new Partition('vfs')));
});

test('an entry changed after the MD5 was made: ECORRUPT', () => {
  const table = tableImage(rows);
  table[3 * 32 + 9] ^= 0x10;
  const nor = chipWith(table);
  untouched(nor, () => fails('ECORRUPT', 'wrong MD5', () => new Partition('vfs')));
});

test('a table without MD5 entry is taken', () => {
  chipWith(tableImage(rows, { md5: 'none' }));
  assert.is(new Partition('vfs').info()[2], 0x300000);
});

test('a table that breaks off in another kind of data: ECORRUPT', () => {
  const table = tableImage(rows, { md5: 'none' });
  table.fill(0, 5 * 32, 6 * 32);
  untouched(chipWith(table), () => fails('ECORRUPT', 'damaged partition table', () => new Partition('vfs')));
});

test('a table that never ends: ECORRUPT', () => {
  const many = Array.from({ length: 96 }, (_, i) => ({ label: 'p' + i, addr: 0x10000 + i * 4096, size: 4096 }));
  untouched(chipWith(tableImage(many, { md5: 'none' })), () => fails('ECORRUPT', 'damaged partition table', () => new Partition('p1')));
});

test('an absent label: ENOENT naming it, nothing written', () => {
  const nor = chipWith(tableImage(rows));
  untouched(nor, () => fails('ENOENT', "'nowhere'", () => new Partition('nowhere')));
});

test('a partition beyond the chip: EINVAL naming it, nothing written', () => {
  for (const [addr, size] of [
    [0x3ff000, 0x2000],
    [0x400000, 0x1000],
    [0x300000, 0xfff00000],
    [0xfffff000, 0x1000],
    [0x300000, 0],
  ]) {
    const nor = chipWith(tableImage([{ label: 'vfs', addr, size }]));
    untouched(nor, () => fails('EINVAL', /beyond the flash chip.*'vfs'/, () => new Partition('vfs')));
  }
});

test('a partition that overlaps the table, the boot loader or another partition, or begins within a sector: ECORRUPT', () => {
  const cases: [number, RegExp][] = [
    [0x8000, /misplaced.*'vfs'/],
    [0x1000, /misplaced.*'vfs'/],
    [0x300800, /misplaced.*'vfs'/],
    [0x1fe000 + 0x1000, /overlaps factory.*'vfs'/],
  ];
  for (const [addr, text] of cases) {
    const nor = chipWith(tableImage([rows[1], { label: 'vfs', addr, size: 0x2000 }]));
    untouched(nor, () => fails('ECORRUPT', text, () => new Partition('vfs')));
  }
});

test('geometry: 4096-byte blocks unless asked, other sizes must fit sectors', () => {
  chipWith(tableImage(rows));
  const vfs = new Partition('vfs');
  assert.equal([vfs.ioctl(4, 0), vfs.ioctl(5, 0)], [32, 4096]);
  assert.equal([vfs.ioctl(1, 0), vfs.ioctl(2, 0), vfs.ioctl(3, 0)], [0, 0, 0]);
  const small = new Partition('vfs', { blockSize: 512 });
  assert.equal([small.ioctl(4, 0), small.ioctl(5, 0), small.ioctl(6, 0)], [256, 512, -22]);
  for (const blockSize of [-1, 0.5, 3000, 6000]) fails('EINVAL', '', () => new Partition('vfs', { blockSize }));
});

test('extended writes program only, ioctl 6 erases one block', () => {
  const nor = chipWith(tableImage(rows));
  const vfs = new Partition('vfs');
  assert.is(vfs.writeblocks(1, new Uint8Array([0x0f, 0xf0]), 0), 0);
  assert.is(vfs.writeblocks(1, new Uint8Array([0xf3, 0xff]), 0), 0);
  const back = new Uint8Array(2);
  vfs.readblocks(1, back, 0);
  assert.equal([...back], [0x03, 0xf0]);
  assert.is(nor.counters.erases, 0);
  assert.is(vfs.ioctl(6, 1), 0);
  assert.equal(nor.counters.wear, { 769: 1 });
});

test('simple writes erase what they cover, of several blocks too', () => {
  const nor = chipWith(tableImage(rows));
  const vfs = new Partition('vfs');
  const data = new Uint8Array(8192).map((_, i) => i);
  vfs.writeblocks(2, new Uint8Array(8192));
  assert.is(vfs.writeblocks(2, data), 0);
  const back = new Uint8Array(8192);
  assert.is(vfs.readblocks(2, back), 0);
  assert.equal(back, data);
  assert.equal(nor.counters.wear, { 770: 2, 771: 2 });
});

test('blocks smaller than a sector keep their neighbours', () => {
  chipWith(tableImage(rows));
  const vfs = new Partition('vfs', { blockSize: 512 });
  vfs.writeblocks(0, new Uint8Array(4096).fill(0x11));
  assert.is(vfs.writeblocks(7, new Uint8Array(1024).fill(0x22)), 0);
  const back = new Uint8Array(4096 + 1024);
  vfs.readblocks(0, back);
  assert.ok(back.subarray(0, 7 * 512).every((byte) => byte === 0x11));
  assert.ok(back.subarray(7 * 512, 9 * 512).every((byte) => byte === 0x22));
  assert.ok(back.subarray(9 * 512).every((byte) => byte === 0xff));
});

test('a simple write that does not take is EIO', () => {
  const nor = chipWith(tableImage(rows));
  const vfs = new Partition('vfs');
  for (const operation of ['program', 'erase'] as const) {
    vfs.writeblocks(0, new Uint8Array(4096).fill(1));
    nor.arm('fail', 1, operation);
    assert.is(vfs.writeblocks(0, new Uint8Array(4096).fill(2)), -5);
  }
});

test('every access that leaves the partition is refused before anything is touched', () => {
  const nor = chipWith(tableImage(rows));
  const vfs = new Partition('vfs');
  untouched(nor, () => {
    nor.resetCounters();
    for (const [block, length, offset] of [
      [32, 1, 0],
      [31, 4097, 0],
      [31, 8, 4089],
      [-1, 4096, 0],
      [-1, 8, 4096],
      [0, 8, -8],
      [NaN, 8, 0],
      [0.3, 8, 0],
      [0, 8, 0.5],
      [2 ** 32, 8, 0],
    ]) {
      assert.is(vfs.writeblocks(block, new Uint8Array(length), offset), -22, `write ${block} ${length} ${offset}`);
      assert.is(vfs.readblocks(block, new Uint8Array(length), offset), -22, `read ${block} ${length} ${offset}`);
    }
    assert.is(vfs.writeblocks(31, new Uint8Array(8192)), -22);
    assert.is(vfs.readblocks(31, new Uint8Array(8192)), -22);
    assert.is(vfs.writeblocks(0, new Uint8Array(100)), -22);
    for (const block of [-1, 32, 0.5, NaN]) assert.is(vfs.ioctl(6, block), -22);
    assert.is(nor.counters.reads, 0);
  });
});

test.run();
