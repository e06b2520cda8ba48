/**
 * The small littlefs (`modules/lean`) as the torture sees a volume. There is one volume at a time in it; here each has its state put
 * back before it is used.
 */
import type { BlockDevice, DirEntry, RawFile } from '../../modules/contract/filesystem';
import { namesIn } from '../../modules/contract/path';
import { mkdir, remove, rename } from '../../modules/lean/change.lazy';
import { openFile } from '../../modules/lean/file';
import { countFree } from '../../modules/lean/free.lazy';
import { list } from '../../modules/lean/list.lazy';
import { makeVolume, mountVolume } from '../../modules/lean/mount.lazy';
import { find, isDirectory, sizeOfEntry } from '../../modules/lean/tree';
import { type LeanVolume, v } from '../../modules/lean/volume';
import type { VfsLfs2 } from '../../modules/littlefs2';

const nothing: LeanVolume = { ...v };

function namesOf(path: string): string[] {
  const names: string[] = [];
  namesIn(path, names);
  return names;
}

/** The state of a volume, and how an operation on it is begun. */
function keeper() {
  let state: LeanVolume = { ...nothing, _files: [] };
  return <R>(operation: string, path: string, work: (names: string[]) => R): R => {
    Object.assign(v, state);
    v._operation = operation;
    v._path = path;
    try {
      return work(namesOf(path));
    } finally {
      state = { ...v };
      Object.assign(v, nothing);
    }
  };
}

/** Makes an empty volume. */
export function formatLean(bdev: BlockDevice): void {
  keeper()('mkfs', '', () => makeVolume(bdev));
}

type File = {
  read(): Uint8Array;
  write(data: Uint8Array): number;
  seek(pos: number, whence?: number): number;
  flush(): void;
  close(): void;
};

/** Mounts it; what the small littlefs has not is missing. */
export function leanVolume(bdev: BlockDevice, readonly = false): VfsLfs2 {
  const on = keeper();
  on('mount', '', () => mountVolume(bdev, readonly, false));
  const stat = (path: string) =>
    on('stat', path, (names) => {
      const id = names.length ? find(names)._id : 0;
      const dir = !names.length || isDirectory(id);
      return [dir ? 0x4000 : 0x8000, 0, 0, 0, 0, 0, dir ? 0 : sizeOfEntry(id), 0, 0, 0];
    });
  const open = (path: string, mode: string): RawFile => {
    const there = on('open', path, (names) => find(names)._id >= 0);
    const full = mode === 'a' ? (there ? 'r+b' : 'x+b') : mode.includes('+') || mode === 'r' ? `${mode}b` : `${mode}+b`;
    const file = on('open', path, (names) => openFile(names, full)) as unknown as File;
    const at = <R>(operation: string, work: () => R): R => on(operation, path, work);
    return {
      readAt: (pos, buf) =>
        at('read', () => {
          file.seek(pos);
          const data = file.read();
          buf.set(data.subarray(0, buf.length));
          return Math.min(buf.length, data.length);
        }),
      writeAt: (pos, data) =>
        at('write', () => {
          // Of no bytes the interface to scripts writes none, also behind the end.
          const end = file.seek(0, 2);
          file.seek(data.length || pos <= end ? pos : pos - 1);
          file.write(data.length || pos <= end ? data : new Uint8Array(1));
        }),
      size: () => at('size', () => file.seek(0, 2)),
      sync: () => at('sync', () => file.flush()),
      close: () => at('close', () => file.close()),
      truncate: () => {
        throw new Error('not in the small littlefs');
      },
    };
  };
  return {
    open,
    stat,
    mkdir: (path: string) => on('mkdir', path, mkdir),
    rmdir: (path: string) => on('rmdir', path, (names) => remove(names, true)),
    remove: (path: string) => on('remove', path, (names) => remove(names, false)),
    rename: (from: string, to: string) => on('rename', from, (names) => rename(names, namesOf(to))),
    ilistdir: (path: string) =>
      on('ilistdir', path, list)
        .map((name): DirEntry => {
          const about = stat(`${path === '/' ? '' : path}/${name}`);
          return [name, about[0], 0, about[6]];
        })
        .values(),
    statvfs: () =>
      on('statvfs', '/', () => {
        countFree();
        return [v._size, v._size, v._blocks, v._free, v._free, 0, 0, 0, 0, v._nameMax];
      }),
  } as unknown as VfsLfs2;
}
