/** A device that is gone, as a card that was taken out: unmounting by force lets go of it at the first call, whatever it says. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RAMBlockDev } from '../modules/blockdev';
import { vfsError } from '../modules/contract/errno';
import type { BlockDevice, FileSystem } from '../modules/contract/filesystem';
import * as vfs from '../modules/index';
import { buildRom } from '../modules/romfs/build';

const EIO = 5;
const EBADF = 9;
const ENODEV = 19;

const code = (expected: string) => (error: Error & { code?: string }) => error.code === expected;

test.after.each(() => {
  for (const [fs] of vfs.mount()) vfs.umount(fs, { force: true });
});

/** How a device says that it is gone. */
const ways: { [name: string]: () => number } = {
  'gives EIO': () => -EIO,
  'gives ENODEV': () => -ENODEV,
  throws: () => {
    throw new Error('SPI timeout');
  },
  'throws an error of ours': () => {
    throw vfsError(EIO, 'SDCard');
  },
};

/** A device that goes after so many calls, and may come back. */
class Leaving implements BlockDevice {
  calls = 0;
  last = Infinity;
  deinits = 0;
  answer: () => number = () => -EIO;
  constructor(private readonly inner: RAMBlockDev) {}
  private gone(): boolean {
    return ++this.calls > this.last;
  }
  readblocks(block: number, buf: Uint8Array, offset?: number): number {
    return this.gone() ? this.answer() : this.inner.readblocks(block, buf, offset);
  }
  writeblocks(block: number, buf: Uint8Array, offset?: number): number {
    return this.gone() ? this.answer() : this.inner.writeblocks(block, buf, offset);
  }
  /** What is on the medium. */
  image(): Uint8Array[] {
    const blocks: Uint8Array[] = [];
    for (let block = 0; block < Number(this.inner.ioctl(4, 0)); block++) {
      blocks.push(new Uint8Array(512));
      this.inner.readblocks(block, blocks[block]);
    }
    return blocks;
  }
  restore(blocks: Uint8Array[]): void {
    for (const [block, bytes] of blocks.entries()) this.inner.writeblocks(block, bytes);
  }
  ioctl(op: number, arg: number): number | undefined {
    if (op === 2) this.deinits++;
    return this.gone() ? this.answer() : this.inner.ioctl(op, arg);
  }
}

/** What lies on the device at first, and what is mounted over it. */
interface Kind {
  name: string;
  blocks?: number;
  prepare(bdev: BlockDevice): void;
  make(bdev: BlockDevice): FileSystem;
}

const rom = buildRom({ log: new TextEncoder().encode('in the image'), big: new Uint8Array(3000).fill(7) });

const kinds: Kind[] = [
  { name: 'littlefs 2', prepare: (bdev) => vfs.VfsLfs2.mkfs(bdev), make: (bdev) => new vfs.VfsLfs2(bdev) },
  { name: 'littlefs 1', prepare: (bdev) => vfs.VfsLfs1.mkfs(bdev), make: (bdev) => new vfs.VfsLfs1(bdev) },
  { name: 'FAT', prepare: (bdev) => vfs.VfsFat.mkfs(bdev), make: (bdev) => new vfs.VfsFat(bdev) },
  {
    name: 'FAT over wear levelling',
    blocks: 800,
    prepare: (bdev) => vfs.VfsFat.mkfs(new vfs.WearLevelling(bdev)),
    make: (bdev) => new vfs.VfsFat(new vfs.WearLevelling(bdev)),
  },
  { name: 'exFAT', blocks: 4096, prepare: (bdev) => vfs.VfsExFat.mkfs(bdev), make: (bdev) => new vfs.VfsExFat(bdev) },
  {
    name: 'an overlay',
    prepare: (bdev) => vfs.VfsLfs2.mkfs(bdev),
    make: (bdev) => new vfs.VfsOverlay(new vfs.VfsRom(rom), new vfs.VfsLfs2(bdev)),
  },
  {
    name: 'ROMFS',
    prepare: (bdev) => {
      for (let block = 0; block * 512 < rom.length; block++) {
        const piece = new Uint8Array(512);
        piece.set(rom.subarray(block * 512, block * 512 + 512));
        bdev.writeblocks?.(block, piece);
      }
    },
    make: (bdev) => new vfs.VfsRom(bdev),
  },
];

interface Used {
  files: vfs.VfsFile[];
  fds: number[];
}

