/** Cards as they are: slow to start, busy for long, with a wrong checksum of their own; and lines on which a bit flips now and then. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SDCard } from '../boards/devices/sdcard';
import { SimSdCard } from '../boards/sim/sdcard';
import { SimSdSlot } from '../boards/sim/sdcard-slot';
import type { VfsError } from '../modules/contract/errno';
import { VfsFat } from '../modules/fat';
import * as vfs from '../modules/vfs';
import { busyFor, commandsOf, duration, KINDS, lawful, OLD, pattern, rig, SDHC, SDSC, through, time } from './support/sdcard';

const EIO = -5;
const ENODEV = -19;
const EDEADLK = -35;

/** The number of blocks, or the code of the error. */
function started(slot: SimSdSlot): number | string | undefined {
  try {
    return new SDCard(slot.spi, slot.cs).ioctl(4);
  } catch (error) {
    return (error as VfsError).code;
  }
}

for (const [name, description] of KINDS)
  for (const ms of [50, 800, 1500, 2000])
    test(`${name}: that is deaf for ${ms} ms after power-on is started`, () => {
      const card = new SimSdCard(description);
      const from = time.us;
      card.onCommand = () => (time.us - from < ms * 1000 ? -1 : undefined);
      assert.is(started(new SimSdSlot(card)), description.blocks);
      // The stop token, for a card that was interrupted while it was written.
      assert.equal(
        card.violations.filter((one) => !one.startsWith('byte 253 ')),
        [],
      );
    });

for (const [until, low] of [
  ['CMD0', () => false],
  ['1900 ms have passed', (from: number) => time.us - from < 1.9e6],
] as const)
  test(`a card that holds the line low until ${until} is started`, () => {
    const card = new SimSdCard(SDHC);
    const slot = new SimSdSlot(card);
    const from = time.us;
    let selected = false;
    card.onCommand = (index) => {
      if (!index) selected = !low(from);
      return selected ? undefined : -1;
    };
    through(slot, (received) => (selected ? received : 0));
    assert.is(started(slot), SDHC.blocks);
  });

for (const ms of [1000, 1900])
  test(`a card that gets ready ${ms} ms after the first ACMD41 is started`, () => {
    const card = new SimSdCard(SDHC);
    let from = 0;
    card.onCommand = (index) => {
      from = from || (index === 41 ? time.us : 0);
      return index === 41 && time.us - from < ms * 1000 ? 1 : undefined;
    };
    assert.is(started(new SimSdSlot(card)), SDHC.blocks);
  });

test('the start gives up after 2 s of deafness, and after 2 s of initialisation', () => {
  for (const level of [255, 0]) {
    const slot = new SimSdSlot();
    slot.level = level;
    const ms = duration(() => assert.is(started(slot), 'ENODEV'));
    assert.ok(ms > 1990 && ms < 2700, `line at ${level}: ${ms} ms`);
  }
  const never = duration(() => assert.is(started(new SimSdSlot(new SimSdCard({ ...SDHC, latency: { powerUp: Infinity } }))), 'ENODEV'));
  assert.ok(never > 1990 && never < 2200, `${never} ms`);
  const mmc = new SimSdCard(OLD);
  mmc.onCommand = (index) => (index === 41 ? 5 : undefined);
  assert.ok(duration(() => assert.is(started(new SimSdSlot(mmc)), 'ENODEV')) < 100, 'an MMC at once');
});

test('a card of version 1 that does not even answer CMD8 is started', () => {
  const card = new SimSdCard(OLD);
  card.onCommand = (index) => (index === 8 ? -1 : undefined);
  assert.is(started(new SimSdSlot(card)), OLD.blocks);
});

test('a damaged echo of CMD8 is asked for again', () => {
  const slot = new SimSdSlot(new SimSdCard(SDHC));
  let echoes = 0;
  through(slot, (received) => (received === 0xaa && echoes++ < 3 ? 0xab : received));
  assert.is(started(slot), SDHC.blocks);
});

