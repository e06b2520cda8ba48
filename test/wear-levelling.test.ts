import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { VfsFat, WearLevelling, type WearOptions } from '../modules/index';
import * as vfs from '../modules/vfs';
import { layoutOf, makeImage, readImage } from './independent/wear-levelling';
import { code } from './support/code';
import { Cut, Nor } from './support/nor';
import { oneIn, rounds } from './support/rounds';
import { exerciseWear, SECTOR, volume } from './support/wear';
import { generator, type Random } from './torture/random';

const noise = (random: Random, length: number): Uint8Array => new Uint8Array(length).map(() => random(256));

/** All of it, by the class. */
function all(device: WearLevelling): Uint8Array {
  const unit = device.ioctl(5, 0) as number;
  const content = new Uint8Array((device.ioctl(4, 0) as number) * unit);
  assert.is(device.readblocks(0, content), 0);
  return content;
}

test('wherever the spare sector is, and however often it went round, every sector is read', () => {
  const random = generator(1);
  for (const sectors of [5, 6, 9, 14]) {
    const layout = layoutOf(sectors * SECTOR);
    const content = noise(random, layout.sectors * SECTOR);
    for (let pos = 0; pos <= layout.sectors; pos++)
      for (let moves = 0; moves < layout.sectors; moves++) {
        const image = makeImage(sectors * SECTOR, content, { pos, moves, id: random(2 ** 31) });
        for (const [size, simple] of [
          [4096, false],
          [4096, true],
          [512, true],
        ] as const)
          assert.equal(all(new WearLevelling(new Nor(image, size).device(simple))), content);
        assert.equal(readImage(image).content, content, 'the judge agrees with itself');
      }
  }
});

const MODES: [string, WearOptions, number][] = [
  ['sectors of 4096', {}, SECTOR],
  ['perf', { mode: 'perf' }, 512],
  ['safe', { mode: 'safe' }, 512],
];

for (const [name, options, unit] of MODES)
  for (const simple of [false, true])
    test(`${name}, on a device that ${simple ? 'erases by itself' : 'is erased'}: ESP-IDF reads what is written, over many rounds`, () => {
      const random = generator(2);
      const layout = layoutOf(12 * SECTOR);
      const image = makeImage(12 * SECTOR, new Uint8Array(layout.sectors * SECTOR), { pos: 3, moves: 5, id: 77, updateRate: 2 });
      const nor = new Nor(image);
      let device = new WearLevelling(nor.device(simple), options);
      const count = device.ioctl(4, 0) as number;
      assert.is(count, (layout.sectors - (name === 'safe' ? 2 : 0)) * (SECTOR / unit));
      const model = all(device);
      const seen = new Set<number>();
      for (let step = 0; step < 400; step++) {
        const block = random(count);
        const data = noise(random, unit * (1 + random(Math.min(20, count - block))));
        assert.is(device.writeblocks?.(block, data), 0);
        model.set(data, block * unit);
        if (step % 7 === 0) device = new WearLevelling(nor.device(simple), options);
        assert.equal(all(device), model);
        const judged = readImage(image);
        assert.equal(judged.content.subarray(0, model.length), model);
        seen.add(judged.moves);
      }
      assert.is(seen.size, layout.sectors, 'it has turned all the way round');
      assert.is(nor.overwrites, 0, 'nothing is programmed that is not erased');
    });

/**
 * The power goes at each operation of a workload. What was written is there, what was being written is the old or the new or torn within
 * its own sectors, ESP-IDF says the same, and it can be gone on.
 */
