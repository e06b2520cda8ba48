/** External NOR flash on SPI: what the driver learns of a chip, the bytes on the wire, faults, and volumes over it across power cuts. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SpiFlash, type SpiFlashDevice } from '../boards/devices/spiflash';
import { NorFlash, norFromImage, norImage, SimSpiNor, type SpiNorDescription } from '../boards/sim';
import { wire } from '../boards/sim/spi';
import { fat, VfsFat } from '../modules/fat';
import { fsckFat } from '../modules/fat/check/fsck.lazy';
import { littlefs2, VfsLfs2 } from '../modules/littlefs2';
import { addDriver, mount, readFile, umount, writeFile } from '../modules/vfs';
import { throwsCode } from './support/lfs2';

addDriver(littlefs2);
addDriver(fat);

const KB = 1024;
const MB = 1024 * KB;
const W25Q32 = 4 * MB;

// The driver's clock: a byte takes its time on the wire, and the chip 20 µs to have it sent.
const time = { us: Date.now() * 1000 };
Date.now = () => Math.floor(time.us / 1000);
wire.onTime = (us) => {
  time.us += us + 20;
};

interface Rig {
  nor: NorFlash;
  chip: SimSpiNor;
  flash: SpiFlashDevice;
}

function chipOf(size: number, description?: SpiNorDescription, eraseSize = 4096): SimSpiNor {
  return new SimSpiNor(new NorFlash({ size, eraseSize, progSize: 1 }), description);
}
function rig(size = W25Q32, description?: SpiNorDescription): Rig {
  const chip = chipOf(size, description);
  return { nor: chip.nor, chip, flash: new SpiFlash(chip.spi, chip.cs) };
}
const pattern = (length: number, seed: number): Uint8Array => new Uint8Array(length).map((_, i) => (i * 7 + (i >> 8) * 13 + seed) & 255);
function commandsOf(chip: SimSpiNor, action: () => void): { [opcode: number]: number } {
  chip.commands = {};
  action();
  return chip.commands;
}

test.after.each(() => {
  for (const [, point] of mount()) umount(point, { force: true });
});

test('size and erase block are what the chip says in its SFDP, without that what its name says', () => {
  for (const [size, description, blocks] of [
    [512 * KB, {}, 128],
    [4 * MB, {}, 1024],
    [16 * MB, {}, 4096],
    [4 * MB, { silent: true }, 1024],
    // A name that does not tell the size.
    [2 * MB, { maker: 0x1f86 }, 512],
    [32 * MB, { wide: 'commands' }, 8192],
    [64 * MB, { wide: 'mode' }, 16384],
    [512 * MB, { wide: 'commands' }, 131072],
  ] as [number, SpiNorDescription, number][]) {
    const { chip, flash } = rig(size, description);
    assert.is(flash.ioctl(4, 0), blocks, JSON.stringify([size, description]));
    assert.is(flash.ioctl(5, 0), 4096);
    assert.equal(chip.violations, []);
  }
  const large = chipOf(4 * MB, {}, 32 * KB);
  const flash = new SpiFlash(large.spi, large.cs);
  assert.equal([flash.ioctl(4, 0), flash.ioctl(5, 0)], [128, 32 * KB], 'one that erases no 4 kB');
});

test('of a chip that does not say how it takes four bytes of an address only the first 16 MB are used', () => {
  for (const description of [{ wide: 'none' as const }, { silent: true }]) {
    const { flash, nor } = rig(32 * MB, description);
    assert.is(flash.ioctl(4, 0), 4096);
    assert.is(flash.ioctl(6, 4096), -22);
    assert.is(nor.counters.erases, 0);
  }
});

test('no chip is ENODEV within little more than a second, whatever the line does', () => {
  for (const level of [255, 0]) {
    const chip = chipOf(W25Q32);
    chip.present = false;
    chip.level = level;
    const from = time.us;
    throwsCode(() => new SpiFlash(chip.spi, chip.cs), 'ENODEV');
    assert.ok(time.us - from < 1.5e6, `${time.us - from} µs`);
  }
  for (const wrong of [{ page: 1 << 15, maker: 0 }] as SpiNorDescription[]) {
    const chip = chipOf(32 * KB, wrong);
    throwsCode(() => new SpiFlash(chip.spi, chip.cs), 'ENODEV');
  }
});

test('damaged parameters are ENODEV or a chip that fits, never a hang or an impossible geometry', () => {
  for (let at = 0; at < 0x80 + 64; at++)
    for (const value of [0, 1, 0x7f, 0xff]) {
      const chip = chipOf(32 * MB, { wide: 'commands' });
      (chip as unknown as { _sfdp: Uint8Array })._sfdp[at] = value;
      try {
        const flash = new SpiFlash(chip.spi, chip.cs);
        const size = flash.ioctl(5, 0);
        assert.ok(size >= 256 && size <= MB && flash.ioctl(4, 0) >= 1 && flash.ioctl(4, 0) % 1 === 0, `${at} ${value}`);
      } catch (error) {
        assert.is((error as { code: string }).code, 'ENODEV', `${at} ${value}: ${error}`);
      }
    }
});

test('a chip that sleeps is woken, and one that still erases when the board restarts is waited for', () => {
  const asleep = chipOf(W25Q32);
  asleep.sleep();
  assert.is(new SpiFlash(asleep.spi, asleep.cs).ioctl(4, 0), 1024);
  const { chip, nor } = rig(W25Q32, { eraseBusy: 3000 });
  // What the driver was doing before.
  chip.cs.write(0);
  chip.spi.write(6);
  chip.cs.write(1);
  chip.cs.write(0);
  chip.spi.write(0x20, 0, 0, 0);
  chip.cs.write(1);
  assert.is(new SpiFlash(chip.spi, chip.cs).ioctl(4, 0), 1024);
  assert.is(nor.counters.erases, 1);
});

test('blocks and pieces are written and read; a program never crosses a page', () => {
  for (const [size, description] of [
    [W25Q32, {}],
    [W25Q32, { page: 512 }],
    [32 * MB, { wide: 'commands' }],
    [64 * MB, { wide: 'mode' }],
  ] as [number, SpiNorDescription][]) {
    const { chip, flash, nor } = rig(size, description);
    const last = flash.ioctl(4, 0) - 1;
    for (const block of [0, 5, last - 1]) {
      const data = pattern(8192, block);
      assert.is(flash.writeblocks(block, data), 0);
      const back = new Uint8Array(8192);
      assert.is(flash.readblocks(block, back), 0);
      assert.equal(back, data);
      const there = new Uint8Array(8192);
      nor.peek(block * 4096, there);
      assert.equal(there, data);
      assert.equal(flash.readarray(block, 3, 10), data.slice(3, 13));
    }
    assert.is(flash.ioctl(6, 7), 0);
    for (const [offset, length] of [
      [0, 1],
      [250, 13],
      [511, 700],
      [4000, 96],
    ])
      assert.is(flash.writeblocks(7, pattern(length, offset), offset), 0);
    const piece = new Uint8Array(700);
    assert.is(flash.readblocks(7, piece, 511), 0);
    assert.equal(piece, pattern(700, 511));
    assert.equal(chip.violations, []);
  }
});

test('an erase is one command, a block of 4 kB sixteen programs, a read one', () => {
  const { chip, flash } = rig();
  // READ_STATUS behind each.
  assert.equal(
    commandsOf(chip, () => flash.ioctl(6, 3)),
    { 5: 2, 6: 1, 32: 1 },
  );
  assert.equal(
    commandsOf(chip, () => flash.writeblocks(3, pattern(1000, 1), 100)),
    { 2: 5, 5: 5, 6: 5 },
  );
  assert.equal(
    commandsOf(chip, () => flash.readblocks(3, new Uint8Array(4096))),
    { 3: 1 },
  );
  assert.equal(
    commandsOf(chip, () => flash.writeblocks(3, pattern(4096, 1))),
    { 2: 16, 3: 16, 5: 18, 6: 17, 32: 1 },
  );
  const wide = rig(32 * MB, { wide: 'commands' });
  assert.equal(
    commandsOf(wide.chip, () => {
      wide.flash.ioctl(6, 8000);
      wide.flash.writeblocks(8000, pattern(10, 1), 0);
      wide.flash.readblocks(8000, new Uint8Array(10), 0);
    }),
    { 5: 3, 6: 2, 18: 1, 19: 1, 33: 1 },
  );
});

test('what lies outside, and what is no whole number of blocks, is EINVAL and sends nothing', () => {
  const { chip, flash } = rig(512 * KB);
  const before = chip.bytes;
  for (const [block, length, offset] of [
    [128, 4096, undefined],
    [127, 8192, undefined],
    [-1, 16, 0],
    [127, 16, 4090],
    [0.5, 16, 0],
  ] as [number, number, number | undefined][]) {
    assert.is(flash.readblocks(block, new Uint8Array(length), offset), -22);
    assert.is(flash.writeblocks(block, new Uint8Array(length), offset), -22);
  }
  assert.is(flash.writeblocks(0, new Uint8Array(100)), -22);
  assert.is(flash.ioctl(6, 128), -22);
  assert.is(flash.readarray(128, 0, 4), undefined);
  assert.is(chip.bytes, before);
});

test('a chip that stays busy is ENODEV when the time is over, and used again when ioctl(1) finds it ready', () => {
  const { chip, flash } = rig();
  chip.stuck = true;
  let from = time.us;
  assert.is(flash.writeblocks(1, pattern(10, 1), 0), -19, 'it does not even tell its name');
  assert.ok(time.us - from > 0.5e6 && time.us - from < 1e6, `${time.us - from} µs`);
  assert.is(flash.readblocks(1, new Uint8Array(10), 0), -19, 'nothing is sent to it any more');
  chip.stuck = false;
  chip.powerCycle();
  assert.is(flash.ioctl(1, 1), 0);
  assert.is(flash.ioctl(6, 1), 0);
  chip.stuck = true;
  from = time.us;
  assert.is(flash.ioctl(6, 1), -19);
  assert.ok(time.us - from > 5e6 && time.us - from < 6e6, `${time.us - from} µs`);
});

test('a chip that has gone is ENODEV for every change, and back with ioctl(1)', () => {
  for (const level of [255, 0]) {
    const { chip, flash } = rig();
    chip.present = false;
    chip.level = level;
    assert.is(flash.ioctl(6, 1), -19, `${level}`);
    assert.is(flash.writeblocks(1, pattern(4096, 1)), -19);
    assert.is(flash.ioctl(1, 1), -19);
    chip.present = true;
    assert.is(flash.ioctl(1, 1), 0);
    assert.is(flash.writeblocks(1, pattern(4096, 1)), 0);
  }
});

test('a chip that was without power meanwhile takes four bytes again when it is mounted', () => {
  const { chip, flash, nor } = rig(32 * MB, { wide: 'mode' });
  assert.is(flash.writeblocks(8000, pattern(4096, 1)), 0);
  chip.powerCycle();
  assert.is(flash.ioctl(1, 1), 0);
  const there = new Uint8Array(4096);
  assert.is(flash.readblocks(8000, there), 0);
  assert.equal(there, pattern(4096, 1));
  assert.is(nor.counters.erases, 1);
});

test('a protected block is EROFS, a cell that does not hold what it was given EIO', () => {
  const { chip, flash, nor } = rig();
  chip.protectedTo = 64 * KB;
  assert.is(flash.writeblocks(1, pattern(4096, 1)), -30);
  assert.is(flash.writeblocks(16, pattern(4096, 1)), 0);
  chip.protectedTo = 0;
  nor.onOperation = (operation) => (operation === 'program' ? 'fail' : undefined);
  assert.is(flash.writeblocks(1, pattern(4096, 1)), -5);
  nor.onOperation = undefined;
  assert.is(flash.writeblocks(1, pattern(4096, 1)), 0);
});

test('two objects over one pin are one medium', () => {
  const { chip, flash } = rig(512 * KB);
  VfsLfs2.mkfs(flash);
  mount(flash, '/a');
  throwsCode(() => mount(new SpiFlash(chip.spi, chip.cs), '/b'), 'EBUSY');
});

/** A chip with the same content, and power. */
const again = (nor: NorFlash): Rig => {
  const chip = new SimSpiNor(norFromImage(norImage(nor), { eraseSize: 4096, progSize: 1 }));
  return { nor: chip.nor, chip, flash: new SpiFlash(chip.spi, chip.cs) };
};

