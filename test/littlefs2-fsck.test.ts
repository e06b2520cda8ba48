/** fsck finds what is damaged and names it, agrees with the independent judge, and repair and salvage keep what can be read. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { NorBlockDev, norImage } from '../boards/sim';
import type { BlockDevice } from '../modules/contract/filesystem';
import { VfsLfs2 } from '../modules/littlefs2';
import { type FsckResult, fsckLfs2, type Lfs2Finding } from '../modules/littlefs2/check/fsck';
import { salvageLfs2 } from '../modules/littlefs2/check/salvage';
import { type FsckCommandOptions, fsck } from '../tools/fsck-command';
import { UsageError } from '../tools/usage';
import { checkLfs2, type Lfs2Check } from './independent/lfs2-reader';
import { forGolden, goldenImage, goldenManifest, goldenNames } from './support/golden';
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
  snapshotOf,
  writeFile,
} from './support/lfs2';
import { editLog, type Tag, takeApart, u32le } from './support/lfs2-edit';
import { rounds } from './support/rounds';

/** A device that only reads, counts what it reads, and fails for some blocks: with an error number, or by throwing. */
function reader(image: Uint8Array, blockSize: number, bad: Map<number, 'status' | 'throw'> = new Map()): BlockDevice & { bytes: number } {
  const count = image.length / blockSize;
  return {
    bytes: 0,
    readblocks(block: number, buf: Uint8Array, offset = 0) {
      if (!(block >= 0 && block < count && offset >= 0 && offset + buf.length <= blockSize)) throw new TypeError('outside of the volume');
      this.bytes += buf.length;
      if (bad.get(block) === 'throw') throw new Error('no answer');
      if (bad.has(block)) return -5;
      buf.set(image.subarray(block * blockSize + offset, block * blockSize + offset + buf.length));
      return 0;
    },
    writeblocks() {
      throw new TypeError('written to');
    },
    ioctl: (op: number) => (op === 4 ? count : op === 5 ? blockSize : 0),
  };
}

const brief = (findings: Lfs2Finding[]): string[] =>
  findings.map(({ level, code, path: at, blocks }) => `${level} ${code} ${at || '-'} ${blocks.join()}`.trim());
const show = (findings: Lfs2Finding[]): string =>
  findings.map((each) => `${each.level} ${each.code} ${each.path}: ${each.message}`).join('\n');

/** Findings that tell of work half-done, as the judge calls it when it is strict. */
const HALF = ['move', 'orphan', 'half-orphan'];

/**
 * fsck must find fault where the judge does. It finds fault in more: each superblock entry, where the judge looks at the
 * last; superblock entries out of place and names `.` and `..`; what orphans hold; the source of a move.
 */
function agree(result: FsckResult, image: Uint8Array, what: string): Lfs2Check {
  const check = checkLfs2(image, result.blockSize);
  const strict = checkLfs2(image, result.blockSize, undefined, { strict: true });
  const own = (f: Lfs2Finding) =>
    f.code === 'superblock' ||
    (f.code === 'entry' && check.pendingMove) ||
    /superblock entry out of place|names nothing/.test(f.message) ||
    /\/\.\.?$/.test(f.path) ||
    f.path.startsWith('orphan ');
  const errors = result.findings.filter((f) => f.level === 'error');
  if (check.problems.length) assert.ok(result.errors, `${what}: the judge finds\n${check.problems.join('\n')}`);
  else assert.ok(errors.every(own), `${what}: the judge finds nothing, but fsck\n${show(errors)}`);
  if (!result.errors) {
    const half = result.findings.some((f) => HALF.includes(f.code));
    assert.is(
      half,
      strict.problems.length > 0,
      `${what}: half-done by fsck\n${show(result.findings)}\nby the judge\n${strict.problems.join('\n')}`,
    );
  }
  return check;
}

/** Salvages an image into a fresh volume of the same geometry; the tree as the judge reads it there. */
function salvaged(device: BlockDevice, g: Geometry): { tree: Snapshot; findings: Lfs2Finding[]; complete: boolean; check: Lfs2Check } {
  const nor = chip(g);
  const to = format(nor, g);
  const result = salvageLfs2(device, to, g.options);
  to.umount();
  const check = checkLfs2(norImage(nor), g.blockSize, undefined, { strict: true, erased: true });
  assert.equal(check.problems, []);
  return { tree: snapshotOf(check), findings: result.findings, complete: result.complete, check };
}

