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

test.run();
