/** Partition tables from rows: read again by the board's own driver. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Partition } from '../boards/esp32';
import { parsePartitions, partitions } from '../tools/partitions-command';
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
    const log = console.log;
    const lines: string[] = [];
    console.log = (line: string) => lines.push(line);
    try {
      partitions(join(folder, 'table.csv'), { output, flashSize: 4 * MB });
    } finally {
      console.log = log;
    }
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

test.run();
