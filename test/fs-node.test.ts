/** `fs` against Node's own, on a folder of the host. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RAMBlockDev } from '../modules/blockdev';
import { VfsFat } from '../modules/fat';
import { fs } from '../modules/fs';
import { VfsLfs2 } from '../modules/littlefs2';
import { romfs, VfsRom } from '../modules/romfs';
import * as vfs from '../modules/vfs';
import { pattern } from './support/fat';
import { Differential } from './support/fs-differential';

const SEEDS = 8;
const STEPS = 300;
/** In no text that is read. */
const POINT = '/the-mount-point';

const kinds = {
  'littlefs 2': {
    mtime: 1000,
    make: () => {
      const device = new RAMBlockDev(512, 2000);
      VfsLfs2.mkfs(device);
      return new VfsLfs2(device);
    },
  },
  FAT: {
    mtime: 2000,
    make: () => {
      const device = new RAMBlockDev(512, 4000);
      VfsFat.mkfs(device);
      return new VfsFat(device);
    },
  },
};

for (const [name, { make, mtime }] of Object.entries(kinds))
  test(`random operations over ${name} give what Node gives`, () => {
    const counts: { [name: string]: number } = {};
    for (let seed = 1; seed <= SEEDS; seed++) {
      vfs.mount(make(), POINT);
      const both = new Differential({ fs, point: POINT, mtime }, seed);
      try {
        for (let i = 0; i < STEPS; i++) both.step();
        both.whole();
      } finally {
        both.end();
        vfs.umount(POINT, { force: true });
      }
      for (const one in both.counts) counts[one] = (counts[one] ?? 0) + both.counts[one];
    }
    const all = Object.values(counts).reduce((a, b) => a + b);
    console.log(`NOTE: ${name}: ${all} comparisons of ${Object.keys(counts).length} operations`);
    assert.ok(Object.keys(counts).length > 30 && all > SEEDS * STEPS);
  });

test('random operations over ROMFS give what Node gives, and EROFS where Node changes something', () => {
  const tree = {
    a: pattern(3000, 1),
    'b.txt': new TextEncoder().encode('text ünï\n'),
    dir: { a: new Uint8Array(0), x: { 'b.txt': pattern(10, 2) }, dir: {} },
    'Some Name.text': pattern(100, 3),
    ünï: { ünï: pattern(5, 4) },
  };
  for (let seed = 1; seed <= SEEDS; seed++) {
    const rom = new VfsRom(romfs.build(tree));
    vfs.mount(rom, POINT, { readonly: true });
    const both = new Differential({ fs, point: POINT, mtime: 0, readonly: true }, seed);
    const put = (at: string, one: object): void => {
      for (const [name, value] of Object.entries(one)) {
        if (value instanceof Uint8Array) writeFileSync(join(at, name), value);
        else {
          mkdirSync(join(at, name));
          put(join(at, name), value);
        }
      }
    };
    put(both.root, tree);
    try {
      for (let i = 0; i < STEPS / 4; i++) both.step();
    } finally {
      both.end();
      vfs.umount(POINT, { force: true });
    }
    assert.ok(both.counts.readFileSync > 3);
  }
});

test.run();
