/** What looking for a volume reads: no sector of the boot area twice in a row. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type BlockDevice, mount, RAMBlockDev, umount, VfsExFat, VfsFat } from '../modules';

const START = 2048;

/** A device of whole blocks that notes for each time it is opened which blocks are read. */
function noting(blockSize: number, bytes: number): { bdev: BlockDevice; passes: number[][] } {
  const ram = new RAMBlockDev(blockSize, bytes / blockSize);
  const passes: number[][] = [];
  const bdev: BlockDevice = {
    readblocks(block, buf) {
      passes[passes.length - 1].push(block);
      return ram.readblocks(block, buf);
    },
    writeblocks: (block, buf) => ram.writeblocks(block, buf),
    ioctl(op, arg) {
      if (op === 1) passes.push([]);
      return ram.ioctl(op, arg);
    },
  };
  return { bdev, passes };
}

/** An MBR with one partition from `START` to the end. */
function table(bdev: BlockDevice, blockSize: number, blocks: number): void {
  const sector = new Uint8Array(blockSize);
  const view = new DataView(sector.buffer);
  sector[450] = 12;
  view.setUint32(454, START, true);
  view.setUint32(458, blocks - START, true);
  sector.set([0x55, 0xaa], 510);
  bdev.writeblocks?.(0, sector);
}

/** The blocks of a device behind the table, for a formatter. */
function behind(bdev: BlockDevice, blocks: number): BlockDevice {
  return {
    readblocks: (block, buf) => bdev.readblocks(block + START, buf),
    writeblocks: (block, buf) => bdev.writeblocks?.(block + START, buf),
    ioctl: (op, arg) => (op === 4 ? blocks - START : bdev.ioctl?.(op, arg)),
  };
}

function notTwice(blocks: number[]): void {
  for (let i = 1; i < blocks.length; i++) assert.is.not(blocks[i], blocks[i - 1], blocks.join());
}

for (const { name, Kind, blockSize, bytes, more } of [
  // What follows the boot sector: the mark in the FAT and FSInfo, or the mark alone; the root directory.
  { name: 'FAT32', Kind: VfsFat, blockSize: 512, bytes: 1 << 26, more: 2 },
  { name: 'FAT16', Kind: VfsFat, blockSize: 512, bytes: 1 << 23, more: 1 },
  { name: 'FAT in sectors of 4096 bytes', Kind: VfsFat, blockSize: 4096, bytes: 1 << 26, more: 1 },
  { name: 'exFAT', Kind: VfsExFat, blockSize: 512, bytes: 1 << 26, more: 1 },
  { name: 'exFAT in sectors of 4096 bytes', Kind: VfsExFat, blockSize: 4096, bytes: 1 << 26, more: 1 },
])
  for (const partitioned of [false, true])
    test(`${name}, ${partitioned ? 'in a partition' : 'on the whole device'}: no sector is read twice in a row, by a probe or a mount`, () => {
      const blocks = bytes / blockSize;
      const { bdev, passes } = noting(blockSize, bytes);
      const options = name === 'FAT32' ? { type: 32 } : undefined;
      if (partitioned) table(bdev, blockSize, blocks);
      // The number of a FAT volume is made of the time, and littlefs 1, which has its name there, looks further at two of 256.
      const clock = Date.now;
      Date.now = () => 1700000000000;
      Kind.mkfs(partitioned ? behind(bdev, blocks) : bdev, options as never);
      Date.now = clock;
      const boot = partitioned ? [0, START] : [0];

      passes.length = 0;
      mount(new Kind(bdev), '/a');
      const own = passes[passes.length - 1];
      umount('/a');
      notTwice(own);
      assert.equal(own.slice(0, boot.length), boot);
      assert.is(own.length, boot.length + more, own.join());

      passes.length = 0;
      mount(bdev, '/a');
      umount('/a');
      passes.forEach(notTwice);
      const probes = passes.filter((pass) => pass.length);
      assert.equal(probes[probes.length - 1], own);
      // Both littlefs, ROMFS, exFAT, wear levelling and FAT are asked in turn, all about one first block.
      const asked = passes.slice(0, -1).flat();
      assert.is(asked.filter((block) => !block).length, 1, passes.join('; '));
      if (!partitioned) assert.is(asked.length, 1, passes.join('; '));
    });

test.run();
