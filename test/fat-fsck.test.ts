/** `VfsFat.fsck`: what it finds, and that fsck.fat finds nothing after its repair. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { VfsError } from '../modules/contract/errno';
import { VfsFat } from '../modules/fat';
import { type FatFinding, fsckFat as fsck } from '../modules/fat/check/fsck.lazy';
import { fsck as command } from '../tools/fsck-command';
import { format, fsckFat, hasTool, ImageDevice, list, mount, pattern, random, readFile, scratch, tree, writeFile } from './support/fat';
import { clusterAt, damageable, layout, mutate, volumes } from './support/fat-damage';
import { forGolden, type GoldenManifest, goldenImage, goldenManifest } from './support/golden';
import { rounds } from './support/rounds';

const brief = (findings: FatFinding[]): string[] => findings.map(({ code, path }) => `${code} ${path}`.trim());
const judged = hasTool('fsck.fat');

/** Repairs, and has the result judged. Gives what was found. */
function repaired(device: ImageDevice): string[] {
  const before = device.image.slice();
  const dry = fsck(device);
  assert.ok(Buffer.from(before).equals(device.image), 'only looking writes nothing');
  const found = fsck(device, { repair: true });
  assert.is(found.length > 0, dry.length > 0, 'looking finds what repairing does');
  assert.equal(fsck(device), []);
  if (judged) assert.equal(fsckFat(device.image), { exit: 0, lines: [] });
  return brief(dry);
}

const WANTED: Record<string, string[]> = {
  'bad-dirty': ['dirty'],
  'bad-fatdiff': ['fats'],
  'bad-lfn': ['long-name /', 'long-name /'],
  'bad-loop': ['loop /Docs/deep/big.bin', 'size /Docs/deep/big.bin', 'lost'],
  'bad-lost': ['lost'],
  'bad-range': ['chain /Docs/deep/big.bin', 'size /Docs/deep/big.bin', 'lost'],
};

forGolden('fat', (name) => {
  const manifest = goldenManifest<GoldenManifest>('fat', name);
  test(`${name}: ${WANTED[name] ? 'is repaired, and nothing else changes' : 'nothing is found'}`, () => {
    const device = new ImageDevice(goldenImage('fat', name), manifest.block_size ?? 512);
    if (!WANTED[name]) {
      assert.equal(fsck(device, { repair: true }), []);
      assert.is(device.writes, 0);
      return;
    }
    const files = (): Record<string, string> => {
      const all = tree(mount(device, true));
      delete all['/Docs/deep/big.bin'];
      return all;
    };
    const before = WANTED[name].length < 3 ? files() : undefined;
    assert.equal(repaired(device), WANTED[name]);
    if (before) assert.equal(Object.values(files()), Object.values(before));
    else assert.ok(Object.keys(files()).length > 10);
  });
});

/** The offset of the 8.3 entry of that raw name. */
function entryAt(image: Uint8Array, raw: string): number {
  for (let at = 0; at < image.length; at += 32) {
    if (Buffer.from(image.subarray(at, at + 11)).toString('latin1') === raw && image[at + 11] !== 15) return at;
  }
  throw new Error(`no entry ${raw}`);
}

/** Puts a FAT16 entry. */
function setFat16(image: Uint8Array, cluster: number, value: number): void {
  const at = layout(image).fat + 2 * cluster;
  image[at] = value;
  image[at + 1] = value >> 8;
}

const at16 = (image: Uint8Array, at: number): number => image[at] | (image[at + 1] << 8);

interface Damage {
  what: string;
  damage(image: Uint8Array): void;
  found: string[];
  /** On FAT32 instead of FAT16. */
  wide?: boolean;
  after?(fs: VfsFat): void;
}

const deep = '/docs/a directory with a long name';

