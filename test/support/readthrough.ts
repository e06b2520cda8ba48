/** A file system that is written to in memory and read from a ROMFS image of that: the suite's half that reads, over ROMFS. */
import type { DirEntry, DirIterator, FileSystem, RawFile, Stat } from '../../modules/contract/filesystem';
import { type RomTree, romfs, VfsRom } from '../../modules/romfs';
import { MemFs, type MemMedium } from './memfs';

function treeOf(fs: MemFs, path: string): RomTree {
  const tree: RomTree = Object.create(null);
  const entries = fs.ilistdir(path || '/') as DirIterator;
  for (let step = entries.next(); !step.done; step = entries.next()) {
    const [name, type, , size] = step.value as DirEntry;
    const full = `${path}/${name}`;
    const data = new Uint8Array(size);
    if (type === 0x4000) tree[name] = treeOf(fs, full);
    else {
      const file = fs.open(full, 'r') as RawFile;
      file.readAt(0, data);
      file.close();
      tree[name] = data;
    }
  }
  return tree;
}

export class ReadThrough extends MemFs {
  /** Wraps bytes of an image for `VfsRom`. */
  place: (image: Uint8Array) => ConstructorParameters<typeof VfsRom>[0];

  constructor(medium: MemMedium, place: ReadThrough['place']) {
    super(medium);
    this.place = place;
  }

  /** The image of what is there now. */
  rom(): FileSystem {
    const rom = new VfsRom(this.place(romfs.build(treeOf(new MemFs(this.medium), ''))));
    rom.mount(true, false);
    return rom;
  }
  open(path: string, mode: string): RawFile {
    const own = super.open(path, mode) as RawFile;
    if (mode.includes('+') || !mode.includes('r')) return own;
    const file = this.rom().open?.(path, mode) as RawFile;
    return {
      readAt: (pos, buf) => file.readAt(pos, buf),
      size: () => file.size(),
      writeAt: file.writeAt,
      truncate: file.truncate,
      sync: () => file.sync(),
      close: () => {
        file.close();
        own.close();
      },
    };
  }
  ilistdir(path: string): DirIterator {
    return this.rom().ilistdir?.(path) as DirIterator;
  }
  stat(path: string): Stat {
    return this.rom().stat?.(path) as Stat;
  }
}
