/** Partition tables from rows: read again by the board's own driver. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Partition } from '../boards/esp32';
import { partitionLine } from '../tools/commands/tables';
import { freshChip } from '../tools/partition-table';
import { parsePartitions, partitionRows } from '../tools/partitions-command';
import { partitions } from '../tools/verbs/partitions';
import { chipWith } from './esp32-chip';

const MB = 1024 * 1024;
const CSV = `# Name, Type, SubType, Offset, Size, Flags
nvs, data, nvs, 0x9000, 24K
phy_init,data,phy,,4K
factory, app, factory, , 1984K
vfs, data, fat, 0x200000, 1M
foo, data, 0x40, , 1M, readonly   # the program's
`;

test('the table is read by Partition, MD5 included', () => {
  const folder = mkdtempSync(join(tmpdir(), 'microvfs-table-'));
  try {
    const output = join(folder, 'table.bin');
    writeFileSync(join(folder, 'table.csv'), CSV);
    const lines = partitions(join(folder, 'table.csv'), { output, flashSize: 4 * MB }).map(partitionLine);
    const table = readFileSync(output);
    assert.is(table.length, 0xc00);
    assert.is(lines[4], 'foo              type 1  subtype 0x40  at 0x300000  1024 kB');
    const nor = chipWith(new Uint8Array(table));
    assert.equal(new Partition('vfs').info().slice(0, 5), [1, 0x81, 0x200000, MB, 'vfs']);
    assert.equal(new Partition('foo').info().slice(0, 5), [1, 0x40, 0x300000, MB, 'foo']);
    assert.equal(new Partition('factory').info().slice(2, 4), [0x10000, 1984 * 1024]);
    // A bit that is wrong is noticed: the MD5 is over the rows.
    nor.program(0x8000 + 4, new Uint8Array([0, 0x80, 0, 0]));
    assert.throws(() => new Partition('vfs'), /ECORRUPT/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a table without vfs gets one in what is left behind the last partition', () => {
  const rows = parsePartitions('nvs, data, nvs, 0x9000, 0x4000\napp, app, ota_1, 0x10000, 1M', 2 * MB);
  assert.equal(rows[2], { label: 'vfs', type: 1, subtype: 0x83, offset: 0x110000, size: 0xf0000 });
  assert.is(rows[1].subtype, 0x11);
  assert.throws(() => parsePartitions('app, app, factory, 0x10000, 1984K', 2 * MB), /nothing is left/);
});

test('what the chip would not take is refused, with its line', () => {
  for (const [row, text] of [
    ['a, data, nvs, 0x8000, 4K', 'overlaps the boot loader'],
    ['a, app, factory, 0x11000, 64K', 'multiple of 65536'],
    ['a, data, nvs, 0x9800, 4K', 'multiple of 4096'],
    ['a, data, nvs, 0x9000, 100', 'size of a'],
    ['a, data, nvs, 0x9000, 5M', 'ends behind'],
    ['a, data, what, 0x9000, 4K', 'unknown subtype what'],
    ['a, thing, nvs, 0x9000, 4K', 'unknown type thing'],
    ['a, data, nvs, 0x9000, 4K, wet', 'unknown flag wet'],
    ['seventeen-letters, data, nvs, 0x9000, 4K', '1 to 16'],
    ['x, data, nvs, 0x9000, 8K\na, data, phy, 0xa000, 4K', 'line 2: a overlaps x'],
    ['a, data, nvs, 0x9000, 8K\na, data, phy, , 4K', 'line 2: a second a'],
  ])
    assert.throws(() => parsePartitions(row, 4 * MB), new RegExp(text), row);
});

test('rows are read and written as gen_esp32part.py does: empty subtypes, sizes that say where it ends, otadata, capitals', () => {
  const csv =
    'nvs,DATA,NVS,0x9000,0x4000\notadata,data,ota,,0x2000\nlog,data,,,-0x10000\napp,app,ota_0,,-1M\nown,0x40,0x01,,64K,encrypted:readonly\n';
  const rows = parsePartitions(csv, 4 * MB, true);
  assert.equal(
    rows.map(({ label, type, subtype, offset, size }) => [label, type, subtype, offset, size]),
    [
      ['nvs', 1, 2, 0x9000, 0x4000],
      ['otadata', 1, 0, 0xd000, 0x2000],
      ['log', 1, 6, 0xf000, 0x1000],
      ['app', 0, 0x10, 0x10000, 0xf0000],
      ['own', 0x40, 1, 0x100000, 0x10000],
    ],
  );
  const written = partitionRows(rows);
  assert.is(
    written,
    '# ESP-IDF Partition Table\n# Name, Type, SubType, Offset, Size, Flags\nnvs,data,nvs,0x9000,16K,\notadata,data,ota,0xd000,8K,\n' +
      'log,data,undefined,0xf000,4K,\napp,app,ota_0,0x10000,960K,\nown,64,1,0x100000,64K,encrypted:readonly\n',
  );
  assert.equal(parsePartitions(written, 4 * MB, true), rows);
  for (const [row, text] of [
    ['a, app, , 0x10000, 64K', 'an application has a subtype'],
    ['o, data, ota, 0x9000, 4K', 'has 8192 bytes'],
    ['o, data, ota, 0x9000, 8K\np, data, ota, , 8K', 'line 2: p: a second'],
    ['c, data, coredump, 0x9000, 64K, readonly', 'cannot be read-only'],
    ['a, data, nvs, 0x9000, -0x8000', 'size of a'],
  ])
    assert.throws(() => parsePartitions(row, 4 * MB), new RegExp(text), row);
});

test("a chip's table is shown, changed and written back, and the rest of the chip stays", () => {
  const folder = mkdtempSync(join(tmpdir(), 'microvfs-table-'));
  const chip = join(folder, 'chip.bin');
  try {
    const before = freshChip(MB);
    before.fill(0x5a, 0x80000);
    writeFileSync(chip, before);
    assert.equal(
      partitions(chip).map(({ label }) => label),
      ['nvs', 'phy_init', 'factory', 'vfs'],
    );
    const changed = partitions(chip, { remove: ['vfs'], add: ['www,data,littlefs,,128K', 'vfs,data,fat,,-1M'], into: chip });
    assert.equal(changed.map(({ label, offset, size }) => [label, offset, size]).slice(3), [
      ['www', 0x80000, 0x20000],
      ['vfs', 0xa0000, 0x60000],
    ]);
    const after = readFileSync(chip);
    assert.equal(partitions(chip), changed);
    assert.ok(after.subarray(0x9000).equals(before.subarray(0x9000)));
    partitions(chip, { output: join(folder, 'out.csv') });
    partitions(join(folder, 'out.csv'), { output: join(folder, 'out.bin') });
    assert.equal(partitions(join(folder, 'out.bin')), changed);
    assert.ok(readFileSync(join(folder, 'out.bin')).equals(after.subarray(0x8000, 0x8c00)));
    assert.throws(() => partitions(chip, { remove: ['none'] }), /there is no partition none/);
    assert.throws(() => partitions(chip, { add: ['more,data,nvs,,64K'] }), /ends behind the flash chip's 1048576 bytes/);
    after[0x8000 + 5] ^= 1;
    writeFileSync(chip, after);
    assert.throws(() => partitions(chip), /the MD5 of the partition table is wrong/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.run();
