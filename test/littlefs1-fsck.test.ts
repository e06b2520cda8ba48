/** fsckLfs1 finds what is damaged and names it, and repair ends what a power cut left half-done. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { BlockDevice } from '../modules/contract/filesystem';
import { VfsLfs1 } from '../modules/littlefs1';
import { fsckLfs1, type Lfs1Finding } from '../modules/littlefs1/check/fsck';
import { crcFast } from './independent/crc';
import { checkLfs1 } from './independent/lfs1-reader';
import { forGolden, goldenImage, goldenManifest } from './support/golden';
import { difference, mount1, pattern, put, sameTree, snapshot1, snapshotOf1 } from './support/lfs1';
import { Flash } from './torture/flash';

const brief = (findings: Lfs1Finding[]): string[] => findings.map(({ level, code, path }) => `${level} ${code} ${path}`.trim());

forGolden('lfs1', (name) => {
  const { block_size: blockSize, block_count: blockCount } = goldenManifest('lfs1', name);

  test(`${name}: no damage is found; what is half-done is repaired to what the volume shows`, () => {
    const flash = new Flash({ blockSize, blockCount, progSize: 16 }, goldenImage('lfs1', name));
    const before = checkLfs1(flash.image, blockSize);
    const first = fsckLfs1(flash);
    assert.is(first.errors, 0);
    assert.is(first.sound, !before.half.length);
    assert.is(first.used, before.used.size);
    assert.is(first.version, '1.1');
    assert.is(first.files + first.directories, before.tree.size);
    assert.is(flash.programs + flash.erases, 0);
    const told: Lfs1Finding[] = [];
    const result = fsckLfs1(flash, { repair: true, onFinding: (finding) => told.push(finding) });
    assert.is(result.repaired, !first.sound);
    assert.ok(result.sound);
    assert.equal(told, result.findings);
    const after = checkLfs1(flash.image, blockSize);
    assert.equal(after.problems.concat(after.half), []);
    assert.ok(sameTree(snapshotOf1(after), snapshotOf1(before)), difference(snapshotOf1(after), snapshotOf1(before)));
    assert.is(fsckLfs1(flash).findings.length, 0);
  });
});

/** A volume with two directories and three files; `edit` changes valid blocks, whose CRCs are made right. */
function damaged(edit: (block: Buffer, number: number, image: Buffer) => boolean | undefined): {
  flash: Flash;
  findings: string[];
  blocks: number[][];
} {
  const flash = new Flash({ blockSize: 512, blockCount: 64, progSize: 16 });
  VfsLfs1.mkfs(flash);
  const fs = mount1(flash);
  fs.mkdir('/d');
  fs.mkdir('/d/e');
  put(fs, '/one', pattern(1800, 1));
  put(fs, '/two', pattern(700, 2));
  put(fs, '/d/three', pattern(20, 3));
  fs.umount();
  const image = Buffer.from(flash.image.buffer);
  let edits = 0;
  for (let number = 0; number < 64; number++) {
    const block = image.subarray(number * 512, number * 512 + 512);
    const size = block.readUInt32LE(4) & 0x7fffffff;
    if (size < 20 || size > 512 || crcFast(block.subarray(0, size - 4)) !== block.readUInt32LE(size - 4)) continue;
    if (!edit(block, number, image)) continue;
    const now = block.readUInt32LE(4) & 0x7fffffff;
    block.writeUInt32LE(crcFast(block.subarray(0, now - 4)), now - 4);
    edits++;
  }
  assert.ok(edits, 'nothing was edited');
  const result = fsckLfs1(flash);
  assert.is(flash.programs > 0, true);
  return { flash, findings: brief(result.findings), blocks: result.findings.map((each) => each.blocks) };
}

/** Where the entry of a name begins. */
function entryOf(block: Buffer, name: string): number {
  const size = block.readUInt32LE(4) & 0x7fffffff;
  for (let at = 16; at < size - 4; ) {
    const next = at + 4 + block[at + 1] + block[at + 2] + block[at + 3];
    if (block.toString('latin1', next - block[at + 3], next) === name) return at;
    at = next;
  }
  return -1;
}

const editEntry = (name: string, edit: (block: Buffer, at: number, image: Buffer) => void) =>
  damaged((block, _number, image) => {
    const at = entryOf(block, name);
    if (at >= 0) edit(block, at, image);
    return at >= 0;
  });

test('a block that two files use is found', () => {
  const { findings } = editEntry('two', (block, at) => {
    const one = entryOf(block, 'one');
    if (one >= 0) block.copy(block, at + 4, one + 4, one + 12);
  });
  assert.equal(findings, ['error shared /two']);
});

