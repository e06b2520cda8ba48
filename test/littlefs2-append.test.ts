/** Appending in place: a synced append goes on in the last block where its rest is still erased, and copies where it is not. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { NorBlockDev } from '../boards/sim';
import type { BlockDevice } from '../modules/contract/filesystem';
import { VfsLfs2 } from '../modules/littlefs2';
import { chip, format, type Geometry, geometry, mount, open, pattern, snapshot, sound } from './support/lfs2';

/** MicroPython's settings on a chip that programs single bytes. */
const BYTES = geometry(4096, 24, 1, { readsize: 32, progsize: 32 });
/** The same on one that programs 32 bytes at once. */
const UNITS = geometry(4096, 24, 32);

function append(fs: VfsLfs2, path: string, data: Uint8Array): void {
  const file = open(fs, path, 'a');
  file.writeAt(file.size(), data);
  file.close();
}

function contentOf(fs: VfsLfs2, path: string): Uint8Array {
  const file = open(fs, path, 'r');
  const content = new Uint8Array(file.size());
  file.readAt(0, content);
  file.close();
  return content;
}

function assertContent(fs: VfsLfs2, path: string, wanted: Uint8Array, what = ''): void {
  assert.ok(Buffer.from(wanted).equals(Buffer.from(contentOf(fs, path))), `${what}: content of ${path}`);
}

for (const [name, g, length] of [
  ['records of 32 bytes', BYTES, 32],
  ['records of 7 bytes', BYTES, 7],
  ['records of whole program units, within one block', UNITS, 32],
] as const) {
  test(`${name}: a file that stays open takes synced appends without an erase or a copy`, () => {
    const nor = chip(g);
    const fs = format(nor, g);
    const wanted = pattern(length * 100, 3);
    const file = open(fs, '/log', 'w');
    // Beyond what is kept inline.
    file.writeAt(0, wanted.subarray(0, length * 50));
    file.sync();
    const before = { ...nor.counters };
    let compactions = 0;
    for (let at = length * 50; at < wanted.length; at += length) {
      file.writeAt(at, wanted.subarray(at, at + length));
      file.sync();
    }
    compactions = nor.counters.erases - before.erases;
    file.close();
    assert.ok(compactions <= 1, `${compactions} erases for 50 appends`);
    assert.ok(nor.counters.programBytes - before.programBytes < 50 * (length + 32 + 96) + 1000, 'bytes programmed');
    assertContent(mount(nor, g), '/log', wanted, name);
    sound(nor, g, { strict: true, erased: true }, name);
  });

  test(`${name}: so does one that is opened anew each time`, () => {
    const nor = chip(g);
    const fs = format(nor, g);
    const wanted = pattern(length * 100, 4);
    append(fs, '/log', wanted.subarray(0, length * 50));
    const erases = nor.counters.erases;
    for (let at = length * 50; at < wanted.length; at += length) append(fs, '/log', wanted.subarray(at, at + length));
    assert.ok(nor.counters.erases - erases <= 1, `${nor.counters.erases - erases} erases for 50 appends`);
    assertContent(mount(nor, g), '/log', wanted, name);
  });
}

test('an append over the end of a block begins the next one', () => {
  const nor = chip(BYTES);
  const fs = format(nor, BYTES);
  const wanted = pattern(9000, 5);
  const file = open(fs, '/log', 'w');
  for (let at = 0; at < wanted.length; at += 100) {
    file.writeAt(at, wanted.subarray(at, at + 100));
    file.sync();
  }
  file.close();
  assertContent(mount(nor, BYTES), '/log', wanted);
  sound(nor, BYTES, { strict: true, erased: true });
});

test('where the medium programs more at once than was written, the next append copies', () => {
  const nor = chip(UNITS);
  const fs = format(nor, UNITS);
  const wanted = pattern(1000, 6);
  append(fs, '/log', wanted.subarray(0, 990));
  const erases = nor.counters.erases;
  append(fs, '/log', wanted.subarray(990));
  assert.is(nor.counters.erases, erases + 1);
  assertContent(mount(nor, UNITS), '/log', wanted);
});

test('after a torn append the next one copies', () => {
  const nor = chip(BYTES);
  const fs = format(nor, BYTES);
  const wanted = pattern(1100, 7);
  append(fs, '/log', wanted.subarray(0, 1000));
  nor.arm('tear', 1, 'program');
  assert.throws(() => append(fs, '/log', pattern(60, 99)));
  nor.power();
  const again = mount(nor, BYTES);
  assertContent(again, '/log', wanted.subarray(0, 1000), 'after the cut');
  append(again, '/log', wanted.subarray(1000));
  assertContent(mount(nor, BYTES), '/log', wanted, 'then appended');
  sound(nor, BYTES, { strict: true, erased: true });
});

