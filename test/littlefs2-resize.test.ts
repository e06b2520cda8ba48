/** grow, shrink and repair: what changes the volume as a whole. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { NorBlockDev } from '../boards/sim';
import { VfsLfs2 } from '../modules/littlefs2';
import { checkLfs2 } from './independent/lfs2-reader';
import {
  chip,
  format,
  type Geometry,
  geometry,
  mount,
  open,
  pattern,
  sameTree,
  snapshot,
  sound,
  throwsCode,
  writeFile,
} from './support/lfs2';
import { editLog, u32le } from './support/lfs2-edit';

const g = geometry(512, 100, 16);

/** The part of a chip that a device of fewer blocks is. */
class First extends NorBlockDev {
  blocks = g.blockCount;
  ioctl(op: number, arg: number): number | undefined {
    return op === 4 ? this.blocks : super.ioctl(op, arg);
  }
}

/** Changes things until the last of `most` blocks are free; then shrinks to what is in use. Gives the number of blocks. */
function shrinkToUsed(fs: VfsLfs2, nor: ReturnType<typeof chip>, most: number): number {
  for (let i = 0; i < 400; i++) {
    const count = Math.max(...sound(nor, g).used) + 1;
    if (count < most - 5) {
      throwsCode(() => fs.shrink(count - 1), 'ENOTEMPTY');
      fs.shrink(count);
      return count;
    }
    writeFile(fs, '/moves', pattern(700, i));
    fs.remove('/moves');
    fs.setattr('/', 60, pattern(3, i));
    fs.setattr('/d', 60, pattern(3, i));
  }
  throw new Error('the last blocks never came free');
}

for (const blockCycles of [1, 100])
  test(`shrink leaves what is not in use, on a device that ends there too, and grow takes it back; blockCycles ${blockCycles}`, () => {
    const shape: Geometry = { ...g, options: { ...g.options, blockCycles } };
    const nor = chip(shape);
    const dev = new First(nor);
    VfsLfs2.mkfs(dev, shape.options);
    let fs = new VfsLfs2(dev, shape.options);
    fs.mount(false, false);
    fs.mkdir('/d');
    writeFile(fs, '/d/f', pattern(30, 1));
    fs.setattr('/', 65, pattern(4, 4));
    for (let i = 0; i < 30; i++) fs.setattr('/', 66, pattern(4, i));
    const file = open(fs, '/open', 'w');
    file.writeAt(0, pattern(40, 4));
    for (let round = 0, most = 100; round < 2; round++, most -= 3) {
      const count = shrinkToUsed(fs, nor, most);
      const above = most - 3;
      assert.is(fs.statvfs('/')[2], count);
      const tree = snapshot(fs);
      dev.blocks = count;
      const again = new VfsLfs2(dev, shape.options);
      again.mount(true, false);
      assert.ok(sameTree(snapshot(again), tree));
      const check = checkLfs2(imageOf(nor), shape.blockSize, undefined, {});
      assert.is(check.blockCount, count);
      assert.equal(check.problems, []);
      throwsCode(() => fs.shrink(count + 1), 'EINVAL');
      dev.blocks = above;
      fs = new VfsLfs2(dev, shape.options);
      fs.mount(false, false);
      fs.grow();
      assert.is(fs.statvfs('/')[2], above);
      assert.ok(sameTree(snapshot(fs), tree));
    }
    sound(nor, shape);
  });

function imageOf(nor: ReturnType<typeof chip>): Uint8Array {
  const image = new Uint8Array(g.blockSize * g.blockCount);
  nor.peek(0, image);
  return image;
}

test('every superblock entry says the same number of blocks', () => {
  const shape = geometry(512, 100, 512, { blockCycles: 1 });
  const nor = chip(shape);
  const fs = format(nor, shape);
  fs.mkdir('/d');
  let entries = 1;
  for (let i = 0; entries < 3; i++) {
    fs.setattr('/', 66, pattern(4, i));
    entries = sound(nor, shape).superblocks;
  }
  const count = shrinkToUsed(fs, nor, 100);
  const image = imageOf(nor);
  let seen = 0;
  for (let block = 0; block < 100; block++)
    editLog(image, 512, block, (tags) => {
      const entry = tags.some((tag) => tag.type === 0x0ff) && tags.filter((tag) => tag.type === 0x201 && !tag.id).pop();
      if (entry && new DataView(entry.data.buffer).getUint32(8, true) === count) seen++;
    });
  assert.ok(seen >= entries, `${seen} of ${entries}`);
});

test('shrink refuses what is in use, what is open, and numbers that cannot be, and changes nothing', () => {
  const nor = chip(g);
  const fs = format(nor, g);
  for (let i = 0; i < 8; i++) writeFile(fs, `/f${i}`, pattern(512 * 9, i));
  const before = imageOf(nor);
  throwsCode(() => fs.shrink(50), 'ENOTEMPTY');
  for (const count of [0, 1, -3, 2.5, 101, Number.NaN]) throwsCode(() => fs.shrink(count), 'EINVAL', String(count));
  assert.equal(imageOf(nor), before);
  assert.is(fs.statvfs('/')[2], 100);
  for (let i = 0; i < 8; i++) fs.remove(`/f${i}`);
  const file = open(fs, '/new', 'w');
  file.writeAt(0, pattern(512 * 60, 1));
  throwsCode(() => fs.shrink(50), 'ENOTEMPTY');
  file.close();
  assert.is(snapshot(mount(nor, g))['/new'].length, 512 * 120);
  const reader = mount(nor, g, true);
  throwsCode(() => reader.shrink(90), 'EROFS');
  throwsCode(() => reader.repair(), 'EROFS');
});