/** Leaves files open, written to and read, and a listing under way; what the device refuses is passed over. */
function use(): Used {
  const used: Used = { files: [], fds: [] };
  const step = (work: () => void): void => {
    try {
      work();
    } catch {
      // It is gone, or the volume is read-only.
    }
  };
  step(() => vfs.mkdir('/v/dir'));
  step(() => vfs.writeFile('/v/dir/kept', 'k'.repeat(700)));
  step(() => vfs.chdir('/v/dir'));
  for (const mode of ['a', 'r']) {
    step(() => {
      const file = vfs.open(mode === 'a' ? '/v/log' : '/v/big', mode);
      used.files.push(file);
      if (mode === 'a') {
        file.write('synced\n'.repeat(100));
        file.flush();
        file.write('not synced\n'.repeat(100));
      } else file.read(100);
    });
  }
  step(() => {
    const n = vfs.fd.open('/v/new', vfs.fd.O_CREAT | vfs.fd.O_RDWR);
    used.fds.push(n);
    vfs.fd.write(n, 'by number');
  });
  step(() => {
    const file = vfs.open('/v/taken', 'w');
    used.files.push(file);
    file.reserve(5000);
    file.write('less');
  });
  step(() => void vfs.ilistdir('/v').next());
  step(() => vfs.remove('/v/dir/kept'));
  return used;
}

for (const kind of kinds)
  for (const [way, answer] of Object.entries(ways))
    test(`${kind.name} on a device that ${way}: gone at any moment, a forced umount lets go at once, and what comes then is mounted`, () => {
      const bdev = new Leaving(new RAMBlockDev(512, kind.blocks || 128));
      bdev.answer = answer;
      kind.prepare(bdev);
      const before = bdev.image();
      let moments = 0;
      // All that is written takes some 500 calls.
      for (let more = 0, all = false; !all; more += 1 + (more >> 5)) {
        bdev.restore(before);
        const fs = kind.make(bdev);
        vfs.mount(fs, '/v');
        bdev.last = bdev.calls + more;
        const used = use();
        all = bdev.calls <= bdev.last;
        bdev.last = 0;
        const ended = bdev.deinits;
        vfs.umount('/v', { force: true });
        moments++;
        assert.equal(vfs.mount(), []);
        assert.is(vfs.getcwd(), '/');
        assert.is(bdev.deinits, ended + 1);
        for (const file of used.files) {
          assert.throws(() => file.read(1), code('EBADF'));
          assert.throws(() => file.write('x'), code('EBADF'));
          file.close();
        }
        for (const n of used.fds) {
          assert.throws(() => vfs.fd.read(n, new Uint8Array(1)), code('EBADF'));
          vfs.fd.close(n);
        }
        // The same card again, or another.
        bdev.last = Infinity;
        bdev.restore(before);
        vfs.mount(fs, '/v');
        assert.is(vfs.listdir('/v').includes('new'), false);
        vfs.umount('/v');
        assert.is(bdev.deinits, ended + 2);
      }
      assert.ok(moments > (kind.name === 'ROMFS' ? 2 : 20), String(moments));
    });

test('what only a forced umount passes over is told without force, and the mount is gone as well', () => {
  for (const kind of kinds.filter(({ name }) => name !== 'ROMFS')) {
    const bdev = new Leaving(new RAMBlockDev(512, kind.blocks || 128));
    kind.prepare(bdev);
    vfs.mount(kind.make(bdev), '/v');
    vfs.writeFile('/v/a', 'a');
    bdev.answer = ways.throws;
    bdev.last = 0;
    assert.throws(() => vfs.umount('/v'), /SPI timeout/);
    assert.equal(vfs.mount(), [], kind.name);
  }
});

test('a file system of one’s own that refuses to be unmounted goes by force, whatever it throws', () => {
  for (const thrown of [undefined, 'text', new TypeError('mine'), vfsError(EBADF, 'close')]) {
    const throwing = () => {
      throw thrown;
    };
    const fs: FileSystem = { open: () => ({ readAt: () => 0, size: () => 0, close: throwing }), umount: throwing };
    vfs.mount(fs, '/u');
    const file = vfs.open('/u/f');
    vfs.umount('/u', { force: true });
    assert.equal(vfs.mount(), []);
    assert.throws(() => file.read(), code('EBADF'));
  }
});

test.run();