test('a file that ends outside the volume, or is longer than it, is found', () => {
  assert.equal(editEntry('two', (block, at) => block.writeUInt32LE(5000, at + 4)).findings, ['error range /two']);
  assert.equal(editEntry('two', (block, at) => block.writeUInt32LE(0x7fffffff, at + 8)).findings, ['error size /two']);
  assert.equal(editEntry('two', (block, at) => block.writeUInt32LE(0xffffffff, at + 8)).findings, ['error size /two']);
});

test('a pointer that leads elsewhere is found', () => {
  const { findings } = editEntry('one', (block, at, image) => {
    // The second pointer of the block with index 2.
    const head = block.readUInt32LE(at + 4);
    const third = image.readUInt32LE(head * 512);
    if (block.readUInt32LE(at + 8) === 1800) image.writeUInt32LE(third, third * 512 + 4);
  });
  assert.equal(findings, ['error ctz /one']);
});

test('directories that are damaged, in themselves, outside, or of one block are found', () => {
  assert.equal(editEntry('e', (block, at) => block.writeUInt32LE(999, at + 8)).findings.slice(0, 1), ['error range /d/e']);
  assert.equal(editEntry('e', (block, at) => block.writeUInt32LE(block.readUInt32LE(at + 4), at + 8)).findings.slice(0, 1), [
    'error range /d/e',
  ]);
  let pair = [0, 0];
  const { findings, blocks } = editEntry('e', (block, at, image) => {
    pair = [block.readUInt32LE(at + 4), block.readUInt32LE(at + 8)];
    for (const each of pair) image.fill(0, each * 512, each * 512 + 512);
  });
  assert.equal(findings, ['error pair /d/e', 'error pair']);
  assert.equal(blocks, [pair, pair]);
  const looped = editEntry('e', (block, at, image) => {
    // The root's pair, as the superblock names it.
    image.copy(block, at + 4, 512 + 20, 512 + 28);
  });
  assert.ok(looped.findings.includes('error shared /d/e'), looped.findings.join());
});

test('names that cannot be reached, and the same name twice, are found', () => {
  assert.equal(editEntry('two', (block, at) => block.write('one', at + 12)).findings, ['error name /one']);
  assert.equal(editEntry('two', (block, at) => block.write('a/b', at + 12)).findings, ['error name /a/b']);
});

test('a thread that goes in a circle, ends early, or leads outside is found', () => {
  for (const [value, found] of [
    [2, 'error thread'],
    [0xffffffff, 'error unthreaded'],
    [4000, 'error thread'],
  ] as const) {
    const { findings } = damaged((block, number) => {
      if (number < 2) return false;
      for (const at of [8, 12]) if (block.readUInt32LE(at) !== 0xffffffff) block.writeUInt32LE(at === 12 && value === 2 ? 3 : value, at);
      return true;
    });
    assert.ok(findings.length && findings.every((each) => each.startsWith(found)), `${value}: ${findings}`);
  }
});

test('a volume without a superblock, of another version or geometry is said to be so', () => {
  const blank = fsckLfs1(new Flash({ blockSize: 512, blockCount: 64, progSize: 16 }));
  assert.equal(brief(blank.findings), ['error pair']);
  assert.is(blank.version, '');
  for (const at of [28, 32, 36])
    assert.equal(
      damaged((block, number) => {
        if (number < 2) block.writeUInt32LE(0x20000 + 4, at);
        return number < 2;
      }).findings,
      ['error superblock'],
    );
});

test('what cannot be read is a finding', () => {
  const flash = new Flash({ blockSize: 512, blockCount: 64, progSize: 16 });
  VfsLfs1.mkfs(flash);
  const fs = mount1(flash);
  put(fs, '/f', pattern(3000, 1));
  const used = [...checkLfs1(flash.image, 512).used].filter((block) => block > 3);
  const device = (answer: () => number): BlockDevice => ({
    readblocks: (block: number, buf: Uint8Array, offset = 0) => (block === used[2] ? answer() : flash.readblocks(block, buf, offset)),
    writeblocks: () => -30,
    ioctl: (op: number, arg: number) => flash.ioctl(op, arg),
  });
  for (const answer of [
    () => -5,
    () => {
      throw new Error('no answer');
    },
  ])
    assert.equal(brief(fsckLfs1(device(answer)).findings), ['error unreadable /f']);
});

test('where there is damage nothing is repaired', () => {
  const flash = new Flash({ blockSize: 512, blockCount: 64, progSize: 16 });
  VfsLfs1.mkfs(flash);
  const fs = mount1(flash);
  put(fs, '/f', pattern(3000, 1));
  const [last] = [...checkLfs1(flash.image, 512).used].slice(-1);
  assert.ok(last > 3);
  flash.image.fill(0, last * 512, last * 512 + 16);
  const before = Buffer.from(flash.image);
  const result = fsckLfs1(flash, { repair: true });
  assert.not(result.repaired);
  assert.ok(before.equals(flash.image));
  assert.ok(snapshot1(fs));
});

test.run();
