/** Finding free blocks: the bitmap that is filled once and then kept, and what must never be taken for free. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { NorBlockDev } from '../boards/sim';
import { VfsLfs2 } from '../modules/littlefs2';
import { chip, format, geometry, mount, open, pattern, readFile, sound, writeFile } from './support/lfs2';

const g = geometry(512, 64, 16);

function reads(nor: ReturnType<typeof chip>): number {
  return nor.counters.reads;
}

test('files replaced for ever: no write searches the volume, and free blocks do not run out', () => {
  const nor = chip(g);
  const fs = format(nor, g);
  // Half of the blocks, in files that stay.
  for (let i = 0; i < 4; i++) writeFile(fs, `/kept${i}`, pattern(512 * 8 - 40, i));
  writeFile(fs, '/f0', pattern(900, 0));
  const before = reads(nor);
  writeFile(fs, '/f1', pattern(900, 1));
  const usual = reads(nor) - before;
  let most = 0;
  for (let round = 0; round < 500; round++) {
    const start = reads(nor);
    if (round % 7 === 3) fs.remove(`/f${round % 3}`);
    writeFile(fs, `/f${round % 3}`, pattern(900, round));
    if (round % 5 === 2) fs.rename(`/f${round % 3}`, '/f1');
    if (round % 5 === 2 && round % 3 !== 1) writeFile(fs, `/f${round % 3}`, pattern(900, round));
    most = Math.max(most, reads(nor) - start);
  }
  assert.ok(most < usual * 6, `${most} reads in one round, ${usual} for a usual write`);
  for (let i = 0; i < 4; i++) assert.equal(readFile(fs, `/kept${i}`), pattern(512 * 8 - 40, i));
  sound(nor, g, { strict: true });
});

for (const [what, change] of [
  ['replaced', (fs: VfsLfs2) => writeFile(fs, '/f', pattern(512 * 10, 2))],
  [
    'cut short and written on',
    (fs: VfsLfs2) => {
      const file = open(fs, '/f', 'r+');
      file.truncate(512 * 3);
      file.sync();
      file.writeAt(512 * 3, pattern(512 * 4, 3));
      file.close();
    },
  ],
  [
    'changed in the middle, twice',
    (fs: VfsLfs2) => {
      const file = open(fs, '/f', 'r+');
      file.writeAt(2000, pattern(100, 4));
      file.sync();
      file.writeAt(700, pattern(100, 5));
      file.close();
    },
  ],
] as const)
  test(`a file that is open for reading keeps its content while it is ${what} and the volume is used up`, () => {
    const nor = chip(g);
    const fs = format(nor, g);
    const content = pattern(512 * 10, 1);
    writeFile(fs, '/f', content);
    const reader = open(fs, '/f', 'r');
    change(fs);
    const now = readFile(fs, '/f');
    // Several times round the volume.
    for (let round = 0; round < 60; round++) writeFile(fs, `/g${round % 2}`, pattern(512 * 5, round));
    const seen = new Uint8Array(content.length);
    assert.is(reader.readAt(0, seen), content.length);
    assert.equal(seen, content);
    reader.close();
    assert.equal(readFile(fs, '/f'), now);
    sound(nor, g, { strict: true });
  });

test('appended, overwritten and shortened files share blocks with what they were: none of those is taken', () => {
  const nor = chip(g);
  const fs = format(nor, g);
  const model = pattern(512 * 9, 1);
  let wanted = model;
  writeFile(fs, '/f', wanted);
  for (let round = 0; round < 200; round++) {
    const file = open(fs, '/f', 'r+');
    const at = (round * 997) % wanted.length;
    const piece = pattern(1 + ((round * 131) % 900), round);
    if (round % 4 === 3) {
      const size = Math.max(600, wanted.length - ((round * 37) % 1500));
      file.truncate(size);
      wanted = wanted.slice(0, size);
    } else {
      const from = round % 4 === 2 || wanted.length < 2000 ? wanted.length : at;
      file.writeAt(from, piece);
      const longer = new Uint8Array(Math.max(wanted.length, from + piece.length));
      longer.set(wanted);
      longer.set(piece, from);
      wanted = longer;
    }
    file.close();
    if (wanted.length > 512 * 14) wanted = model;
    if (wanted === model) writeFile(fs, '/f', wanted);
    writeFile(fs, '/other', pattern(512 * 4, round));
    assert.equal(readFile(fs, '/f'), wanted, `round ${round}`);
    assert.equal(readFile(fs, '/other'), pattern(512 * 4, round), `round ${round}`);
  }
  assert.equal(readFile(mount(nor, g), '/f'), wanted);
  sound(nor, g, { strict: true });
});

test('a search for free blocks that a read error ends is not believed afterwards', () => {
  for (let n = 1; ; n++) {
    const nor = chip(g);
    let fs = format(nor, g);
    for (let i = 0; i < 6; i++) writeFile(fs, `/f${i}`, pattern(512 * 6, i));
    let failAt = 0;
    class Failing extends NorBlockDev {
      readblocks(block: number, buf: Uint8Array, offset?: number): number {
        return failAt && !--failAt ? -5 : super.readblocks(block, buf, offset);
      }
    }
    fs = new VfsLfs2(new Failing(nor), g.options);
    fs.mount(false, false);
    failAt = n;
    try {
      writeFile(fs, '/new', pattern(512 * 4, 9));
    } catch (error) {
      assert.is((error as { code: string }).code, 'EIO');
    }
    const reached = !failAt;
    failAt = 0;
    writeFile(fs, '/new', pattern(512 * 4, 9));
    writeFile(fs, '/more', pattern(512 * 8, 10));
    for (let i = 0; i < 6; i++) assert.equal(readFile(fs, `/f${i}`), pattern(512 * 6, i), `read ${n} failed: /f${i}`);
    sound(nor, g, { strict: true }, `read ${n} failed`);
    if (!reached) break;
    assert.ok(n < 400);
  }
});

test('ENOSPC comes only when no block is free, whatever came free meanwhile', () => {
  const nor = chip(g);
  const fs = format(nor, g);
  let count = 0;
  const fill = () => {
    for (;;) {
      const path = `/fill${count}`;
      try {
        writeFile(fs, path, pattern(500, count));
      } catch (error) {
        assert.is((error as { code: string }).code, 'ENOSPC');
        return;
      }
      count++;
    }
  };
  fill();
  const most = count;
  assert.ok(most > 40, `${most} files`);
  for (let round = 0; round < 20; round++) {
    for (let k = 0; k < 10; k++) fs.remove(`/fill${--count}`);
    fill();
    assert.ok(count >= most - 1, `round ${round}: ${count} files of ${most}`);
  }
  sound(nor, g, { strict: true });
});

test('a directory for which there is no room leaves nothing half-done, wherever the room ends', () => {
  const small = geometry(128, 40, 16);
  let refused = 0;
  for (let files = 20; files < 60; files++) {
    const nor = chip(small);
    const fs = format(nor, small);
    // The root goes on in further pairs, which fill up unevenly.
    try {
      for (let i = 0; i < files; i++) writeFile(fs, `/f${i % 7}${i}`, pattern(i % 9, i));
    } catch (error) {
      assert.is((error as { code: string }).code, 'ENOSPC');
    }
    for (let i = 0; i < 40; i++) {
      const path = `/${'abcdefghij'[i % 10]}${i}`;
      try {
        fs.mkdir(path);
      } catch (error) {
        assert.is((error as { code: string }).code, 'ENOSPC');
        refused++;
        sound(nor, small, { strict: true }, `${files} files, ${path}`);
      }
    }
  }
  assert.ok(refused > 500, `${refused} refused`);
});

test('a wrong pointer in a file that goes makes no other block free', () => {
  const spoilt = [1, 2, 4, 8, 16, 32].map((bit) => (block: Uint8Array) => {
    block[0] ^= bit;
  });
  for (const size of [2, 3, 5, 6])
    for (const spoil of [...spoilt, (block: Uint8Array) => block.fill(0)]) {
      const nor = chip(g);
      const fs = format(nor, g);
      // With these the bitmap is there.
      for (let i = 0; i < 3; i++) writeFile(fs, `/keep${i}`, pattern(512 * 5, i));
      writeFile(fs, '/f', pattern(500 * size, 9));
      // Of the last block: where it lies is found by its content.
      const last = Buffer.from(pattern(500 * size, 9).subarray(-64));
      const block = new Uint8Array(512);
      let at = 0;
      for (nor.peek(at, block); Buffer.from(block).indexOf(last) < 0; nor.peek(at, block)) at += 512;
      spoil(block);
      nor.onOperation = undefined;
      nor.erase(at);
      nor.program(at, block);
      readFile(fs, '/keep0');
      fs.remove('/f');
      for (let i = 0; i < 14; i++) writeFile(fs, `/new${i % 3}`, pattern(512 * 5, 20 + i));
      for (let i = 0; i < 3; i++) assert.equal(readFile(fs, `/keep${i}`), pattern(512 * 5, i), `${size} blocks: /keep${i}`);
      sound(nor, g, { strict: true }, `${size} blocks`);
    }
});

test('a reader keeps its content also where its pair was compacted between the two open calls', () => {
  const nor = chip(g);
  for (let changes = 0; changes < 20; changes++) {
    const fs = format(nor, g);
    const content = pattern(512 * 10, 1);
    writeFile(fs, '/f', content);
    writeFile(fs, '/small', pattern(10, 1));
    const reader = open(fs, '/f', 'r');
    for (let i = 0; i < changes; i++) fs.setattr('/small', 65, pattern(20, i));
    writeFile(fs, '/f', pattern(512 * 10, 2));
    for (let round = 0; round < 30; round++) writeFile(fs, `/g${round % 2}`, pattern(512 * 5, round));
    const seen = new Uint8Array(content.length);
    reader.readAt(0, seen);
    assert.equal(seen, content, `after ${changes} changes`);
    reader.close();
    sound(nor, g, { strict: true });
  }
});

test('a device that uses another volume, and fails in it, does not mix up the two', () => {
  const other = format(chip(g), g);
  writeFile(other, '/one', pattern(700, 1));
  const nor = chip(g);
  let armed = false;
  class Stacked extends NorBlockDev {
    writeblocks(block: number, buf: Uint8Array, offset?: number): number {
      if (armed) {
        armed = false;
        other.mkdir('/one/x');
      }
      return super.writeblocks(block, buf, offset);
    }
  }
  VfsLfs2.mkfs(new NorBlockDev(nor), g.options);
  const fs = new VfsLfs2(new Stacked(nor), g.options);
  fs.mount(false, false);
  writeFile(fs, '/f', pattern(512 * 3, 7));
  const file = open(fs, '/f', 'r+');
  armed = true;
  assert.throws(
    () => file.writeAt(file.size(), pattern(600, 9)),
    (error: { code: string }) => error.code === 'ENOTDIR',
  );
  file.writeAt(file.size(), pattern(600, 9));
  file.close();
  assert.equal(readFile(fs, '/f'), Uint8Array.from([...pattern(512 * 3, 7), ...pattern(600, 9)]));
  sound(nor, g, { strict: true });
});

test('mkdir that a read error ends leaves nothing half-done', () => {
  const small = geometry(128, 80, 16, { tables: 0 });
  let failed = 0;
  for (let n = 1; ; n++) {
    const nor = chip(small);
    let left = 0;
    class Failing extends NorBlockDev {
      readblocks(block: number, buf: Uint8Array, offset?: number): number {
        return left && !--left ? -5 : super.readblocks(block, buf, offset);
      }
    }
    VfsLfs2.mkfs(new NorBlockDev(nor), small.options);
    const fs = new VfsLfs2(new Failing(nor), small.options);
    fs.mount(false, false);
    for (let i = 0; i < 24; i++) writeFile(fs, `/file${i}`, pattern(9, i));
    left = n;
    try {
      fs.mkdir('/a');
    } catch (error) {
      assert.is((error as { code: string }).code, 'EIO');
      failed++;
    }
    if (left) break;
    fs.setattr('/file3', 65, pattern(3, 3));
    sound(nor, small, { strict: true }, `read ${n} failed`);
  }
  assert.ok(failed > 20, `${failed} failed`);
});

test('after a rename that fails half-way, a file open below it does not keep the volume from working', () => {
  let failed = 0;
  for (let n = 1; n < 12; n++) {
    const nor = chip(g);
    let left = 0;
    class Failing extends NorBlockDev {
      ioctl(op: number, arg: number): number | undefined {
        return op === 3 && left && !--left ? -5 : super.ioctl(op, arg);
      }
    }
    VfsLfs2.mkfs(new NorBlockDev(nor), g.options);
    const fs = new VfsLfs2(new Failing(nor), g.options);
    fs.mount(false, false);
    for (const path of ['/a', '/z', '/a/b']) fs.mkdir(path);
    writeFile(fs, '/a/b/f', pattern(100, 1));
    const reader = open(fs, '/a/b/f', 'r');
    left = n;
    try {
      fs.rename('/a/b', '/z/b');
    } catch (error) {
      assert.is((error as { code: string }).code, 'EIO');
      failed++;
    }
    left = 0;
    assert.is(fs.stat('/z')[0], 0x4000);
    try {
      reader.close();
    } catch (error) {
      // It got lost: its path leads nowhere.
      assert.is((error as { code: string }).code, 'EBADF');
    }
    writeFile(fs, '/new', pattern(100, 2));
    assert.is(mount(nor, g).statvfs('/')[3], fs.statvfs('/')[3]);
    sound(nor, g, { strict: true });
  }
  assert.ok(failed > 1, `${failed} failed`);
});

test('gc looks for free blocks where the bitmap covers only a part of the volume', () => {
  const large = geometry(128, 9000, 16);
  const nor = chip(large);
  const fs = format(nor, large);
  for (let i = 0; i < 40; i++) writeFile(fs, '/a', pattern(128 * 120, i));
  fs.remove('/a');
  while (fs.gc());
  const before = nor.counters.reads;
  // As much as is left of the window would not do for these.
  for (let i = 0; i < 30; i++) {
    writeFile(fs, '/b', pattern(128 * 120, i));
    while (fs.gc());
  }
  assert.ok(nor.counters.reads > before);
  sound(nor, large, { strict: true });
});

test.run();
