/** An overlay all of which becomes the lower's before each operation, as long as nothing is open: each change has to raise it again. */
import type { DirEntry, DirIterator, FileSystem, RawFile } from '../../modules/contract/filesystem';
import { VfsOverlay } from '../../modules/overlay';
import { MemFs, type MemMedium, makeMedium } from './memfs';

export class Sinking extends VfsOverlay {
  private capacity: number;
  sinks = 0;

  constructor(lower: FileSystem, capacity: number) {
    super(lower, new MemFs(makeMedium(capacity)));
    this.capacity = capacity;
  }
  /** All of it as it is now. */
  private flat(): MemMedium {
    const medium = makeMedium(1e9);
    const below = new MemFs(medium);
    const copy = (dir: string): void => {
      const entries = super.ilistdir(dir || '/') as DirIterator;
      for (let step = entries.next(); !step.done; step = entries.next()) {
        const [name, type, , size] = step.value as DirEntry;
        const path = `${dir}/${name}`;
        if (type === 0x4000) {
          below.mkdir(path);
          copy(path);
          continue;
        }
        const data = new Uint8Array(size);
        const source = super.open(path, 'r') as RawFile;
        source.readAt(0, data);
        source.close();
        const target = below.open(path, 'w') as RawFile;
        target.writeAt(0, data);
        target.close();
      }
    };
    copy('');
    return medium;
  }
  private sink(): void {
    if (!this._mounted || this._files.length) return;
    const below = new MemFs(this.flat());
    below.mount(true);
    this._lower = below as unknown as Required<FileSystem>;
    const fresh = new MemFs(makeMedium(this.capacity));
    fresh.mount(false);
    this._upper = fresh as unknown as Required<FileSystem>;
    this._own = [];
    this.sinks++;
  }
  again(): Sinking {
    return new Sinking(new MemFs(this.flat()), this.capacity);
  }
  open(path: string, mode?: string): RawFile {
    this.sink();
    return super.open(path, mode as string);
  }
  mkdir(path: string): void {
    this.sink();
    super.mkdir(path);
  }
  rmdir(path: string): void {
    this.sink();
    super.rmdir(path);
  }
  remove(path: string): void {
    this.sink();
    super.remove(path);
  }
  rename(from: string, to: string): void {
    this.sink();
    super.rename(from, to);
  }
}