test('a card that was still writing when the chip restarted is not interrupted, if it ends within 500 ms', () => {
  const { sd, slot, card } = rig({ ...SDHC, latency: { busy: 5000 } });
  let until = Infinity;
  through(slot, (received) => {
    if (time.us > until) throw new Error('restart');
    if ((received & 31) === 5 && until === Infinity) until = time.us + 1000;
    return received;
  });
  assert.throws(() => sd.writeblocks(5, pattern(1, 1)), 'restart');
  until = Infinity;
  slot.baud = 100000;
  assert.is(started(slot), SDHC.blocks);
  assert.equal(card.peek(5), pattern(1, 1));
});

for (const count of [1, 3])
  for (const ms of [240, 600, 1500, 2900, 3000])
    test(`${count} blocks, of which the card is busy with one for ${ms} ms, are written`, () => {
      const { sd, slot, card } = rig(SDHC);
      const data = pattern(count, 3);
      busyFor(slot, card, ms, 'block');
      assert.is(sd.writeblocks(100, data), 0);
      for (let i = 0; i < count; i++) assert.equal(card.peek(100 + i), data.slice(i * 512, i * 512 + 512));
      lawful(card);
    });

for (const ms of [600, 2900])
  test(`busy for ${ms} ms after the end of a transfer of many blocks is waited for`, () => {
    const { sd, slot, card } = rig(SDHC);
    busyFor(slot, card, ms, 'stop');
    assert.is(sd.writeblocks(100, pattern(3, 1)), 0);
    busyFor(slot, card, ms, 'stop');
    const back = new Uint8Array(1536);
    assert.is(sd.readblocks(100, back), 0);
    assert.is(sd.readblocks(100, back), 0);
    assert.equal(back, pattern(3, 1));
    lawful(card);
  });

for (const count of [1, 3])
  test(`a card that stays busy while ${count} are written is given up after 3 s, once`, () => {
    const { sd, card } = rig(SDHC);
    card.onWrite = () => 'busy';
    const ms = duration(() => assert.is(sd.writeblocks(3, pattern(count, 1)), ENODEV));
    assert.ok(ms > 2990 && ms < 3200, `${ms} ms`);
    assert.is(sd.writeblocks(3, pattern(1, 1)), ENODEV);
  });

for (const count of [1, 3])
  for (const ms of [100, 200, 290, 300])
    test(`${count} blocks, each of which begins after ${ms} ms, are read`, () => {
      const { sd, card } = rig(SDHC);
      const data = pattern(count, 8);
      sd.writeblocks(9, data);
      const exchange = card.exchange;
      let until = 0;
      let left = 0;
      card.exchange = (sent, selected, baud) => {
        // The token waits, and the card with it.
        if (until) {
          if (time.us < until) return 255;
          until = 0;
          left = 514;
          return 0xfe;
        }
        const received = exchange.call(card, sent, selected, baud);
        if (left ? left-- : received !== 0xfe) return received;
        until = time.us + ms * 1000;
        return 255;
      };
      const back = new Uint8Array(count * 512);
      assert.is(sd.readblocks(9, back), 0);
      assert.equal(back, data);
    });

test('a card that sends no block is asked for 300 ms, and is EIO', () => {
  const { sd, card } = rig(SDHC);
  card.onRead = () => 'silent';
  const ms = duration(() => assert.is(sd.readblocks(3, new Uint8Array(512)), EIO));
  assert.ok(ms > 299 && ms < 400, `${ms} ms`);
});

