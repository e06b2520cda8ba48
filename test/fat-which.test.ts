/** Which volume of a medium is meant: tables against boot sectors, partitions against each other, other formats by name. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SimSdCard, SimSdSlot } from '../boards/sim';
import { SDCard } from '../boards/stm32';
import { RAMBlockDev } from '../modules/blockdev';
import { tellHeld } from '../modules/blockdev/foreign.lazy';
import type { VfsError } from '../modules/contract/errno';
import type { BlockDevice } from '../modules/contract/filesystem';
import { crc32 } from '../modules/engine';
import { fat, VfsFat } from '../modules/fat';
import { fsckFat } from '../modules/fat/check/fsck.lazy';
import { littlefs2, VfsLfs2 } from '../modules/littlefs2';
import * as vfs from '../modules/vfs';
import { fsck } from '../tools/fsck-command';
import { boards, off, powerOn, printed } from './boards-chip';
import { format, hasTool, ImageDevice, list, mkfsFat, mount, pattern, scratch, writeFile } from './support/fat';

vfs.addDriver(littlefs2);
vfs.addDriver(fat);

const LINUX = '0fc63daf-8483-4772-8e79-3d69d8477de4';
const DATA = 'ebd0a0a2-b9e5-4433-87c0-68b6b72699c7';
const EFI = 'c12a7328-f81f-11d2-ba4b-00a0c93ec93b';
const NOT_THE_USERS: [string, string][] = [
  [EFI, 'EFI system'],
  ['e3c9e316-0b5c-4db8-817d-f92df00215ae', 'Microsoft reserved'],
  ['de94bba4-06d1-4d40-a16a-bfd50179d6ac', 'recovery'],
  ['5808c8aa-7e8f-42e0-85d2-e1e90434cfb3', 'LDM'],
  ['af9b60a0-1431-4f62-bc68-3311714a69ad', 'LDM'],
  ['21686148-6449-6e6f-744e-656564454649', 'BIOS boot'],
];

/** A FAT volume with one file of that name. */
function volume(name: string, size = 200 * 512, options: Parameters<typeof format>[1] = {}, blockSize = 512): Uint8Array {
  const device = format(size, options, blockSize);
  const fs = mount(device);
  writeFile(fs, '/' + name, pattern(10, 1));
  fs.umount();
  return device.image;
}

function seen(device: BlockDevice, partition?: number): string {
  const fs = mount(device, true, partition);
  return list(fs, '/')
    .map(([name]) => name)
    .join();
}

function message(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (!(error as VfsError).errno) throw error;
    return (error as Error).message;
  }
  return assert.unreachable('no error') as never;
}

type Entry = [type: number, start: number, count: number, indicator?: number];

/** Writes the four entries of a table, and leaves what lies before them. */
function table(image: Uint8Array, entries: Entry[], sector = 0, sectorSize = 512): void {
  const view = new DataView(image.buffer, image.byteOffset + sector * sectorSize);
  image.fill(0, sector * sectorSize + 446, sector * sectorSize + 510);
  entries.forEach(([type, start, count, indicator], i) => {
    view.setUint8(446 + i * 16, indicator || 0);
    view.setUint8(450 + i * 16, type);
    view.setUint32(454 + i * 16, start, true);
    view.setUint32(458 + i * 16, count, true);
  });
  view.setUint16(510, 0xaa55, true);
}

function guid(text: string): Uint8Array {
  const [a, b, c, d, e] = text.split('-');
  const swap = (hex: string) => hex.match(/../g)?.reverse().join('') as string;
  return new Uint8Array(Buffer.from(swap(a) + swap(b) + swap(c) + d + e, 'hex'));
}

