/** Media with error correction: blocks that cannot be read, programmed or erased and say so, with -84 or another error. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { NorBlockDev, type NorFlash } from '../boards/sim';
import { VfsLfs2 } from '../modules/littlefs2';
import { fsckLfs2 } from '../modules/littlefs2/check/fsck';
import {
  chip,
  difference,
  format,
  type Geometry,
  geometry,
  pattern,
  type Snapshot,
  sameTree,
  snapshot,
  sound,
  writeFile,
} from './support/lfs2';
import { takeApart } from './support/lfs2-edit';

const CORRUPT = -84;

/** A device on which some accesses end with `answer`. */
class Faulty extends NorBlockDev {
  answer = CORRUPT;
  unreadable: (block: number, offset: number, length: number) => boolean = () => false;
  unwritable: (block: number, operation: 'program' | 'erase') => boolean = () => false;
  onErase: (block: number) => void = () => {};
  reads = 0;

  readblocks(block: number, buf: Uint8Array, offset?: number): number {
    this.reads++;
    return this.unreadable(block, offset ?? 0, buf.length) ? this.answer : super.readblocks(block, buf, offset);
  }

  writeblocks(block: number, buf: Uint8Array, offset?: number): number {
    return this.unwritable(block, 'program') ? this.answer : super.writeblocks(block, buf, offset);
  }

  ioctl(op: number, arg: number): number | undefined {
    if (op === 6 && this.unwritable(arg, 'erase')) return this.answer;
    if (op === 6) this.onErase(arg);
    return super.ioctl(op, arg);
  }
}

function mounted(dev: Faulty, g: Geometry): VfsLfs2 {
  const fs = new VfsLfs2(dev, g.options);
  fs.mount(false, false);
  return fs;
}

function same(fs: VfsLfs2, wanted: Snapshot, what: string): void {
  const now = snapshot(fs);
  assert.ok(sameTree(now, wanted), `${what}: ${difference(now, wanted)}`);
}

/** The pairs on the thread: the block that counts, its twin, and where the log ends. */
function thread(nor: NorFlash, g: Geometry): [newer: number, older: number, end: number][] {
  const pairs: [number, number, number][] = [];
  for (let [a, b] = [0, 1]; a !== 0xffffffff; ) {
    const logs = [a, b].map((block) => {
      const bytes = new Uint8Array(g.blockSize);
      nor.peek(block * g.blockSize, bytes);
      return takeApart(bytes);
    });
    const [first, twin] = logs;
    const second = !first || (twin && ((twin.revision - first.revision) | 0) > 0);
    const log = logs[second ? 1 : 0] as NonNullable<(typeof logs)[0]>;
    pairs.push(second ? [b, a, log.end] : [a, b, log.end]);
    const tail = log.tags.filter((tag) => tag.type >> 8 === 6).pop()?.data;
    const view = tail && new DataView(tail.buffer, tail.byteOffset);
    [a, b] = view ? [view.getUint32(0, true), view.getUint32(4, true)] : [0xffffffff, 0];
  }
  return pairs;
}

/** A volume with pairs of all sorts: an expanded superblock, long directories, empty ones. */
function rich(g: Geometry): { nor: NorFlash; tree: Snapshot; pairs: [number, number, number][] } {
  const nor = chip(g);
  const fs = format(nor, { ...g, options: { ...g.options, blockCycles: 3 } });
  for (let i = 0; i < 40; i++) fs.setattr('/', 70, pattern(6, i));
  fs.mkdir('/d');
  fs.mkdir('/d/e');
  fs.mkdir('/empty');
  for (let i = 0; i < 20; i++) writeFile(fs, `/d/file${i}`, pattern(i * 7, i));
  writeFile(fs, '/d/e/large', pattern(g.blockSize * 4, 1));
  writeFile(fs, '/large', pattern(g.blockSize * 3, 2));
  const tree = snapshot(fs);
  sound(nor, g);
  return { nor, tree, pairs: thread(nor, g) };
}

for (const size of [256, 512])
  test(`blocks of ${size}: where the older block of any pair cannot be read, all is there, changes are made, and fsck finds just that`, () => {
    const g = geometry(size, 120, 16);
    const { nor, tree, pairs } = rich(g);
    assert.ok(pairs.length > 5);
    for (const [, older] of pairs) {
      for (const only of [true, false]) {
        const copy = copyOf(nor, g);
        const dev = new Faulty(copy);
        let bad = older;
        dev.unreadable = (block) => block === bad;
        dev.onErase = (block) => {
          // What is erased can be read again.
          if (!only && block === bad) bad = -1;
        };
        dev.unwritable = (block) => only && block === bad;
        const fs = mounted(dev, g);
        same(fs, tree, `block ${older}`);
        const found = fsckLfs2(dev, { onFinding: () => {} }).findings.filter((each) => each.level !== 'info');
        assert.equal(
          found.map((each) => [each.code, each.blocks]),
          [['unreadable', [older]]],
        );
        try {
          for (const path of Object.keys(tree)) fs.setattr(path, 71, pattern(4, path.length));
          fs.mkdir('/d/e/more');
          writeFile(fs, '/d/new', pattern(900, 3));
          fs.rename('/d/new', '/empty/new');
        } catch (error) {
          // The pair {0, 1} cannot move.
          assert.ok(only && older < 2 && (error as { code: string }).code === 'ENOSPC', `block ${older}: ${(error as Error).stack}`);
          continue;
        }
        const changed = snapshot(fs);
        assert.is(Object.keys(changed).length, Object.keys(tree).length + 2);
        same(mounted(dev, g), changed, `block ${older}, mounted again`);
      }
    }
  });