for (const count of [1, 2, 5])
  for (const times of [1, 3, 4])
    for (const direction of ['read', 'written'] as const)
      test(`a block that is damaged on the wire ${times} times: ${count} ${direction}, ${times > 3 ? 'EIO' : 'tried again'}`, () => {
        const { sd, card } = rig(SDHC);
        const data = pattern(count, 7);
        const back = new Uint8Array(count * 512);
        const bad = 20 + count - 1;
        const status = times > 3 ? EIO : 0;
        let left = direction === 'written' ? times : 0;
        card.onWrite = card.onRead = (block) => (block === bad && left-- > 0 ? 'crc' : undefined);
        assert.is(sd.writeblocks(20, data), direction === 'written' ? status : 0);
        assert.is(sd.writeblocks(20, data), 0);
        for (let i = 0; i < count; i++) assert.equal(card.peek(20 + i), data.slice(i * 512, i * 512 + 512));
        left = direction === 'read' ? times : 0;
        assert.is(sd.readblocks(20, back), direction === 'read' ? status : 0);
        assert.is(sd.readblocks(20, back), 0);
        assert.equal(back, data);
        lawful(card);
      });

test('each block has its own three tries: many are damaged, all are moved, and those before are not sent again', () => {
  const { sd, card } = rig(SDHC);
  const data = pattern(12, 4);
  const back = new Uint8Array(data.length);
  const seen: { [block: number]: number } = {};
  card.onWrite = (block) => {
    seen[block] = (seen[block] || 0) + 1;
    return seen[block] <= block % 4 ? 'crc' : undefined;
  };
  assert.is(sd.writeblocks(40, data), 0);
  assert.equal(Object.values(seen), [1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4]);
  const reads: { [block: number]: number } = {};
  card.onRead = (block) => {
    reads[block] = (reads[block] || 0) + 1;
    return reads[block] <= block % 4 ? 'crc' : undefined;
  };
  assert.is(sd.readblocks(40, back), 0);
  assert.equal(back, data);
  lawful(card);
});

test('a block that the card did not write is EIO at once, and so is one of which only the status tells', () => {
  for (const fault of ['error', 'status'] as const) {
    const { sd, card } = rig(SDHC);
    let writes = 0;
    card.onWrite = () => (writes++ ? undefined : fault);
    assert.is(sd.writeblocks(20, pattern(1, 1)), EIO);
    assert.is(writes, 1);
  }
});

test('what failed in the card while another block was damaged on the wire is not lost: all is sent again', () => {
  const { sd, card } = rig(SDHC);
  const data = pattern(3, 1);
  let writes = 0;
  card.onWrite = (block) => (writes++ < 3 ? (block === 20 ? 'status' : block === 22 ? 'crc' : undefined) : undefined);
  assert.is(sd.writeblocks(20, data), 0);
  for (let i = 0; i < 3; i++) assert.equal(card.peek(20 + i), data.slice(i * 512, i * 512 + 512));
});

/** xorshift: the same noise in each run. */
function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

for (const [name, description] of KINDS)
  test(`${name}: bits that flip in either direction, commands and answers too: right or an error, and mostly right`, () => {
    const { sd, slot, card } = rig(description);
    const next = noise(description.blocks);
    let right = 0;
    let on = true;
    const exchange = card.exchange;
    card.exchange = function (sent, selected, baud) {
      const flip = on && next() % 8000 === 0 ? 1 << (next() & 7) : 0;
      const back = on && next() % 8000 === 0 ? 1 << (next() & 7) : 0;
      return exchange.call(card, sent ^ flip, selected, baud) ^ back;
    };
    for (let n = 0; n < 60; n++) {
      const data = pattern(4, n);
      const back = new Uint8Array(2048);
      on = true;
      const wrote = sd.writeblocks(64, data);
      const read = wrote || sd.readblocks(64, back);
      on = false;
      if (!wrote) for (let i = 0; i < 4; i++) assert.equal(card.peek(64 + i), data.slice(i * 512, i * 512 + 512), `round ${n}`);
      if (!wrote && !read) {
        assert.equal(back, data, `round ${n}`);
        right++;
      } else {
        // A damaged command may have left the card anywhere.
        assert.is(sd.ioctl(2), 0);
        assert.is(sd.ioctl(1), 0, `round ${n}`);
      }
      for (const block of card.usedBlocks()) assert.ok(block >= 64 && block < 68, `round ${n}: block ${block}`);
    }
    assert.ok(right > 40, `${right} of 60`);
    assert.is(slot.baud, 4e6);
  });

