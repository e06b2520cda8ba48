import type { VfsError } from '../../modules/contract/errno';
import { type DirEntry, TYPE_DIR } from '../../modules/contract/filesystem';
import { atTime } from './clock';
import type { Format, Volume } from './formats';
import { baseName, byName, type Entry, joined, NOTHING, PlaceError, placeText, reasonIn, type Tree, type Usage, usageOf } from './tree';

const PIECE = 65536;

/** A volume of one of the formats. What it is opened with is closed by `close`. */
export class VolumeTree implements Tree {
  readonly title: string;
  readonly format: string;
  readonly times: number;
  readonly volume: Volume;

  /** @throws PlaceError if it cannot be mounted */
  constructor(title: string, format: Format, open: () => Volume) {
    this.title = title;
    this.format = format.name;
    this.times = format.times;
    this.volume = this.tell('/', () => {
      const volume = open();
      // It reads the medium at the first call.
      volume.getcwd();
      return volume;
    });
  }

  async list(path: string, times = false): Promise<Entry[]> {
    return this.tell(path, () => {
      const entries: Entry[] = [];
      const listing = this.volume.ilistdir(path, { attributes: true }) as Iterable<DirEntry>;
      for (const [name, type, , size, attributes] of listing) {
        const kind = type === TYPE_DIR ? 'directory' : 'file';
        const entry: Entry = { name, kind, size: kind === 'file' ? size : 0, hidden: name.startsWith('.') || !!attributes?.hidden };
        if (attributes?.readonly) entry.readonly = true;
        entries.push(entry);
      }
      if (times && this.times)
        for (const entry of entries) {
          const mtime = this.volume.stat(joined(path, entry.name))[8];
          if (mtime) entry.mtime = mtime;
        }
      return entries.sort(byName);
    });
  }

  async stat(path: string): Promise<Entry | undefined> {
    return this.tell(path, () => {
      try {
        const [mode, , , , , , size, , mtime] = this.volume.stat(path);
        const name = baseName(path);
        const kind = mode & TYPE_DIR ? 'directory' : 'file';
        const entry: Entry = { name, kind, size: kind === 'file' ? size : 0, hidden: name.startsWith('.') };
        if (mtime && this.times) entry.mtime = mtime;
        return entry;
      } catch (error) {
        if (NOTHING.includes((error as VfsError).code)) return undefined;
        throw error;
      }
    });
  }

  async *read(path: string, from = 0): AsyncGenerator<Uint8Array> {
    const file = this.tell(path, () => this.volume.open(path, 'rb'));
    const buf = new Uint8Array(PIECE);
    try {
      if (from) this.tell(path, () => file.seek(from));
      for (;;) {
        const n = this.tell(path, () => file.readinto(buf));
        if (!n) return;
        yield buf.subarray(0, n);
      }
    } finally {
      file.close();
    }
  }

  async write(path: string, content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, mtime?: number): Promise<void> {
    const file = this.tell(path, () => atTime(mtime, () => this.volume.open(path, 'wb')));
    try {
      for await (const bytes of content) this.tell(path, () => atTime(mtime, () => file.write(bytes)));
    } catch (error) {
      try {
        file.close();
      } catch {
        // What failed first counts.
      }
      throw error;
    }
    this.tell(path, () => atTime(mtime, () => file.close()));
  }

  async mkdir(path: string, mtime?: number): Promise<void> {
    this.tell(path, () => atTime(mtime, () => this.volume.mkdir(path)));
  }

  async rmdir(path: string): Promise<void> {
    this.tell(path, () => this.volume.rmdir(path));
  }

  async remove(path: string): Promise<void> {
    this.tell(path, () => this.volume.remove(path));
  }

  async rename(from: string, to: string): Promise<void> {
    this.tell(from, () => this.volume.rename(from, to));
  }

  async utime(path: string, mtime: number): Promise<void> {
    if (this.times) this.tell(path, () => this.volume.utime(path, [mtime, mtime]));
  }

  async usage(_path = '/'): Promise<Usage> {
    return this.tell('/', () => usageOf(this.volume.statvfs('/')));
  }

  /** Writes what is still in RAM into the medium. */
  close(): void {
    this.tell('/', () => this.volume.umount());
  }

  /** One line that says where, and what to do where that is known. */
  private tell<T>(path: string, work: () => T): T {
    try {
      return work();
    } catch (error) {
      const { code, message, operation } = error as VfsError;
      if (!code) throw error;
      throw new PlaceError(code, placeText(this, path), reasonIn(message) + this.advice(code, operation));
    }
  }

  /** What to do about it, as a command line says it. */
  protected advice(code: string, operation: string): string {
    if (code === 'EROFS' && this.format === 'rom') return "; ROMFS is made as a whole: 'microvfs create' or 'microvfs romfs build'";
    if (code === 'ECORRUPT') return `; 'microvfs fsck ${this.title}' tells more`;
    if (code !== 'ENOSPC') return '';
    if (this.isRootFull(operation)) return '; a root directory of FAT12 or FAT16 holds 512 entries at most: use a directory';
    return `; 'microvfs convert --size' makes a larger volume of it`;
  }

  /** Whether there is room, but none for another entry. */
  private isRootFull(operation: string): boolean {
    if (!this.format.endsWith('fat') || this.format === 'exfat' || operation === 'write') return false;
    try {
      return this.volume.statvfs('/')[3] > 1;
    } catch {
      return false;
    }
  }
}