forGolden('lfs2', (name) => {
  const manifest = goldenManifest('lfs2', name);
  const progSize = manifest.prog_size ?? manifest.progsize ?? 32;
  // Inline files as they may be by the format, so that a full volume is still large enough.
  const g = geometry(manifest.block_size, manifest.block_count, progSize, {
    cachesize: Math.max(progSize, manifest.cache_size ?? manifest.block_size >> 3),
  });

  test(`${name}: no damage is found; what is half-done is repaired to the content that the volume shows`, () => {
    const image = goldenImage('lfs2', name);
    const device = reader(image, g.blockSize);
    const result = fsckLfs2(device, g.options);
    assert.is(result.errors, 0, show(result.findings));
    const before = agree(result, image, name);
    if (!name.startsWith('cut-')) assert.ok(result.sound, show(result.findings));
    assert.is(result.used, before.used.size);
    assert.is(result.version, before.version);
    assert.is(result.files, [...before.tree.values()].filter((node) => node.type === 'file').length);
    assert.is(result.directories, [...before.tree.values()].filter((node) => node.type === 'dir').length);
    assert.ok(device.bytes <= 2 * image.length, `${device.bytes} bytes read`);

    const nor = chip(g, image);
    const repaired = fsckLfs2(new NorBlockDev(nor), { ...g.options, repair: true });
    assert.ok(repaired.sound, show(repaired.findings));
    assert.is(repaired.repaired, !result.sound);
    if (result.sound) assert.is(nor.counters.programs + nor.counters.erases, 0);
    const after = checkLfs2(norImage(nor), g.blockSize, undefined, { strict: true, erased: true });
    assert.equal(after.problems, []);
    assert.ok(sameTree(snapshotOf(after), snapshotOf(before)), difference(snapshotOf(after), snapshotOf(before)));
    assert.is(after.version, before.version);
  });

  test(`${name}: salvage copies all of it`, () => {
    const image = goldenImage('lfs2', name);
    const { tree, findings, check } = salvaged(reader(image, g.blockSize), g);
    const wanted = checkLfs2(image, g.blockSize);
    assert.equal(
      findings.filter((f) => f.level === 'error').map((f) => f.message),
      [],
    );
    assert.ok(sameTree(tree, snapshotOf(wanted)), difference(tree, snapshotOf(wanted)));
    assert.equal([...check.rootAttrs], [...wanted.rootAttrs]);
  });
});

const G = geometry(512, 64, 16);

/** A volume with each kind of structure, and where they lie. */
function specimen() {
  const nor = chip(G);
  const fs = format(nor, G);
  fs.mkdir('/d');
  fs.mkdir('/d/e');
  fs.mkdir('/many');
  writeFile(fs, '/big', pattern(8 * 504 + 100, 1));
  writeFile(fs, '/d/e/list', pattern(1300, 2));
  writeFile(fs, '/d/note', pattern(30, 3));
  fs.setattr('/d/note', 65, pattern(5, 4));
  for (let i = 0; i < 30; i++) writeFile(fs, `/many/file${10 + i}`, pattern(20, i));
  const tree = snapshot(fs);
  fs.umount();
  const image = norImage(nor);
  /** The pair of a directory, newer block first, by walking the tags. */
  const pairOf = (at: string): [number, number] => {
    let pair: [number, number] = [0, 1];
    for (const name of at.split('/').slice(1)) pair = words(tagOf(pair, name, 0x200).data);
    return newest(pair);
  };
  const bytesOf = (block: number) => image.subarray(block * 512, (block + 1) * 512);
  const words = (data: Uint8Array): [number, number] => [Buffer.from(data).readUInt32LE(0), Buffer.from(data).readUInt32LE(4)];
  const newest = (pair: [number, number]): [number, number] => {
    const [x, y] = pair.map((block) => takeApart(bytesOf(block))?.revision ?? -1);
    return x > y ? pair : [pair[1], pair[0]];
  };
  const tagOf = (pair: [number, number], name: string, type: number): Tag => {
    const tags = (takeApart(bytesOf(newest(pair)[0])) as { tags: Tag[] }).tags;
    // The last structure whose log has the name before it with the same id: enough for a volume made in this order.
    const entry = tags.filter((tag) => tag.type < 3 && Buffer.from(tag.data).toString() === name).pop() as Tag;
    return tags.slice(tags.indexOf(entry)).find((tag) => tag.type === type) as Tag;
  };
  const listOf = (dir: [number, number], name: string): number[] => {
    const tags = (takeApart(bytesOf(dir[0])) as { tags: Tag[] }).tags;
    let [head, size] = [0, 0];
    for (const tag of tags) if (tag.type === 0x202) [head, size] = words(tag.data);
    const list = [head];
    for (let left = Math.ceil(size / 504) - 1; left > 0; left--) {
      head = Buffer.from(bytesOf(head)).readUInt32LE(0);
      list.push(head);
    }
    assert.ok(name);
    return list;
  };
  return { image, tree, pairOf, listOf };
}

const made = specimen();

function check(image: Uint8Array, bad?: Map<number, 'status' | 'throw'>): FsckResult {
  return fsckLfs2(reader(image, 512, bad), G.options);
}

