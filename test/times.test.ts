/** Times that are set: what each file system keeps of them, what others read, and that it is one step. */
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  copy,
  type FileSystem,
  mount,
  open,
  RAMBlockDev,
  stat,
  umount,
  utime,
  type VfsError,
  VfsLfs1,
  VfsLfs2,
  VfsOverlay,
  VfsPosix,
  VfsRom,
  writeFile,
} from '../modules';
import * as exfat from './support/exfat';
import * as fat from './support/fat';
import { chip, format as formatLfs2, geometry, mount as mountLfs2, sound, throwsCode, writeFile as writeLfs2 } from './support/lfs2';

const T = 1600000001;
const le = (value: number, bytes: number): number[] => Array.from({ length: bytes }, (_, i) => Math.floor(value / 256 ** i) % 256);

/** A volume over littlefs 2 with files whose times are of other drivers. */
function withTimes(): { nor: ReturnType<typeof chip>; fs: VfsLfs2; g: ReturnType<typeof geometry> } {
  const g = geometry(512, 64, 16, { mtime: true });
  const nor = chip(g);
  const fs = formatLfs2(nor, { ...g, options: { ...g.options, mtime: false } });
  for (const [name, size] of [
    ['/four', 4],
    ['/eight', 8],
    ['/none', 0],
    ['/five', 5],
  ] as const) {
    writeLfs2(fs, name, fat.pattern(10, 1));
    if (size) fs.setattr(name, 0x74, new Uint8Array(le(T, size)));
  }
  fs.umount();
  return { nor, fs: mountLfs2(nor, g), g };
}

test('littlefs 2: the times of ESP-IDF and Arduino are read, and nothing else is taken for one', () => {
  const { fs } = withTimes();
  assert.is(fs.stat('/four')[8], T);
  assert.is(fs.stat('/eight')[8], T);
  assert.is(fs.stat('/five')[8], 0);
  assert.is(fs.stat('/none')[8], 0);
  fs.setattr('/none', 0x74, new Uint8Array(le(2 ** 33 + 5, 8)));
  assert.is(fs.stat('/none')[8], 2 ** 33 + 5);
  // MicroPython's counts where both are there.
  fs.setattr('/four', 1, new Uint8Array(Buffer.from(new BigUint64Array([5000000000n]).buffer)));
  assert.is(fs.stat('/four')[8], 5);
  fs.setattr('/eight', 1, new Uint8Array(4));
  assert.is(fs.stat('/eight')[8], 0);
});

test('littlefs 2: a time is kept in its kind, by writing and by utime', () => {
  const { fs, nor, g } = withTimes();
  const attrs = (name: string) => Object.fromEntries([...(sound(nor, g).tree.get(name)?.attrs ?? [])].map(([k, v]) => [k, [...v]]));
  mount(fs, '/v');
  try {
    const real = Date.now;
    Date.now = () => (T + 77) * 1000;
    try {
      for (const name of ['/four', '/eight', '/none', '/five']) {
        const file = open('/v' + name, 'a');
        file.write('more');
        file.close();
        assert.is(stat('/v' + name)[8], T + 77, name);
      }
    } finally {
      Date.now = real;
    }
    assert.equal(attrs('/four'), { 116: le(T + 77, 4) });
    assert.equal(attrs('/eight'), { 116: le(T + 77, 8) });
    assert.equal(Object.keys(attrs('/none')), ['1']);
    // What is no time stays what it is.
    assert.equal(attrs('/five')[116], le(T, 5));
    utime('/v/four', [1, 2 ** 31 + 3]);
    utime('/v/eight', [1, 2 ** 33 + 7]);
    assert.is(stat('/v/four')[8], 2 ** 31 + 3);
    assert.equal(attrs('/four'), { 116: le(2 ** 31 + 3, 4) });
    assert.equal(attrs('/eight'), { 116: le(2 ** 33 + 7, 8) });
    utime('/v/none', [1, 12.5]);
    assert.equal(attrs('/none'), { 1: [...new Uint8Array(new BigUint64Array([12500000512n]).buffer)] });
    // A file with both is told the same by both.
    fs.setattr('/four', 1, new Uint8Array(8));
    utime('/v/four', [1, 99]);
    assert.is(stat('/v/four')[8], 99);
    assert.equal(attrs('/four')[116], le(99, 4));
    // A compaction keeps them.
    for (let i = 0; i < 60; i++) writeFile('/v/other', 'x' + i);
    assert.is(stat('/v/eight')[8], 2 ** 33 + 7);
  } finally {
    umount('/v', { force: true });
  }
});

