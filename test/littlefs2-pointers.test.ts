/** Numbers from the medium are unsigned: a pointer of 2^31 and more is damage like any other beyond the volume. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { NorBlockDev, type NorFlash } from '../boards/sim';
import { VfsLfs2 } from '../modules/littlefs2';
import { fsckLfs2 } from '../modules/littlefs2/check/fsck';
import { chip, format, geometry, list, open, pattern, readFile, throwsCode, writeFile } from './support/lfs2';
import { editLog, type Tag, u32le } from './support/lfs2-edit';

const g = geometry(512, 64, 16);
const BEYOND = [64, 0x00cccccc, 0x7fffffff, 0x80000000, 0xcccccccc, 0xfffffffe];

/** A volume with all kinds of pointers, changed in the logs of all blocks. */
function spoilt(change: (tags: Tag[]) => void): NorFlash {
  const nor = chip(g);
  const fs = format(nor, g);
  fs.mkdir('/d');
  fs.mkdir('/d/e');
  writeFile(fs, '/f', pattern(1400, 1));
  writeFile(fs, '/small', pattern(20, 2));
  writeFile(fs, '/d/g', pattern(900, 3));
  const image = new Uint8Array(g.blockSize * g.blockCount);
  nor.peek(0, image);
  for (let block = 0; block < g.blockCount; block++) editLog(image, g.blockSize, block, change);
  return chip(g, image);
}

/** Each of these has to end with success or ECORRUPT, and at least one with that. */
function tried(nor: NorFlash, what: string): void {
  const codes: string[] = [];
  const attempt = (work: () => void): void => {
    try {
      work();
      codes.push('');
    } catch (error) {
      codes.push((error as { code?: string }).code ?? String(error));
    }
  };
  const fs = new VfsLfs2(new NorBlockDev(nor), g.options);
  attempt(() => fs.mount(false, false));
  if (!codes[0])
    for (const work of [
      () => readFile(fs, '/f'),
      () => list(fs, '/d'),
      () => readFile(fs, '/d/g'),
      () => list(fs, '/d/e'),
      () => open(fs, '/f', 'r').readAt(3, new Uint8Array(5)),
      () => writeFile(fs, '/f', pattern(10, 1), 'a'),
      () => open(fs, '/f', 'r+').truncate(600),
      () => fs.mkdir('/n'),
      () => fs.rename('/f', '/d/f'),
      () => fs.rename('/d/g', '/g'),
      () => fs.remove('/f'),
      () => fs.rmdir('/d/e'),
      () => fs.gc(),
      () => fs.grow(),
      () => fs.shrink(60),
      () => fs.repair(),
      () => fs.statvfs('/'),
    ])
      attempt(work);
  for (const code of codes) assert.ok(['', 'ECORRUPT', 'ENOENT', 'EBUSY', 'ENOTEMPTY', 'EEXIST'].includes(code), `${what}: ${codes}`);
  assert.ok(codes.includes('ECORRUPT'), `${what}: ${codes}`);
}

const patch = (tag: Tag, at: number, value: number): void => tag.data.set(u32le(value), at);

for (const value of BEYOND)
  for (const [what, type, places] of [
    ['file', 0x202, [0]],
    ['directory', 0x200, [0, 4]],
    ['soft tail', 0x600, [0, 4]],
  ] as [string, number, number[]][])
    test(`a ${what} at block 0x${value.toString(16)} is ECORRUPT`, () => {
      for (const at of places) {
        const nor = spoilt((tags) => {
          for (const tag of tags) if (tag.type === type) patch(tag, at, value);
        });
        tried(nor, `${what} at ${at}`);
        const result = fsckLfs2(new NorBlockDev(nor), g.options);
        assert.ok(result.errors > 0);
      }
    });

for (const value of BEYOND) {
  test(`a size of a list of 0x${value.toString(16)} bytes, where that cannot be, is ECORRUPT`, () => {
    if (value < g.blockSize * g.blockCount) return;
    tried(
      spoilt((tags) => {
        for (const tag of tags) if (tag.type === 0x202) patch(tag, 4, value);
      }),
      'size',
    );
  });

  test(`a skip pointer to block 0x${value.toString(16)} is ECORRUPT`, () => {
    const nor = spoilt(() => {});
    const image = new Uint8Array(g.blockSize * g.blockCount);
    nor.peek(0, image);
    const last = Buffer.from(pattern(1400, 1).subarray(-50));
    const block = Math.floor(Buffer.from(image).indexOf(last) / g.blockSize);
    image.set(u32le(value, value), block * g.blockSize);
    tried(chip(g, image), 'skip pointer');
  });

  test(`a pending move in pair 0x${value.toString(16)} is ECORRUPT for what changes something, and not before`, () => {
    const nor = spoilt((tags) => {
      if (tags.some((tag) => tag.type === 0x0ff))
        tags.push({ type: 0x7ff, id: 0x3ff, length: 12, data: u32le((0x4ff << 20) | (1 << 10), value, value ^ 1) });
    });
    const fs = new VfsLfs2(new NorBlockDev(nor), g.options);
    fs.mount(false, false);
    assert.equal(readFile(fs, '/f'), pattern(1400, 1));
    throwsCode(() => fs.mkdir('/x'), 'ECORRUPT');
    throwsCode(() => fs.repair(), 'ECORRUPT');
    assert.equal(readFile(fs, '/f'), pattern(1400, 1));
  });
}

test.run();
