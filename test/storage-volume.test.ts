/** A volume in Espruino's Storage: what is done to Storage beside it, files that move, power cuts. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { native } from '../boards/devices/native';
import { StorageVolume, type StorageVolumeDevice } from '../boards/devices/storage/volume';
import { type ChipDescription, chips, insertChip, NorFlash, norImage, type SimChip } from '../boards/sim';
import type { SimStorage } from '../boards/sim/storage';
import { littlefs2, VfsLfs2 } from '../modules/littlefs2';
import { addDriver, mount, readFile, umount, writeFile } from '../modules/vfs';
import { code } from './support/code';
import { oneIn } from './support/rounds';

addDriver(littlefs2);

const PAGE = 4096;
const layouts: { [name: string]: { chip: ChipDescription; progsize: number } } = {
  'RP2040, stock': { chip: chips.rp2040, progsize: 1 },
  'Bangle.js 2, stock': { chip: { ...chips.bangle2stock, sectors: [[PAGE, 128]], storage: 128 * PAGE }, progsize: 1 },
  'Jolt.js': { chip: chips.jolt, progsize: 4 },
  'files aligned to 8 bytes': { chip: { ...chips.jolt, word: 8, programs: undefined, align: 8 }, progsize: 4 },
  'ESP32, stock': {
    chip: {
      base: 0,
      sectors: [[PAGE, 1024]],
      word: 4,
      free: [{ addr: 0x360000, length: 0xa0000 }],
      memory: { flash_code_start: 0x320000 },
      storage: 896 * 1024,
    },
    progsize: 1,
  },
};

interface Board extends SimChip {
  storage: SimStorage;
  StorageVolume: typeof StorageVolume;
}

function board(name: string, nor?: NorFlash): Board {
  const { chip } = layouts[name];
  const made = insertChip(native, chip, nor) as Board;
  made.storage = native.storage as SimStorage;
  if (name.startsWith('ESP32')) {
    native.memory = () => ({});
    native.storageAt = 0x320000;
  }
  made.StorageVolume = StorageVolume;
  return made;
}

function copyOf(name: string, nor: NorFlash): Board {
  const { _pages, _programs } = nor as unknown as Record<string, object>;
  // With how often each unit was programmed.
  return board(name, Object.assign(new NorFlash(nor.geometry), structuredClone({ _pages, _programs })));
}

/** Blocks with a content of their own each. */
function fillBlocks(volume: StorageVolumeDevice): void {
  for (let i = 0; i < (volume.ioctl?.(4, 0) as number); i++) assert.is(volume.writeblocks?.(i, pattern(i)), 0);
}
const pattern = (block: number): Uint8Array => new Uint8Array(PAGE).map((_, i) => (i < 2 ? [block, 77][i] : (i * (block + 3)) & 255));
function checkBlocks(volume: StorageVolumeDevice, what: string): void {
  const buf = new Uint8Array(PAGE);
  for (let i = 0; i < (volume.ioctl?.(4, 0) as number); i++) {
    assert.is(volume.readblocks(i, buf), 0);
    assert.equal(buf, pattern(i), `${what}: block ${i}`);
    assert.equal(volume.readarray?.(i, 3, 10), pattern(i).slice(3, 13));
  }
}
/** Other code in a busy life: what it wrote last is what it reads. */
function busy(storage: SimStorage, rounds: number, names = 6): void {
  const last: Record<string, string> = {};
  for (let i = 0; i < rounds; i++) {
    const name = 'other' + (i % names);
    last[name] = String.fromCharCode(97 + (i % 26)).repeat(500 + ((i * 997) % 9000));
    storage.write(name, last[name]);
    if (i % 5 === 4) {
      storage.erase(name);
      delete last[name];
    }
    for (const one in last) assert.is(storage.read(one), last[one]);
  }
}

test.after.each(() => {
  for (const [, point] of mount()) umount(point, { force: true });
  native.storageAt = undefined;
});

