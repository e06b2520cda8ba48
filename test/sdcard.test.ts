/** What a healthy card does, by the simulated card's own checks of the protocol. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SDCard } from '../boards/devices/sdcard';
import { crc7, crc16, makeTables } from '../boards/devices/sdcard/crc';
import { SimSdCard } from '../boards/sim/sdcard';
import { sdCrc7, sdCrc16 } from '../boards/sim/sdcard-registers';
import { SimSdSlot } from '../boards/sim/sdcard-slot';
import { openDevice } from '../modules/blockdev';
import { commandsOf, KINDS, lawful, OLD, pattern, rig, SDHC, SDSC, SDXC } from './support/sdcard';

test('CRC7 and CRC16 are those of the specification', () => {
  makeTables();
  // 4.5: CMD0, CMD17 and the response to CMD17; a block of 512 times 0xFF has 0x7FA1.
  assert.is(crc7(new Uint8Array([0x40, 0, 0, 0, 0]), 5), 0x95);
  assert.is(crc7(new Uint8Array([0x51, 0, 0, 0, 0]), 5), (0x2a << 1) | 1);
  assert.is(crc7(new Uint8Array([0x11, 0, 0, 9, 0]), 5), (0x33 << 1) | 1);
  assert.is(crc7(new Uint8Array([0x48, 0, 0, 1, 0xaa]), 5), 0x87);
  assert.is(crc16(new Uint8Array(512).fill(255), 256), 0xa17f);
  for (let length = 2; length < 600; length += 34) {
    const data = pattern(2, length).subarray(1, 1 + length);
    const wanted = sdCrc16(data, length);
    assert.is(crc16(data, length / 2), (wanted >> 8) | ((wanted & 255) << 8));
    assert.is(crc7(data, length), sdCrc7(data, length));
    const framed = new Uint8Array([...data, wanted >> 8, wanted & 255]);
    assert.is(crc16(framed, length / 2 + 1), 0);
  }
});

for (const [name, description] of KINDS) {
  test(`${name}: is started by the commands of the specification`, () => {
    const card = new SimSdCard(description);
    const slot = new SimSdSlot(card);
    let sd: SDCard | undefined;
    const seen = commandsOf(card, () => {
      sd = new SDCard(slot.spi, slot.cs, { baudrate: 10e6 });
    });
    const version2 = !description.version1;
    const power: [number, number] = [41, version2 ? 0x40000000 : 0];
    assert.equal(seen, [
      [0, 0],
      [8, 0x1aa],
      [59, 1],
      ...[0, 1, 2].flatMap(() => [[55, 0], power]),
      ...(version2 ? [[58, 0]] : []),
      [9, 0],
      [16, 512],
    ]);
    assert.is(sd!.ioctl(4), description.blocks);
    assert.is(sd!.ioctl(5), 512);
    assert.is(sd!.ioctl(3), 0);
    assert.is(slot.baud, 10e6);
    lawful(card);
  });

  test(`${name}: one block and many are written and read`, () => {
    const { sd, card } = rig(description);
    const last = description.blocks - 1;
    for (const [block, count] of [
      [0, 1],
      [3, 4],
      [last, 1],
      [last - 6, 7],
    ]) {
      const data = pattern(count, block & 255);
      const unit = description.type === 'SDSC' ? 512 : 1;
      const writing = commandsOf(card, () => assert.is(sd.writeblocks(block, data), 0));
      assert.equal(writing, [
        [count > 1 ? 25 : 24, block * unit],
        [13, 0],
      ]);
      for (let i = 0; i < count; i++) assert.equal(card.peek(block + i), data.slice(i * 512, i * 512 + 512));
      const back = new Uint8Array(data.length);
      const reading = commandsOf(card, () => assert.is(sd.readblocks(block, back), 0));
      assert.equal(
        reading,
        count > 1
          ? [
              [18, block * unit],
              [12, 0],
            ]
          : [[17, block * unit]],
      );
      assert.equal(back, data);
    }
    lawful(card);
  });

  for (const answer of [0, 1, 8])
    test(`${name}: answers after ${answer} bytes, slow tokens and long busy times are waited for`, () => {
      const { sd, card } = rig({ ...description, latency: { answer, token: 40 * answer, busy: 300 * answer, powerUp: 60 } });
      const data = pattern(3, answer);
      const back = new Uint8Array(3 * 512);
      assert.is(sd.writeblocks(5, data), 0);
      assert.is(sd.readblocks(5, back), 0);
      assert.equal(back, data);
      assert.is(sd.writeblocks(9, data.subarray(0, 512)), 0);
      assert.is(sd.readblocks(9, back.subarray(512, 1024)), 0);
      assert.equal(back.slice(512, 1024), data.slice(0, 512));
      lawful(card);
    });
}

test('the sizes that a CSD can say are read right', () => {
  for (const blocks of [4, 31 * 512, 1984 * 1024, 2 * 1024 * 1024, 4 * 1024 * 1024, 8 * 1024 * 1024])
    assert.is(rig({ type: 'SDSC', blocks }).sd.ioctl(4), blocks, `SDSC ${blocks}`);
  for (const blocks of [1024, 65536 * 1024, 65537 * 1024, 0x400000 * 1024])
    assert.is(rig({ type: 'SDXC', blocks }).sd.ioctl(4), blocks, `SDXC ${blocks}`);
});

test('an SDSC card of 4 GB is addressed in bytes up to its end', () => {
  const { sd, card } = rig({ type: 'SDSC', blocks: 8 * 1024 * 1024 });
  const data = pattern(1, 3);
  assert.equal(
    commandsOf(card, () => sd.writeblocks(8 * 1024 * 1024 - 1, data)),
    [
      [24, 0xfffffe00],
      [13, 0],
    ],
  );
  assert.equal(card.peek(8 * 1024 * 1024 - 1), data);
});

test('a block is sent and received in one piece each', () => {
  const { sd, slot } = rig(SDHC);
  const send = slot.spi.send;
  const sizes: number[] = [];
  slot.spi.send = ((data: never) => {
    sizes.push(typeof data === 'number' ? 1 : (data as { count: number }).count);
    return send(data);
  }) as typeof send;
  sd.readblocks(0, new Uint8Array(1024));
  assert.equal(
    sizes.filter((size) => size > 1),
    [514, 514],
  );
  assert.ok(sizes.length < 30, `${sizes.length} calls`);
});

test('data at odd places of a buffer is written right', () => {
  const { sd, card } = rig(SDHC);
  const data = pattern(3, 1);
  assert.is(sd.writeblocks(4, data.subarray(1, 1025)), 0);
  assert.equal(card.peek(5), data.slice(513, 1025));
});

test('everything that is no whole run of blocks on the card is refused before it is sent', () => {
  const { sd, slot } = rig(SDSC);
  const before = slot.bytes;
  for (const [block, length] of [
    [0, 0],
    [0, 100],
    [0, 513],
    [-1, 512],
    [4096, 512],
    [4095, 1024],
    [Number.NaN, 512],
  ]) {
    assert.is(sd.readblocks(block, new Uint8Array(length)), -22, `${block} ${length}`);
    assert.is(sd.writeblocks(block, new Uint8Array(length)), -22, `${block} ${length}`);
  }
  assert.is(slot.bytes, before);
});

test('it is a simple device of 512-byte blocks', () => {
  const { sd } = rig(SDHC);
  const dev = openDevice(sd, 'test');
  assert.equal([dev._blockSize, dev._blockCount, dev._extended], [512, SDHC.blocks, false]);
  assert.is(sd.ioctl(6), undefined);
  assert.is(sd.ioctl(77), undefined);
});

test('a write-protected card is read, not written', () => {
  const { sd, card, slot } = rig({ ...SDHC, writeProtect: true });
  const before = slot.bytes;
  assert.is(sd.writeblocks(0, pattern(1, 1)), -30);
  assert.is(slot.bytes, before);
  assert.is(sd.readblocks(0, new Uint8Array(512)), 0);
  lawful(card);
});

test('pins and other settings go to the SPI port with each clock', () => {
  const { slot } = rig(SDXC, { baudrate: 12e6, sck: 'D18', mosi: 'D23' });
  assert.equal(slot.settings, { sck: 'D18', mosi: 'D23', baud: 12e6 });
});

test('the card is let go of after every operation', () => {
  const { sd, slot } = rig(OLD);
  let level: unknown;
  const write = slot.cs.write;
  slot.cs.write = (value) => {
    level = value;
    write(value);
  };
  for (const action of [
    () => sd.readblocks(0, new Uint8Array(1024)),
    () => sd.writeblocks(0, new Uint8Array(1024)),
    () => sd.ioctl(1),
    () => sd.ioctl(2),
    () => sd.ioctl(1),
  ]) {
    level = 0;
    action();
    assert.is(level, 1);
  }
});

test('what is no SPI port or pin is a TypeError', () => {
  const slot = new SimSdSlot();
  assert.throws(() => new SDCard(undefined as never, slot.cs), TypeError);
  assert.throws(() => new SDCard(slot.spi, undefined as never), TypeError);
  assert.throws(() => new SDCard({} as never, slot.cs), TypeError);
});

test.run();
