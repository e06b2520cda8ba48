/** Kaluma's modules as its documentation and sources have them: flash over a simulated chip, SPI over a slot for cards, its `fs` with its mounts. */

import type { NorFlash } from '../../boards/sim';
import type { SimSdSlot } from '../../boards/sim/sdcard-slot';

const SECTOR = 4096;
const PAGE = 256;

/** All of the buffer that an array lies in, whatever part of it the array is. */
const whole = (data: Uint8Array) => new Uint8Array(data.buffer);

class SystemError extends Error {
  constructor(readonly errno: number) {
    super(`errno ${errno}`);
  }
}

interface Mounted {
  path: string;
  mount(): void;
  unmount(): void;
  open(path: string, flags: number, mode: number): number;
  read(id: number, ...args: unknown[]): number;
  write(id: number, ...args: unknown[]): number;
  close(id: number): void;
  unlink(path: string): void;
  rename(from: string, to: string): void;
  stat(path: string): { type: number; size: number };
  readdir(path: string): string[];
  mkdir(path: string): void;
  rmdir(path: string): void;
}

const FLAGS: { [flags: string]: number } = { r: 1, 'r+': 3, w: 38, wx: 18, 'w+': 35, a: 8, 'a+': 9, ax: 24 };

/** `require('fs')`. */
export function kalumaFsModule() {
  const kinds: { [kind: string]: new (device: unknown) => Mounted } = {};
  const mounts: Mounted[] = [];
  const files: { vfs: Mounted; id: number }[] = [];
  const inside = (path: string): [Mounted, string] => {
    for (const one of mounts) {
      if (one.path === '/') return [one, path];
      if (path === one.path || path.startsWith(one.path + '/')) return [one, path.slice(one.path.length) || '/'];
    }
    throw new SystemError(-2);
  };
  const fs = {
    __mounts: mounts,
    register(kind: string, made: new (device: unknown) => Mounted) {
      kinds[kind] = made;
    },
    mount(path: string, device: unknown, kind: string) {
      const vfs = new kinds[kind](device);
      vfs.mount();
      vfs.path = path;
      mounts.push(vfs);
      mounts.sort((a, b) => b.path.split('/').filter(Boolean).length - a.path.split('/').filter(Boolean).length);
    },
    unmount(path: string) {
      const at = mounts.findIndex((one) => one.path === path);
      if (at >= 0) mounts.splice(at, 1)[0].unmount();
    },
    open(path: string, flags: string): number {
      const [vfs, rest] = inside(path);
      return files.push({ vfs, id: vfs.open(rest, FLAGS[flags], 0o666) }) - 1;
    },
    read: (fd: number, ...args: unknown[]) => files[fd].vfs.read(files[fd].id, ...args),
    write: (fd: number, ...args: unknown[]) => files[fd].vfs.write(files[fd].id, ...args),
    close: (fd: number) => files[fd].vfs.close(files[fd].id),
    readFile(path: string): Uint8Array {
      const buffer = new Uint8Array(fs.stat(path).size);
      const fd = fs.open(path, 'r');
      fs.read(fd, buffer, 0, buffer.length, 0);
      fs.close(fd);
      return buffer;
    },
    writeFile(path: string, data: Uint8Array) {
      const fd = fs.open(path, 'w');
      fs.write(fd, data, 0, data.length, 0);
      fs.close(fd);
    },
    stat(path: string) {
      const [vfs, rest] = inside(path);
      return vfs.stat(rest);
    },
    /** With the paths as they came, which is what Kaluma 1.3 does. */
    rename: (from: string, to: string) => inside(from)[0].rename(from, to),
    unlink(path: string) {
      const [vfs, rest] = inside(path);
      vfs.unlink(rest);
    },
    mkdir(path: string) {
      const [vfs, rest] = inside(path);
      vfs.mkdir(rest);
    },
    rmdir(path: string) {
      const [vfs, rest] = inside(path);
      vfs.rmdir(rest);
    },
    readdir(path: string) {
      const [vfs, rest] = inside(path);
      return vfs.readdir(rest);
    },
  };
  return fs;
}

/** The global object of a board. Its own volume is mounted at `/`. */
export function kalumaBoard(nor: NorFlash, slot: SimSdSlot, name = 'pico') {
  class Flash {
    constructor(
      readonly base = 0,
      readonly count = nor.geometry.size / SECTOR,
    ) {}
    read(block: number, buffer: Uint8Array, offset = 0): void {
      // The length is that of the array, the place is the start of the buffer it lies in.
      nor.read((this.base + block) * SECTOR + offset, whole(buffer).subarray(0, buffer.length));
    }
    write(block: number, buffer: Uint8Array, offset = 0): void {
      const at = (this.base + block) * SECTOR + offset;
      // What does not begin and end with a page is refused, and nobody is told.
      if (at % PAGE || buffer.length % PAGE) return;
      nor.program(at, whole(buffer).subarray(0, buffer.length));
    }
    ioctl(op: number, arg = 0): number {
      if (op === 4) return this.count;
      if (op === 5) return SECTOR;
      if (op === 6) nor.erase((this.base + arg) * SECTOR);
      return op === 7 ? PAGE : 0;
    }
  }
  class SPI {
    constructor(
      readonly bus: number,
      options: { [setting: string]: unknown } = {},
    ) {
      slot.spi.setup({ ...options, baud: options.baudrate });
    }
    transfer(data: Uint8Array): Uint8Array {
      return slot.spi.send(whole(data)) as Uint8Array;
    }
    send(data: Uint8Array): number {
      slot.spi.write(whole(data));
      return data.length;
    }
    close(): void {}
  }
  const fs = kalumaFsModule();
  let unmounted = 0;
  const own = { path: '/', unmount: () => unmounted++ } as unknown as Mounted;
  fs.__mounts.push(own);
  const modules: { [name: string]: unknown } = { flash: { Flash }, spi: { SPI }, fs };
  return {
    fs,
    /** How often Kaluma's own volume was asked to go. */
    unmounted: () => unmounted,
    global: {
      require: (module: string) => {
        if (module in modules) return modules[module];
        throw new Error('Failed to load module: ' + module);
      },
      board: { name },
      OUTPUT: 1,
      pinMode() {},
      digitalWrite: (_pin: number, level: number) => slot.cs.write(level),
    },
  };
}