for (const name of Object.keys(layouts)) {
  test(`${name}: the volume made by one line before anything else stays where it is, whatever is written, erased and compacted behind it`, () => {
    const { storage, nor, flash, StorageVolume } = board(name);
    // The line of the boards' pages.
    storage.read('vfs-volume', 0, 1) || storage.write('vfs-volume', '\xff', 0, 131040);
    const volume = new StorageVolume();
    assert.is(volume.ioctl?.(4, 0), 31);
    assert.is(volume.ioctl?.(5, 0), PAGE);
    assert.is(volume.progsize, layouts[name].progsize);
    mount(volume, '/data', { mkfs: true });
    writeFile('/data/a.txt', 'kept');
    const base = layouts[name].chip.memory?.flash_code_start as number;
    const before = flash.read(131072, base);
    const wear = { ...nor.counters.wear };
    busy(storage, name.startsWith('RP2') ? 150 : 400);
    assert.ok(storage.compactions > 1, `${storage.compactions} compactions`);
    // Not only the same bytes: nothing was erased there, so nothing was at risk.
    assert.equal(flash.read(131072, base), before);
    const first = (base - layouts[name].chip.base) / PAGE;
    for (let block = first; block < first + 32; block++) assert.is(nor.counters.wear[block], wear[block]);
    assert.is(readFile('/data/a.txt', 'utf8'), 'kept');
    umount('/data');
    assert.is(new StorageVolume().moved, 0);
  });

  test(`${name}: a file behind others that were erased was moved: it is noticed, read at its odd address, and relocated`, () => {
    const { storage, nor, StorageVolume } = board(name);
    storage.write('vfs', 'x'.repeat(20001));
    storage.write('settings', 'y'.repeat(70));
    const volume = StorageVolume.create('64K', { anywhere: true });
    assert.is(volume.ioctl?.(4, 0), 14);
    mount(volume, '/data', { mkfs: true });
    writeFile('/data/a.txt', 'kept');
    storage.write('after', 'z'.repeat(3333));
    storage.write('vfs', 'new'.repeat(5001));
    storage.compact();
    // Whoever goes on with the old one gets an error, and writes nowhere.
    const image = norImage(nor);
    assert.is(volume.writeblocks?.(0, new Uint8Array(4), 0), -19);
    assert.is(volume.ioctl?.(6, 0), -19);
    assert.is(volume.readblocks(0, new Uint8Array(4), 0), -19);
    assert.throws(() => writeFile('/data/b.txt', 'x'));
    assert.equal(norImage(nor), image);
    umount('/data', { force: true });
    const found = new StorageVolume();
    assert.ok(found.moved < 0 && found.moved % PAGE, `${found.moved}`);
    mount(found, '/data');
    assert.is(readFile('/data/a.txt', 'utf8'), 'kept');
    assert.is(
      code(() => writeFile('/data/a.txt', 'no')),
      'EROFS',
    );
    assert.is(found.ioctl?.(6, 0), -30);
    assert.equal(norImage(nor), image);
    found.relocate();
    assert.is(found.moved, 0);
    assert.is(readFile('/data/a.txt', 'utf8'), 'kept');
    umount('/data');
    const again = new StorageVolume();
    assert.is(again.moved, 0);
    mount(again, '/data');
    writeFile('/data/b.txt', 'written');
    assert.is(readFile('/data/a.txt', 'utf8') + readFile('/data/b.txt', 'utf8'), 'keptwritten');
    assert.is(storage.read('vfs'), 'new'.repeat(5001));
    assert.is(storage.read('settings'), 'y'.repeat(70));
    assert.is(storage.read('after'), 'z'.repeat(3333));
    assert.equal(storage.list(/^vfs-move/), []);
  });
}

test('a size that leaves the next file within its last page makes every compaction rewrite the volume; the size of the pages does not', () => {
  for (const [size, rewritten] of [
    [131072, true],
    [131040, false],
  ] as const) {
    const { storage, nor } = board('RP2040, stock');
    storage.write('vfs-volume', '\xff', 0, size);
    storage.write('one', 'x'.repeat(5000));
    storage.write('two', 'x'.repeat(5000));
    storage.erase('one');
    storage.compact();
    assert.is((nor.counters.wear[448] || 0) > 0, rewritten);
  }
});