test('littlefs over it: after a power cut at any program or erase, whole or torn, what was synced is there', () => {
  const first = rig(128 * KB);
  VfsLfs2.mkfs(first.flash);
  mount(first.flash, '/x');
  writeFile('/x/kept', pattern(5000, 1));
  umount('/x');
  let cuts = 0;
  for (const kind of ['stop', 'tear'] as const)
    for (let n = 1; ; n++) {
      const { nor, flash, chip } = again(first.nor);
      mount(flash, '/x');
      nor.arm(kind, n);
      let synced = 0;
      try {
        for (let i = 0; i < 6; i++) {
          writeFile('/x/log', pattern(300, i));
          synced = i + 1;
        }
      } catch (error) {
        assert.ok(nor.isOff(), String(error));
      }
      for (const [, point] of mount()) umount(point, { force: true });
      assert.equal(chip.violations, []);
      if (!nor.isOff()) break;
      cuts++;
      nor.power();
      const after = again(nor);
      mount(after.flash, '/x');
      assert.equal(readFile('/x/kept'), pattern(5000, 1), `${kind} ${n}`);
      const log = synced ? (readFile('/x/log') as Uint8Array) : undefined;
      if (log)
        assert.ok(
          [synced - 1, synced].some((i) => Buffer.compare(log, pattern(300, i)) === 0),
          `${kind} ${n}`,
        );
      writeFile('/x/more', 'goes on');
      umount('/x');
    }
  assert.ok(cuts > 30, `${cuts} cuts`);
});

