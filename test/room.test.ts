/** Room that a file reserves, and going to and fro in long files: FAT and exFAT. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  fsckExFat,
  fsckFat as fsckOwn,
  mount,
  open,
  RAMBlockDev,
  readFile,
  remove,
  statvfs,
  umount,
  VfsExFat,
  VfsFat,
  type VfsFile,
  VfsLfs2,
  VfsOverlay,
  VfsRom,
  writeFile,
} from '../modules';
import * as exfat from './support/exfat';
import * as fat from './support/fat';
import { throwsCode } from './support/lfs2';

test.after.each(() => {
  for (const [fs] of mount()) umount(fs, { force: true });
});

const kinds: {
  name: string;
  make: () => fat.ImageDevice;
  over: (device: fat.ImageDevice) => VfsFat | VfsExFat;
  judge: (image: Uint8Array) => unknown;
  own: (device: fat.ImageDevice) => unknown[];
  tool: string;
}[] = [
  ...([12, 16, 32] as const).map((type) => ({
    name: 'FAT' + type,
    make: () => fat.formatAs(type, 300),
    over: (device: fat.ImageDevice) => fat.mount(device),
    judge: fat.fsckFat,
    own: (device: fat.ImageDevice) => fsckOwn(device),
    tool: 'fsck.fat',
  })),
  {
    name: 'exFAT',
    make: () => exfat.format(1 << 21, { clusterSize: 512 }),
    over: (device: fat.ImageDevice) => exfat.mount(device),
    judge: exfat.fsckExfat,
    own: (device: fat.ImageDevice) => fsckExFat(device),
    tool: 'fsck.exfat',
  },
];

/** The clusters of an open file, in their order, as the driver finds them. */
function clustersOf(fs: VfsFat | VfsExFat, path: string, image: Uint8Array, content: Uint8Array): number[] {
  const found: number[] = [];
  const v = fs as unknown as { _clusterSize: number };
  for (let at = 0; at < content.length; at += v._clusterSize) {
    const piece = Buffer.from(content.subarray(at, Math.min(at + v._clusterSize, content.length)));
    found.push(Buffer.from(image).indexOf(piece) / v._clusterSize);
  }
  assert.ok(
    found.every((one) => one > 0),
    path,
  );
  return found;
}