function cutEverywhere(options: WearOptions, image: Uint8Array, unit: number, steps: number, seed: number): number {
  const safe = options.mode === 'safe';
  let cuts = 0;
  for (let cutAt = 1; ; cutAt += oneIn(3)) {
    const random = generator(seed);
    const nor = new Nor(image.slice());
    nor.cutAt = cutAt;
    const device = new WearLevelling(nor.device(), options);
    const count = device.ioctl(4, 0) as number;
    const model = all(device);
    let target: [from: number, to: number] = [0, 0];
    let next = model;
    try {
      for (let step = 0; step < steps; step++) {
        const block = random(count);
        const data = noise(random, unit * (1 + random(Math.min(3, count - block))));
        next = model.slice();
        next.set(data, block * unit);
        target = [block * unit, block * unit + data.length];
        assert.is(device.writeblocks?.(block, data), 0);
        model.set(data, block * unit);
      }
      return cuts;
    } catch (error) {
      if (!(error instanceof Cut)) throw error;
    }
    cuts++;
    nor.cutAt = Infinity;
    const what = `cut at ${cutAt}`;
    const after = new WearLevelling(nor.device(), options);
    const found = all(after);
    const judged = readImage(nor.bytes, safe).content.subarray(0, model.length);
    // The sectors of 4096 in which something was being written; with `safe` each of them is old or new.
    const from = Math.floor(target[0] / SECTOR) * SECTOR;
    const to = Math.ceil(target[1] / SECTOR) * SECTOR;
    for (let at = 0; at < model.length; at += SECTOR) {
      const piece = Buffer.from(found.subarray(at, at + SECTOR));
      const same = (other: Uint8Array): boolean => piece.equals(other.subarray(at, at + SECTOR));
      if (at < from || at >= to) assert.ok(same(model), `${what}: sector at ${at} is another`);
      else if (safe) assert.ok(same(model) || same(next), `${what}: sector at ${at} is torn`);
    }
    assert.ok(Buffer.from(judged).equals(found), `${what}: ESP-IDF reads something else`);
    // Going on.
    const data = noise(random, unit);
    for (let block = 0; block < count; block += 3) {
      assert.is(after.writeblocks?.(block, data), 0, what);
      found.set(data, block * unit);
    }
    assert.equal(all(new WearLevelling(nor.device(), options)), found, what);
    assert.ok(Buffer.from(readImage(nor.bytes).content.subarray(0, found.length)).equals(found), `${what}: going on`);
  }
}

for (const [name, options, unit] of MODES)
  test(`${name}: a cut at every operation loses nothing but what was being written`, () => {
    const random = generator(3);
    let cuts = 0;
    for (const [pos, moves, updateRate] of [
      [0, 0, 2],
      [6, 1, 1],
      [7, 6, 3],
    ]) {
      const layout = layoutOf(11 * SECTOR);
      const image = makeImage(11 * SECTOR, noise(random, layout.sectors * SECTOR), { pos, moves, id: 99, updateRate });
      // What a note of `safe` would be is not one.
      if (name === 'safe')
        image.set(makeImage(11 * SECTOR, new Uint8Array(layout.sectors * SECTOR).fill(0xff), { pos, moves, id: 99, updateRate }));
      cuts += cutEverywhere(options, image, unit, 12, pos + 10);
    }
    console.log(`NOTE: ${name}: ${cuts} cuts`);
    assert.ok(cuts * oneIn(3) > 100);
  });

test('a partition without state gets one with the first write, and a cut at each operation of that is no harm', () => {
  for (const [, options, unit] of MODES)
    assert.ok(cutEverywhere(options, new Uint8Array(11 * SECTOR).fill(0xff), unit, 2, 5) * oneIn(3) > 5);
  const nor = new Nor(new Uint8Array(300 * SECTOR).fill(0xff));
  const device = new WearLevelling(nor.device());
  assert.is(nor.operations, 0, 'reading does not write');
  assert.is(device.ioctl(4, 0), 300 - 5 - 1, 'states of two sectors each');
  VfsFat.mkfs(device);
  const judged = readImage(nor.bytes);
  assert.not(judged.fresh);
  assert.is(judged.content[510], 0x55);
});

test('a state that is written anew after a cut is not believed before its records are there', () => {
  const layout = layoutOf(11 * SECTOR);
  const content = noise(generator(4), layout.sectors * SECTOR);
  for (const lost of ['state1', 'state2'] as const) {
    const image = makeImage(11 * SECTOR, content, { pos: layout.sectors, moves: 2, id: 5 });
    image.fill(0xff, layout[lost], layout[lost] + SECTOR);
    assert.equal(all(new WearLevelling(new Nor(image).device())), content);
    for (let cutAt = 1; cutAt < 16; cutAt++) {
      const nor = new Nor(image.slice());
      nor.cutAt = cutAt;
      const data = content.slice(0, SECTOR);
      assert.throws(
        () => {
          const device = new WearLevelling(nor.device());
          for (;;) if (device.writeblocks?.(0, data)) throw new Error('failed');
        },
        (error: Error) => error instanceof Cut,
      );
      const judged = readImage(nor.bytes).content.subarray(SECTOR);
      assert.ok(Buffer.from(judged).equals(content.subarray(SECTOR)), `${lost}, cut at ${cutAt}`);
    }
  }
});