test('a command that the card found damaged is sent again, three times', () => {
  for (const index of [17, 18, 24, 25, 13]) {
    const { sd, card } = rig(SDSC);
    let left = 3;
    card.onCommand = (command) => (command === index && left-- > 0 ? 8 : undefined);
    const buf = pattern(index === 18 || index === 25 ? 2 : 1, index);
    const action = () => (index === 13 ? sd.ioctl(3) : index < 24 ? sd.readblocks(3, buf) : sd.writeblocks(3, buf));
    assert.is(action(), 0, `CMD${index}`);
    left = 99;
    assert.ok((action() as number) < 0, `CMD${index}`);
  }
});

for (const [name, description] of KINDS)
  for (const which of ['CRC7', 'CRC16', 'both'] as const)
    test(`${name}: a wrong ${which} in its CSD is the card's own, and its size holds`, () => {
      const slot = new SimSdSlot(new SimSdCard(description));
      const send = slot.spi.send;
      slot.spi.send = ((data: never) => {
        const received = send(data) as unknown as Uint8Array;
        if ((data as { count?: number }).count === 18) {
          if (which !== 'CRC16') received[15] = 1;
          if (which === 'CRC7') received.set(crc16Of(received), 16);
          else received[17] ^= 0x55;
        }
        return received;
      }) as typeof send;
      assert.is(started(slot), description.blocks);
    });

function crc16Of(data: Uint8Array): Uint8Array {
  let crc = 0;
  for (let bit = 0; bit < 128; bit++) {
    const carry = ((data[bit >> 3] >> (7 - (bit & 7))) ^ (crc >> 15)) & 1;
    crc = ((crc << 1) ^ (carry ? 0x1021 : 0)) & 0xffff;
  }
  return new Uint8Array([crc >> 8, crc & 255]);
}

test('a CSD that is damaged on the wire is read again; one that never comes twice alike is EIO', () => {
  for (const times of [1, 3, Infinity]) {
    const slot = new SimSdSlot(new SimSdCard(SDHC));
    const send = slot.spi.send;
    let n = 0;
    slot.spi.send = ((data: never) => {
      const received = send(data) as unknown as Uint8Array;
      if ((data as { count?: number }).count === 18 && n++ < times) received[8] ^= n;
      return received;
    }) as typeof send;
    assert.is(started(slot), times === Infinity ? 'EIO' : SDHC.blocks);
    assert.is(n, Math.min(times + 1, 4));
  }
});

test('onWait is called while the card is busy, often enough for any watchdog, and not when nothing is waited for', () => {
  let calls = 0;
  let last = time.us;
  let longest = 0;
  const { sd, slot, card } = rig(SDHC, {
    onWait: () => {
      calls++;
      longest = Math.max(longest, time.us - last);
      last = time.us;
    },
  });
  calls = longest = 0;
  assert.is(sd.writeblocks(3, pattern(2, 1)), 0);
  assert.is(sd.readblocks(3, new Uint8Array(1024)), 0);
  assert.is(calls, 0);
  busyFor(slot, card, 2900, 'block');
  last = time.us;
  longest = 0;
  assert.is(sd.writeblocks(3, pattern(2, 1)), 0);
  assert.ok(calls > 1000, `${calls} calls`);
  assert.ok(longest < 100e3, `${longest} us`);
  assert.is(slot.settings.onWait, undefined);
  assert.throws(() => new SDCard(slot.spi, slot.cs, { onWait: 1 as never }), TypeError);
});

