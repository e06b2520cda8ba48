/** What of FAT a device has loaded: always, while a file is open for writing, and for a change of the tree. */
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { BlockDevice } from '../modules/contract/filesystem';
import type { VfsFat } from '../modules/fat';
import { MAIN } from '../tools/build/parts';
import { distPath } from '../tools/dist';
import { storedBundles } from '../tools/stored';
import { placed } from './support/placed';
import { moduleExpression } from './support/scope';
import { storedParts } from './support/stored-parts';

test('a device that reads has loaded no file that writes, and none that changes the tree', () => {
  assert.equal(placed('fat', true), {
    [MAIN]: [
      'check/levelled.ts',
      'codepages.ts',
      'content.ts',
      'dir.ts',
      'file.ts',
      'index.ts',
      'levelled.ts',
      'name.ts',
      'sector.ts',
      'table.ts',
      'tree.ts',
      'vfsfat.ts',
      'volume.ts',
    ],
    write: ['write.lazy.ts'],
    directory: ['directory.lazy.ts'],
    label: ['label.lazy.ts'],
    remake: ['remake.lazy.ts'],
    mount: ['mount.lazy.ts', 'narrow.ts'],
    boot: ['boot.lazy.ts'],
    attributes: ['attributes.lazy.ts'],
    marks: ['marks.lazy.ts'],
    room: ['room.lazy.ts'],
    free: ['free.lazy.ts'],
    match: ['match.lazy.ts'],
    mend: ['mend.lazy.ts'],
    format: ['format.lazy.ts'],
    fsck: ['check/boot.ts', 'check/directory.ts', 'check/fsck.lazy.ts', 'check/owners.ts', 'check/state.ts'],
  });
});

const BLOCK = 512;

function ramDisk(blocks: number): BlockDevice {
  const bytes = new Uint8Array(blocks * BLOCK);
  return {
    readblocks: (block, buf) => void buf.set(bytes.subarray(block * BLOCK, block * BLOCK + buf.length)),
    writeblocks: (block, buf) => bytes.set(buf, block * BLOCK),
    ioctl: (op) => (op === 4 ? blocks : op === 5 ? BLOCK : 0),
  };
}

/** The bundle with FAT as a device has it. `during` gives the parts of FAT that are loaded while `task` runs, in order. */
function device(): { Fat: typeof VfsFat; during(task: () => void): string[] } {
  const files = storedBundles('esp32', '-fat');
  const packed = readFileSync(distPath(files['vfs-parts']));
  const names: string[] = JSON.parse(readFileSync(`${distPath(files['vfs-parts'])}.map`, 'utf8')).x_parts;
  const loads: string[] = [];
  const storage = storedParts(packed, names.length, (section) => loads.push(names[section]));
  const vfs = {} as { VfsFat: typeof VfsFat };
  // biome-ignore lint/security/noGlobalEval: running it is the purpose
  // biome-ignore lint/complexity/noCommaOperator: indirect eval is global code
  (0, eval)(moduleExpression(readFileSync(distPath(files.vfs), 'latin1')))(vfs, () => storage);
  return {
    Fat: vfs.VfsFat,
    during: (task) => {
      loads.length = 0;
      task();
      return loads.filter((part) => /^modules\/fat\//.test(part)).map((part) => part.replace(/^.*modules\/fat\//, ''));
    },
  };
}

function volume() {
  const { Fat, during } = device();
  const disk = ramDisk(8192);
  Fat.mkfs(disk);
  const fs = new Fat(disk);
  fs.mkdir('/d');
  const file = fs.open('/d/f', 'w');
  file.write('x'.repeat(3000));
  file.close();
  return { fs, during };
}

const code = (name: string) => (error: Error & { code?: string }) => error.code === name;

test('reading, listing and stat load no part of FAT', () => {
  const { fs, during } = volume();
  const read = () => {
    const file = fs.open('/d/f', 'r');
    assert.is(file.read()?.length, 3000);
    file.close();
  };
  assert.equal(during(read), []);
  assert.equal(
    during(() => assert.is(fs.stat('/d/f')[6], 3000)),
    [],
  );
  assert.equal(
    during(() => {
      const list = fs.ilistdir('/d');
      while (!list.next().done);
    }),
    [],
  );
  assert.throws(() => fs.open('/none', 'r'), code('ENOENT'));
  assert.equal(
    during(() => fs.sync()),
    [],
  );
  assert.equal(
    during(() => fs.umount()),
    [],
  );
});

test('a file opened for writing loads the write path once, and no more until it is closed', () => {
  const { fs, during } = volume();
  const open = (mode: string) => fs.open('/log', mode);
  let file: ReturnType<typeof open> | undefined;
  assert.equal(
    during(() => {
      file = open('a');
    }),
    ['write'],
  );
  const log = file as ReturnType<typeof open>;
  assert.equal(
    during(() => {
      for (let i = 0; i < 300; i++) {
        log.write('a record of a sensor, 32 bytes.\n');
        log.flush();
      }
      log.truncate(5000);
      const other = fs.open('/other', 'w');
      other.write('x');
      other.close();
      const reader = fs.open('/d/f', 'r');
      reader.read();
      reader.close();
      fs.sync();
      log.write('more');
      log.close();
    }),
    [],
  );
  assert.equal(
    during(() => open('a').close()),
    ['write'],
  );
});

test('an open that fails leaves the write path no longer loaded than it takes', () => {
  const { fs, during } = volume();
  const fails = () => assert.throws(() => fs.open('/none', 'r+'), code('ENOENT'));
  assert.equal(during(fails), ['write']);
  assert.equal(during(fails), ['write']);
  const file = fs.open('/f', 'w');
  assert.equal(during(fails), []);
  file.close();
  assert.equal(during(fails), ['write']);
});

test('a file whose last sync fails lets the write path go', () => {
  const { Fat, during } = device();
  const disk = ramDisk(8192);
  const write = disk.writeblocks as NonNullable<BlockDevice['writeblocks']>;
  Fat.mkfs(disk);
  const fs = new Fat(disk);
  let broken = false;
  disk.writeblocks = (block, buf, offset) => (broken ? -5 : write(block, buf, offset as number));
  const file = fs.open('/f', 'w');
  file.write('x');
  broken = true;
  assert.throws(() => file.close(), code('EIO'));
  broken = false;
  assert.equal(
    during(() => fs.open('/g', 'w').close()),
    ['write'],
  );
});

test('a change of the tree loads what it needs once', () => {
  const { fs, during } = volume();
  const loaded = (task: () => void) => during(task).sort();
  assert.equal(
    loaded(() => fs.mkdir('/e')),
    ['directory', 'write'],
  );
  assert.equal(
    loaded(() => fs.rename('/d/f', '/e/a long name of it')),
    ['directory', 'write'],
  );
  assert.equal(
    loaded(() => fs.remove('/e/a long name of it')),
    ['directory', 'write'],
  );
  assert.equal(
    loaded(() => fs.rmdir('/e')),
    ['directory', 'write'],
  );
  const file = fs.open('/f', 'w');
  assert.equal(
    loaded(() => fs.mkdir('/e')),
    ['directory'],
  );
  file.close();
});

test.run();
