/**
 * A file system in memory that keeps the driver contract, written for the engines like the modules: it stands in for a
 * real one in tests of the VFS alone.
 */
import {
  EBUSY,
  EEXIST,
  EINVAL,
  EISDIR,
  ENAMETOOLONG,
  ENODATA,
  ENOENT,
  ENOSPC,
  ENOTDIR,
  ENOTEMPTY,
  EROFS,
  vfsError,
} from '../../modules/contract/errno';
import {
  type DirEntry,
  type DirIterator,
  type FileSystem,
  type RawFile,
  type Stat,
  TYPE_DIR,
  TYPE_FILE,
} from '../../modules/contract/filesystem';

interface Node {
  data: Uint8Array;
  size: number;
  mtime: number;
  /** Present for a directory. */
  names?: string[];
  nodes?: Node[];
  attrs: { [type: number]: Uint8Array };
  readers: number;
  writers: number;
}

function makeNode(directory: boolean): Node {
  const node: Node = { data: new Uint8Array(0), size: 0, mtime: 0, attrs: {}, readers: 0, writers: 0 };
  if (directory) {
    node.names = [];
    node.nodes = [];
  }
  return node;
}

/** What stays when a MemFs is let go: mount it again by `new MemFs(medium)`. */
export interface MemMedium {
  root: Node;
  used: number;
  capacity: number;
}

export function makeMedium(capacity: number): MemMedium {
  return { root: makeNode(true), used: 0, capacity: capacity };
}

class MemFile implements RawFile {
  fs: MemFs;
  node: Node;
  writes: boolean;
  constructor(fs: MemFs, node: Node, writes: boolean) {
    this.fs = fs;
    this.node = node;
    this.writes = writes;
    if (writes) node.writers++;
    else node.readers++;
  }
  readAt(pos: number, buf: Uint8Array): number {
    this.fs.reads++;
    const n = Math.max(0, Math.min(buf.length, this.node.size - pos));
    if (n) buf.set(this.node.data.subarray(pos, pos + n));
    return n;
  }
  writeAt(pos: number, buf: Uint8Array): void {
    this.resize(Math.max(this.node.size, pos + buf.length), 'write');
    this.node.data.set(buf, pos);
  }
  size(): number {
    return this.node.size;
  }
  truncate(size: number): void {
    this.resize(size, 'truncate');
  }
  sync(): void {}
  close(): void {
    if (this.writes) this.node.writers--;
    else this.node.readers--;
  }
  resize(size: number, operation: string): void {
    const node = this.node;
    const medium = this.fs.medium;
    if (medium.used + size - node.size > medium.capacity) throw vfsError(ENOSPC, operation);
    medium.used += size - node.size;
    if (size > node.data.length) {
      const data = new Uint8Array(size * 2);
      data.set(node.data);
      node.data = data;
    }
    for (let i = size; i < node.size; i++) node.data[i] = 0;
    node.size = size;
  }
}

export class MemFs implements FileSystem {
  medium: MemMedium;
  readonly = false;
  mounted = false;
  /** Counts readAt calls. */
  reads = 0;

  constructor(medium: MemMedium) {
    this.medium = medium;
  }
  mount(readonly: boolean): void {
    this.readonly = readonly;
    this.mounted = true;
  }
  umount(): void {
    this.mounted = false;
  }

  find(path: string, operation: string): Node {
    const parts = path === '/' ? [] : path.substring(1).split('/');
    let node = this.medium.root;
    for (let i = 0; i < parts.length; i++) {
      if (!node.names) throw vfsError(ENOTDIR, operation, path);
      const at = node.names.indexOf(parts[i]);
      if (at < 0) throw vfsError(ENOENT, operation, path);
      node = node.nodes![at];
    }
    return node;
  }

  /** The directory of a path, and its last name. */
  parent(path: string, operation: string): { node: Node; name: string; at: number } {
    const cut = path.lastIndexOf('/');
    const node = this.find(path.substring(0, cut) || '/', operation);
    if (!node.names) throw vfsError(ENOTDIR, operation, path);
    const name = path.substring(cut + 1);
    if (name.length > 255) throw vfsError(ENAMETOOLONG, operation, path);
    return { node: node, name: name, at: node.names.indexOf(name) };
  }

  insert(path: string, operation: string, node: Node): void {
    if (this.readonly) throw vfsError(EROFS, operation, path);
    const where = this.parent(path, operation);
    const names = where.node.names!;
    if (where.at >= 0) {
      names.splice(where.at, 1);
      where.node.nodes!.splice(where.at, 1);
    }
    let at = 0;
    while (at < names.length && names[at] < where.name) at++;
    names.splice(at, 0, where.name);
    where.node.nodes!.splice(at, 0, node);
  }

