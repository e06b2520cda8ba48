import { createHash } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as board from '../boards/esp32';
import { type BootReport, boot, Partition } from '../boards/esp32';
import { espruinoFlash, type NorFlash, norImage } from '../boards/sim';
import { VfsLfs2 } from '../modules/littlefs2';
import { listdir, mount, readFile, umount, writeFile } from '../modules/vfs';
import { chipWith, goldenChip, insert, rows, tableImage } from './esp32-chip';

let printed: string[] = [];

/** Boots as after a reset: nothing is mounted. */
function reset(): BootReport {
  for (const [fs] of mount()) umount(fs, { force: true });
  printed = [];
  const log = console.log;
  console.log = (text: string) => printed.push(text);
  try {
    return boot();
  } finally {
    console.log = log;
  }
}

function untouched(nor: NorFlash): BootReport {
  const before = norImage(nor);
  nor.resetCounters();
  const report = reset();
  assert.is(nor.counters.programs + nor.counters.erases, 0);
  assert.equal(norImage(nor), before);
  assert.is(report.ok, false);
  return report;
}

/** A chip whose `vfs` partition holds a volume with a main.js. */
function formatted(main?: string): NorFlash {
  const nor = chipWith(tableImage(rows));
  reset();
  if (main) writeFile('/main.js', main);
  return nor;
}

test('a blank vfs partition is formatted at the first boot and kept at the second', () => {
  const nor = chipWith(tableImage(rows));
  const first = reset();
  assert.equal(first, {
    board: 'esp32',
    volumes: [{ point: '/', device: 'vfs', fs: 'littlefs2', state: 'formatted', error: '' }],
    scripts: [],
    ok: true,
  });
  writeFile('/kept.txt', 'kept');
  const image = norImage(nor);
  const second = reset();
  assert.is(second.volumes[0].state, 'mounted');
  assert.is(board.bootReport, second);
  assert.is(readFile('/kept.txt', 'utf8'), 'kept');
  assert.equal(norImage(nor), image);
});

test('everything outside the partition stays as it was', () => {
  const nor = chipWith(tableImage(rows));
  nor.poke(0x2ff, new Uint8Array(4096));
  nor.poke(0x320, new Uint8Array(4096));
  const before = norImage(nor);
  reset();
  for (let i = 0; i < 40; i++) writeFile('/f' + (i % 5), new Uint8Array(3000).fill(i));
  const after = norImage(nor);
  assert.equal(after.subarray(0, 0x300000), before.subarray(0, 0x300000));
  assert.equal(after.subarray(0x320000), before.subarray(0x320000));
  assert.ok(Object.keys(nor.counters.wear).every((block) => +block >= 0x300 && +block < 0x320));
});

test('the golden chip boots, its files are read, and what is written is there after a second boot', () => {
  const golden = goldenChip();
  if (!golden) return;
  assert.is(reset().volumes[0].state, 'mounted');
  const names = listdir('/');
  assert.ok(names.length > 0);
  writeFile('/new.txt', 'written here');
  insert(golden.nor);
  assert.is(reset().volumes[0].state, 'mounted');
  assert.is(readFile('/new.txt', 'utf8'), 'written here');
  assert.equal(
    listdir('/')
      .filter((name) => name !== 'new.txt')
      .sort(),
    names.sort(),
  );
});

test('main.js works with the files of the volume through require(vfs)', () => {
  formatted("var vfs = require('vfs');\nvfs.writeFile('/out.txt', vfs.bootReport.board + ' ' + vfs.listdir('/').length);");
  const report = reset();
  assert.equal(report.scripts, [{ path: '/main.js', state: 'ran', error: '', line: 0 }]);
  assert.is(readFile('/out.txt', 'utf8'), 'esp32 1');
  assert.equal(printed, ['esp32: / vfs littlefs2 mounted']);
});

test('an error in main.js is printed with its file and line', () => {
  formatted("var vfs = require('vfs');\n\nvfs.open('/missing.txt');");
  const report = reset();
  assert.is(report.scripts[0].line, 3);
  assert.match(printed[1], /^\/main\.js:3: ENOENT: .*'\/missing\.txt'/);
  assert.is(report.ok, false);
  assert.is(report.volumes[0].state, 'mounted');
});