test('what ESP-IDF has not finished in safe mode is read as it would be, and finished by the first write', () => {
  const bytes = 12 * SECTOR;
  const layout = layoutOf(bytes);
  const content = noise(generator(6), layout.sectors * SECTOR);
  const note = Buffer.alloc(SECTOR, 0xff);
  // Its parts 2 to 4 were erased for writing, all was erased.
  [0x12345678, 1, 2, 3].forEach((word, i) => void note.writeUInt32LE(word, i * 4));
  content.set(note, (layout.sectors - 2) * SECTOR);
  content.set(content.slice(SECTOR, 2 * SECTOR), (layout.sectors - 1) * SECTOR);
  content.fill(0xff, SECTOR, 2 * SECTOR);
  const image = makeImage(bytes, content, { pos: 2, moves: 1, id: 9 });
  const wanted = readImage(image, true).content.subarray(0, (layout.sectors - 2) * SECTOR);
  const nor = new Nor(image);
  const device = new WearLevelling(nor.device(), { mode: 'safe' });
  assert.equal(all(device), wanted);
  assert.is(device.writeblocks?.(0, wanted.subarray(0, 512)), 0);
  assert.equal(readImage(image).content.subarray(0, wanted.length), wanted);
  assert.is(readImage(image).content[wanted.length], 0xff, 'the note is erased');
});

test('damaged, foreign and impossible partitions are refused', () => {
  const bytes = 11 * SECTOR;
  const layout = layoutOf(bytes);
  const good = (): Uint8Array => makeImage(bytes, new Uint8Array(layout.sectors * SECTOR), { pos: 1, moves: 1, id: 1 });
  const opened = (image: Uint8Array, size = 4096) => code(() => new WearLevelling(new Nor(image, size).device()));
  assert.is(opened(good()), 'nothing');
  const both = good();
  both[layout.state1] ^= 1;
  both[layout.state2] ^= 1;
  assert.is(opened(both), 'ECORRUPT');
  const larger = makeImage(bytes + SECTOR, new Uint8Array(bytes), { pos: 1, moves: 1, id: 1 });
  assert.is(opened(larger.slice(SECTOR)), 'EINVAL');
  assert.is(opened(new Uint8Array(4 * SECTOR)), 'EINVAL');
  assert.is(opened(new Uint8Array(8 * 8192), 8192), 'EINVAL');
  assert.is(
    code(() => new WearLevelling(new Nor(good()).device(), { mode: 'fast' as never })),
    'EINVAL',
  );
  assert.is(
    code(() => new WearLevelling(undefined as never)),
    'TypeError: wrong type of argument: bdev',
  );
  // Somebody else's bytes where the state would go.
  const used = new Nor(noise(generator(8), bytes));
  assert.is(new WearLevelling(used.device()).writeblocks?.(0, new Uint8Array(SECTOR)), -30);
  assert.is(used.operations, 0);
  const device = new WearLevelling(new Nor(good()).device());
  for (const block of [-1, 0.5, 99, layout.sectors]) assert.is(device.readblocks(block, new Uint8Array(SECTOR)), -5, String(block));
  assert.is(device.readblocks(0, new Uint8Array(100)), -5);
  assert.is(device.writeblocks?.(layout.sectors - 1, new Uint8Array(2 * SECTOR)), -5);
  const locked = { ...new Nor(good()).device(), writeblocks: undefined };
  assert.is(new WearLevelling(locked).writeblocks, undefined);
});

test('after a failing write nothing more is written where it is not known what the medium holds', () => {
  const bytes = 11 * SECTOR;
  const content = new Uint8Array(layoutOf(bytes).sectors * SECTOR);
  const image = makeImage(bytes, content, { pos: 1, moves: 0, id: 1, updateRate: 2 });
  for (let failing = 1; failing < 9; failing++) {
    const nor = new Nor(image.slice());
    const chip = nor.device();
    let left = failing;
    const write = chip.writeblocks as (block: number, buf: Uint8Array, offset?: number) => unknown;
    const device = new WearLevelling({
      ...chip,
      writeblocks: (block: number, buf: Uint8Array, offset: number | undefined) => (--left ? write(block, buf, offset) : -5),
      readblocks: (block: number, buf: Uint8Array, offset: number | undefined) => chip.readblocks(block, buf, offset),
    });
    const model = content.slice();
    for (let i = 0; i < 12; i++) {
      const data = new Uint8Array(SECTOR).fill(i + 1);
      if (device.writeblocks?.(i % 4, data) === 0) model.set(data, (i % 4) * SECTOR);
      else if (left < 1) model.set(readImage(nor.bytes).content.subarray((i % 4) * SECTOR, ((i % 4) + 1) * SECTOR), (i % 4) * SECTOR);
    }
    assert.equal(readImage(nor.bytes).content, model, `write ${failing} fails`);
  }
});

