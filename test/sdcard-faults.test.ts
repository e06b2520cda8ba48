/** Cards that fail, are taken out, or are not there: every wait ends, and nothing wrong is taken for right. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SDCard } from '../boards/devices/sdcard';
import { SimSdCard } from '../boards/sim/sdcard';
import { openSdFile } from '../boards/sim/sdcard-file';
import { SimSdSlot } from '../boards/sim/sdcard-slot';
import type { VfsError } from '../modules/contract/errno';
import { commandsOf, KINDS, lawful, OLD, pattern, rig, SDHC, SDSC } from './support/sdcard';

const EIO = -5;
const ENODEV = -19;

function refused(code: string, slot: SimSdSlot): void {
  const from = Date.now();
  try {
    new SDCard(slot.spi, slot.cs);
  } catch (error) {
    assert.is((error as VfsError).code, code);
    assert.ok(Date.now() - from < 20000, 'takes too long');
    return;
  }
  assert.unreachable('no ' + code);
}

for (const level of [255, 0])
  test(`an empty slot whose line reads ${level} is ENODEV`, () => {
    const slot = new SimSdSlot();
    slot.level = level;
    refused('ENODEV', slot);
    assert.ok(slot.bytes < 1.1e6);
  });

/** The card answers `index` with `answer` always, or only the first `times`. */
function stubborn(description: typeof SDHC, index: number, answer: number, times = Infinity): SimSdSlot {
  const card = new SimSdCard(description);
  card.onCommand = (command) => (command === index && times-- > 0 ? answer : undefined);
  return new SimSdSlot(card);
}

test('CMD0 is tried again and again, but not for ever', () => {
  const slot = stubborn(SDHC, 0, 0, 40);
  new SDCard(slot.spi, slot.cs);
  refused('ENODEV', stubborn(SDHC, 0, 0));
  refused('ENODEV', stubborn(SDHC, 0, -1));
});

test('a card that echoes another pattern, or refuses the voltage, is ENODEV', () => {
  for (const [at, value] of [
    [2, 0],
    [3, 0xab],
  ]) {
    const slot = new SimSdSlot(new SimSdCard(SDHC));
    const send = slot.spi.send;
    slot.spi.send = ((data: never) => {
      const received = send(data) as unknown as Uint8Array;
      if ((data as { count?: number }).count === 4) received[at] = value;
      return received;
    }) as typeof send;
    refused('ENODEV', slot);
  }
  refused('ENODEV', stubborn(SDHC, 8, 9));
});

test('a card that never gets ready, and an MMC, which knows no ACMD41, are ENODEV', () => {
  refused('ENODEV', new SimSdSlot(new SimSdCard({ ...SDHC, latency: { powerUp: Infinity } })));
  refused('ENODEV', stubborn(OLD, 41, 5));
});

test('a card without CMD59 is used without', () => {
  const slot = stubborn(SDHC, 59, 5);
  const sd = new SDCard(slot.spi, slot.cs);
  const data = pattern(2, 1);
  const back = new Uint8Array(1024);
  assert.is(sd.writeblocks(1, data), 0);
  assert.is(sd.readblocks(1, back), 0);
  assert.equal(back, data);
});

test('CMD58, CMD9 or CMD16 refused is EIO', () => {
  for (const index of [58, 9, 16]) {
    refused('EIO', stubborn(SDHC, index, 4));
    refused('EIO', stubborn(SDHC, index, -1));
  }
});

test('a CSD that does not come, comes damaged in another way each time or is of an unknown structure is refused', () => {
  for (const fault of ['silent', 'error'] as const) {
    const card = new SimSdCard(SDHC);
    card.onRead = () => fault;
    refused('EIO', new SimSdSlot(card));
  }
  // Structure 2 (SDUC).
  let n = 1;
  for (const [at, code] of [
    [8, 'EIO'],
    [0, 'ENODEV'],
  ] as const) {
    const slot = new SimSdSlot(new SimSdCard(SDHC));
    const send = slot.spi.send;
    slot.spi.send = ((data: never) => {
      const received = send(data) as unknown as Uint8Array;
      if ((data as { count?: number }).count === 18) {
        received[at] ^= at ? n++ : 0xc0;
        if (at) return received;
        received[15] = crcOf(received, 7, 15);
        const crc = crcOf(received, 16, 16);
        received[16] = crc >> 8;
        received[17] = crc & 255;
      }
      return received;
    }) as typeof send;
    refused(code, slot);
  }
});

function crcOf(data: Uint8Array, width: 7 | 16, length: number): number {
  let crc = 0;
  const top = 1 << (width - 1);
  for (let i = 0; i < length * 8; i++) {
    const bit = (data[i >> 3] >> (7 - (i & 7))) & 1;
    crc = ((crc << 1) ^ (!!(crc & top) !== !!bit ? (width === 7 ? 9 : 0x1021) : 0)) & (top * 2 - 1);
  }
  return width === 7 ? crc * 2 + 1 : crc;
}