test('a volume moves up or down by any number of bytes within its file, at whichever phase of the page it was left', () => {
  const seen = { up: 0, down: 0, whole: 0 };
  // Steps of 4 bytes where the direction changes, larger ones elsewhere.
  for (let gap = 4; gap < PAGE; gap += gap % PAGE < 400 || gap % PAGE > PAGE - 400 ? 12 : 484) {
    const { storage, StorageVolume } = board('RP2040, stock');
    storage.write('gone', 'x', 0, gap);
    storage.write('stays', 'x', 0, 100);
    const volume = StorageVolume.create(10 * PAGE, { anywhere: true });
    fillBlocks(volume);
    storage.write('behind', 'b'.repeat(5000));
    storage.erase('gone');
    storage.compact();
    const found = new StorageVolume();
    checkBlocks(found, `gap ${gap} before`);
    const shift = ((found.moved % PAGE) + PAGE) % PAGE;
    found.relocate();
    checkBlocks(found, `gap ${gap} after`);
    checkBlocks(new StorageVolume(), `gap ${gap} again`);
    assert.is(storage.read('behind'), 'b'.repeat(5000), `gap ${gap}`);
    assert.is(storage.read('stays', 0, 1), 'x');
    if (!shift) seen.whole++;
    else if (shift < 300) seen.up++;
    else seen.down++;
  }
  assert.ok(seen.up > 1 && seen.down > 1, JSON.stringify(seen));
});

for (const cut of ['stop', 'tear'] as const) {
  for (const name of ['RP2040, stock', 'Jolt.js', 'files aligned to 8 bytes'])
    for (const gap of [1000, 4092])
      test(`${name}: a power cut (${cut}) at every flash operation of relocate, moved by ${gap}, loses no block and no other file`, () => {
        const first = board(name);
        first.storage.write('gone', 'x', 0, gap);
        first.storage.write('stays', 's'.repeat(300));
        fillBlocks(first.StorageVolume.create(8 * PAGE, { anywhere: true }));
        first.storage.write('behind', 'b'.repeat(5000));
        first.storage.erase('gone');
        first.storage.compact();
        let cuts = 0;
        for (let n = 1; ; n += oneIn(3)) {
          const { nor, StorageVolume } = copyOf(name, first.nor);
          const volume = new StorageVolume();
          assert.ok(volume.moved);
          nor.arm(cut, n);
          try {
            volume.relocate();
          } catch (error) {
            if (!nor.isOff()) throw error;
          }
          if (!nor.isOff()) break;
          cuts++;
          // And once more in the middle of going on.
          for (const second of [0, 1, 3]) {
            const twice = copyOf(name, nor);
            if (second) {
              twice.nor.arm(cut, second);
              try {
                new twice.StorageVolume().relocate();
              } catch (error) {
                if (!twice.nor.isOff()) throw error;
              }
              twice.nor.power();
            }
            const next = new twice.StorageVolume();
            checkBlocks(next, `${cut} at ${n} and ${second}`);
            if (next.moved) next.relocate();
            checkBlocks(next, `${cut} at ${n} and ${second}, relocated`);
            assert.is(new twice.StorageVolume().moved, 0);
            assert.is(twice.storage.read('behind'), 'b'.repeat(5000));
            assert.is(twice.storage.read('stays'), 's'.repeat(300));
            assert.equal(twice.violations, []);
          }
        }
        assert.ok(cuts * oneIn(3) > 25, `${cuts} cuts`);
        console.log(`NOTE: ${name}, ${cut}, moved by ${gap}: ${cuts} cuts of relocate`);
      });

  test(`a power cut (${cut}) at every flash operation of create and the first open ends in no volume or a whole one, and leaves other files`, () => {
    for (const anywhere of [false, true]) {
      let cuts = 0;
      for (let n = 1; ; n++) {
        const { nor, storage, StorageVolume } = board('RP2040, stock');
        if (anywhere) storage.write('other', 'o'.repeat(777));
        nor.arm(cut, n);
        try {
          StorageVolume.create('64K', { anywhere });
        } catch (error) {
          if (!nor.isOff()) throw error;
        }
        if (!nor.isOff()) break;
        cuts++;
        nor.power();
        let volume: StorageVolumeDevice | undefined;
        const opened = code(() => {
          volume = new StorageVolume();
        });
        assert.ok(opened === 'nothing' || opened === 'ENODEV', `${cut} at ${n}: ${opened}`);
        // A header that was cut short is a file that Storage itself cannot erase by its name.
        if (!volume && !anywhere && storage.getStats().fileCount) {
          assert.is(
            code(() => StorageVolume.create('64K')),
            'EBUSY',
          );
          storage.eraseAll();
        }
        if (!volume) volume = StorageVolume.create('64K', { anywhere });
        fillBlocks(volume);
        checkBlocks(new StorageVolume(), `${cut} at ${n}`);
        if (anywhere) assert.is(storage.read('other'), 'o'.repeat(777));
      }
      assert.ok(cuts > 2, `${cuts}`);
    }
  });
}

