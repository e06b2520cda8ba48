/** What of littlefs 2 a device has loaded: always, and while it writes. And changes that cost no more than they have to. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MAIN, type Parts, placeOf } from '../tools/build/parts';
import { chip, format, geometry, mount, open, pattern, sound } from './support/lfs2';

const ROOM = fileURLToPath(new URL('../modules/littlefs2', import.meta.url));

/** The files of the room by what imports them, without types, as the build has them. */
function importers(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const name of readdirSync(ROOM).filter((one) => one.endsWith('.ts'))) {
    const file = join(ROOM, name);
    const { outputText } = ts.transpileModule(readFileSync(file, 'utf8'), {
      compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2021 },
    });
    for (const { fileName } of ts.preProcessFile(outputText).importedFiles) {
      const imported = `${resolve(dirname(file), fileName)}.ts`;
      found.set(imported, [...(found.get(imported) ?? []), file]);
    }
  }
  return found;
}

test('a device that reads has loaded no file that writes; one that writes, no file that splits, moves or mends', () => {
  const lazy = /([^/]+)\.lazy\.ts$/;
  const byFile = importers();
  const places: Record<string, string[]> = {};
  for (const name of readdirSync(ROOM).filter((one) => one.endsWith('.ts'))) {
    const parts = { partOf: (file: string) => lazy.exec(file)?.[1] } as Parts;
    const place = placeOf(join(ROOM, name), parts, (id) => byFile.get(id) ?? []);
    places[place] = [...(places[place] ?? []), name].sort();
  }
  assert.equal(places, {
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