for (const { name, make, over, judge, own, tool } of kinds) {
  const sound = (device: fat.ImageDevice): void => {
    assert.equal(own(device), []);
    if (fat.hasTool(tool)) assert.equal(judge(device.image), { exit: 0, lines: [] });
  };

  test(`${name}: what is reserved lies in one piece, is not free meanwhile, and is written without a search or a change of the FAT`, () => {
    const device = make();
    const fs = over(device);
    mount(fs, '/v');
    // Holes of one cluster each.
    for (let i = 0; i < 20; i++) writeFile('/v/hole' + i, fat.pattern(512, 100 + i));
    for (let i = 0; i < 20; i += 2) remove('/v/hole' + i);
    const before = statvfs('/v')[3];
    const log = open('/v/log', 'wb');
    log.reserve(30 * 512 - 100);
    assert.is(before - statvfs('/v')[3], 30);
    log.reserve(100);
    assert.is(before - statvfs('/v')[3], 30, 'what is there already');
    assert.is(log.tell(), 0);
    const content = fat.pattern(29 * 512, 1);
    device.resetCounts();
    for (let i = 0; i < 29; i++) {
      const { reads, writes } = device;
      log.write(content.subarray(i * 512, i * 512 + 512));
      assert.is(device.writes - writes, 1, `write ${i}: the data`);
      assert.ok(device.reads - reads <= 1, `read ${i}`);
    }
    writeFile('/v/other', fat.pattern(5 * 512, 50));
    log.close();
    assert.is(before - statvfs('/v')[3], 29 + 5);
    const clusters = clustersOf(fs, '/v/log', device.image, content);
    assert.ok(
      clusters.every((cluster, i) => !i || cluster === clusters[i - 1] + 1),
      clusters.join(),
    );
    assert.equal(readFile('/v/log'), content);
    umount('/v');
    sound(device);
  });

  test(`${name}: a file that has content goes on behind it, else in a piece elsewhere; unused room comes back by close, truncate and umount`, () => {
    const device = make();
    const fs = over(device);
    mount(fs, '/v');
    writeFile('/v/a', fat.pattern(1000, 1));
    writeFile('/v/wall', fat.pattern(300, 2));
    const free = statvfs('/v')[3];
    for (const end of ['close', 'truncate', 'umount'] as const) {
      const file = open('/v/a', 'rb+');
      file.seek(0, 2);
      file.reserve(5000);
      assert.ok(free - statvfs('/v')[3] >= 9);
      file.write(fat.pattern(100, 3));
      file.flush();
      assert.equal(readFile('/v/a').length, 1100);
      if (end === 'truncate') {
        file.truncate(1000);
        assert.is(statvfs('/v')[3], free);
      }
      file.seek(1000);
      file.truncate();
      if (end === 'umount') {
        umount('/v', { force: true });
        sound(device);
        mount(over(device), '/v');
      } else file.close();
      assert.is(statvfs('/v')[3], free, end);
      assert.equal(readFile('/v/a'), fat.pattern(1000, 1));
    }
    // Nothing written at all.
    const empty = open('/v/empty', 'w');
    empty.reserve(4000);
    empty.flush();
    assert.is(statvfs('/v')[3], free - 8);
    empty.close();
    assert.is(statvfs('/v')[3], free);
    umount('/v');
    sound(device);
  });

  test(`${name}: without a piece of that size it takes several; without room nothing is taken`, () => {
    const device = make();
    mount(over(device), '/v');
    // A comb of clusters.
    const total = statvfs('/v')[3];
    const fill = open('/v/fill', 'wb');
    fill.write(new Uint8Array((total - 60) * 512));
    fill.close();
    for (let i = 0; i < 20; i++) writeFile('/v/' + i, fat.pattern(512, i));
    for (let i = 0; i < 20; i += 2) remove('/v/' + i);
    const free = statvfs('/v')[3];
    const file = open('/v/log', 'wb');
    throwsCode(() => file.reserve((free + 5) * 512), 'ENOSPC');
    throwsCode(() => file.reserve(free * 512 + 1), 'ENOSPC');
    assert.ok(free - statvfs('/v')[3] <= 2, 'entries may have taken a cluster');
    const left = statvfs('/v')[3];
    file.reserve(left * 512);
    assert.is(statvfs('/v')[3], 0);
    throwsCode(() => writeFile('/v/more', fat.pattern(512, 1)), 'ENOSPC');
    const content = fat.pattern(left * 512, 7);
    file.write(content);
    file.close();
    assert.equal(readFile('/v/log'), content);
    umount('/v');
    sound(device);
  });

  test(`${name}: after a cut at any write of a reservation, and of what is written into it, old files are as they were`, () => {
    const start = make();
    mount(over(start), '/v');
    writeFile('/v/a', fat.pattern(1000, 1));
    writeFile('/v/keep', fat.pattern(700, 2));
    umount('/v');
    const image = start.image.slice();
    const device = start;
    const written = new Set<number>();
    let cuts = 0;
    for (let at = 0, cut = true; cut; at++) {
      for (const block of written) device.image.set(image.subarray(block * 512, block * 512 + 512), block * 512);
      written.clear();
      let count = 0;
      cut = false;
      device.onSector = (block) => {
        written.add(block);
        if (count++ < at) return;
        cut = true;
        throw new Error('power cut');
      };
      try {
        mount(over(device), '/v');
        const file = open('/v/a', 'ab');
        file.reserve(4000);
        file.write(fat.pattern(1500, 3));
        file.flush();
        file.close();
        const fresh = open('/v/new', 'wb');
        fresh.reserve(2000);
        fresh.write('x');
        fresh.close();
        umount('/v');
      } catch (error) {
        assert.is((error as Error).message, 'power cut');
      }
      device.onSector = (block) => written.add(block);
      for (const [fs] of mount()) {
        // What still is in RAM is lost.
        device.onSector = () => {
          throw new Error('power cut');
        };
        try {
          umount(fs, { force: true });
        } catch {
          // So it is.
        }
        device.onSector = (block) => written.add(block);
      }
      mount(over(device), '/v', { readonly: true });
      const a = readFile('/v/a');
      assert.equal(a.subarray(0, 1000), fat.pattern(1000, 1), `cut at ${at}`);
      assert.ok(a.length === 1000 || a.length === 2500, `cut at ${at}: ${a.length}`);
      assert.equal(readFile('/v/keep'), fat.pattern(700, 2));
      umount('/v');
      if (cut) cuts++;
      // A sample: a large image is slow to judge.
      if (at % 7 === 0 && device.image.length < 1e7) {
        if (name === 'exFAT') fsckExFat(device, { repair: true });
        else fsckOwn(device, { repair: true });
        sound(device);
      }
    }
    assert.ok(cuts > 10, `${cuts}`);
  });
}