/** Changes a copy of the specimen and checks that. */
function damaged(change: (image: Uint8Array) => void): { image: Uint8Array; result: FsckResult; found: string[] } {
  const image = made.image.slice();
  change(image);
  const result = check(image);
  agree(result, image, 'damaged');
  return { image, result, found: brief(result.findings) };
}

const wipe = (image: Uint8Array, ...blocks: number[]) => {
  for (const block of blocks) image.fill(0x5a, block * 512, (block + 1) * 512);
};
const includes = (found: string[], wanted: string) => assert.ok(found.includes(wanted), `${wanted}\nnot in\n${found.join('\n')}`);
const d = made.pairOf('/d');
const e = made.pairOf('/d/e');
const many = made.pairOf('/many');
const big = made.listOf(made.pairOf(''), 'big');
const list = made.listOf(e, 'list');

test('a sound volume has no findings', () => {
  const result = check(made.image);
  assert.equal(brief(result.findings), []);
  assert.equal([result.sound, result.repaired, result.errors, result.warnings], [true, false, 0, 0]);
  assert.equal([result.files, result.directories, result.blockCount, result.version], [33, 3, 64, '2.1']);
  assert.equal([big.length, list.length], [9, 3]);
});

test('VfsLfs2.fsck is there and tells each finding as it is made', () => {
  const told: Lfs2Finding[] = [];
  const image = made.image.slice();
  wipe(image, ...d);
  const result = VfsLfs2.fsck(reader(image, 512), { onFinding: (finding) => told.push(finding) });
  assert.ok(told.length);
  assert.equal(told, result.findings);
});

test('both blocks of the superblock pair wiped: no superblock', () => {
  const { found, result } = damaged((image) => wipe(image, 0, 1));
  includes(found, 'error pair - 0,1');
  includes(found, 'error superblock - 0,1');
  assert.is(result.version, '');
});

test('an erased device has no superblock', () => {
  includes(brief(check(new Uint8Array(64 * 512).fill(0xff)).findings), 'error superblock - 0,1');
});

test('fields of the superblock that cannot be', () => {
  const [root] = made.pairOf('');
  const change = (word: number, value: number) =>
    damaged((image) =>
      editLog(image, 512, root, (tags) => {
        for (const tag of tags) if (tag.type === 0x201 && tag.length === 24) tag.data.set(u32le(value), word * 4);
      }),
    ).result.findings[0]?.message;
  assert.match(change(0, 0x30000), /version 3\.0/);
  assert.match(change(1, 1000), /block size 1000 in the superblock, 512 of the device/);
  assert.match(change(2, 100), /100 blocks in the superblock, the device has 64/);
  assert.match(change(3, 2000), /limits/);
});

test('both blocks of a directory wiped: the directory is named, and what is below it is an orphan', () => {
  const { found } = damaged((image) => wipe(image, ...d));
  includes(found, `error pair /d ${[d[0], d[1]].join()}`);
});

test('a flipped bit in the newer block of a pair is a warning, whose repair leaves a sound volume', () => {
  for (const at of [2, 21, 30]) {
    const { found, image } = damaged((bytes) => {
      bytes[many[0] * 512 + at] ^= 4;
    });
    assert.ok(found.length, `byte ${at}`);
    assert.ok(
      found.every((each) => /^(warning (twin|commit)|error (unthreaded|orphan|thread|shared)|info)/.test(each)),
      found.join('\n'),
    );
    if (!found.every((each) => each.startsWith('warning'))) continue;
    const nor = chip(G, image);
    assert.ok(fsckLfs2(new NorBlockDev(nor), { ...G.options, repair: true }).sound);
    assert.equal(checkLfs2(norImage(nor), 512, undefined, { strict: true, erased: true }).problems, []);
  }
});

test('a flipped bit in the last commit is found, and so is a rest that is not erased', () => {
  const log = takeApart(made.image.subarray(d[0] * 512, d[0] * 512 + 512)) as { end: number };
  const rest = damaged((image) => {
    image[d[0] * 512 + log.end + 4] = 0;
  });
  assert.equal(rest.found, [`info tail /d ${d[0]}`]);
  assert.ok(rest.result.sound);
  const last = damaged((image) => {
    image[d[0] * 512 + log.end - 16] ^= 1;
  });
  assert.ok(last.found.length);
});

const tail = (tags: Tag[]) => tags.filter((tag) => tag.type >> 8 === 6).pop() as Tag;

test('a thread that ends outside, runs in a circle or is cut short', () => {
  const outside = damaged((image) => editLog(image, 512, d[0], (tags) => tail(tags).data.set(u32le(70, 71))));
  includes(outside.found, 'error thread - 70,71');
  const circle = damaged((image) => editLog(image, 512, d[0], (tags) => tail(tags).data.set(u32le(0, 1))));
  includes(circle.found, 'error thread - 0,1');
  const short = damaged((image) => editLog(image, 512, d[0], (tags) => void tags.splice(tags.indexOf(tail(tags)), 1)));
  assert.ok(
    short.found.some((each) => each.startsWith('error unthreaded /')),
    short.found.join('\n'),
  );
});