  drop(path: string, operation: string): void {
    if (this.readonly) throw vfsError(EROFS, operation, path);
    const where = this.parent(path, operation);
    this.medium.used -= where.node.nodes![where.at].size;
    where.node.names!.splice(where.at, 1);
    where.node.nodes!.splice(where.at, 1);
  }

  open(path: string, mode: string): RawFile {
    const writes = /[wax+]/.test(mode);
    const where = this.parent(path, 'open');
    let node = where.at < 0 ? undefined : where.node.nodes![where.at];
    if (node && node.names) throw vfsError(EISDIR, 'open', path);
    if (node && mode.indexOf('x') >= 0) throw vfsError(EEXIST, 'open', path);
    if (!node) {
      if (mode.indexOf('r') >= 0) throw vfsError(ENOENT, 'open', path);
      node = makeNode(false);
      this.insert(path, 'open', node);
    }
    if (writes && this.readonly) throw vfsError(EROFS, 'open', path);
    if (writes && node.writers) throw vfsError(EBUSY, 'open', path);
    const file = new MemFile(this, node, writes);
    if (mode.indexOf('w') >= 0) file.truncate(0);
    return file;
  }

  ilistdir(path: string): DirIterator {
    const node = this.find(path, 'ilistdir');
    if (!node.names) throw vfsError(ENOTDIR, 'ilistdir', path);
    let at = 0;
    return {
      next: function (): { done: boolean; value?: DirEntry } {
        if (at >= node.names!.length) return { done: true, value: undefined };
        const entry = node.nodes![at];
        return { done: false, value: [node.names![at++], entry.names ? TYPE_DIR : TYPE_FILE, 0, entry.names ? 0 : entry.size] };
      },
    };
  }

  mkdir(path: string): void {
    if (this.parent(path, 'mkdir').at >= 0) throw vfsError(EEXIST, 'mkdir', path);
    this.insert(path, 'mkdir', makeNode(true));
  }
  rmdir(path: string): void {
    const node = this.find(path, 'rmdir');
    if (!node.names) throw vfsError(ENOTDIR, 'rmdir', path);
    if (node.names.length) throw vfsError(ENOTEMPTY, 'rmdir', path);
    this.drop(path, 'rmdir');
  }
  remove(path: string): void {
    const node = this.find(path, 'remove');
    if (node.names) throw vfsError(EISDIR, 'remove', path);
    if (node.readers + node.writers) throw vfsError(EBUSY, 'remove', path);
    this.drop(path, 'remove');
  }
  rename(from: string, to: string): void {
    const node = this.find(from, 'rename');
    const where = this.parent(to, 'rename');
    const old = where.at < 0 ? undefined : where.node.nodes![where.at];
    if (node === old) return;
    if (node.names && (to + '/').indexOf(from + '/') === 0) throw vfsError(EINVAL, 'rename', from);
    if (old) {
      if (node.names && !old.names) throw vfsError(ENOTDIR, 'rename', from);
      if (!node.names && old.names) throw vfsError(EISDIR, 'rename', from);
      if (old.names && old.names.length) throw vfsError(ENOTEMPTY, 'rename', from);
      if (old.readers + old.writers) throw vfsError(EBUSY, 'rename', from);
      this.drop(to, 'rename');
    }
    if (node.readers + node.writers) throw vfsError(EBUSY, 'rename', from);
    this.drop(from, 'rename');
    this.medium.used += node.size;
    this.insert(to, 'rename', node);
  }
  stat(path: string): Stat {
    const node = this.find(path, 'stat');
    return [node.names ? TYPE_DIR : TYPE_FILE, 0, 0, 0, 0, 0, node.size, node.mtime, node.mtime, node.mtime];
  }
  statvfs(): number[] {
    const left = this.medium.capacity - this.medium.used;
    return [1, 1, this.medium.capacity, left, left, 0, 0, 0, 0, 255];
  }
  sync(): void {}

  getattr(path: string, type: number): Uint8Array | undefined {
    return this.find(path, 'getattr').attrs[type];
  }
  setattr(path: string, type: number, value: Uint8Array): void {
    this.find(path, 'setattr').attrs[type] = value;
  }
  removeattr(path: string, type: number): void {
    const attrs = this.find(path, 'removeattr').attrs;
    if (!attrs[type]) throw vfsError(ENODATA, 'removeattr', path);
    delete attrs[type];
  }
}