test('no partition table: absent, nothing written', () => {
  const report = untouched(chipWith(undefined));
  assert.is(report.volumes[0].state, 'absent');
  assert.match(printed[0], 'no partition table at 0x8000');
});

test('wrong MD5: failed, nothing written', () => {
  const report = untouched(chipWith(tableImage(rows, { md5: 'wrong' })));
  assert.is(report.volumes[0].state, 'failed');
  assert.match(printed[0], /ECORRUPT.*wrong MD5/);
});

test('a partition beyond the chip: failed, nothing written', () => {
  const report = untouched(chipWith(tableImage([{ label: 'vfs', addr: 0x3f0000, size: 0x20000 }])));
  assert.is(report.volumes[0].state, 'failed');
  assert.match(report.volumes[0].error, "EINVAL: partition lies beyond the flash chip, Partition 'vfs'");
});

test('no partition of that label: absent, nothing written', () => {
  const report = untouched(chipWith(tableImage(rows.slice(0, 2))));
  assert.is(report.volumes[0].state, 'absent');
  assert.match(report.volumes[0].error, "ENOENT: no such partition, Partition 'vfs'");
});

test('a damaged superblock: left untouched to the byte, reported with what to do', () => {
  const nor = formatted('1');
  for (const addr of [0x300000, 0x301000]) nor.program(addr + 16, new Uint8Array(32));
  const report = untouched(nor);
  assert.is(report.volumes[0].state, 'failed');
  assert.match(report.volumes[0].error, 'ECORRUPT');
  assert.match(printed.join('\n'), "VfsLfs2.mkfs(new v.Partition('vfs'))");
});

test('a too new version: left untouched', () => {
  const nor = chipWith(tableImage(rows));
  const part = new Partition('vfs');
  VfsLfs2.mkfs(part);
  // The minor version is the low half of the first word after the superblock's name.
  const block = new Uint8Array(4096);
  for (const addr of [0x300000, 0x301000]) {
    nor.peek(addr, block);
    const at = Buffer.from(block).indexOf('littlefs');
    if (at > 0) patchVersion(nor, addr, block, at + 12);
  }
  const report = untouched(nor);
  assert.is(report.volumes[0].state, 'failed');
  assert.match(report.volumes[0].error, 'EINVAL');
});

/** Sets the version in a fresh superblock commit and mends its CRC, the last word of the commit. */
function patchVersion(nor: NorFlash, addr: number, block: Uint8Array, at: number): void {
  const view = new DataView(block.buffer);
  let crcTag = 4;
  let tag = ~0 >>> 0;
  for (let off = 4; off < 4096; ) {
    tag = (view.getUint32(off) ^ tag) >>> 0;
    const type = tag >>> 20;
    if ((type & 0x780) === 0x500 && type < 0x5ff) {
      crcTag = off;
      break;
    }
    off += 4 + ((tag & 0x3ff) === 0x3ff ? 0 : tag & 0x3ff);
  }
  view.setUint16(at, 9, true);
  let crc = ~0;
  for (let i = 0; i < crcTag + 4; i++) {
    crc ^= block[i];
    for (let k = 0; k < 8; k++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  view.setUint32(crcTag + 4, crc, true);
  nor.poke(addr / 4096, block);
}

test('a volume of another kind is not formatted', () => {
  const nor = chipWith(tableImage(rows));
  nor.poke(0x300, new Uint8Array(createHash('sha512').update('x').digest()));
  assert.match(untouched(nor).volumes[0].error, 'ENODEV');
});

test('a power cut at each operation of the first boot leaves a chip that boots or says why it does not', () => {
  for (const kind of ['stop', 'tear'] as const) {
    let done = false;
    for (let n = 1; !done && n < 50; n++) {
      const nor = chipWith(tableImage(rows));
      nor.arm(kind, n);
      reset();
      done = !nor.isOff();
      nor.power();
      insert(nor);
      const state = reset().volumes[0].state;
      assert.ok(state === 'formatted' || state === 'mounted' || state === 'failed', `${n} ${state}`);
      if (state === 'failed') console.log(`${kind} at operation ${n} of formatting: ${printed[0]}`);
    }
    assert.ok(done);
  }
});

test('the board works over any Flash, the simulated one too', () => {
  const nor = chipWith(tableImage(rows));
  board.native.flash = espruinoFlash(nor);
  assert.is(new Partition('vfs').ioctl(4, 0), 32);
});

test.run();
