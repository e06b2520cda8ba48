/**
 * What a Zephyr application gives to the board's code: its flash map and its disks. Every call returns 0, or minus an
 * errno, as Zephyr's own functions do; `docs/zephyr.md` says which function stands behind which.
 */

/** An open flash area. Offsets are bytes from its start. */
export interface NativeFlashArea {
  /** Bytes. */
  size: number;
  /** What an erase must be a multiple of. */
  eraseSize: number;
  /** What a write must be a multiple of, `flash_area_align`: never written twice between two erases. Absent where it is not known. */
  align?: number;
  /** Fills `buf`. */
  read(offset: number, buf: Uint8Array): number;
  /** Programs erased bytes; offset and length are multiples of `align`. */
  write(offset: number, data: Uint8Array): number;
  erase(offset: number, length: number): number;
}

export interface NativeDisk {
  sectorSize: number;
  sectorCount: number;
  /** Whole sectors from `sector` on. */
  read(sector: number, buf: Uint8Array): number;
  write(sector: number, data: Uint8Array): number;
  sync(): number;
}

export interface NativeZephyr {
  /** Labels of the areas that volumes may use; with each its id and the size of an erase. */
  areas(): AreaTable;
  /** Nothing if there is no such area. */
  openArea(id: number): NativeFlashArea | undefined;
  disks(): string[];
  /** Initialises the disk. A negative errno if that fails, nothing if there is none of that name. */
  openDisk(name: string): NativeDisk | number | undefined;
}

export interface AreaTable {
  [label: string]: [id: number, eraseSize: number];
}

/** The application. Set by `useZephyr`. */
export const native: { zephyr: NativeZephyr | undefined } = { zephyr: undefined };
