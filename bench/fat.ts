/** FAT: device calls beside FatFs (js-fatfs), and throughput beside js-fatfs, fatfs-wasm and fatfs, all over the same image in memory. */
import * as FatFs from 'js-fatfs';
import type { BlockDevice, RawFile } from '../modules/contract/filesystem';
import { VfsFat } from '../modules/fat';

const SECTOR = 512;
const SIZE = 16 * 1024 * 1024;
const FILE = 1024 * 1024;
const PIECE = 4096;
const SMALL = 50;

interface Count {
  reads: number;
  readSectors: number;
  writes: number;
  writtenSectors: number;
}

/** One implementation at work on one image. */
interface Contender {
  /** Writes a new file from pieces, reads one in pieces, makes or reads small files. */
  write(name: string, pieces: Uint8Array[]): Promise<void>;
  read(name: string, pieces: number, piece: Uint8Array): Promise<void>;
}

const content = Uint8Array.from({ length: FILE }, (_, i) => (i * 7 + (i >> 9)) & 255);
const pieces = Array.from({ length: FILE / PIECE }, (_, i) => content.subarray(i * PIECE, (i + 1) * PIECE));

/** An empty FAT16 volume with clusters of 2048 bytes. */
function freshImage(): Uint8Array {
  const image = new Uint8Array(SIZE);
  VfsFat.mkfs?.(blockDevice(image), { type: 16, clusterSize: 2048 });
  return image;
}

function blockDevice(image: Uint8Array, count?: Count): BlockDevice {
  return {
    readblocks: (block, buf) => {
      buf.set(image.subarray(block * SECTOR, block * SECTOR + buf.length));
      if (count) countRead(count, buf.length / SECTOR);
    },
    writeblocks: (block, buf) => {
      image.set(buf, block * SECTOR);
      if (count) countWrite(count, buf.length / SECTOR);
    },
    ioctl: (op) => (op === 4 ? image.length / SECTOR : op === 5 ? SECTOR : 0),
  };
}

function countRead(count: Count, sectors: number): void {
  count.reads++;
  count.readSectors += sectors;
}

function countWrite(count: Count, sectors: number): void {
  count.writes++;
  count.writtenSectors += sectors;
}

async function ours(image: Uint8Array, count: Count): Promise<Contender> {
  const fs = new VfsFat(blockDevice(image, count));
  fs.mount(false, false);
  return {
    write: async (name, all) => {
      const file = fs.open('/' + name, 'w') as RawFile;
      let at = 0;
      for (const piece of all) {
        file.writeAt(at, piece);
        at += piece.length;
      }
      file.close();
    },
    read: async (name, n, piece) => {
      const file = fs.open('/' + name, 'r') as RawFile;
      for (let i = 0; i < n; i++)
        if (file.readAt(i * piece.length, piece) !== piece.length) throw new Error(`microvfs: short read of ${name}`);
      file.close();
    },
  };
}