test('shrinking that a power cut ends leaves the old or the new number', () => {
  for (let n = 1; ; n++) {
    const nor = chip(g);
    const fs = format(nor, g);
    for (let i = 0; i < 40; i++) fs.setattr('/', 66, pattern(4, i));
    let left = n;
    const count = (): void => {
      if (!left--) throw new Error('power');
    };
    const erase = nor.erase.bind(nor);
    const program = nor.program.bind(nor);
    nor.erase = (at) => {
      count();
      return erase(at);
    };
    nor.program = (at, data) => {
      count();
      return program(at, data);
    };
    settleSure(fs);
    nor.erase = erase;
    nor.program = program;
    const again = mount(nor, g);
    assert.ok([100, 99].includes(again.statvfs('/')[2]));
    sound(nor, g);
    if (left >= 0) break;
    assert.ok(n < 50);
  }
});

/** Shrinks by a block, which may be in use. */
function settleSure(fs: VfsLfs2): void {
  try {
    fs.shrink(99);
  } catch (error) {
    assert.ok(['power'].includes((error as Error).message) || (error as { code: string }).code === 'ENOTEMPTY');
  }
}

/** A volume whose global state says that there may be orphans, though there are none. */
function marked(): ReturnType<typeof chip> {
  const nor = chip(g);
  const fs = format(nor, g);
  fs.mkdir('/d');
  writeFile(fs, '/d/f', pattern(30, 1));
  const image = imageOf(nor);
  let done = false;
  for (const block of [0, 1])
    editLog(image, g.blockSize, block, (tags) => {
      if (tags.some((tag) => tag.type === 0x200)) {
        tags.push({ type: 0x7ff, id: 0x3ff, length: 12, data: u32le(0x80000000, 0, 0) });
        done = true;
      }
    });
  assert.ok(done);
  const spoilt = chip(g, image);
  assert.ok(checkLfs2(image, g.blockSize).orphansFlagged);
  return spoilt;
}

for (const [name, work] of [
  ['gc', (fs: VfsLfs2) => fs.gc()],
  ['repair', (fs: VfsLfs2) => fs.repair()],
] as [string, (fs: VfsLfs2) => void][])
  test(`${name} takes a mark of orphans off the medium, and writes nothing where there is none`, () => {
    const nor = marked();
    const fs = mount(nor, g);
    const tree = snapshot(fs);
    work(fs);
    assert.is(sound(nor, g, { strict: true }).orphansFlagged, false);
    assert.ok(sameTree(snapshot(mount(nor, g)), tree));
    const image = imageOf(nor);
    fs.repair();
    assert.equal(imageOf(nor), image);
  });

test('a mkdir that fails leaves no mark of orphans', () => {
  const small = geometry(128, 40, 4);
  let refused = 0;
  for (let files = 20; files < 60; files += 7) {
    const nor = chip(small);
    const fs = format(nor, small);
    try {
      for (let i = 0; i < files; i++) writeFile(fs, `/f${i % 7}${i}`, pattern(i % 9, i));
    } catch (error) {
      assert.is((error as { code: string }).code, 'ENOSPC');
    }
    for (let i = 0; i < 40; i++) {
      const before = snapshot(fs);
      try {
        fs.mkdir(`/${'abcdefghij'[i % 10].repeat(1 + (i % 5) * 6)}${i}`);
      } catch (error) {
        assert.is((error as { code: string }).code, 'ENOSPC');
        refused++;
        assert.is(sound(nor, small, { strict: true }).orphansFlagged, false);
        assert.ok(sameTree(snapshot(fs), before));
        assert.ok(sameTree(snapshot(mount(nor, small)), before));
      }
    }
  }
  assert.ok(refused > 40, `${refused} refused`);
});

test('after a read error at the end of shrink nothing is written to the blocks that were given away', () => {
  const wanted = 42;
  let failed = 0;
  for (let at = 0; at < 60; at += 3) {
    const small = geometry(512, 64, 16, { tables: 0 });
    const nor = chip(small);
    const fs = format(nor, small);
    for (let i = 0; i < 6; i++) fs.mkdir('/d' + i);
    let reads = 0;
    const read = nor.read;
    nor.read = (addr, buf) => {
      if (reads++ === at) throw Object.assign(new Error('EIO'), { errno: 5, code: 'EIO' });
      return read.call(nor, addr, buf);
    };
    try {
      fs.shrink(wanted);
    } catch {
      failed++;
    }
    nor.read = read;
    const own = mount(nor, small);
    const count = own.statvfs('/')[2];
    let highest = 0;
    nor.onOperation = (operation, addr) => {
      if (operation === 'erase') highest = Math.max(highest, addr / 512);
      return undefined;
    };
    for (let i = 0; i < 12; i++) writeFile(fs, `/d${i % 6}/f${i}`, pattern(400, i));
    nor.onOperation = undefined;
    assert.ok(count === 64 || highest < count, `read ${at}: block ${highest} of ${count}`);
    mount(nor, small);
  }
  assert.ok(failed > 5, `${failed}`);
});

test.run();
