/** What of littlefs 2 a device has loaded: always, and while it writes. And changes that cost no more than they have to. */
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RAMBlockDev } from '../modules/blockdev';
import type { RawFile } from '../modules/contract/filesystem';
import { VfsLfs2 } from '../modules/littlefs2';
import { distPath } from '../tools/dist';
import { byRoom } from '../tools/room-sizes';
import { storedBundles } from '../tools/stored';
import { chip, format, geometry, mount, open, pattern, sound } from './support/lfs2';
import { moduleExpression } from './support/scope';
import { storedParts } from './support/stored-parts';

/** Files that read, whose functions a device has all the time. */
const READING = [
  'content.ts',
  'dir.ts',
  'disk.ts',
  'file.ts',
  'index.ts',
  'kept.ts',
  'mdir.ts',
  'names.ts',
  'operation.ts',
  'table.ts',
  'tags.ts',
  'tree.ts',
  'volume.ts',
];

test('a device that reads has loaded no function of a file that writes', () => {
  const resident = distPath(storedBundles('esp32', '').vfs);
  const files = [...byRoom(resident, (source) => source).keys()].filter((source) => source.startsWith('modules/littlefs2/'));
  assert.equal(
    files.map((source) => source.replace('modules/littlefs2/', '')).filter((name) => !READING.includes(name)),
    [],
  );
});

type Face = { VfsLfs2: typeof VfsLfs2 } & Pick<typeof import('../modules/vfs'), 'mount' | 'writeFile'>;

/** The board's bundle as a device has it, with what tells the sections that are loaded. */
function device(): { vfs: Face; loads: string[] } {
  const files = storedBundles('esp32', '');
  const packed = readFileSync(distPath(files['vfs-parts']));
  const names: string[] = JSON.parse(readFileSync(`${distPath(files['vfs-parts'])}.map`, 'utf8')).x_parts;
  const loads: string[] = [];
  const storage = storedParts(packed, names.length, (section) => {
    // What Espruino has natively.
    if (names[section] !== 'modules/engine/portable') loads.push(names[section]);
  });
  const vfs = {} as Face;
  // biome-ignore lint/security/noGlobalEval: running it is the purpose
  // biome-ignore lint/complexity/noCommaOperator: indirect eval is global code
  (0, eval)(moduleExpression(readFileSync(distPath(files.vfs), 'latin1')))(vfs, () => storage);
  return { vfs, loads };
}

/** A volume on a medium that programs single bytes. */
function disk(): RAMBlockDev {
  const made = Object.assign(new RAMBlockDev(4096, 64), { progsize: 1 });
  VfsLfs2.mkfs(made);
  return made;
}

test('appending to an open file loads nothing but where its log is full, it becomes a list or a block is', () => {
  const { vfs, loads } = device();
  const fs = new vfs.VfsLfs2(disk(), { mtime: false });
  fs.mount(false, false);
  const file = fs.open('/log', 'a') as RawFile;
  const text = new Uint8Array(32).fill(0x61);
  let loaded = 0;
  for (let at = 0; at < 4000; at += 32) {
    loads.length = 0;
    file.writeAt(at, text);
    file.sync();
    if (loads.length) loaded++;
  }
  assert.ok(loaded <= 4, `${loaded} of 125`);
  file.close();
});

test('what of a volume only scripts call is there once a script has got hold of one', () => {
  const { vfs } = device();
  const held = disk();
  vfs.mount(held, '/');
  vfs.writeFile('/f', 'content');
  assert.is(vfs.VfsLfs2.prototype.gc, undefined);
  const [[volume]] = vfs.mount();
  (volume as VfsLfs2).setattr('/f', 65, Uint8Array.of(1, 2, 3));
  assert.equal((volume as VfsLfs2).getattr('/f', 65), Uint8Array.of(1, 2, 3));
  assert.is((volume as VfsLfs2).gc(), false);
  const own = new (device().vfs.VfsLfs2)(held);
  own.mount(true, false);
  assert.equal(own.listattr('/f'), [1, 65]);
});

test('an attribute is removed by an append, also where a log is shorter than the longest attribute', () => {
  const g = geometry(512, 32, 16);
  const nor = chip(g);
  const fs = format(nor, g);
  open(fs, '/a', 'w').close();
  fs.setattr('/a', 65, pattern(10, 1));
  const { erases } = nor.counters;
  fs.removeattr('/a', 65);
  assert.is(nor.counters.erases, erases);
  assert.equal(mount(nor, g).listattr('/a'), []);
  sound(nor, g);
});

test('opening files to read leaves the number of free blocks known', () => {
  const g = geometry(512, 64, 16, { tables: 0 });
  const nor = chip(g);
  const fs = format(nor, g);
  for (let i = 0; i < 12; i++) {
    fs.mkdir(`/d${i}`);
    const file = open(fs, `/d${i}/f`, 'w');
    file.writeAt(0, pattern(600, i));
    file.close();
  }
  const known = fs.statvfs('/');
  for (let i = 0; i < 12; i++) open(fs, `/d${i}/f`, 'r').close();
  const { reads } = nor.counters;
  assert.equal(fs.statvfs('/'), known);
  assert.is(nor.counters.reads, reads);
  assert.equal(mount(nor, g).statvfs('/'), known);
});

test('a file that was small, grew, was cut and synced goes on in its last block where nothing names the rest of it', () => {
  const g = geometry(4096, 24, 1, { readsize: 32, progsize: 32 });
  const nor = chip(g);
  const fs = format(nor, g);
  const wanted = pattern(3000, 7);
  const file = open(fs, '/a', 'w');
  file.writeAt(0, wanted.subarray(0, 20));
  file.sync();
  file.writeAt(20, wanted.subarray(20, 1000));
  file.truncate(1000 - 40);
  file.sync();
  // What was cut off lies behind what is left: this is copied. From there on nothing is.
  file.writeAt(960, wanted.subarray(960, 1000));
  file.sync();
  const { erases } = nor.counters;
  for (let at = 1000; at < 3000; at += 100) {
    file.writeAt(at, wanted.subarray(at, at + 100));
    file.sync();
  }
  assert.is(nor.counters.erases, erases);
  file.close();
  const reader = open(mount(nor, g), '/a', 'r');
  const content = new Uint8Array(3000);
  assert.is(reader.readAt(0, content), 3000);
  assert.equal(content, wanted);
});

test.run();
