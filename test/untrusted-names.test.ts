/** Trees that are damaged: names that are paths, directories in themselves. Nothing leaves the directory it was given, and all ends. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RAMBlockDev } from '../modules/blockdev';
import type { VfsError } from '../modules/contract/errno';
import type { BlockDevice, DirEntry, FileSystem } from '../modules/contract/filesystem';
import { VfsFat } from '../modules/fat';
import { VfsLfs2 } from '../modules/littlefs2';
import * as vfs from '../modules/vfs';
import { layout } from './support/fat-damage';
import { editLog, takeApart, u32le } from './support/lfs2-edit';

/** Bytes as a device of either kind, which counts its reads and stops what goes on for ever. */
class Bytes implements BlockDevice {
  image: Uint8Array;
  size: number;
  reads = 0;
  constructor(image: Uint8Array, size: number) {
    this.image = image;
    this.size = size;
  }
  readblocks(block: number, buf: Uint8Array, offset?: number): void {
    if (++this.reads > 30000) throw new Error('goes on and on');
    const at = block * this.size + (offset || 0);
    buf.set(this.image.subarray(at, at + buf.length));
  }
  writeblocks(block: number, buf: Uint8Array, offset?: number): void {
    this.image.set(buf, block * this.size + (offset || 0));
  }
  ioctl(op: number, block: number): number {
    if (op === 6) this.image.fill(0xff, block * this.size, (block + 1) * this.size);
    return op === 4 ? this.image.length / this.size : op === 5 ? this.size : 0;
  }
}

function mounted(work: () => void, ...volumes: [FileSystem, string][]): void {
  for (const [fs, point] of volumes) vfs.mount(fs, point);
  try {
    work();
  } finally {
    for (const [, point] of volumes.reverse()) vfs.umount(point);
  }
}

/** Walks and removes `/m/d`: each ends, with an error or without, and `/m/keep` and `/own` stay. */
function staysInside(what: string, fs: FileSystem, device: Bytes): void {
  const own = new RAMBlockDev(512, 64);
  VfsLfs2.mkfs(own);
  const ends = (work: () => void): string => {
    device.reads = 0;
    try {
      work();
      return 'done';
    } catch (error) {
      assert.ok((error as VfsError).code, `${what}: ${(error as Error).message}`);
      return (error as VfsError).code;
    }
  };
  mounted(
    () => {
      vfs.writeFile('/own', 'precious');
      ends(() => {
        const steps = vfs.walk('/m');
        let n = 0;
        for (let step = steps.next(); !step.done; step = steps.next()) {
          assert.ok(++n < 300, `${what}: the walk goes on`);
          for (const name of [...(step.value as vfs.WalkStep)[1], ...(step.value as vfs.WalkStep)[2]])
            assert.ok(name && name !== '.' && name !== '..' && !/[/\0]/.test(name), `${what}: ${JSON.stringify(name)}`);
        }
      });
      ends(() => vfs.rmtree('/m/d'));
      assert.is(vfs.readFile('/own', 'utf8'), 'precious', what);
      assert.is(vfs.readFile('/m/keep', 'utf8'), 'kept', what);
    },
    [new VfsLfs2(own), '/'],
    [fs, '/m'],
  );
}

function fill(): void {
  vfs.writeFile('/m/keep', 'kept');
  vfs.makedirs('/m/d/inner/deep');
  vfs.mkdir('/m/e');
  vfs.writeFile('/m/d/XXXXXXXXXXXX', 'decoy');
  vfs.writeFile('/m/d/inner/file', 'file');
  vfs.writeFile('/m/e/other', 'other');
}

const names = ['..', '.', '', '/', '../../own', '../keep', 'a/b', '/own', 'a\0b', '\0'];

test('littlefs 2: names that are paths are not listed, and lead nowhere', () => {
  for (const name of names) {
    const made = new Bytes(new Uint8Array(64 * 512).fill(0xff), 512);
    VfsLfs2.mkfs(made);
    mounted(fill, [new VfsLfs2(made), '/m']);
    let edited = 0;
    for (let block = 0; block < 64; block++) {
      const log = takeApart(made.image.subarray(block * 512, block * 512 + 512));
      if (!log?.tags.some(({ data }) => Buffer.from(data).toString() === 'XXXXXXXXXXXX')) continue;
      editLog(made.image, 512, block, (tags) => {
        for (const tag of tags)
          if (Buffer.from(tag.data).toString() === 'XXXXXXXXXXXX') {
            tag.data = Buffer.from(name);
            tag.length = tag.data.length;
            edited++;
          }
      });
    }
    assert.ok(edited, name);
    staysInside(JSON.stringify(name), new VfsLfs2(made), made);
  }
});