const damages: Damage[] = [
  {
    what: 'two files that share clusters: the second one ends before them',
    damage: (image) => setFat16(image, at16(image, entryAt(image, 'ALONGN~1TEX') + 26), at16(image, entryAt(image, 'PLAIN   TXT') + 26)),
    found: ['shared /a long name in the root.text', 'size /a long name in the root.text', 'lost'],
    after: (fs) => {
      assert.equal(readFile(fs, '/PLAIN.TXT'), pattern(700, 1));
      assert.equal(readFile(fs, '/a long name in the root.text'), pattern(3000, 2).subarray(0, 512));
    },
  },
  {
    what: 'two names of one file: the second one goes',
    damage: (image) =>
      image.set(image.subarray(entryAt(image, 'PLAIN   TXT') + 26, entryAt(image, 'PLAIN   TXT') + 32), entryAt(image, 'LAST    TXT') + 26),
    found: ['shared /last.txt', 'lost'],
  },
  {
    what: 'a directory that contains itself',
    damage: (image) => {
      const docs = entryAt(image, 'DOCS       ');
      const inner = entryAt(image, 'ADIREC~1   ');
      image.set(image.subarray(docs + 26, docs + 28), inner + 26);
    },
    found: [`shared ${deep}`, 'lost'],
  },
  {
    what: 'a size that is too large, and one that is too small',
    damage: (image) => {
      image[entryAt(image, 'PLAIN   TXT') + 29] = 9;
      image[entryAt(image, 'B       BIN') + 29] = 1;
    },
    found: ['size /PLAIN.TXT', `size ${deep}/deep/B.BIN`, 'lost'],
    after: (fs) => {
      assert.is(fs.stat('/PLAIN.TXT')[6], 1024);
      assert.is(fs.stat(`${deep}/deep/B.BIN`)[6], (5000 & 255) + 256);
    },
  },
  {
    what: 'wrong dot entries',
    damage: (image) => {
      const l = layout(image);
      const cluster = clusterAt(l, at16(image, entryAt(image, 'DEEP       ') + 26));
      image[cluster + 26]++;
      image[cluster + 32 + 11] = 0x20;
    },
    found: [`dots ${deep}/deep`, `dots ${deep}/deep`],
    after: (fs) => assert.equal(readFile(fs, `${deep}/deep/B.BIN`), pattern(5000, 3)),
  },
  {
    what: 'a directory whose cluster holds something else',
    damage: (image) => {
      const at = clusterAt(layout(image), at16(image, entryAt(image, 'DEEP       ') + 26));
      image.set(pattern(512, 9), at);
    },
    found: [`dots ${deep}/deep`, 'lost'],
  },
  {
    what: 'a directory whose first sector was zeroed keeps its place',
    damage: (image) => {
      const at = clusterAt(layout(image), at16(image, entryAt(image, 'DEEP       ') + 26));
      image.fill(0, at, at + 512);
    },
    found: [`dots ${deep}/deep`, `dots ${deep}/deep`, 'lost'],
    after: (fs) => assert.equal(list(fs, `${deep}/deep`), []),
  },
  {
    what: 'parts of a long name without their entry',
    damage: (image) => {
      image[entryAt(image, 'ALONGN~1TEX')] = 0xe5;
    },
    found: ['long-name /', 'lost'],
  },
  {
    what: 'an 8.3 name with what it must not hold: the long name stays',
    damage: (image) => {
      const at = entryAt(image, 'ALONGN~1TEX');
      image[at + 2] = '*'.charCodeAt(0);
      let sum = 0;
      for (let i = 0; i < 11; i++) sum = (((sum & 1) << 7) + (sum >> 1) + image[at + i]) & 255;
      for (let part = 1; image[at - 32 * part + 11] === 15; part++) image[at - 32 * part + 13] = sum;
    },
    found: ['name /a long name in the root.text'],
    after: (fs) => assert.equal(readFile(fs, '/A long name in the root.text'), pattern(3000, 2)),
  },
  {
    what: 'two entries of one name',
    damage: (image) => image.set(Buffer.from('PLAIN   TXT'), entryAt(image, 'LAST    TXT')),
    found: ['duplicate /plain.txt'],
    after: (fs) => {
      assert.equal(readFile(fs, '/plain.txt'), pattern(700, 1));
      assert.equal(readFile(fs, '/FSCK0000.001'), pattern(10, 5));
    },
  },
  {
    what: 'entries behind the end of a directory',
    damage: (image) => {
      const at = entryAt(image, 'LAST    TXT');
      image.set(image.subarray(at, at + 32), at + 320);
    },
    found: ['end /'],
  },
  {
    what: 'a second label, one in a directory, and one that the boot sector does not know',
    damage: (image) => {
      const label = entryAt(image, 'DAMAGE     ');
      image.set(image.subarray(label, label + 32), label + 32);
      const gone = entryAt(image, '\xe5ONE       ');
      image.set(image.subarray(label, label + 32), gone);
      image[43] = 'X'.charCodeAt(0);
    },
    found: ['label /', 'label /docs', 'label'],
    after: (fs) => assert.is(fs.label(), 'DAMAGE'),
  },
  {
    what: 'a copy of the boot sector that differs, and FSInfo with wrong numbers',
    wide: true,
    damage: (image) => {
      image[6 * 512 + 100]++;
      image[512 + 488]++;
    },
    found: ['fsinfo', 'backup'],
  },
  {
    what: 'a boot sector that is gone',
    wide: true,
    damage: (image) => image.fill(0, 0, 512),
    found: ['boot'],
    after: (fs) => assert.is(fs.label(), 'DAMAGE'),
  },
  {
    what: 'a boot sector with impossible numbers',
    wide: true,
    damage: (image) => {
      image[13] = 7;
    },
    found: ['boot'],
  },
  {
    what: 'FSInfo without its signature',
    wide: true,
    damage: (image) => {
      image[512 + 484] = 0;
    },
    found: ['fsinfo'],
  },
  {
    what: 'a root directory that the FAT shows as free',
    wide: true,
    damage: (image) => {
      const l = layout(image);
      for (let copy = 0; copy < 2; copy++) image.fill(0, l.fat + copy * l.fatBytes + 8, l.fat + copy * l.fatBytes + 12);
    },
    found: ['chain /'],
    after: (fs) => assert.ok(list(fs, '/').length > 0),
  },
];