for (const count of [1, 3])
  for (const fault of ['silent', 'error', 'crc'] as const)
    test(`reading ${count}, a block that ends in ${fault} is EIO, and the card goes on`, () => {
      const { sd, card } = rig(SDHC);
      const data = pattern(count, 9);
      sd.writeblocks(7, data);
      card.onRead = (block) => (block === 6 + count ? fault : undefined);
      const back = new Uint8Array(count * 512);
      assert.is(sd.readblocks(7, back), EIO);
      card.onRead = undefined;
      assert.is(sd.readblocks(7, back), 0);
      assert.equal(back, data);
      lawful(card);
    });

for (const count of [1, 3])
  for (const fault of ['crc', 'error', 'silent', 'status'] as const)
    test(`writing ${count}, a block that ends in ${fault} is EIO, and the card goes on`, () => {
      const { sd, card } = rig(SDHC);
      card.onWrite = (block) => (block === 7 ? fault : undefined);
      const data = pattern(count, 5);
      assert.is(sd.writeblocks(7, data), EIO);
      assert.equal(card.peek(7), new Uint8Array(512));
      card.onWrite = undefined;
      assert.is(sd.writeblocks(7, data), 0);
      assert.is(sd.ioctl(3), 0);
      assert.equal(card.peek(6 + count), data.slice(count * 512 - 512));
      lawful(card);
    });

test('a refused command is EIO', () => {
  const { sd, card } = rig(SDSC);
  for (const index of [17, 18, 24, 25]) {
    card.onCommand = (command) => (command === index ? 0x40 : undefined);
    const data = pattern(index & 1 && index > 17 ? 2 : 1, 1);
    const buf = index === 18 || index === 25 ? pattern(2, 1) : data.slice(0, 512);
    assert.is(index < 24 ? sd.readblocks(1, buf) : sd.writeblocks(1, buf), EIO, `CMD${index}`);
  }
});

test('a bit that flips on the way to the card is noticed by the card', () => {
  const { sd, slot, card } = rig(SDHC);
  const write = slot.spi.write;
  slot.spi.write = (...items) => {
    if (items.length > 3) (items[2] as Uint8Array)[9] ^= 1;
    write(...items);
  };
  assert.is(sd.writeblocks(3, pattern(1, 1)), EIO);
  assert.equal(card.usedBlocks(), []);
});

test('a card that stays busy is given up, and started again when it is new', () => {
  const { sd, slot, card } = rig(SDHC);
  card.onWrite = () => 'busy';
  const from = Date.now();
  assert.is(sd.writeblocks(3, pattern(1, 1)), ENODEV);
  assert.ok(Date.now() - from < 20000);
  assert.is(sd.readblocks(3, new Uint8Array(512)), ENODEV);
  card.onWrite = undefined;
  slot.insert(new SimSdCard(SDHC));
  assert.is(sd.ioctl(1), 0);
  assert.is(sd.readblocks(3, new Uint8Array(512)), 0);
});

for (const [name, description] of KINDS)
  test(`${name}: taken out and put in again, it is ENODEV until ioctl(1)`, () => {
    const { sd, slot, card } = rig(description);
    const data = pattern(2, 4);
    sd.writeblocks(8, data);
    slot.remove();
    assert.is(sd.readblocks(8, new Uint8Array(1024)), ENODEV);
    const silent = slot.bytes;
    assert.is(sd.writeblocks(8, new Uint8Array(1024)), ENODEV);
    assert.is(slot.bytes, silent);
    assert.is(sd.ioctl(3), ENODEV);
    assert.is(sd.ioctl(1), ENODEV);
    slot.insert(card);
    assert.is(sd.readblocks(8, new Uint8Array(1024)), ENODEV);
    assert.is(sd.ioctl(1), 0);
    const back = new Uint8Array(1024);
    assert.is(sd.readblocks(8, back), 0);
    assert.equal(back, data);
    lawful(card);
  });

test('a card that was changed unnoticed is never written before ioctl(1)', () => {
  const { sd, slot } = rig(SDHC);
  const other = new SimSdCard(SDSC);
  slot.insert(other);
  assert.is(sd.writeblocks(8, pattern(2, 4)), ENODEV);
  assert.equal(other.usedBlocks(), []);
  assert.is(sd.ioctl(1), 0);
  assert.is(sd.ioctl(4), SDSC.blocks);
  assert.is(sd.writeblocks(8, pattern(2, 4)), 0);
  assert.equal(other.usedBlocks(), [8, 9]);
});

test('ioctl(1) finds a card that was changed without any operation in between', () => {
  const { sd, slot } = rig(SDHC);
  slot.insert(new SimSdCard(OLD));
  assert.is(sd.ioctl(1), 0);
  assert.is(sd.ioctl(4), OLD.blocks);
});

