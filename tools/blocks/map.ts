/** What each block of a volume is, and which file has it. */

/** Kinds of blocks. */
export const FREE = 0;
/** Directories: metadata pairs of a littlefs, clusters of FAT and exFAT. */
export const DIRECTORY = 1;
/** Content of a file. */
export const DATA = 2;
/** What belongs to the volume as a whole: superblock, boot sector, FAT, bitmap. */
export const SYSTEM = 3;
/** The volume says that it is not to be used. */
export const BAD = 4;
/** In use, and of no file. */
export const LOST = 5;
/** Free, and nothing but 0xFF. */
export const ERASED = 6;

/** As people say it, by kind. */
export const kindNames = ['free', 'directory', 'file', 'system', 'bad', 'lost', 'erased'];

/** Blocks of one size, one behind the other. */
export interface Area {
  name: string;
  /** What the format calls one of them: `block`, `sector`, `cluster`. */
  term: string;
  /** Where it begins, in bytes from the begin of the volume; -1 where its blocks are moved about (wear levelling). */
  offset: number;
  /** Bytes of a block. */
  unit: number;
  /** The index of its first block in the map, and how many there are. */
  first: number;
  count: number;
  /** The number that the format gives to the first of them: clusters begin with 2. */
  base: number;
}

/** What a medium tells of how often its blocks were erased. */
export interface Wear {
  /** What is counted: `revision`, of the metadata pairs of a littlefs, each block of which is erased at every second; `erases`. */
  term: string;
  /** For each block; 0 where nothing is told. */
  counts: Uint32Array;
}

export interface BlockMap {
  areas: Area[];
  /** The kind of each block. */
  kinds: Uint8Array;
  /** An index of `paths` for each block, -1 where it belongs to none. */
  owners: Int32Array;
  paths: string[];
  /** Absent where the medium tells nothing. */
  wear?: Wear;
  /** Why it is not complete. */
  problem?: string;
}

/** A map that is being made. */
export class MapMaker {
  readonly areas: Area[];
  readonly kinds: Uint8Array;
  readonly owners: Int32Array;
  readonly paths: string[] = [];
  problem: string | undefined;
  wear: Wear | undefined;

  constructor(areas: Omit<Area, 'first'>[]) {
    let first = 0;
    this.areas = areas.map((area) => {
      const placed = { ...area, first };
      first += area.count;
      return placed;
    });
    this.kinds = new Uint8Array(first);
    this.owners = new Int32Array(first).fill(-1);
  }

  /** @returns the number of a path, for `claim` */
  own(path: string): number {
    return this.paths.push(path) - 1;
  }

  /** Gives a block to somebody. @returns false if it is another's, or is not there */
  claim(index: number, kind: number, owner: number): boolean {
    if (!(index >= 0 && index < this.kinds.length) || this.owners[index] >= 0) return false;
    this.kinds[index] = kind;
    this.owners[index] = owner;
    return true;
  }

  /** Notes what went wrong in a part of the volume, and goes on with the rest. */
  attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error as { code?: string }).code) throw error;
      this.problem ??= (error as Error).message;
    }
  }

  done(): BlockMap {
    const { areas, kinds, owners, paths, wear, problem } = this;
    return { areas, kinds, owners, paths, ...(wear && { wear }), ...(problem !== undefined && { problem }) };
  }
}