test('where the newer block of a pair cannot be read, the state before its last compaction is there', () => {
  const g = geometry(512, 60, 16);
  const nor = chip(g);
  const fs = format(nor, g);
  fs.mkdir('/d');
  let before = snapshot(fs);
  const log = (): number[] => thread(nor, g)[1];
  for (let i = 0, first = log()[0]; log()[0] === first; i++) {
    before = snapshot(fs);
    fs.setattr('/d', 65, pattern(3, 0));
    writeFile(fs, '/d/f', pattern(40, i));
  }
  const dev = new Faulty(nor);
  const newer = log()[0];
  dev.unreadable = (block) => block === newer;
  same(mounted(dev, g), before, 'newer block unreadable');
});

test('what follows the last commit need not be readable', () => {
  const g = geometry(512, 60, 16, { cachesize: 256 });
  const { nor, tree, pairs } = rich(g);
  for (const [block, , end] of pairs) {
    for (const unit of [8, 32]) {
      const dev = new Faulty(copyOf(nor, g));
      let torn = true;
      // A program unit that was torn, with what error correction covers around it.
      const from = Math.ceil(end / unit) * unit;
      dev.unreadable = (at, offset, length) => torn && at === block && offset + length > from && offset < from + unit;
      dev.onErase = (at) => {
        if (at === block) torn = false;
      };
      const options = { ...g, options: { ...g.options, readsize: 8 } };
      const fs = mounted(dev, options);
      same(fs, tree, `block ${block} from ${from}`);
      for (const path of Object.keys(tree)) fs.setattr(path, 71, pattern(4, path.length));
      assert.is(Object.keys(snapshot(mounted(dev, options))).length, Object.keys(tree).length);
    }
  }
});

for (const answer of [CORRUPT, -5, -110])
  test(`free blocks that answer ${answer} are passed over, however many there are`, () => {
    const g = geometry(512, 200, 16);
    for (const bad of [1, 2, 3, 7, 60, 130])
      for (const what of ['reads', 'reads of torn content', 'programs', 'erases'] as const) {
        const nor = chip(g);
        const dev = new Faulty(nor);
        const torn: boolean[] = [];
        dev.answer = answer;
        for (let i = 0; i < bad; i++) torn[2 + ((i * (bad < 10 ? 1 : 3)) % 190)] = true;
        if (what.startsWith('reads')) dev.unreadable = (block) => torn[block];
        if (what === 'reads of torn content')
          dev.onErase = (block) => {
            torn[block] = false;
          };
        if (what === 'programs') dev.unwritable = (block, operation) => operation === 'program' && torn[block];
        if (what === 'erases') dev.unwritable = (block, operation) => operation === 'erase' && torn[block];
        VfsLfs2.mkfs(dev, g.options);
        const fs = mounted(dev, g);
        for (let i = 0; i < 12; i++) {
          fs.mkdir(`/d${i}`);
          writeFile(fs, `/d${i}/f`, pattern(700, i));
          writeFile(fs, `/f${i}`, pattern(60, i));
        }
        const tree = snapshot(fs);
        assert.is(Object.keys(tree).length, 36);
        same(mounted(dev, g), tree, `${bad} blocks, ${what}`);
      }
  });

test('a file is appended to where the rest of its last block cannot be read', () => {
  const g = geometry(512, 60, 1);
  const nor = chip(g);
  const dev = new Faulty(nor);
  VfsLfs2.mkfs(dev, g.options);
  let fs = mounted(dev, g);
  const content = pattern(700, 1);
  writeFile(fs, '/log', content);
  fs = mounted(dev, g);
  const last = Buffer.from(content.subarray(-100));
  const block = new Uint8Array(512);
  let at = 0;
  for (nor.peek(0, block); Buffer.from(block).indexOf(last) < 0; nor.peek(at, block)) at += 512;
  const end = Buffer.from(block).indexOf(last) + 100;
  dev.unreadable = (b, offset, length) => b * 512 === at && offset + length > end + 4;
  writeFile(fs, '/log', pattern(30, 2), 'a');
  dev.unreadable = () => false;
  assert.is(snapshot(mounted(dev, g))['/log'], Buffer.concat([content, pattern(30, 2)]).toString('hex'));
});

test('an error other than -84 in a pair is not taken for an older state', () => {
  const g = geometry(512, 60, 16);
  const { nor, pairs } = rich(g);
  for (const [newer] of pairs) {
    const dev = new Faulty(copyOf(nor, g));
    dev.answer = -5;
    dev.unreadable = (block) => block === newer;
    assert.throws(
      () => snapshot(mounted(dev, g)),
      (error: { code: string }) => error.code === 'EIO',
    );
  }
});

test('mkfs on a device whose first blocks are bad is ENOSPC', () => {
  const g = geometry(512, 20, 16);
  for (const bad of [[0], [1], [0, 1]])
    for (const answer of [CORRUPT, -5])
      for (const kind of ['program', 'erase', 'read'] as const) {
        const dev = new Faulty(chip(g));
        dev.answer = answer;
        if (kind === 'read') dev.unreadable = (block) => bad.includes(block);
        else dev.unwritable = (block, operation) => operation === kind && bad.includes(block);
        assert.throws(
          () => VfsLfs2.mkfs(dev, g.options),
          (error: { code: string }) => error.code === 'ENOSPC',
        );
      }
});

/** A second chip with the same content. */
function copyOf(nor: NorFlash, g: Geometry): NorFlash {
  const image = new Uint8Array(g.blockSize * g.blockCount);
  nor.peek(0, image);
  return chip(g, image);
}

test.run();