test('FAT over it has sectors of the erase block, is sound, and is there after a power cycle', () => {
  const { flash, nor } = rig(MB);
  VfsFat.mkfs(flash);
  mount(flash, '/f');
  for (let i = 0; i < 20; i++) writeFile(`/f/A long name ${i}.txt`, pattern(i * 997, i));
  umount('/f');
  const after = again(nor);
  mount(after.flash, '/f');
  for (let i = 0; i < 20; i++) assert.equal(readFile(`/f/A long name ${i}.txt`), pattern(i * 997, i));
  umount('/f');
  assert.equal(fsckFat(after.flash), []);
  assert.equal(after.chip.violations, []);
});

test('FAT over it promises nothing when the power goes, but ends in whole files, coded errors and findings, and is mended by a check', () => {
  const first = rig(256 * KB);
  VfsFat.mkfs(first.flash);
  mount(first.flash, '/f');
  writeFile('/f/kept', pattern(5000, 1));
  umount('/f');
  const outcomes = { whole: 0, lost: 0, refused: 0 };
  for (const kind of ['stop', 'tear'] as const)
    for (let n = 1; ; n += 7) {
      const { nor, flash, chip } = again(first.nor);
      mount(flash, '/f');
      nor.arm(kind, n);
      try {
        for (let i = 0; i < 2; i++) writeFile('/f/log', pattern(3000 + i, i));
        umount('/f');
      } catch (error) {
        assert.ok(nor.isOff(), String(error));
      }
      if (!nor.isOff()) {
        assert.equal(chip.violations, []);
        break;
      }
      const after = again(nor);
      nor.power();
      while (mount().length)
        try {
          umount('/f', { force: true });
        } catch (_dead) {
          // It would have noted that the volume is clean.
        }
      try {
        mount(after.flash, '/f');
      } catch (error) {
        assert.match((error as { code: string }).code, /^(ENODEV|ECORRUPT)$/, `${kind} ${n}`);
        outcomes.refused++;
        continue;
      }
      let kept = false;
      try {
        kept = Buffer.compare(readFile('/f/kept') as Uint8Array, pattern(5000, 1)) === 0;
        assert.ok(kept, `${kind} ${n}: other bytes`);
      } catch (error) {
        assert.match(String((error as { code?: string }).code), /^(ENOENT|ECORRUPT|EIO)$/, `${kind} ${n}: ${error}`);
      }
      outcomes[kept ? 'whole' : 'lost']++;
      umount('/f');
      fsckFat(after.flash, { repair: true });
      assert.equal(fsckFat(after.flash), [], `${kind} ${n}`);
      mount(after.flash, '/f');
      writeFile('/f/more', 'goes on');
      umount('/f');
    }
  assert.ok(outcomes.whole > 60, JSON.stringify(outcomes));
});

test.run();