/** A GPT with both copies; partitions by number. */
function gpt(image: Uint8Array, parts: [number: number, type: string, start: number, count: number][], sector = 512): void {
  const last = image.length / sector - 1;
  table(image, [[0xee, 1, last]], 0, sector);
  const entries = new Uint8Array(128 * 128);
  for (const [number, type, start, count] of parts) {
    const at = (number - 1) * 128;
    entries.set(guid(type), at);
    entries[at + 16] = number;
    new DataView(entries.buffer).setBigUint64(at + 32, BigInt(start), true);
    new DataView(entries.buffer).setBigUint64(at + 40, BigInt(start + count - 1), true);
  }
  const length = Math.ceil(entries.length / sector);
  for (const [own, other, where] of [
    [1, last, 2],
    [last, 1, last - length],
  ]) {
    const header = new Uint8Array(sector);
    const view = new DataView(header.buffer);
    header.set(Buffer.from('EFI PART'));
    view.setUint32(8, 0x10000, true);
    view.setUint32(12, 92, true);
    view.setBigUint64(24, BigInt(own), true);
    view.setBigUint64(32, BigInt(other), true);
    view.setBigUint64(72, BigInt(where), true);
    view.setUint32(80, 128, true);
    view.setUint32(84, 128, true);
    view.setInt32(88, ~crc32(-1, entries), true);
    view.setInt32(16, ~crc32(-1, header.subarray(0, 92)), true);
    image.set(header, own * sector);
    image.set(entries, where * sector);
  }
}

/** What the first sectors of other formats look like, by their published marks. */
const FOREIGN: [name: string, at: number, bytes: string][] = [
  ['exFAT', 0, '\xeb\x76\x90EXFAT   '],
  ['NTFS', 0, '\xeb\x52\x90NTFS    \x00\x02\x08'],
  ['ext', 1080, '\x53\xef\x01'],
  ['littlefs 1', 40, 'littlefs'],
  ['littlefs 2', 8, 'littlefs'],
  ['littlefs 2', 520, 'littlefs'],
  ['littlefs 1', 552, 'littlefs'],
  ['ROMFS', 0, '\xd2\xcd1'],
];

function foreign(bytes: number, at: number, text: string): Uint8Array {
  const image = new Uint8Array(bytes);
  image.set(Buffer.from(text, 'latin1'), at);
  return image;
}

test('a valid table beats an old boot sector of any type under it, with and without its type string', () => {
  for (const type of [12, 16, 32])
    for (const wiped of [false, true]) {
      const device = new ImageDevice(volume('old', type === 32 ? 40 << 20 : 8 << 20, { type }));
      table(device.image, [[0x0c, 2048, 4096, 0x80]]);
      device.image.set(volume('new', 4096 * 512), 2048 * 512);
      if (wiped) device.image.fill(0, 54, 90);
      assert.is(seen(device), 'new');
      assert.is(seen(device, 1), 'new');
      assert.is(seen(device, 0), 'old');
      assert.equal(fsckFat(device), []);
    }
});

test('an old boot sector does not count where a partition holds another format, or a damaged volume', () => {
  for (const [name, at, text] of [...FOREIGN, ['damaged FAT', 0, ''] as const]) {
    const device = new ImageDevice(volume('old', 4 << 20));
    table(device.image, [[0x83, 2048, 2000]]);
    if (text) device.image.set(Buffer.from(text, 'latin1'), 2048 * 512 + at);
    else {
      device.image.set(volume('new'), 2048 * 512);
      device.image[2048 * 512 + 13] = 3;
    }
    assert.match(
      message(() => mount(device)),
      `partition 1: ${name}`,
    );
    const before = device.image.slice();
    assert.match(
      message(() => vfs.mount(device, '/x', { mkfs: true })),
      name,
    );
    assert.equal(device.image, before);
  }
});