test('littlefs 1 and a file system without utime are EOPNOTSUPP, ROMFS is EROFS, each with operation and path', () => {
  const told = (work: () => void): string => {
    try {
      work();
    } catch (error) {
      return (error as VfsError).message;
    }
    return 'nothing';
  };
  const ram = new RAMBlockDev(512, 64);
  VfsLfs1.mkfs(ram);
  mount(ram, '/one');
  writeFile('/one/f', '');
  assert.is(
    told(() => utime('/one/f', [1, 1])),
    "EOPNOTSUPP: littlefs 1 keeps no times, utime '/one/f'",
  );
  throwsCode(() => utime('/one/g', [1, 1]), 'ENOENT');
  umount('/one');
  mount({ stat: () => [0x8000, 0, 0, 0, 0, 0, 0, 0, 0, 0] } as FileSystem, '/mine');
  assert.is(
    told(() => utime('/mine/f', [1, 1])),
    "EOPNOTSUPP: not supported, utime '/mine/f'",
  );
  umount('/mine');
  mount(new VfsRom(new Uint8Array([0xd2, 0xcd, 0x31, 0])), '/rom');
  assert.match(
    told(() => utime('/rom/f', [1, 1])),
    /^EROFS: .*utime '\/rom\/f'/,
  );
  umount('/rom');
});

test('a volume by itself has utime', () => {
  const ram = new RAMBlockDev(512, 64);
  VfsLfs2.mkfs(ram);
  const fs = new VfsLfs2(ram) as VfsLfs2 & { utime(path: string, times: number[]): void };
  fs.mkdir('d');
  fs.chdir('d');
  fs.open('f', 'w').close();
  fs.utime('f', [T, T]);
  assert.is(fs.stat('/d/f')[8], T);
  assert.throws(() => fs.utime('f', 5 as never), TypeError);
});

for (const type of [12, 16, 32] as const)
  test(`FAT${type}: utime sets the time of modification in steps of 2 s and the day of the last access; nothing else of the entry changes`, () => {
    const device = fat.formatAs(type);
    const fs = fat.mount(device);
    mount(fs, '/sd');
    writeFile('/sd/a long name.txt', fat.pattern(3000, 1));
    const before = device.image.slice();
    // 13 September 2020, 12:26:41, and 14 July 2017.
    utime('/sd/a long name.txt', [1500000000, T]);
    assert.is(stat('/sd/a long name.txt')[8], T - 1);
    const changed = [...before.keys()].filter((i) => before[i] !== device.image[i]).map((i) => i % 32);
    // FSInfo and marks are as they were: the volume is clean again.
    assert.ok(changed.length > 0 && changed.every((at) => at === 18 || at === 19 || (at >= 22 && at < 26)), changed.join());
    for (const [given, wanted] of [
      [0, 315532800],
      [1.7e10, 4354819198],
      [951782400, 951782400],
    ]) {
      utime('/sd/a long name.txt', [given, given]);
      assert.is(stat('/sd/a long name.txt')[8], wanted);
    }
    umount('/sd');
    if (fat.hasTool('mdir')) {
      mount(fat.mount(device), '/sd');
      utime('/sd/a long name.txt', [1500000000, T]);
      umount('/sd');
      const told = fat.mtool('mdir', device.image, '::').toString();
      assert.match(told, /2020-09-13 +12:26 +a long name\.txt/);
    }
    if (fat.hasTool('fsck.fat')) assert.equal(fat.fsckFat(device.image), { exit: 0, lines: [] });
  });

test('exFAT: utime sets both times to 10 ms and 2 s, as UTC, and the checksum is right', () => {
  const device = exfat.format(1 << 22);
  const fs = exfat.mount(device);
  mount(fs, '/sd');
  writeFile('/sd/f', 'x');
  utime('/sd/f', [1500000000, T + 0.51]);
  assert.is(stat('/sd/f')[8], T);
  const set = (fs as unknown as { _set: Uint8Array })._set;
  assert.is(set[21], 151);
  assert.equal([...set.subarray(23, 25)], [128, 128]);
  assert.equal([...set.subarray(16, 20)], le(((2017 - 1980) << 25) | (7 << 21) | (14 << 16) | (2 << 11) | (40 << 5), 4));
  umount('/sd');
  if (fat.hasTool('fsck.exfat')) assert.equal(exfat.fsckExfat(device.image), { exit: 0, lines: [] });
});