for (const { what, damage, found, wide, after } of damages)
  test(`found and repaired: ${what}`, () => {
    const make = volumes.find(([title]) => title === (wide ? 'FAT32' : 'FAT16')) as (typeof volumes)[number];
    const device = damageable(make[1]);
    damage(device.image);
    assert.equal(repaired(device), found);
    after?.(mount(device));
  });

test('the boot sector of a partition is put back, whichever is asked for or none', () => {
  for (const partition of [undefined, 1]) {
    const device = format(40 << 20, { type: 32, partition: true });
    writeFile(mount(device), '/kept.txt', pattern(5000, 1));
    const start = device.image[454] | (device.image[455] << 8) | (device.image[456] << 16);
    device.image.fill(0xff, start * 512, start * 512 + 512);
    assert.throws(
      () => mount(device),
      (error: VfsError) => error.code === 'ENODEV',
    );
    assert.throws(
      () => fsck(device, { partition: 2 }),
      (error: VfsError) => error.code === 'ENODEV',
    );
    assert.equal(brief(fsck(device, { partition, repair: true })).slice(0, 1), ['boot']);
    assert.equal(fsck(device), []);
    assert.equal(readFile(mount(device), '/kept.txt'), pattern(5000, 1));
  }
});

test('where neither boot sector nor copy is one, or the copy is of a larger volume, nothing is put back', () => {
  for (const spoil of [6 * 512 + 510, 6 * 512 + 35]) {
    const device = format(40 << 20, { type: 32 });
    device.image.fill(0, 0, 512);
    device.image[spoil] = 0x7f;
    const before = device.image.slice();
    assert.throws(
      () => fsck(device, { repair: true }),
      (error: VfsError) => error.code === 'ENODEV',
    );
    assert.ok(Buffer.from(before).equals(device.image));
  }
});