test('a boot sector beats what only looks like a table: its code, or the table of mkfs.fat', () => {
  const entries: Record<string, Entry[]> = {
    'boot indicators': [[0x0c, 100, 100, 0x33]],
    'beyond the medium': [[0x0c, 100, 4 << 20]],
    overlapping: [
      [0x0c, 100, 200],
      [0x0c, 150, 100],
    ],
    'over the table': [[0x0c, 0, 2000]],
    'no entry': [],
    'a GPT without its indicator': [[0xee, 1, 5000, 0x20]],
    'entries that hold nothing': [
      [0x0c, 4000, 100, 0x80],
      [0x41, 5000, 1000],
    ],
  };
  for (const [what, list] of Object.entries(entries)) {
    const device = new ImageDevice(volume('floppy', 4 << 20));
    table(device.image, list);
    assert.is(seen(device), 'floppy', what);
    assert.equal(fsckFat(device), [], what);
    assert.ok(fat.probe(device), what);
  }
  if (!hasTool('mkfs.fat')) return;
  const device = new ImageDevice(mkfsFat(8 << 20, '--mbr=y'));
  writeFile(mount(device), '/floppy', pattern(3, 3));
  for (const partition of [undefined, 0, 1]) assert.is(seen(device, partition), 'floppy');
});

test('partitions are passed over for the next: other formats, EFI system and recovery, damaged ones, ones that cannot be read', () => {
  const device = new ImageDevice(new Uint8Array(2000 * 512));
  table(device.image, [
    [0xef, 100, 200],
    [0x83, 300, 200],
    [0x0c, 500, 200],
    [0x0c, 700, 200],
  ]);
  device.image.set(volume('efi'), 100 * 512);
  device.image.set(Buffer.from('\x53\xef\x01', 'latin1'), 300 * 512 + 1080);
  device.image.set(volume('damaged'), 500 * 512);
  device.image[500 * 512 + 13] = 3;
  device.image.set(volume('good'), 700 * 512);
  assert.is(seen(device), 'good');
  assert.is(seen(device, 1), 'efi');
  device.readblocks = (block, buf) => {
    if (block === 700) return -5;
    return ImageDevice.prototype.readblocks.call(device, block, buf);
  };
  const text = message(() => mount(device));
  for (const part of ['partition 1: EFI system', 'partition 2: ext', 'partition 3: damaged FAT', 'partition 4: I/O error'])
    assert.match(text, part);
  assert.match(
    message(() => mount(device, false, 2)),
    'ENODEV: found partition 2: ext',
  );
  assert.match(
    message(() => mount(device, false, 9)),
    'no partition 9',
  );
});

test('logical partitions are numbered from 5 as on Linux, however the chain lies, and a chain that is broken ends', () => {
  const device = new ImageDevice(new Uint8Array(4000 * 512));
  table(device.image, [
    [0x0c, 100, 200],
    [0x0f, 1000, 2900],
  ]);
  // The first table is empty but for the link, the third lies before the second, the fourth leads to the second.
  table(device.image, [[0x05, 900, 300]], 1000);
  table(
    device.image,
    [
      [0x0b, 10, 200],
      [0x05, 400, 300],
    ],
    1900,
  ); // prettier-ignore
  table(
    device.image,
    [
      [0x0b, 10, 200],
      [0x05, 1500, 300],
    ],
    1400,
  ); // prettier-ignore
  table(
    device.image,
    [
      [0x0b, 10, 200],
      [0x05, 900, 300],
    ],
    2500,
  ); // prettier-ignore
  for (const [name, at] of [
    ['p5', 1910],
    ['p6', 1410],
    ['p7', 2510],
  ] as const)
    device.image.set(volume(name), at * 512); // prettier-ignore
  for (const n of [5, 6, 7]) assert.is(seen(device, n), 'p' + n);
  for (const n of [1, 2, 3, 8, 99])
    assert.match(
      message(() => mount(device, false, n)),
      'ENODEV',
      `${n}`,
    );
  assert.is(seen(device), 'p5');
  for (const next of [900, 0x7fffffff, 0xfffffff0, 3500]) {
    table(
      device.image,
      [
        [0x0b, 10, 200],
        [0x05, next, 300],
      ],
      1900,
    ); // prettier-ignore
    assert.is(seen(device, 5), 'p5');
    assert.match(
      message(() => mount(device, false, 6)),
      'no partition 6',
    );
  }
});