test('onWait that uses the card gets EDEADLK, and the block is written', () => {
  const got: unknown[] = [];
  let armed = false;
  const made = rig(SDHC, {
    onWait: () => {
      if (!armed) return;
      armed = false;
      got.push(made.sd.readblocks(1, new Uint8Array(512)), made.sd.writeblocks(1, new Uint8Array(512)));
      for (const op of [1, 2, 3]) got.push(made.sd.ioctl(op));
    },
  });
  const { sd, slot, card } = made;
  busyFor(slot, card, 50, 'block');
  armed = true;
  const data = pattern(3, 6);
  assert.is(sd.writeblocks(3, data), 0);
  assert.equal(got, [EDEADLK, EDEADLK, EDEADLK, EDEADLK, EDEADLK]);
  assert.equal(card.usedBlocks(), [3, 4, 5]);
  assert.equal(card.peek(5), data.slice(1024));
});

test('onWait that throws: its error passes through, the card is ENODEV until ioctl(1), and then as good as before', () => {
  let armed = false;
  const { sd, slot, card } = rig(SDHC, {
    onWait: () => {
      if (armed) throw new Error('mine');
    },
  });
  busyFor(slot, card, 50, 'block');
  armed = true;
  assert.throws(() => sd.writeblocks(3, pattern(3, 6)), 'mine');
  armed = false;
  assert.is(sd.readblocks(3, new Uint8Array(512)), ENODEV);
  assert.is(sd.ioctl(1), 0);
  assert.is(sd.writeblocks(3, pattern(3, 6)), 0);
  assert.equal(card.peek(4), pattern(3, 6).slice(512, 1024));
});

test('a clock that is set while the card is waited for, forth or back, ends no wait and makes none longer', () => {
  for (const jump of [3600e6, -3600e6]) {
    const { sd, slot, card } = rig(SDHC);
    let left = 1;
    busyFor(slot, card, 0, 'block');
    card.onWrite = () => 'busy';
    const polls: number[] = [];
    through(slot, (received) => {
      polls.push(0);
      if (polls.length === 5000 && left--) time.us += jump;
      return received;
    });
    const from = time.us;
    assert.is(sd.writeblocks(3, pattern(1, 1)), ENODEV);
    const ms = (time.us - from - jump) / 1000;
    assert.ok(ms > 2900 && ms < 3200, `${jump}: ${ms} ms`);
  }
});

test('a volume on a card with such manners goes on', () => {
  const { sd, slot, card } = rig({ type: 'SDSC', blocks: 8192, latency: { busy: 2000 } });
  const next = noise(7);
  VfsFat.mkfs?.(sd);
  vfs.mount(new VfsFat(sd), '/sd');
  card.onWrite = () => (next() % 8 === 0 ? 'crc' : undefined);
  card.onRead = () => (next() % 8 === 0 ? 'crc' : undefined);
  for (let i = 0; i < 20; i++) vfs.writeFile(`/sd/${i}.txt`, 'x'.repeat(i * 100));
  for (let i = 0; i < 20; i++) assert.is(vfs.readFile(`/sd/${i}.txt`, 'utf8'), 'x'.repeat(i * 100));
  vfs.umount('/sd');
  assert.ok(slot.bytes > 0);
  lawful(card);
});

test('a healthy card is asked nothing twice', () => {
  const { sd, card } = rig(SDHC);
  assert.equal(
    commandsOf(card, () => {
      sd.writeblocks(1, pattern(2, 1));
      sd.readblocks(1, new Uint8Array(1024));
    }).map(([index]) => index),
    [25, 13, 18, 12],
  );
});

test('without a card, and with a clock that stands still, starting ends', () => {
  const clock = Date.now;
  let sent = 0;
  const count = (): void => {
    if (++sent > 5e6) throw new Error('goes on');
  };
  const spi = {
    setup: () => {},
    write: count,
    send: (data: number | { count: number }) => {
      count();
      return typeof data === 'number' ? 255 : new Uint8Array(data.count).fill(255);
    },
  };
  Date.now = () => 1000;
  try {
    assert.throws(
      () => new SDCard(spi as never, { write: () => {} } as never),
      (error: Error & { code: string }) => error.code === 'ENODEV',
    );
  } finally {
    Date.now = clock;
  }
});

test.run();