test('a directory whose entry is gone is an orphan, not flagged, and salvage finds what it holds', () => {
  const { found, image } = damaged((bytes) =>
    editLog(bytes, 512, d[0], (tags) => {
      const at = tags.findIndex((tag) => tag.type === 0x200);
      tags.push({ type: 0x4ff, id: tags[at].id, length: 0, data: new Uint8Array(0) });
    }),
  );
  const pair = [...e].sort((x, y) => x - y);
  assert.ok(
    found.some((each) => each.startsWith('error orphan - ') && pair.every((block) => each.includes(String(block)))),
    found.join('\n'),
  );
  assert.ok(found.some((each) => each.startsWith('info lost')));
  const { tree } = salvaged(reader(image, 512), G);
  const saved = Object.keys(tree).find((at) => /^\/lost\+found\/\d+-\d+\/list$/.test(at));
  assert.is(tree[saved as string], made.tree['/d/e/list']);
});

test('a block in two files, or in a file and a directory, is reported with both paths', () => {
  const both = damaged((image) =>
    editLog(image, 512, e[0], (tags) => {
      for (const tag of tags) if (tag.type === 0x202) tag.data.set(u32le(big[0]));
    }),
  );
  const finding = both.result.findings.find((each) => each.code === 'shared') as Lfs2Finding;
  assert.equal([finding.path, finding.blocks], ['/d/e/list', [big[0]]]);
  assert.match(finding.message, /by \/big$/);
  const pair = damaged((image) =>
    editLog(image, 512, e[0], (tags) => {
      for (const tag of tags) if (tag.type === 0x202) tag.data.set(u32le(d[0]));
    }),
  );
  assert.match(show(pair.result.findings), /shared \/d\/e\/list: block \d+ is used here and by/);
});