async function jsFatFs(image: Uint8Array, count: Count): Promise<Contender> {
  const ff = await FatFs.create({
    diskio: {
      initialize: () => 0,
      status: () => 0,
      read: (at, _drive, buff, sector, n) => {
        at.HEAPU8.set(image.subarray(sector * SECTOR, (sector + n) * SECTOR), buff);
        countRead(count, n);
        return FatFs.RES_OK;
      },
      write: (at, _drive, buff, sector, n) => {
        image.set(at.HEAPU8.subarray(buff, buff + n * SECTOR), sector * SECTOR);
        countWrite(count, n);
        return FatFs.RES_OK;
      },
      ioctl: (at, _drive, command, buff) => {
        if (command === FatFs.GET_SECTOR_SIZE) at.setValue(buff, SECTOR, 'i16');
        if (command === FatFs.GET_SECTOR_COUNT) at.setValue(buff, image.length / SECTOR, 'i32');
        return FatFs.RES_OK;
      },
    },
  });
  const check = (result: number): void => {
    if (result !== FatFs.FR_OK) throw new Error(`FatFs says ${result}`);
  };
  check(ff.f_mount(ff.malloc(FatFs.sizeof_FATFS), '', 1));
  const file = ff.malloc(FatFs.sizeof_FIL);
  const buffer = ff.malloc(FILE);
  const moved = ff.malloc(4);
  return {
    write: async (name, all) => {
      check(ff.f_open(file, name, FatFs.FA_WRITE | FatFs.FA_CREATE_ALWAYS));
      for (const piece of all) {
        ff.HEAPU8.set(piece, buffer);
        check(ff.f_write(file, buffer, piece.length, moved));
      }
      check(ff.f_close(file));
    },
    read: async (name, n, piece) => {
      check(ff.f_open(file, name, FatFs.FA_READ));
      for (let i = 0; i < n; i++) {
        check(ff.f_read(file, buffer, piece.length, moved));
        piece.set(ff.HEAPU8.subarray(buffer, buffer + piece.length));
      }
      check(ff.f_close(file));
    },
  };
}

/** It has the image in its own memory, so that there are no calls to count. */
async function fatFsWasm(image: Uint8Array): Promise<Contender> {
  const { FatFsDisk, FatFsMode } = await import('fatfs-wasm');
  const disk = await FatFsDisk.create(image);
  disk.mount();
  return {
    write: async (name, all) => {
      const file = disk.open(name, FatFsMode.WRITE | FatFsMode.CREATE_ALWAYS);
      for (const piece of all) file.write(piece);
      file.close();
    },
    read: async (name, n, piece) => {
      const file = disk.open(name, FatFsMode.READ);
      for (let i = 0; i < n; i++) file.read(piece);
      file.close();
    },
  };
}

interface NodeFatfs {
  open(path: string, flags: string, done: (error: unknown, fd: unknown) => void): void;
  write(fd: unknown, buf: Buffer, off: number, n: number, pos: number, done: (error: unknown) => void): void;
  read(fd: unknown, buf: Buffer, off: number, n: number, pos: number, done: (error: unknown) => void): void;
  close(fd: unknown, done: (error: unknown) => void): void;
}

/** JavaScript alone, with callbacks. */
async function nodeFatfs(image: Uint8Array, count: Count): Promise<Contender> {
  // @ts-expect-error: it has no types
  const { default: fatfs } = await import('fatfs');
  const driver = {
    sectorSize: SECTOR,
    numSectors: image.length / SECTOR,
    readSectors: (sector: number, target: Buffer, done: (error: unknown, data: Buffer) => void) => {
      target.set(image.subarray(sector * SECTOR, sector * SECTOR + target.length));
      countRead(count, target.length / SECTOR);
      setImmediate(done, null, target);
    },
    writeSectors: (sector: number, data: Buffer, done: (error: unknown) => void) => {
      image.set(data, sector * SECTOR);
      countWrite(count, data.length / SECTOR);
      setImmediate(done, null);
    },
  };
  const fs = await new Promise<NodeFatfs>((resolve, reject) => {
    const made = fatfs.createFileSystem(driver, {}, (error: unknown) => (error ? reject(error) : resolve(made)));
  });
  const call = <T>(run: (done: (error: unknown, value?: T) => void) => void): Promise<T> =>
    new Promise((resolve, reject) => run((error, value) => (error ? reject(error) : resolve(value as T))));
  return {
    write: async (name, all) => {
      const fd = await call((done) => fs.open('/' + name, 'w', done));
      let at = 0;
      for (const piece of all) {
        const from = at;
        await call((done) => fs.write(fd, Buffer.from(piece), 0, piece.length, from, done));
        at += piece.length;
      }
      await call((done) => fs.close(fd, done));
    },
    read: async (name, n, piece) => {
      const fd = await call((done) => fs.open('/' + name, 'r', done));
      const buffer = Buffer.alloc(piece.length);
      for (let i = 0; i < n; i++) await call((done) => fs.read(fd, buffer, 0, buffer.length, i * buffer.length, done));
      piece.set(buffer);
      await call((done) => fs.close(fd, done));
    },
  };
}