test("GPT: basic data first, then what is not the system's; any one by number", () => {
  const device = new ImageDevice(new Uint8Array(4000 * 512));
  const name = (type: string) => NOT_THE_USERS.find(([id]) => id === type)?.[1];
  for (const [type] of [...NOT_THE_USERS, [LINUX]]) {
    for (const [others, right] of [
      [
        [
          [3, LINUX, 400, 200],
          [9, DATA, 800, 200],
        ],
        'data',
      ],
      [[[3, LINUX, 400, 200]], type === LINUX ? 'first' : 'linux'],
      [[], type === LINUX ? 'first' : ''],
    ] as [[number, string, number, number][], string][]) {
      device.image.fill(0);
      gpt(device.image, [[1, type, 100, 200], ...others]);
      device.image.set(volume('first'), 100 * 512);
      device.image.set(volume('linux'), 400 * 512);
      device.image.set(volume('data'), 800 * 512);
      if (right) assert.is(seen(device), right, type);
      else
        assert.match(
          message(() => mount(device)),
          `partition 1: ${name(type)}`,
        );
      assert.is(seen(device, 1), 'first');
      assert.is(fat.probe(device), !!right);
    }
  }
});

test('GPT: the copy at the end counts where the first is damaged, and one with wrong checksums where both are', () => {
  const make = (sector: number): ImageDevice => {
    const device = new ImageDevice(new Uint8Array(1000 * sector), sector);
    gpt(
      device.image,
      [
        [1, EFI, 100, 200],
        [2, DATA, 400, 200],
      ],
      sector,
    ); // prettier-ignore
    device.image.set(volume('efi', 200 * sector, {}, sector), 100 * sector);
    device.image.set(volume('data', 200 * sector, {}, sector), 400 * sector);
    return device;
  };
  for (const sector of [512, 4096]) {
    assert.is(seen(make(sector)), 'data');
    for (const [what, at] of [
      ['signature', 512],
      ['header', 560],
      ['header checksum', 528],
      ['table', 1024 + 32],
      ['type', 1024],
      ['start', 1024 + 128 + 33],
    ] as const) {
      const device = make(sector);
      const byte = at < 1024 ? sector + at - 512 : 2 * sector + at - 1024;
      device.image[byte] ^= 0x41;
      assert.is(seen(device), 'data', what);
      assert.is(seen(device, 1), 'efi', what);
    }
    const device = make(sector);
    device.image[sector + 16] ^= 1;
    device.image[999 * sector + 16] ^= 1;
    assert.is(seen(device), 'data');
    device.image.fill(0, sector, 3 * sector);
    device.image.fill(0, 999 * sector);
    assert.match(
      message(() => mount(device)),
      'damaged GPT',
    );
    const before = device.image.slice();
    assert.match(
      message(() => vfs.mount(device, '/x', { mkfs: true })),
      'damaged GPT',
    );
    assert.equal(device.image, before);
    // The protective entry of a hybrid table is not alone.
    table(
      device.image,
      [
        [0xee, 1, 99],
        [0x0c, 400, 200],
      ],
      0,
      sector,
    ); // prettier-ignore
    assert.is(seen(device), 'data');
  }
});

test('GPTs as sgdisk makes them: its default type, a hybrid table, an empty one', () => {
  if (!hasTool('sgdisk')) return;
  const make = (...args: string[]): ImageDevice => {
    const file = path.join(scratch, 'gpt.img');
    writeFileSync(file, new Uint8Array(8 << 20));
    execFileSync('sgdisk', [...args, file], { stdio: 'pipe' });
    return new ImageDevice(new Uint8Array(readFileSync(file)));
  };
  const plain = make('-n', '1:2048:0');
  plain.image.set(volume('linux'), 2048 * 512);
  assert.is(seen(plain), 'linux');
  const hybrid = make('-n', '1:2048:+1M', '-t', '1:ef00', '-n', '2:8192:0', '-t', '2:0700', '-h', '1:2');
  hybrid.image.set(volume('efi'), 2048 * 512);
  hybrid.image.set(volume('data'), 8192 * 512);
  assert.is(seen(hybrid), 'data');
  const empty = make('-o');
  assert.match(
    message(() => vfs.mount(empty, '/x', { mkfs: true })),
    'GPT',
  );
});

