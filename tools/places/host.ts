import fs from 'node:fs';
import { dirname, sep } from 'node:path';
import { byName, type Entry, joined, PlaceError, type Tree, type Usage } from './tree';

const PIECE = 65536;

/** What the host's errors mean. */
const MEANING: { [code: string]: string } = {
  ENOENT: 'no such file or directory',
  ENOTDIR: 'not a directory',
  EISDIR: 'is a directory',
  EEXIST: 'is there already',
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  ENOTEMPTY: 'directory not empty',
  ENOSPC: 'no space left',
  EROFS: 'read-only file system',
};

async function tell<T>(path: string, work: () => Promise<T> | T): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (!code || error instanceof PlaceError) throw error;
    throw new PlaceError(code, path, MEANING[code] ?? message);
  }
}

function entryOf(name: string, path: string): Entry | undefined {
  const stat = fs.statSync(path, { throwIfNoEntry: false });
  const hidden = name.startsWith('.');
  // A link that leads nowhere.
  if (!stat) return fs.lstatSync(path, { throwIfNoEntry: false }) && { name, kind: 'other', size: 0, hidden };
  const kind = stat.isDirectory() ? (leadsUp(path) ? 'other' : 'directory') : stat.isFile() ? 'file' : 'other';
  return { name, kind, size: kind === 'file' ? stat.size : 0, mtime: Math.floor(stat.mtimeMs / 1000), hidden };
}

/** Whether it is a link to a directory that it lies in: who follows it comes to no end. */
function leadsUp(path: string): boolean {
  if (!fs.lstatSync(path).isSymbolicLink()) return false;
  const real = fs.realpathSync(path);
  const above = fs.realpathSync(dirname(path));
  return above === real || above.startsWith(real.endsWith(sep) ? real : real + sep);
}

/** The host's own files. Paths are the host's, with `/` also where that has `\`. */
export const hostTree: Tree = {
  title: '',
  format: 'host',
  times: 1,

  list: (path) =>
    tell(path, () =>
      fs
        .readdirSync(path)
        .map((name) => entryOf(name, joined(path, name)))
        .filter((entry): entry is Entry => !!entry)
        .sort(byName),
    ),

  stat: (path) =>
    tell(path, () => {
      try {
        return entryOf(path.replace(/^.*\/(?=.)/, ''), path);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
        throw error;
      }
    }),

  async *read(path, from = 0) {
    const fd = await tell(path, () => fs.openSync(path, 'r'));
    try {
      const buf = new Uint8Array(PIECE);
      for (let at = from; ; ) {
        // Without a position where a pipe may be.
        const n = await tell(path, () => fs.readSync(fd, buf, 0, PIECE, from ? at : null));
        if (!n) return;
        at += n;
        yield buf.subarray(0, n);
      }
    } finally {
      fs.closeSync(fd);
    }
  },

  write: (path, content, mtime) =>
    tell(path, async () => {
      const fd = fs.openSync(path, 'w');
      try {
        for await (const bytes of content) for (let done = 0; done < bytes.length; ) done += fs.writeSync(fd, bytes, done);
        if (mtime !== undefined) fs.futimesSync(fd, mtime, mtime);
      } finally {
        fs.closeSync(fd);
      }
    }),

  mkdir: (path) => tell(path, () => fs.mkdirSync(path)),
  rmdir: (path) => tell(path, () => fs.rmdirSync(path)),
  remove: (path) => tell(path, () => fs.unlinkSync(path)),
  rename: (from, to) => tell(from, () => fs.renameSync(from, to)),
  utime: (path, mtime) => tell(path, () => fs.utimesSync(path, mtime, mtime)),

  usage: (path) =>
    tell(path, (): Usage => {
      const { bsize, blocks, bavail } = fs.statfsSync(path);
      return { size: bsize * blocks, used: bsize * (blocks - bavail), free: bsize * bavail };
    }),
};