const CONTENDERS: [string, (image: Uint8Array, count: Count) => Promise<Contender>, boolean][] = [
  ['microvfs', ours, true],
  ['FatFs (js-fatfs)', jsFatFs, true],
  ['FatFs (fatfs-wasm)', fatFsWasm, false],
  ['fatfs', nodeFatfs, true],
];

/** The workloads, and the bytes each moves. */
const WORKLOADS: [string, number, (one: Contender) => Promise<void>][] = [
  [`write 1 MB by ${PIECE}`, FILE, (one) => one.write('BIG.BIN', pieces)],
  [`read 1 MB by ${PIECE}`, FILE, (one) => one.read('BIG.BIN', FILE / PIECE, new Uint8Array(PIECE))],
  ['write 1 MB at once', FILE, (one) => one.write('ONCE.BIN', [content])],
  ['read 1 MB at once', FILE, (one) => one.read('ONCE.BIN', 1, new Uint8Array(FILE))],
  [
    `make ${SMALL} files of 100`,
    SMALL * 100,
    async (one) => {
      for (let i = 0; i < SMALL; i++) await one.write(`F${i}.TXT`, [content.subarray(0, 100)]);
    },
  ],
];

/** What a contender gets for each workload, in milliseconds, and in rounds at most: its best counts, when its code is compiled. */
const TIME = 600;
const ROUNDS = 200;

/** Prints both tables; false if a sequential megabyte takes more calls than FatFs needs. */
export async function printFat(): Promise<boolean> {
  const calls = new Map<string, number>();
  console.log(
    '\nFAT16, 512-byte sectors, clusters of 2048: device calls (sectors), and MB/s over memory, the best of many rounds by turns',
  );
  console.log('workload'.padEnd(24) + CONTENDERS.map(([name]) => name.padStart(38)).join(''));
  const contenders = await Promise.all(
    CONTENDERS.map(async ([name, make, counts]) => {
      const count: Count = { reads: 0, readSectors: 0, writes: 0, writtenSectors: 0 };
      return { name, counts, count, one: await make(freshImage(), count), cell: '', spent: 0, best: Infinity };
    }),
  );
  for (const [title, bytes, run] of WORKLOADS) {
    for (const each of contenders) Object.assign(each, { cell: '', spent: 0, best: Infinity });
    for (let round = 0; round < ROUNDS; round++)
      for (const each of contenders) {
        if (each.spent > TIME || each.cell.startsWith('fails')) continue;
        const { count } = each;
        Object.assign(count, { reads: 0, readSectors: 0, writes: 0, writtenSectors: 0 });
        const start = process.hrtime.bigint();
        try {
          await run(each.one);
          const took = Number(process.hrtime.bigint() - start) / 1e6;
          each.spent += took;
          each.best = Math.min(each.best, took);
        } catch (error) {
          each.cell = 'fails: ' + String((error as Error).message).slice(0, 24);
        }
        // Later rounds write over what there is.
        if (round || each.cell) continue;
        if (each.counts) each.cell = `${count.reads} r (${count.readSectors}), ${count.writes} w (${count.writtenSectors})`;
        calls.set(each.name + title, count.reads + count.writes);
      }
    const speed = ({ cell, best }: { cell: string; best: number }) =>
      cell.startsWith('fails') ? cell : `${cell} ${((bytes / 1048576 / best) * 1e3).toFixed(bytes < FILE ? 2 : 0)}`;
    console.log(title.padEnd(24) + contenders.map((each) => speed(each).padStart(38)).join(''));
  }
  return WORKLOADS.filter(([, bytes]) => bytes === FILE).every(
    ([title]) => (calls.get('microvfs' + title) as number) <= (calls.get('FatFs (js-fatfs)' + title) as number),
  );
}