test('ioctl(1) on a running card only asks for its status, ioctl(2) forgets it', () => {
  const { sd, card } = rig(SDHC);
  assert.equal(
    commandsOf(card, () => sd.ioctl(1)),
    [[13, 0]],
  );
  assert.is(sd.ioctl(2), 0);
  assert.is(sd.readblocks(0, new Uint8Array(512)), ENODEV);
  assert.is(commandsOf(card, () => assert.is(sd.ioctl(1), 0))[0][0], 0);
});

for (const level of [255, 0])
  test(`taken out at any byte of a transfer on a line that reads ${level}: an error, and no other block is touched`, () => {
    const data = pattern(3, 2);
    for (const write of [false, true]) {
      const whole = rig(SDHC);
      whole.sd.writeblocks(5, pattern(3, 1));
      const before = whole.slot.bytes;
      if (write) whole.sd.writeblocks(5, data);
      else whole.sd.readblocks(5, new Uint8Array(3 * 512));
      const total = whole.slot.bytes - before;
      for (let n = 0; n < total - 1; n += level ? 13 : 301) {
        const { sd, slot, card } = rig(SDHC);
        slot.level = level;
        sd.writeblocks(5, pattern(3, 1));
        slot.removeAfter(n);
        const back = new Uint8Array(3 * 512);
        const status = write ? sd.writeblocks(5, data) : sd.readblocks(5, back);
        // After the last block only the end of the transfer is missing.
        if (!write && status === 0) assert.equal(back, pattern(3, 1), `byte ${n} of ${total}`);
        else assert.ok(status === EIO || status === ENODEV, `byte ${n} of ${total}: ${status}`);
        assert.is(sd.readblocks(5, back), ENODEV);
        assert.equal(card.usedBlocks(), [5, 6, 7]);
        for (let i = 0; i < 3; i++) {
          const now = Buffer.from(card.peek(5 + i)).toString('hex');
          const old = Buffer.from(pattern(3, 1).subarray(i * 512, i * 512 + 512)).toString('hex');
          const fresh = Buffer.from(data.subarray(i * 512, i * 512 + 512)).toString('hex');
          assert.ok([old, fresh, fresh.slice(0, 512) + old.slice(512)].includes(now), `byte ${n}, block ${i}`);
        }
        slot.insert(card);
        assert.is(sd.ioctl(1), 0);
        assert.is(sd.readblocks(5, back), 0);
      }
    }
  });

test('the chip restarts at any byte of a transfer: the card, still powered, is started again', () => {
  for (const write of [false, true]) {
    for (let n = 0; n < 1700; n += 37) {
      const { sd, slot, card } = rig(SDHC);
      const exchange = card.exchange;
      let left = n;
      card.exchange = function (sent, selected, baud) {
        if (left-- <= 0) throw new Error('restart');
        return exchange.call(card, sent, selected, baud);
      };
      try {
        if (write) sd.writeblocks(5, pattern(3, 1));
        else sd.readblocks(5, new Uint8Array(3 * 512));
      } catch (error) {
        assert.is((error as Error).message, 'restart');
      }
      card.exchange = exchange;
      slot.baud = 100000;
      const again = new SDCard(slot.spi, slot.cs);
      for (const block of card.usedBlocks()) assert.ok(block >= 5 && block < 8, `byte ${n}: block ${block}`);
      assert.is(again.writeblocks(5, pattern(3, 8)), 0, `byte ${n}`);
      assert.equal(card.peek(7), pattern(3, 8).slice(1024));
    }
  }
});

test('a FAT image written through the driver passes fsck.fat', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sdcard-'));
  try {
    const path = join(folder, 'fat.img');
    writeFileSync(path, new Uint8Array(16 * 1024 * 1024));
    const made = spawnSync('mkfs.fat', ['-F', '16', path]);
    if (made.error) {
      console.log('skipped: no mkfs.fat');
      return;
    }
    const image = readFileSync(path);
    const target = join(folder, 'card.img');
    writeFileSync(target, new Uint8Array(image.length));
    const file = openSdFile(target);
    const slot = new SimSdSlot(file.card);
    const sd = new SDCard(slot.spi, slot.cs);
    for (let at = 0; at < image.length; at += 64 * 512) {
      const piece = image.subarray(at, at + 64 * 512);
      if (piece.some((byte) => byte !== 0)) assert.is(sd.writeblocks(at / 512, piece), 0);
    }
    file.close();
    const check = spawnSync('fsck.fat', ['-n', target]);
    assert.is(check.status, 0, String(check.stdout));
    assert.ok(readFileSync(target).equals(image));
    const back = openSdFile(target);
    assert.equal(back.card.peek(0), new Uint8Array(image.subarray(0, 512)));
    back.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.run();