test('reserve: EBADF, EINVAL, EFBIG, TypeError, EOPNOTSUPP', () => {
  mount(fat.mount(fat.format(300 * 512)), '/v');
  const file = open('/v/f', 'w');
  for (const bytes of [-1, 0.5, Infinity, Number.NaN]) throwsCode(() => file.reserve(bytes), 'EINVAL', `${bytes}`);
  for (const bytes of [undefined, '5', null]) assert.throws(() => file.reserve(bytes as never), TypeError);
  throwsCode(() => file.reserve(2 ** 32), 'EFBIG');
  file.reserve(0);
  file.close();
  throwsCode(() => file.reserve(1), 'EBADF');
  const reader = open('/v/f');
  throwsCode(() => reader.reserve(1), 'EBADF');
  reader.close();
  const ram = new RAMBlockDev(512, 64);
  VfsLfs2.mkfs(ram);
  mount(ram, '/l');
  throwsCode(() => open('/l/f', 'w').reserve(1), 'EOPNOTSUPP');
  umount('/l', { force: true });
  // An overlay has what its upper has.
  for (const [upper, code] of [[new VfsLfs2(ram), 'EOPNOTSUPP'] as const, [fat.mount(fat.format(300 * 512)), ''] as const]) {
    mount(new VfsOverlay(new VfsRom(new Uint8Array([0xd2, 0xcd, 0x31, 0])), upper), '/o');
    const one: VfsFile = open('/o/g', 'w');
    if (code) throwsCode(() => one.reserve(1000), code);
    else {
      const free = statvfs('/o')[3];
      one.reserve(1000);
      assert.is(free - statvfs('/o')[3], 2);
    }
    umount('/o', { force: true });
  }
});

for (const [name, format, over] of [
  [
    'FAT32',
    (device: exfat.SparseDevice) => (VfsFat.mkfs as (bdev: unknown, options: object) => void)(device, { type: 32, clusterSize: 32768 }),
    (device: exfat.SparseDevice) => new VfsFat(device),
  ],
  [
    'exFAT',
    (device: exfat.SparseDevice) => VfsExFat.mkfs(device, { clusterSize: 32768 }),
    (device: exfat.SparseDevice) => new VfsExFat(device),
  ],
] as const)
  test(`${name}: in a file of 4 GB whose clusters are apart a seek backwards or far forwards reads a part of the chain, not all of it`, () => {
    const device = new exfat.SparseDevice(10 * 2 ** 30);
    format(device);
    const fs = over(device);
    mount(fs, '/v');
    const size = 2 ** 32 - 65536;
    const clusters = size / 32768;
    writeFile('/v/f', 'x');
    umount('/v');
    // The chain by hand: every second cluster, which no file would get so soon.
    const v = over(device) as unknown as {
      _start: number;
      _fatStart: number;
      mount(r: boolean, m: boolean): void;
      umount(): void;
      stat(p: string): number[];
      _sector: number;
      _at: number;
    };
    v.mount(false, false);
    v.stat('/f');
    const first = 100;
    const sector = new Uint8Array(512);
    const words = new Uint32Array(sector.buffer);
    for (let s = 0; s * 128 < first + clusters * 2; s++) {
      device.readblocks(v._start + v._fatStart + s, sector);
      for (let i = 0; i < 128; i++) {
        const c = s * 128 + i;
        if (c >= first && (c - first) % 2 === 0 && c < first + clusters * 2) words[i] = c + 2 < first + clusters * 2 ? c + 2 : 0x0fffffff;
      }
      if (name === 'exFAT') for (let i = 0; i < 128; i++) if (words[i] === 0x0fffffff && s) words[i] = 0xffffffff;
      device.writeblocks(v._start + v._fatStart + s, sector);
    }
    device.readblocks(v._start + v._sector, sector);
    const view = new DataView(sector.buffer);
    if (name === 'FAT32') {
      view.setUint16(v._at + 26, first, true);
      view.setUint32(v._at + 28, size, true);
    } else {
      sector[v._at + 33] = 1;
      view.setUint32(v._at + 32 + 20, first, true);
      for (const at of [8, 24]) view.setBigUint64(v._at + 32 + at, BigInt(size), true);
    }
    device.writeblocks(v._start + v._sector, sector);
    v.umount();
    mount(over(device), '/v', { readonly: true });
    const file = open('/v/f', 'rb');
    const buf = new Uint8Array(16);
    const cost = (pos: number): number => {
      file.seek(pos);
      const { reads } = device;
      assert.is(file.readinto(buf), 16);
      return device.reads - reads;
    };
    const all = cost(size - 16);
    assert.ok(all > 1000, `the chain is ${all} sectors`);
    // Nowhere again more than a mark's distance.
    let most = 0;
    for (const pos of [size - 40000, size - 16, 2 ** 31, 2 ** 31 - 32768, 0, size - 16, 32768 * 5000, 16, 3e9, 1e9, 2e9, size - 16])
      most = Math.max(most, cost(pos));
    assert.ok(most <= (name === 'FAT32' ? 66 : 132), `${most} reads of ${all}`);
    console.log(`NOTE: ${name}: ${all} reads for the whole chain, at most ${most} for a seek then`);
    file.close();
  });

test.run();