/** A FAT volume with files, in the logical bytes of a partition. */
for (const mode of [undefined, 'perf', 'safe'] as const)
  test(`mounting a partition with FAT under it (${mode ?? 'sectors of 4096'}) finds it, in every state, and what is written is there`, () => {
    const bytes = 64 * SECTOR;
    const content = volume(bytes, mode);
    for (const [pos, moves] of [
      [0, 0],
      [1, 0],
      [30, 0],
      [10, 17],
      [60, 59],
    ]) {
      const nor = new Nor(makeImage(bytes, content, { pos, moves, id: 4711 }));
      for (let round = 0; round < 3; round++) {
        vfs.mount(nor.device(round === 1), '/w');
        assert.instance(vfs.mount()[0][0], VfsFat);
        assert.is(vfs.readFile('/w/a.txt', 'utf8'), 'from there');
        for (let i = 0; i < 20; i++) vfs.writeFile('/w/d/log', `${round} ${i}`);
        vfs.umount('/w');
      }
      // What the judge reads is an ordinary volume.
      const flat = new Nor(readImage(nor.bytes).content.slice(), mode ? 512 : 4096);
      vfs.mount(new VfsFat(flat.device(true)), '/w');
      assert.is(vfs.readFile('/w/d/log', 'utf8'), '2 19');
      assert.equal(vfs.listdir('/w'), ['a.txt', 'd']);
      vfs.umount('/w');
    }
  });

test('one that ESP-IDF has not mounted yet is found; blank ones are not formatted so, nor ordinary volumes taken for it', () => {
  const bytes = 64 * SECTOR;
  const content = volume(bytes, undefined);
  const fresh = new Uint8Array(bytes).fill(0xff);
  fresh.set(content, SECTOR);
  const nor = new Nor(fresh);
  vfs.mount(nor.device(), '/w', { readonly: true });
  assert.equal(vfs.listdir('/w'), ['a.txt', 'd']);
  vfs.umount('/w');
  assert.is(nor.operations, 0);
  vfs.mount(nor.device(), '/w');
  vfs.writeFile('/w/new', 'x');
  vfs.umount('/w');
  assert.not(readImage(nor.bytes).fresh);

  const simple = new Nor(new Uint8Array(bytes).fill(0xff), 512);
  vfs.mount(simple.device(true), '/w', { mkfs: true });
  vfs.umount('/w');
  assert.is(simple.bytes[510], 0x55, 'FAT from its first sector');

  // FAT over the whole partition, made where wear levelling was: its configuration is still there.
  const over = makeImage(bytes, content, { pos: 3, moves: 0, id: 1 });
  const plain = new Nor(new Uint8Array(bytes), 4096);
  VfsFat.mkfs(plain.device(true));
  vfs.mount(plain.device(true), '/w');
  vfs.writeFile('/w/plain', '');
  vfs.umount('/w');
  plain.bytes.set(over.subarray(63 * SECTOR), 63 * SECTOR);
  vfs.mount(plain.device(true), '/w');
  assert.equal(vfs.listdir('/w'), ['plain']);
  vfs.umount('/w');
});

test('a volume that is mounted is not mounted twice through the layer', () => {
  const nor = new Nor(makeImage(64 * SECTOR, volume(64 * SECTOR, undefined), { pos: 0, moves: 0, id: 1 }));
  const chip = nor.device();
  vfs.mount(chip, '/w');
  assert.is(
    code(() => vfs.mount(chip, '/x')),
    'EBUSY',
  );
  assert.is(
    code(() => vfs.mount(new VfsFat(new WearLevelling(chip)), '/x')),
    'EBUSY',
  );
  vfs.umount('/w');
});

test('damaged states and notes end in coded errors, or in a volume that can be used', () => {
  const outcomes = new Set<string>();
  for (let seed = 1; seed <= rounds(170); seed++) for (const outcome of exerciseWear(seed)) outcomes.add(outcome);
  // Nothing can be written, which unmounting by force says too.
  assert.ok(exerciseWear(2530926540).includes('EROFS'));
  assert.ok(outcomes.has('nothing') && outcomes.has('ECORRUPT'), [...outcomes].join());
});

test.run();
