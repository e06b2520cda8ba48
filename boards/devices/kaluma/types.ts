/** What Kaluma's modules give (`require('flash')`, `'spi'`, `'fs'`), as its documentation and its sources have them. */

/** Sectors of the flash. A buffer is taken from the start of its `ArrayBuffer` and as a whole, whatever view of it is given. */
export interface KalumaFlash {
  read(block: number, buffer: Uint8Array, offset?: number): void;
  /** Whole pages of 256 bytes. */
  write(block: number, buffer: Uint8Array, offset?: number): void;
  /** 4 counts sectors, 5 their bytes, 6 erases one. */
  ioctl(op: number, arg?: number): number;
}

/** As `KalumaFlash` in what it makes of a buffer. */
export interface KalumaSpiBus {
  transfer(data: Uint8Array, timeout?: number): Uint8Array;
  send(data: Uint8Array, timeout?: number): number;
  close(): void;
}

/** A kind of file system for Kaluma's `fs`, which makes one of the third argument of its `mount`. */
export type KalumaKind = new (tree: string) => object;

export interface KalumaFs {
  register(kind: string, made: KalumaKind): void;
  mount(path: string, device: unknown, kind: string, mkfs?: boolean): void;
  unmount(path: string): void;
}

/** The global object. */
export interface Kaluma {
  require(name: 'flash'): { Flash: new (base?: number, count?: number) => KalumaFlash };
  require(name: 'spi'): { SPI: new (bus: number, options?: { [setting: string]: unknown }) => KalumaSpiBus };
  require(name: 'fs'): KalumaFs;
  board: { name: string };
  pinMode(pin: number, mode: number): void;
  digitalWrite(pin: number, level: number): void;
  OUTPUT: number;
}

export interface KalumaPlace {
  /** The first sector that the volume may have. */
  base: number;
  /** How many. */
  count: number;
}