test('a directory inside itself is reported and walked once', () => {
  const { result } = damaged((image) =>
    editLog(image, 512, d[0], (tags) => {
      for (const tag of tags) if (tag.type === 0x200) tag.data.set(u32le(...d));
    }),
  );
  assert.match(show(result.findings), /shared \/d\/e: block \d+ is used here and by \/d\//, show(result.findings));
});

test('block numbers beyond the volume, and pairs of one block', () => {
  const file = damaged((image) =>
    editLog(image, 512, e[0], (tags) => {
      for (const tag of tags) if (tag.type === 0x202) tag.data.set(u32le(0x80000000));
    }),
  );
  includes(file.found, 'error range /d/e/list 2147483648');
  const pair = (a: number, b: number) =>
    damaged((image) =>
      editLog(image, 512, d[0], (tags) => {
        for (const tag of tags) if (tag.type === 0x200) tag.data.set(u32le(a, b));
      }),
    ).found;
  includes(pair(200, e[1]), 'error range /d/e 200');
  includes(pair(e[1], e[1]), `error pair /d/e ${e[1]},${e[1]}`);
});

test('damaged pointers of a list: those that lead nowhere, and skip pointers that disagree', () => {
  const out = damaged((image) => image.set(u32le(77), big[0] * 512));
  includes(out.found, 'error range /big 77');
  // The head is block 8 of the list: pointers to 7, 6, 4 and 0.
  const skip = damaged((image) => image.set(u32le(big[5]), big[0] * 512 + 8));
  includes(skip.found, `error ctz /big ${big[4]},${big[5]}`);
});

test('a file size that cannot be', () => {
  const size = (value: number) =>
    damaged((image) =>
      editLog(image, 512, e[0], (tags) => {
        for (const tag of tags) if (tag.type === 0x202) tag.data.set(u32le(value), 4);
      }),
    ).result.findings[0];
  for (const value of [0, 0x7fffffff, 0x80000000, 0xffffffff]) {
    const finding = size(value);
    assert.equal([finding.code, finding.path], ['size', '/d/e/list'], String(value));
    assert.match(finding.message, String(value));
  }
});

test('names that are twice there, out of order or impossible; entries without name or content; attributes', () => {
  const rename = (from: string, to: string) =>
    damaged((image) =>
      editLog(image, 512, many[0], (tags) => {
        for (const tag of tags) if (Buffer.from(tag.data).toString() === from) tag.data = Buffer.from(to);
      }),
    );
  const names = (takeApart(made.image.subarray(many[0] * 512, many[0] * 512 + 512)) as { tags: Tag[] }).tags
    .filter((tag) => tag.type === 1)
    .map((tag) => Buffer.from(tag.data).toString());
  const [one, two] = names.sort();
  includes(rename(two, one).found, `error name /many/${one} ${many[0]}`);
  includes(rename(two, 'aaaaaa').found, `error order /many/aaaaaa ${many[0]}`);
  includes(rename(two, 'file/x').found, `error name /many/file/x ${many[0]}`);

  const without = (type: number) =>
    damaged((image) =>
      editLog(image, 512, d[0], (tags) => {
        const kept = tags.filter((tag) => tag.type !== type);
        tags.splice(0, tags.length, ...kept);
      }),
    ).found;
  includes(without(0x201), `error entry /d ${d[0]}`);
  includes(without(1), `error entry /d ${d[0]}`);
  // A name whose tag has the length of a deleted one must not be read from what follows it.
  const nameless = damaged((image) =>
    editLog(image, 512, d[0], (tags) => {
      for (const tag of tags)
        if (tag.type === 1) {
          tag.length = 0x3ff;
          tag.data = new Uint8Array(0);
        }
    }),
  );
  includes(nameless.found, `error entry /d ${d[0]}`);

  const [root] = made.pairOf('');
  const limits = damaged((image) =>
    editLog(image, 512, root, (tags) => {
      for (const tag of tags) if (tag.type === 0x201 && tag.length === 24) tag.data.set(u32le(4), 20);
    }),
  );
  includes(limits.found, `error attribute /d/note ${d[0]}`);
  const time = damaged((image) =>
    editLog(image, 512, d[0], (tags) => {
      for (const tag of tags) if (tag.type === 0x341) tag.type = 0x301;
    }),
  );
  assert.equal(time.found, [`info attribute /d/note ${d[0]}`]);
});

test('a global state that does not fit', () => {
  const state = (...words: number[]) =>
    damaged((image) => editLog(image, 512, d[0], (tags) => void tags.push({ type: 0x7ff, id: 0x3ff, length: 12, data: u32le(...words) })));
  includes(state(0x4ff << 20, 60, 61).found, 'error state - 60,61');
  includes(state(0x123 << 20, 0, 0).found, 'error state -');
  includes(state(5, 0, 0).found, 'error state -');
  includes(state(0, 3, 4).found, 'error state -');
  assert.equal(state(0x80000000, 0, 0).found, ['warning orphan -']);
});

test('blocks that cannot be read are found with the path they belong to, whether the device says so or throws', () => {
  for (const how of ['status', 'throw'] as const) {
    const bad = (...blocks: number[]) => brief(check(made.image, new Map(blocks.map((block) => [block, how]))).findings);
    assert.equal(bad(big[3]), [`error unreadable /big ${big[3]}`, `error unreadable /big ${big[3]}`].slice(0, bad(big[3]).length));
    includes(bad(d[0]), `error unreadable /d ${d[0]}`);
    includes(bad(d[1]), `error unreadable /d ${d[1]}`);
    includes(bad(0, 1), 'error superblock - 0,1');
    const all = fsckLfs2(reader(made.image, 512, new Map(Array.from({ length: 64 }, (_, block) => [block, how]))));
    includes(brief(all.findings), 'error superblock - 0,1');
  }
});

test('salvage goes round a damaged pointer, and says what is lost', () => {
  const image = made.image.slice();
  // Block 5 of the list, which is odd: its one pointer leads nowhere; that of block 6 past it still does.
  image.set(u32le(4000), big[3] * 512);
  const result = salvaged(reader(image, 512), G);
  assert.is(result.tree['/big'], made.tree['/big']);

  const lost = salvaged(reader(made.image, 512, new Map([[big[3], 'status']])), G);
  assert.not(lost.complete);
  assert.match(show(lost.findings), /lost \/big: bytes \d+ to \d+ are lost and read as zeros/);
  const got = Buffer.from(lost.tree['/big'], 'hex');
  const wanted = Buffer.from(made.tree['/big'], 'hex');
  assert.is(got.length, wanted.length);
  const different = got.reduce((sum, byte, i) => sum + (byte === wanted[i] ? 0 : 1), 0);
  assert.ok(different > 400 && different <= 508, `${different} bytes differ`);
  for (const at of Object.keys(made.tree)) if (at !== '/big') assert.is(lost.tree[at], made.tree[at], at);
});

test('salvage takes what can be read of a log, where neither the rest nor the other block can', () => {
  const image = made.image.slice();
  wipe(image, many[1]);
  const whole = reader(image, 512);
  const device: BlockDevice = {
    ...whole,
    readblocks: (block, buf, offset = 0) => (block === many[0] && offset + buf.length > 384 ? -5 : whole.readblocks(block, buf, offset)),
  };
  const { tree, complete } = salvaged(device, G);
  const saved = Object.keys(tree).filter((at) => at.startsWith('/many/'));
  assert.ok(saved.length, 'files of the damaged directory');
  for (const at of saved) assert.is(tree[at], made.tree[at]);
  assert.is(tree['/big'], made.tree['/big']);
  assert.not(complete);
});

test('salvage keeps every file when names are impossible or twice there, under other names', () => {
  const { image } = damaged((bytes) =>
    editLog(bytes, 512, d[0], (tags) => {
      for (const tag of tags) if (Buffer.from(tag.data).toString() === 'note') tag.data = Buffer.from('a/\0b');
    }),
  );
  const { tree, findings } = salvaged(reader(image, 512), G);
  assert.is(tree['/d/a__b'], made.tree['/d/note']);
  assert.match(show(findings), /warning renamed \/d\/a\/\0b: saved as \/d\/a__b/);
});

test('salvage into a volume that is too small keeps what fits', () => {
  const g = geometry(512, 16, 16);
  const { tree, complete, findings } = salvaged(reader(made.image, 512), g);
  assert.not(complete);
  assert.match(show(findings), /not saved: ENOSPC/);
  for (const at of Object.keys(tree)) assert.is(tree[at], made.tree[at]);
  assert.ok(Object.keys(tree).length > 2);
});

function generator(seed: number): (below: number) => number {
  let x = seed;
  return (below) => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) % below;
  };
}