for (const [title, make] of volumes) {
  test(`${title}: a sound volume has no findings, and lost clusters are free again`, () => {
    const device = damageable(make);
    assert.equal(fsck(device, { repair: true }), []);
    const fs = mount(device);
    const free = fs.statvfs('/')[3];
    // Not closed: the clusters are in the FAT, and no entry names them.
    const file = fs.open('/cut', 'w');
    file.writeAt(0, pattern(6 * fs.statvfs('/')[0], 1));
    fs.mkdir('/other');
    assert.equal(
      repaired(device).filter((one) => one !== 'dirty' && one !== 'fsinfo'),
      ['lost'],
    );
    const again = mount(device);
    assert.is(again.statvfs('/')[3], free - 1);
  });

  // A FAT32 volume is large for the judge.
  const count = rounds(title === 'FAT32' ? 4 : 20);
  test(`${title}: ${count} damaged volumes are repaired so that fsck.fat finds nothing`, () => {
    const base = damageable(make);
    const seeds = random(Number(process.env.SEED ?? 1));
    for (let n = 0; n < count; n++) {
      const seed = 1 + seeds(1e9);
      const device = new ImageDevice(base.image.slice(), base.blockSize);
      mutate(device.image, seed);
      try {
        repaired(device);
        // Four passes and one more look; each reads FAT and directories, the FAT a few times.
        assert.ok(device.reads < 40 * (base.image.length / base.blockSize), `${device.reads} reads`);
      } catch (error) {
        (error as Error).message = `seed ${seed}: ${(error as Error).message}`;
        throw error;
      }
    }
  });
}

test('a damaged boot sector gives a coded error or findings, and the device is never left', () => {
  const base = damageable(volumes[0][1]);
  const below = random(7);
  for (let n = 0; n < 400; n++) {
    const device = new ImageDevice(base.image.slice(), base.blockSize);
    for (let k = 1 + below(3); k--; ) device.image[11 + below(n % 2 ? 25 : 80)] = below(256);
    try {
      fsck(device, { repair: true });
      assert.equal(fsck(device), []);
    } catch (error) {
      assert.ok((error as VfsError).code, (error as Error).message);
    }
  }
});

test('one partition is checked by its number; a medium that cannot be written is EROFS only to repair', () => {
  const device = format(400 * 512, { partition: true });
  const fs = mount(device);
  writeFile(fs, '/a', pattern(600, 1));
  fs.umount();
  assert.equal(fsck(device, { partition: 1 }), []);
  assert.throws(
    () => fsck(device, { partition: 2 }),
    (error: VfsError) => error.code === 'ENODEV',
  );
  const readOnly = { readblocks: device.readblocks.bind(device), ioctl: device.ioctl.bind(device) };
  assert.equal(fsck(readOnly), []);
  assert.throws(
    () => fsck(readOnly, { repair: true }),
    (error: VfsError) => error.code === 'EROFS',
  );
  assert.is(VfsFat.fsck, fsck);
});

test('the command finds, repairs and keeps what was there', () => {
  const image = path.join(scratch, 'card.img');
  const device = damageable(volumes[0][1]);
  const lines: string[] = [];
  const run = (options: Partial<Parameters<typeof command>[1]>): number =>
    command(image, { type: 'fat', ...options }, (line) => lines.push(stripVTControlCharacters(line)));
  writeFileSync(image, device.image);
  assert.is(run({}), 0);
  assert.equal(lines.splice(0), ['FAT: sound']);
  device.image[entryAt(device.image, 'PLAIN   TXT') + 29] = 9;
  writeFileSync(image, device.image);
  assert.is(run({}), 1);
  assert.equal(lines.splice(0), ['error: /PLAIN.TXT: 2492 bytes are more than its clusters hold: 1024 [size]', 'FAT: 1 error, 0 warnings']);
  assert.is(run({ repair: true }), 1, 'the size was lost');
  assert.ok(readFileSync(image + '.bak').equals(device.image));
  assert.is(run({}), 0);
  writeFileSync(image, new Uint8Array(8192));
  assert.throws(() => run({}), /ENODEV/);
});

test.run();