test('what others wrote is named, by any bundle, and never formatted by `mkfs: true`', () => {
  for (const [name, at, text] of FOREIGN) {
    const ram = new RAMBlockDev(512, 400);
    ram.writeblocks(0, foreign(400 * 512, at, text));
    const before = new Uint8Array(400 * 512);
    const after = new Uint8Array(400 * 512);
    ram.readblocks(0, before);
    for (const make of [() => ram, () => new VfsFat(ram), () => new VfsLfs2(ram)]) {
      // littlefs 2 itself is found, and is damaged.
      const text = message(() => vfs.mount(make() as never, '/x', { mkfs: true }));
      if (name !== 'littlefs 2' && make() instanceof VfsLfs2 === false) assert.match(text, `found ${name}`);
      ram.readblocks(0, after);
      assert.equal(after, before, name);
    }
  }
  for (const [image, name] of [
    [
      (() => {
        const t = new Uint8Array(200 * 512);
        table(t, []);
        return t;
      })(),
      'boot sector or partition table',
    ],
    [
      (() => {
        const t = new Uint8Array(200 * 512);
        table(t, [[0x0c, 10, 100]]);
        return t;
      })(),
      'partition 1: nothing known',
    ],
  ] as const) {
    const device = new ImageDevice(image);
    const before = image.slice();
    assert.match(
      message(() => vfs.mount(device, '/x', { mkfs: true })),
      name,
    );
    assert.equal(device.image, before);
  }
  // Blocks longer than any of FAT's, as the sectors of some chips are.
  for (const size of [8192, 16384]) {
    const large = new RAMBlockDev(size, 20);
    vfs.mount(large, '/x', { mkfs: true });
    vfs.writeFile('/x/f', 'kept');
    vfs.umount('/x');
    vfs.mount(new VfsLfs2(large), '/x', { mkfs: true });
    assert.is(vfs.readFile('/x/f', 'utf8'), 'kept');
    vfs.umount('/x');
    const older = new RAMBlockDev(size, 20);
    older.writeblocks(0, foreign(size, 40, 'littlefs'));
    assert.match(
      message(() => vfs.mount(older, '/x', { mkfs: true })),
      'found littlefs 1',
    );
  }
  // Where no FAT is in the bundle, it is known all the same.
  const card = new RAMBlockDev(4096, 100);
  VfsFat.mkfs?.(card);
  assert.match(
    message(() => vfs.mount(new VfsLfs2(card), '/x', { mkfs: true })),
    'ECORRUPT',
  );
  assert.is(seen(card), '');
  // Nor is there a reader of partition tables.
  const disk = new RAMBlockDev(512, 400);
  const first = new Uint8Array(512);
  const again = new Uint8Array(512);
  table(first, [[0x83, 10, 300]]);
  disk.writeblocks(0, first);
  assert.is(tellHeld(disk), 'boot sector or partition table');
  message(() => vfs.mount(new VfsLfs2(disk), '/x', { mkfs: true }));
  disk.readblocks(0, again);
  assert.equal(again, first);
});