const TYPES = [1, 2, 0xff, 0x200, 0x201, 0x202, 0x301, 0x374, 0x401, 0x4ff, 0x600, 0x601, 0x7ff, 0x5ff, 0x502];

/** Damages a volume in one or two places: bits, blocks, or tags with the checksums made right again. */
function spoil(image: Uint8Array, blockSize: number, used: number[], logs: number[], random: (below: number) => number): string {
  const pick = <T>(from: T[]): T => from[random(from.length)];
  const done: string[] = [];
  for (let n = 1 + random(2); n; n--) {
    const how = random(5);
    const block = how < 2 ? pick(used) : pick(logs);
    const at = block * blockSize + random(blockSize);
    if (how === 0) image[at] ^= 1 << random(8);
    else if (how === 1) image.fill(random(2) ? 0xff : random(256), block * blockSize, (block + 1) * blockSize);
    else
      editLog(image, blockSize, block, (tags) => {
        if (!tags.length) return;
        const tag = pick(tags);
        const kind = random(8);
        done.push(`tag 0x${tag.type.toString(16)} of id ${tag.id} by ${kind}`);
        if (kind < 3 && tag.data.length) tag.data[random(tag.data.length)] ^= 1 << random(8);
        else if (kind === 3 && tag.data.length >= 8) tag.data.set(u32le(random(image.length / blockSize + 2)), random(2) * 4);
        else if (kind === 4) tag.id = random(6) ? random(4) : 0x3ff;
        else if (kind === 5) tag.type = random(5) ? pick(TYPES) : random(0x800);
        else if (kind === 6) tags.splice(tags.indexOf(tag), 1);
        else tags.splice(random(tags.length + 1), 0, { ...tag, data: tag.data.slice() });
      });
    done.push(`${['bit', 'block'][how] ?? 'log'} ${block} at ${at}`);
  }
  return done.join('; ');
}

const small = goldenNames('lfs2').filter((name) => goldenImage('lfs2', name).length <= 131072);
const ROUNDS = rounds(500);

if (small.length)
  test(`${ROUNDS} spoiled images: fsck ends, agrees with the judge and reads little; salvage keeps what the judge still reads`, () => {
    const random = generator(Number(process.env.FSCK_SEED ?? 20250));
    const bases = small.map((name) => {
      const image = goldenImage('lfs2', name);
      const blockSize = goldenManifest('lfs2', name).block_size;
      const whole = checkLfs2(image, blockSize);
      const logs = [...whole.used].filter((block) => takeApart(image.subarray(block * blockSize, (block + 1) * blockSize)));
      return { name, image, blockSize, logs, used: [...whole.used], tree: snapshotOf(whole) };
    });
    const counts = { sound: 0, damaged: 0, kept: 0, repaired: 0 };
    for (let round = 0; round < ROUNDS; round++) {
      const base = bases[random(bases.length)];
      const image = base.image.slice();
      const what = `${round} ${base.name}: ${spoil(image, base.blockSize, base.used, base.logs, random)}`;
      const g = geometry(base.blockSize, image.length / base.blockSize, 16);
      const bad = new Map<number, 'status' | 'throw'>();
      if (random(8) === 0) bad.set(base.used[random(base.used.length)], random(2) ? 'status' : 'throw');
      const device = reader(image, base.blockSize, bad);
      const result = fsckLfs2(device, g.options);
      assert.ok(device.bytes <= 6 * image.length, `${what}: ${device.bytes} bytes read of ${image.length}`);
      counts[result.errors ? 'damaged' : 'sound']++;
      if (bad.size) continue;
      if (round % 2) {
        const before = snapshotOf(agree(result, image, what));
        if (result.errors || result.sound) continue;
        const nor = chip(g, image);
        const after = fsckLfs2(new NorBlockDev(nor), { ...g.options, repair: true });
        // Not where orphans hold something that would be lost.
        if (!after.repaired) continue;
        counts.repaired++;
        assert.ok(after.sound, `${what}: after the repair\n${show(after.findings)}`);
        const checked = checkLfs2(norImage(nor), base.blockSize, undefined, { strict: true });
        assert.equal(checked.problems, [], what);
        assert.ok(sameTree(snapshotOf(checked), before), `${what}: ${difference(snapshotOf(checked), before)}`);
        continue;
      }
      const judged = snapshotOf(agree(result, image, what));
      // Tags that contradict each other are read in one way or another.
      const doubtful = result.findings.some(({ code }) => code === 'tag' || code === 'entry');
      device.bytes = 0;
      const saved = salvaged(device, g);
      assert.ok(device.bytes <= 6 * image.length, `${what}: salvage read ${device.bytes} bytes of ${image.length}`);
      for (const at of Object.keys(judged)) {
        if (doubtful || judged[at] !== base.tree[at] || saved.findings.some((f) => f.code === 'ctz' && f.path === at)) continue;
        counts.kept++;
        // Of two of the same name the judge shows the last.
        const copies = Object.keys(saved.tree).filter((each) => each === at || each.startsWith(at + '~'));
        assert.ok(
          copies.some((each) => saved.tree[each] === judged[at]) ||
            // Where two directories claim a block, it may be in the other one, or lost, which is told.
            saved.findings.some(
              (f) => (f.code === 'shared' || f.code === 'range' || f.code === 'pair') && `${at}/`.startsWith(`${f.path}/`),
            ),
          `${what}: ${at}\n${show(saved.findings)}`,
        );
      }
    }
    assert.ok(
      counts.sound > ROUNDS / 10 && counts.damaged > ROUNDS / 10 && counts.kept > ROUNDS && counts.repaired > ROUNDS / 100,
      JSON.stringify(counts),
    );
  });