for (const kind of ['stop', 'tear'] as const) {
  test(`power cut (${kind}) at every program and erase of 40 synced appends: every synced record is there, and appending goes on`, () => {
    const g: Geometry = geometry(512, 24, 1, { readsize: 16, progsize: 16, blockCycles: 5 });
    const record = 37;
    const wanted = pattern(record * 42, 8);
    for (let n = 1; ; n++) {
      const nor = chip(g);
      const fs = format(nor, g);
      nor.arm(kind, n);
      let done = 0;
      try {
        const file = open(fs, '/log', 'w');
        for (; done < 40; done++) {
          file.writeAt(done * record, wanted.subarray(done * record, (done + 1) * record));
          file.sync();
        }
        file.close();
      } catch (error) {
        if (!nor.isOff()) throw error;
      }
      if (!nor.isOff()) {
        assert.ok(n > 80, `${n} points`);
        break;
      }
      nor.power();
      const what = `cut ${n} in record ${done}`;
      const again = mount(nor, g);
      if (done === 0 && !snapshot(again)['/log']) continue;
      const size = again.stat('/log')[6];
      assert.ok(size === done * record || size === (done + 1) * record, `${what}: ${size} bytes`);
      assertContent(again, '/log', wanted.subarray(0, size), what);
      for (let at = size; at < size + 2 * record; at += record) append(again, '/log', wanted.subarray(at, at + record));
      assertContent(mount(nor, g), '/log', wanted.subarray(0, size + 2 * record), `${what}, then appended`);
      sound(nor, g, { strict: true }, what);
    }
  });
}

test('an append whose commit fails is not taken for erased space by the next one', () => {
  const nor = chip(BYTES);
  const fs = format(nor, BYTES);
  const wanted = pattern(1200, 9);
  const file = open(fs, '/log', 'w');
  file.writeAt(0, wanted.subarray(0, 1000));
  file.sync();
  file.writeAt(1000, pattern(80, 77));
  // From the commit's program on everything fails; the data itself is written.
  let programs = 0;
  const watch = nor.onOperation;
  nor.onOperation = (operation, addr, length) => (programs++ ? 'fail' : watch?.(operation, addr, length));
  assert.throws(() => file.sync(), /EIO|ENOSPC/);
  nor.onOperation = watch;
  file.writeAt(1000, wanted.subarray(1000));
  file.close();
  assertContent(mount(nor, BYTES), '/log', wanted);
  sound(nor, BYTES, { strict: true });
});

test('media whose erased bytes do not read as 0xFF work, and copy where they have to look', () => {
  const nor = chip(BYTES);
  const inner = new NorBlockDev(nor);
  const flip = (bytes: Uint8Array): Uint8Array => bytes.map((byte) => byte ^ 0x5a);
  const bdev: BlockDevice = {
    progsize: 1,
    readblocks: (block, buf, offset) => {
      const status = inner.readblocks(block, buf, offset);
      buf.set(flip(buf));
      return status;
    },
    writeblocks: (block, buf, offset) => inner.writeblocks(block, flip(buf), offset),
    ioctl: (op, arg) => inner.ioctl(op, arg),
  };
  nor.onOperation = undefined;
  VfsLfs2.mkfs(bdev, BYTES.options);
  const fs = new VfsLfs2(bdev, BYTES.options);
  fs.mount(false, false);
  const wanted = pattern(2000, 10);
  for (let at = 0; at < 2000; at += 50) append(fs, '/log', wanted.subarray(at, at + 50));
  const file = open(fs, '/log', 'a');
  file.writeAt(2000, wanted.subarray(0, 50));
  file.sync();
  file.writeAt(2050, wanted.subarray(0, 50));
  file.close();
  const again = new VfsLfs2(bdev, BYTES.options);
  again.mount(true, false);
  assert.equal(contentOf(again, '/log').length, 2100);
  assert.equal([...contentOf(again, '/log').subarray(0, 2000)], [...wanted]);
});

test('after a truncation the next append looks, and copies', () => {
  const nor = chip(BYTES);
  const fs = format(nor, BYTES);
  const wanted = pattern(1500, 11);
  const file = open(fs, '/f', 'w');
  file.writeAt(0, wanted);
  file.sync();
  file.truncate(1000);
  file.writeAt(1000, wanted.subarray(1000, 1200));
  file.close();
  assertContent(mount(nor, BYTES), '/f', wanted.subarray(0, 1200));
});

test('content that looks erased is not programmed over while the entry still names it', () => {
  for (const g of [BYTES, UNITS]) {
    const nor = chip(g);
    const fs = format(nor, g);
    const content = pattern(6000, 1);
    content.fill(0xff, 4500);
    const file = open(fs, '/f', 'w');
    file.writeAt(0, content);
    file.sync();
    // A whole number of program units into the second block, whose first 4 bytes are a pointer.
    const size = 4096 + 1020;
    file.truncate(size);
    file.writeAt(size, pattern(500, 2));
    // Makes the file give its buffer to the medium.
    const piece = new Uint8Array(100);
    file.readAt(0, piece);
    assertContent(mount(nor, g), '/f', content, 'after a power cut');
    file.close();
    const wanted = content.slice(0, size + 500);
    wanted.set(pattern(500, 2), size);
    assertContent(mount(nor, g), '/f', wanted);
    sound(nor, g, { strict: true, erased: true });
  }
});

test.run();