test('Storage that compacts in the middle of an interrupted relocation is noticed, and nothing is written', () => {
  const { storage, nor, StorageVolume } = board('RP2040, stock');
  storage.write('gone', 'x', 0, 1000);
  storage.write('later', 'x', 0, 1500);
  fillBlocks(StorageVolume.create(8 * PAGE, { anywhere: true }));
  storage.erase('gone');
  storage.compact();
  const volume = new StorageVolume();
  nor.arm('stop', 14);
  assert.throws(() => volume.relocate());
  nor.power();
  storage.erase('later');
  storage.compact();
  const image = norImage(nor);
  assert.is(
    code(() => new StorageVolume()),
    'ECORRUPT',
  );
  assert.equal(norImage(nor), image);
});

test('no byte outside the file is ever erased or programmed', () => {
  for (const name of Object.keys(layouts)) {
    const { storage, nor, StorageVolume } = board(name);
    storage.write('before', 'x'.repeat(5000));
    const volume = StorageVolume.create(6 * PAGE, { anywhere: true });
    storage.write('behind', 'y'.repeat(9000));
    const base = layouts[name].chip.base;
    const touched: number[] = [];
    nor.onChange = (addr, length) => touched.push(addr, addr + length);
    fillBlocks(volume);
    const count = volume.ioctl?.(4, 0) as number;
    for (const [block, buf, offset] of [
      [-1, new Uint8Array(4), 0],
      [count, new Uint8Array(4), 0],
      [0, new Uint8Array(4), -4],
      [count - 1, new Uint8Array(8), PAGE - 4],
      [count - 1, new Uint8Array(2 * PAGE), undefined],
      [0.5, new Uint8Array(4), 0],
      [0, new Uint8Array(100), undefined],
    ] as const) {
      assert.is(volume.writeblocks?.(block, buf, offset), -22, `${block} ${buf.length} ${offset}`);
      if (offset !== undefined) assert.is(volume.readblocks(block, buf, offset), -22);
    }
    assert.is(volume.ioctl?.(6, count), -22);
    assert.is(volume.ioctl?.(6, -1), -22);
    const at = findHeader(nor, 'vfs-volume');
    assert.ok(Math.min(...touched) >= at + 32 && Math.max(...touched) <= at + 6 * PAGE, `${base} ${at} ${Math.min(...touched)}`);
    assert.is(storage.read('before') + (storage.read('behind') as string), 'x'.repeat(5000) + 'y'.repeat(9000));
  }
});

function findHeader(nor: NorFlash, name: string): number {
  return Buffer.from(norImage(nor)).indexOf(Buffer.from(name + '\0', 'latin1')) - 4;
}