test('images of random bytes behind a superblock end in findings', () => {
  const random = generator(77);
  for (let round = 0; round < rounds(100); round++) {
    const image = made.image.slice();
    const from = random(3) ? 1024 : 0;
    for (let at = from; at < image.length; at++) if (random(4) === 0) image[at] = random(256);
    const result = check(image);
    assert.ok(result.errors);
    agree(result, image, `round ${round}`);
    salvaged(reader(image, 512), G);
  }
});

// The command.
const folder = mkdtempSync(path.join(tmpdir(), 'microvfs-fsck-'));
const file = (name: string) => path.join(folder, name);

function run(image: Uint8Array | string, options: Partial<FsckCommandOptions> = {}): { code: number; lines: string[] } {
  const at = typeof image === 'string' ? image : file('volume.img');
  if (typeof image !== 'string') writeFileSync(at, image);
  const lines: string[] = [];
  return { code: fsck(at, { type: 'lfs2', ...options }, (text) => lines.push(stripVTControlCharacters(text))), lines };
}

function misuse(work: () => unknown, message: RegExp): void {
  assert.throws(work, (error: Error) => error instanceof UsageError && message.test(error.message));
}

test('the command finds block size and size by itself, prints one line for each finding, and tells by its exit code', () => {
  const sound = run(made.image);
  assert.is(sound.code, 0);
  assert.match(sound.lines.join(), /^littlefs 2\.1, 64 blocks of 512 bytes, \d+ used; 33 files, 3 directories: sound$/);
  const image = made.image.slice();
  wipe(image, list[1]);
  const { code, lines } = run(image);
  assert.is(code, 1);
  assert.match(lines[0], /^error: \/d\/e\/list: block 0 of the list is 1515870810, outside the volume \[range\]$/);
  assert.match(lines[1], /1 error, 0 warnings$/);
  assert.equal(readFileSync(file('volume.img')), Buffer.from(image));
});

test('block 0 lost: the block size is found in block 1', () => {
  const image = made.image.slice();
  wipe(image, made.pairOf('')[1] === 0 ? 0 : 1);
  assert.is(run(image).code, 0);
});

test('--offset, --size and --block-size choose the volume in a larger image', () => {
  const image = Buffer.alloc(4096 + made.image.length + 700, 0x11);
  image.set(made.image, 4096);
  assert.is(run(image, { offset: 4096, size: made.image.length }).code, 0);
  assert.is(run(image, { offset: 4096, blockSize: 512 }).code, 0);
  misuse(() => run(image), /no littlefs 2 superblock here/);
  misuse(() => run(image, { offset: 1e6 }), /has only/);
  assert.is(run(image, { blockSize: 512 }).code, 1);
});