test('a directory of the host: both times are set, a link is followed only within', () => {
  const folder = mkdtempSync(join(tmpdir(), 'microvfs-times-'));
  try {
    mount(new VfsPosix(folder), '/host');
    writeFile('/host/f', 'x');
    symlinkSync('f', join(folder, 'inside'));
    symlinkSync('/etc/passwd', join(folder, 'outside'));
    utime('/host/inside', [T - 100, T + 0.5]);
    assert.equal(stat('/host/f').slice(7, 9), [T - 100, T]);
    throwsCode(() => utime('/host/outside', [1, 1]), 'EACCES');
    umount('/host');
    mount(new VfsPosix(folder), '/host', { readonly: true });
    throwsCode(() => utime('/host/f', [1, 1]), 'EROFS');
    assert.is(readFileSync(join(folder, 'f'), 'utf8'), 'x');
  } finally {
    umount('/host');
    rmSync(folder, { recursive: true });
  }
});

test('overlay: a file of the lower is copied with the time, a directory gets it in the upper; the lower stays', () => {
  const [below, above] = [new RAMBlockDev(512, 64), new RAMBlockDev(512, 64)];
  for (const device of [below, above]) VfsLfs2.mkfs(device);
  mount(below, '/l');
  writeFile('/l/f', 'content');
  (mount()[0][0] as VfsLfs2).mkdir('/d');
  umount('/l');
  const lower = new VfsLfs2(below);
  mount(new VfsOverlay(lower, new VfsLfs2(above)), '/o');
  utime('/o/f', [1, T]);
  utime('/o/d', [1, T + 1]);
  assert.is(stat('/o/f')[8], T);
  assert.is(stat('/o/d')[8], T + 1);
  assert.ok(lower.stat('/f')[8] > T);
  utime('/o/f', [1, T + 2]);
  umount('/o');
  mount(new VfsLfs2(above), '/a');
  assert.is(stat('/a/f')[8], T + 2);
  umount('/a');
});

test('copy takes options, and keeps times from one file system to another', () => {
  mount(fat.mount(fat.format(100 * 512)), '/sd');
  const ram = new RAMBlockDev(512, 64);
  VfsLfs2.mkfs(ram);
  mount(ram, '/l');
  writeFile('/l/f', 'x');
  utime('/l/f', [T, T - 1]);
  copy('/l/f', '/sd/f', { times: true });
  assert.is(stat('/sd/f')[8], T - 1);
  assert.throws(() => copy('/l/f', '/sd/f', { times: 1 } as never), TypeError);
  assert.throws(() => copy('/l/f', '/sd/f', true as never), TypeError);
  umount('/sd');
  umount('/l');
});

/** A medium that is cut at each write of a change in turn: each time it is as before or as after. */
function eachCut(device: fat.ImageDevice, change: () => void, state: () => string): void {
  const start = device.image.slice();
  const before = state();
  change();
  const after = state();
  assert.is.not(before, after);
  let cuts = 0;
  for (let at = 0; ; at++) {
    device.image.set(start);
    let count = 0;
    let cut = false;
    device.onSector = () => {
      if (count++ < at) return;
      cut = true;
      throw new Error('power cut');
    };
    try {
      change();
    } catch (error) {
      assert.is((error as Error).message, 'power cut');
    }
    device.onSector = undefined;
    const now = state();
    assert.ok(now === before || now === after, `cut at write ${at}: ${now}`);
    if (!cut) break;
    cuts++;
  }
  assert.ok(cuts > 1);
}

for (const [name, family, device] of [
  ['FAT', fat, fat.format(100 * 512)],
  ['exFAT', exfat, exfat.format(1 << 21)],
] as const)
  test(`${name}: after a cut at any write utime and setAttributes are done, or not`, () => {
    const start = family.mount(device);
    family.writeFile(start as never, '/a file with a long name', fat.pattern(600, 1));
    start.umount();
    const path = '/a file with a long name';
    const state = (): string => {
      const fs = family.mount(device, true);
      return JSON.stringify([fs.stat(path)[8], fs.attributes(path), [...family.readFile(fs as never, path)].length]);
    };
    const changed = (work: (fs: ReturnType<typeof family.mount>) => void) => () => {
      const fs = family.mount(device);
      work(fs);
      fs.umount();
    };
    eachCut(
      device,
      changed((fs) => fs.utime(path, [T, T])),
      state,
    );
    eachCut(
      device,
      changed((fs) => fs.setAttributes(path, { hidden: true, archive: false })),
      state,
    );
  });

test.run();