test('create refuses, saying what to do', () => {
  const { storage, StorageVolume } = board('RP2040, stock');
  assert.throws(() => new StorageVolume(), /^ENODEV: not in Storage. Make it before anything else/);
  storage.write('vfs', 'x'.repeat(1000));
  storage.write('a.boot0', 'x');
  assert.throws(() => StorageVolume.create('128K'), /^EBUSY: files lie before it.*: vfs, a.boot0. Save them.*anywhere: true/);
  assert.throws(() => StorageVolume.create('1M', { anywhere: true }), /^ENOSPC: Storage has room for 258048 bytes/);
  for (const size of [0, -1, 1.5, '', 'big', '0K', 1e9, NaN, '1G'])
    assert.is(
      code(() => StorageVolume.create(size, { anywhere: true })),
      'EINVAL',
      `${size}`,
    );
  assert.throws(() => StorageVolume.create({} as string), TypeError);
  assert.throws(() => StorageVolume.create(8192, true as unknown as object), TypeError);
  assert.is(
    code(() => StorageVolume.create(2 * PAGE, { anywhere: true })),
    'EINVAL',
  );
  storage.eraseAll();
  // Erased files only: they are compacted away.
  storage.write('old', 'x'.repeat(200000));
  storage.erase('old');
  assert.is(StorageVolume.create('128k').ioctl?.(4, 0), 31);
  assert.is(
    code(() => StorageVolume.create('128K')),
    'EEXIST',
  );
});

test('a file of that name that is no volume is left alone, and one that is too small is EINVAL', () => {
  for (const [content, size, expected] of [
    ['console.log(1)', 9000, 'ECORRUPT'],
    ['x', 100, 'ECORRUPT'],
    ['\xff', 5000, 'EINVAL'],
  ] as const) {
    const { storage, nor, StorageVolume } = board('RP2040, stock');
    storage.write('vfs-volume', content, 0, size);
    const image = norImage(nor);
    assert.is(
      code(() => new StorageVolume()),
      expected,
    );
    assert.equal(norImage(nor), image);
  }
});

test('after eraseAll the device is gone: ENODEV, and nothing is written where other files may be', () => {
  const { storage, nor, StorageVolume } = board('RP2040, stock');
  const volume = StorageVolume.create('64K');
  fillBlocks(volume);
  storage.eraseAll();
  storage.write('app', 'x'.repeat(100000));
  const image = norImage(nor);
  assert.is(volume.writeblocks?.(1, pattern(1)), -19);
  assert.is(volume.ioctl?.(6, 1), -19);
  assert.is(volume.readblocks(1, new Uint8Array(16), 0), -19);
  assert.equal(norImage(nor), image);
  assert.is(
    code(() => new StorageVolume()),
    'ENODEV',
  );
});

test('without Flash or Storage it is ENODEV', () => {
  native.flash = native.storage = native.require = undefined;
  assert.is(
    code(() => new StorageVolume()),
    'ENODEV',
  );
  board('RP2040, stock');
  native.storage = undefined;
  assert.is(
    code(() => new StorageVolume()),
    'ENODEV',
  );
});

test('littlefs on it survives a power cut at every operation of a write', () => {
  const first = board('RP2040, stock');
  mount(first.StorageVolume.create('32K'), '/v', { mkfs: true });
  writeFile('/v/a', 'old');
  umount('/v');
  for (let n = 1; ; n++) {
    const { nor, StorageVolume } = copyOf('RP2040, stock', first.nor);
    const fs = new VfsLfs2(new StorageVolume());
    mount(fs, '/v');
    nor.arm('tear', n);
    try {
      writeFile('/v/a', 'new'.repeat(2000));
    } catch (error) {
      if (!nor.isOff()) throw error;
    }
    const done = !nor.isOff();
    nor.power();
    umount('/v', { force: true });
    mount(new StorageVolume(), '/v');
    assert.ok(['old', 'new'.repeat(2000)].includes(readFile('/v/a', 'utf8')), `cut at ${n}`);
    umount('/v');
    if (done) break;
  }
});

test.run();