test('--repair of a damaged image saves what can be read, keeps the image as IMAGE.bak, and does not overwrite that', () => {
  const image = Buffer.alloc(512 + made.image.length, 0x11);
  image.set(made.image, 512);
  const volume = image.subarray(512);
  wipe(volume, ...d);
  const at = file('repair.img');
  writeFileSync(at, image);
  const before = Buffer.from(image);
  const { code, lines } = run(at, { offset: 512, repair: true });
  assert.is(code, 1, 'something was lost');
  assert.match(lines.join('\n'), /Salvaged into a new volume: 31 files/, lines.join('\n'));
  assert.match(lines.join('\n'), /Written to .*; what it was is in .*\.bak\./);
  assert.equal(readFileSync(at + '.bak'), before);
  const repaired = readFileSync(at);
  assert.equal(repaired.subarray(0, 512), before.subarray(0, 512), 'outside the volume');
  const after = checkLfs2(new Uint8Array(repaired.subarray(512)), 512, undefined, { strict: true });
  assert.equal(after.problems, []);
  const tree = snapshotOf(after);
  for (const each of Object.keys(made.tree)) if (!each.startsWith('/d')) assert.is(tree[each], made.tree[each], each);
  assert.is(run(at, { offset: 512 }).code, 0);
  misuse(() => run(at, { offset: 512, repair: true }), /\.bak is there already/);
  assert.not(existsSync(at + '.new'));
});

test('--repair with nothing to repair, or nothing to save, writes nothing', () => {
  const at = file('same.img');
  writeFileSync(at, made.image);
  const { code, lines } = run(at, { repair: true });
  assert.equal([code, lines[1]], [0, 'Nothing to repair.']);
  const gone = made.image.slice();
  wipe(gone, 0, 1);
  writeFileSync(at, gone);
  const lost = run(at, { repair: true, blockSize: 512 });
  assert.is(lost.code, 1);
  assert.match(lost.lines.pop() as string, /nothing was written/);
  assert.not(existsSync(at + '.bak'));
  assert.equal(readFileSync(at), Buffer.from(gone));
});

test('files that cannot be opened are misuse', () => {
  misuse(() => run(file('none.img')), /cannot read/);
  misuse(() => run(new Uint8Array(5000)), /no littlefs 2 superblock/);
  misuse(() => run(new Uint8Array(5000), { blockSize: 4096 }), /less than two blocks/);
  misuse(() => run(made.image, { blockSize: 100 }), /not possible/);
  misuse(() => run(made.image, { partition: 'vfs' }), /no partition table/);
});

if (goldenNames('lfs2').includes('cut-rename-003'))
  test('--repair --output finishes a cut rename in another file', () => {
    const out = file('out.img');
    const image = goldenImage('lfs2', 'cut-rename-003');
    const { code, lines } = run(image, { repair: true, output: out });
    assert.is(code, 0);
    assert.match(lines[0], /^warning: \/a\/y: a rename was cut/);
    assert.match(lines.join('\n'), /Repaired: what was half-done is finished/);
    assert.equal(readFileSync(file('volume.img')), Buffer.from(image));
    assert.equal(checkLfs2(new Uint8Array(readFileSync(out)), 512, undefined, { strict: true }).problems, []);
  });

for (const name of goldenNames('flash'))
  test(`${name}: --partition finds the volume in the whole chip, and repair touches nothing else`, () => {
    const at = file('chip.img');
    const image = Buffer.from(goldenImage('flash', name));
    writeFileSync(at, image);
    assert.is(run(at, { partition: 'vfs' }).code, 0);
    misuse(() => run(at), /give --partition; the partition table has .*vfs/);
    misuse(() => run(at, { partition: 'other' }), /no such partition.*vfs/);
    misuse(() => run(at, { partition: 'vfs', offset: 0 }), /give no --offset/);
    const { partitions } = goldenManifest<{ partitions: { label: string; offset: number; size: number }[] }>('flash', name);
    const { offset, size } = partitions.find(({ label }) => label === 'vfs') as { offset: number; size: number };
    // A rest of the newer root block that reads as the beginning of a commit.
    const volume = new Uint8Array(image.subarray(offset, offset + size));
    const [newer] = [0, 1].sort(
      (x, y) =>
        (takeApart(volume.subarray(y * 4096, y * 4096 + 4096))?.revision ?? -1) -
        (takeApart(volume.subarray(x * 4096, x * 4096 + 4096))?.revision ?? -1),
    );
    const { end } = takeApart(volume.subarray(newer * 4096, newer * 4096 + 4096)) as { end: number };
    image.fill(0, offset + newer * 4096 + end, offset + newer * 4096 + end + 32);
    image[offset + newer * 4096 + end] = 0xff;
    writeFileSync(at, image);
    const found = run(at, { partition: 'vfs', repair: true });
    if (found.lines.some((each) => each.includes('Nothing to repair'))) return;
    assert.is(found.code, 0, found.lines.join('\n'));
    const repaired = readFileSync(at);
    assert.equal(repaired.subarray(0, offset), image.subarray(0, offset));
    assert.equal(repaired.subarray(offset + size), image.subarray(offset + size));
    assert.is(run(at, { partition: 'vfs' }).code, 0);
  });

test.after(() => rmSync(folder, { recursive: true, force: true }));
test.run();