test('the real ones: exFAT, ext4', () => {
  for (const [tool, name, ...args] of [
    ['mkfs.exfat', 'exFAT'],
    ['mkfs.ext4', 'ext', '-q', '-F'],
  ]) {
    if (!hasTool(tool)) continue;
    const file = path.join(scratch, 'real.img');
    // Over an old volume, as cards are.
    writeFileSync(file, volume('old', 4 << 20));
    execFileSync(tool, [...args, file], { stdio: 'pipe' });
    const device = new ImageDevice(new Uint8Array(readFileSync(file)));
    assert.match(
      message(() => vfs.mount(device, '/x')),
      `found ${name}`,
    );
    const whole = device.image;
    device.image = new Uint8Array(5 << 20);
    device.image.set(whole, 1 << 20);
    table(device.image, [[0x07, 2048, 8192]]);
    assert.match(
      message(() => vfs.mount(device, '/x', { mkfs: true })),
      `found partition 1: ${name}`,
    );
  }
});

test('FAT under the wear levelling of ESP-IDF is named wherever its spare sector is, and not taken for a plain volume', () => {
  const bytes = 1 << 20;
  const fatBytes = volume('a', bytes - 4 * 4096, {}, 4096);
  for (const dummy of [0, 1, 5, 100]) {
    const image = new Uint8Array(bytes).fill(255);
    for (let sector = 0; sector * 4096 < fatBytes.length; sector++)
      image.set(fatBytes.subarray(sector * 4096, sector * 4096 + 4096), (sector < dummy ? sector : sector + 1) * 4096);
    const config = new DataView(image.buffer, bytes - 4096);
    for (const [i, word] of [0, bytes, 4096, 4096, 16, 16, 2, 32].entries()) config.setUint32(i * 4, word, true);
    for (const blockSize of [512, 4096]) {
      const device = new ImageDevice(image, blockSize);
      assert.match(
        message(() => mount(device)),
        'wear levelling',
      );
      assert.match(
        message(() => vfs.mount(device, '/x', { mkfs: true })),
        'wear levelling',
      );
    }
  }
});

test('`mkfs: true` makes what the device can carry, whatever was registered first', () => {
  const kinds = (device: BlockDevice): string => {
    vfs.mount(device, '/x', { mkfs: true });
    const [[fs]] = vfs.mount();
    vfs.writeFile('/x/f', 'kept');
    vfs.umount('/x');
    vfs.mount(device, '/x', { mkfs: true });
    assert.is(vfs.readFile('/x/f', 'utf8'), 'kept');
    vfs.umount('/x');
    return fs instanceof VfsFat ? 'FAT' : fs instanceof VfsLfs2 ? 'littlefs 2' : '';
  };
  assert.is(kinds(new RAMBlockDev(512, 200)), 'littlefs 2');
  assert.is(kinds(new RAMBlockDev(4096, 64)), 'littlefs 2');
  for (const fill of [0, 255]) assert.is(kinds(new ImageDevice(new Uint8Array(400 * 512).fill(fill))), 'FAT');
  const slot = new SimSdSlot(new SimSdCard({ type: 'SDHC', blocks: 4096 }));
  assert.is(kinds(new SDCard(slot.spi, slot.cs)), 'FAT');
  // It has offsets, and says that it does not erase.
  const ram = new RAMBlockDev(512, 200);
  const whole = {
    readblocks: (block: number, buf: Uint8Array, offset: number) => ram.readblocks(block, buf, offset),
    writeblocks: (block: number, buf: Uint8Array, offset: number) => (offset === undefined ? ram.writeblocks(block, buf) : -22),
    ioctl: (op: number) => (op === 6 ? -22 : ram.ioctl(op, 0)),
  };
  assert.is(kinds(whole as BlockDevice), 'FAT');
});