/** The pair that a directory's entry in `image` names, by what is in the directory's log. */
test('littlefs 2: a directory in itself, or in one below it, is ECORRUPT', () => {
  for (const target of ['root', 'd', 'inner', 'e']) {
    const made = new Bytes(new Uint8Array(64 * 512).fill(0xff), 512);
    VfsLfs2.mkfs(made);
    mounted(fill, [new VfsLfs2(made), '/m']);
    // The structs of directories, by the name that is in the same log.
    const pairs: Record<string, Uint8Array> = { root: u32le(0, 1) };
    for (let block = 0; block < 64; block++) {
      const tags = takeApart(made.image.subarray(block * 512, block * 512 + 512))?.tags ?? [];
      for (const name of tags) {
        const text = Buffer.from(name.data).toString();
        if (!['d', 'inner', 'e', 'deep'].includes(text)) continue;
        const struct = tags.find(({ id, type }) => id === name.id && type === 0x200);
        if (struct) pairs[text] = struct.data;
      }
    }
    let edited = 0;
    for (let block = 0; block < 64; block++) {
      const tags = takeApart(made.image.subarray(block * 512, block * 512 + 512))?.tags ?? [];
      if (!tags.some(({ data }) => Buffer.from(data).toString() === 'deep')) continue;
      editLog(made.image, 512, block, (all) => {
        const id = all.find(({ data }) => Buffer.from(data).toString() === 'deep')?.id;
        for (const tag of all)
          if (tag.id === id && tag.type === 0x200) {
            tag.data = pairs[target];
            edited++;
          }
      });
    }
    assert.ok(edited && pairs[target], target);
    if (target !== 'e')
      mounted(() => {
        assert.throws(
          () => vfs.stat('/m/d/inner/deep'),
          (error: VfsError) => error.code === 'ECORRUPT',
          target,
        );
      }, [new VfsLfs2(new Bytes(made.image.slice(), 512)), '/m']);
    staysInside(target, new VfsLfs2(made), made);
  }
});

test('FAT: a directory in itself, or in one below it, is ECORRUPT', () => {
  for (const [type, sectors] of [
    [12, 400],
    [16, 5000],
    [32, 70000],
  ])
    for (const target of ['root', 'D', 'INNER', 'E']) {
      const made = new Bytes(new Uint8Array(sectors * 512), 512);
      VfsFat.mkfs?.(made, { type, clusterSize: 512 });
      mounted(fill, [new VfsFat(made), '/m']);
      const at = (name: string): number => {
        const l = layout(made.image);
        for (let i = l.root; i < l.end; i += 32)
          if (Buffer.from(made.image.subarray(i, i + 11)).toString() === name.padEnd(11) && made.image[i + 11] === 16) return i;
        throw new Error(name);
      };
      const first = target === 'root' ? [type === 32 ? 2 : 0, 0] : [...made.image.subarray(at(target) + 26, at(target) + 28)];
      made.image.set(first, at('DEEP') + 26);
      if (target !== 'E')
        mounted(() => {
          assert.throws(
            () => vfs.listdir('/m/d/inner/deep'),
            (error: VfsError) => error.code === 'ECORRUPT',
            `FAT${type}, ${target}`,
          );
        }, [new VfsFat(new Bytes(made.image.slice(), 512)), '/m']);
      staysInside(`FAT${type}, ${target}`, new VfsFat(made), made);
    }
});

test("a user's file system that lists paths is not followed outside", () => {
  const removed: string[] = [];
  const fs: FileSystem = {
    ilistdir: (path) =>
      (path === '/' || path === '/d'
        ? [...names.map((name, i) => [name, i % 2 ? 0x8000 : 0x4000, 0, 0]), ['fine', 0x8000, 0, 0]]
        : []) as DirEntry[],
    stat: () => [0x4000, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    remove: (path) => {
      removed.push(path);
    },
    rmdir: (path) => {
      removed.push(path);
    },
  };
  mounted(() => {
    assert.equal(vfs.listdir('/m'), ['fine']);
    vfs.rmtree('/m/d');
  }, [fs, '/m']);
  assert.equal(removed, ['/d/fine', '/d']);
});

test.run();
