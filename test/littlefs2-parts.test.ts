/** What of littlefs 2 a device has loaded: always, and while it writes. And changes that cost no more than they have to. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MAIN } from '../tools/build/parts';
import { chip, format, geometry, mount, open, pattern, sound } from './support/lfs2';
import { placed } from './support/placed';

test('a device that reads has loaded no file that writes; one that writes, no file that splits, moves or mends', () => {
  assert.equal(placed('littlefs2', false), {
    [MAIN]: [
      'content.ts',
      'dir.ts',
      'disk.ts',
      'file.ts',
      'index.ts',
      'mdir.ts',
      'names.ts',
      'operation.ts',
      'table.ts',
      'tags.ts',
      'tree.ts',
      'volume.ts',
    ],
    write: ['alloc.ts', 'log.ts', 'stream.ts', 'write.lazy.ts', 'writer.ts'],
    relocate: ['relocate.lazy.ts', 'split.ts'],
    attributes: ['attributes.lazy.ts'],
    directory: ['directory.lazy.ts'],
    format: ['format.lazy.ts'],
    free: ['free.lazy.ts'],
    maintenance: ['maintenance.lazy.ts'],
    mount: ['mount.lazy.ts'],
    seconds: ['seconds.lazy.ts'],
    scan: ['scan.lazy.ts'],
    marks: ['marks.lazy.ts'],
    replace: ['replace.lazy.ts'],
    remake: ['remake.lazy.ts'],
  });
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