test('boot mounts the same, and what cannot be mounted is told once', () => {
  const stm32 = boards[1];
  const card = (make: (image: Uint8Array) => void): ImageDevice => {
    const device = new ImageDevice(new Uint8Array(4000 * 512));
    make(device.image);
    return device;
  };
  const rows = (device: BlockDevice): string[] => {
    powerOn(stm32, stm32.fresh(), { sd: () => device });
    const found = printed.slice(1);
    off();
    return found;
  };
  // An old boot sector, another format first, a damaged one between, logical ones.
  const several = card((image) => {
    image.set(volume('old', 3000 * 512));
    table(image, [
      [0x83, 100, 200],
      [0x0c, 400, 200],
      [0x0c, 700, 200],
      [0x0f, 1000, 2900],
    ]); // prettier-ignore
    image.set(Buffer.from('\x53\xef\x01', 'latin1'), 100 * 512 + 1080);
    image.set(volume('damaged'), 400 * 512);
    image[400 * 512 + 13] = 3;
    image.set(volume('third'), 700 * 512);
    table(image, [[0x0b, 10, 200]], 1000);
    image.set(volume('fifth'), 1010 * 512);
  });
  const told = rows(several);
  assert.equal(told.slice(0, 2), ['stm32: /sd sd fat mounted', 'stm32: /sd2 sd fat mounted']);
  assert.is(told.length, 3);
  assert.match(told[2], /^stm32: \/sd3 sd {2}failed: partition 2: ECORRUPT/);
  const data = card((image) => {
    gpt(image, [
      [1, EFI, 100, 200],
      [2, LINUX, 400, 200],
      [3, DATA, 700, 200],
    ]); // prettier-ignore
    image.set(volume('efi'), 100 * 512);
    image.set(volume('data'), 700 * 512);
  });
  powerOn(stm32, stm32.fresh(), { sd: () => data });
  assert.equal(vfs.listdir('/sd'), ['data']);
  off();
  const none = rows(
    card((image) => {
      gpt(image, [
        [1, EFI, 100, 200],
        [2, LINUX, 400, 200],
        [3, DATA, 700, 200],
      ]); // prettier-ignore
      image.set(Buffer.from('\x53\xef\x01', 'latin1'), 400 * 512 + 1080);
    }),
  );
  assert.is(none.length, 1);
  for (const part of ['partition 1: EFI system', 'partition 2: ext', 'partition 3: nothing known']) assert.match(none[0], part);
});

test('the command checks what is mounted by default, or a partition by its number', () => {
  const image = new Uint8Array(4000 * 512);
  gpt(image, [
    [1, EFI, 100, 200],
    [2, DATA, 700, 200],
  ]); // prettier-ignore
  image.set(volume('efi'), 100 * 512);
  image.set(volume('data'), 700 * 512);
  // A lost cluster in the first.
  image.set([0xff, 0x0f], 100 * 512 + 512 + 30);
  const file = path.join(scratch, 'card.img');
  writeFileSync(file, image);
  const check = (options: object): [number, string] => {
    const lines: string[] = [];
    return [fsck(file, { type: 'fat', ...options }, (text) => lines.push(text)), lines.join()];
  };
  assert.is(check({})[0], 0);
  assert.is(check({ partition: '2' })[0], 0);
  const [code, text] = check({ partition: '1' });
  assert.is(code, 1);
  assert.match(text, 'lost');
  assert.throws(() => check({ partition: '3' }), /no partition 3/);
});

test('a volume that is larger than its device says so: littlefs of an older, larger window, or of a larger partition', () => {
  const large = new RAMBlockDev(4096, 64);
  VfsLfs2.mkfs(large);
  const small: BlockDevice = {
    readblocks: (block, buf, offset) => large.readblocks(block, buf, offset),
    writeblocks: (block, buf, offset) => large.writeblocks(block, buf, offset),
    ioctl: (op, arg) => (op === 4 ? 32 : large.ioctl(op, arg)),
  };
  for (const mkfs of [false, true])
    assert.match(
      message(() => vfs.mount(small, '/x', { mkfs })),
      'EINVAL: volume of 64 blocks of 4096 bytes on a device of 32',
    );
  // The other way it is mounted as it is.
  VfsLfs2.mkfs(small);
  vfs.mount(large, '/x');
  assert.is(vfs.statvfs('/x')[2], 32);
  vfs.umount('/x');
});

test.run();
