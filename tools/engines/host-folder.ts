/** A directory of the host below the tree of a device that is simulated in this process: its file system there, and what answers it here. */
import type { VfsError } from '../../modules/contract/errno';
import type { RawFile } from '../../modules/contract/filesystem';
import { VfsPosix } from '../../modules/posix';

/** What the device's side asks, by text and bytes, which every engine can hand over. */
export interface HostFolder {
  /** `[method, ...arguments]` as JSON; gives `{ value }` or `{ errno, detail }` as JSON. Files are numbers. */
  ask(request: string): string;
  /** The bytes of a file, or minus the errno. */
  read(file: number, pos: number, length: number): ArrayBuffer | number;
  /** 0, or minus the errno. */
  write(file: number, pos: number, data: ArrayBuffer): number;
  close(): void;
}

/** @throws what is wrong with the directory */
export function openFolder(root: string): HostFolder {
  const fs = new VfsPosix(root);
  fs.mount(false, false);
  const files: (RawFile | undefined)[] = [];
  const withFile = (file: number, act: (raw: RawFile) => unknown): unknown => act(files[file] as RawFile);
  const methods: { [name: string]: (a: string, b: string) => unknown } = {
    open: (path, mode) => files.push(fs.open(path, mode)) - 1,
    list: (path) => fs.ilistdir(path),
    size: (file) => withFile(+file, (raw) => raw.size()),
    truncate: (file, size) => withFile(+file, (raw) => raw.truncate(+size)),
    sync: (file) => withFile(+file, (raw) => raw.sync()),
    close: (file) =>
      withFile(+file, (raw) => {
        files[+file] = undefined;
        raw.close();
      }),
    mkdir: (path) => fs.mkdir(path),
    rmdir: (path) => fs.rmdir(path),
    remove: (path) => fs.remove(path),
    rename: (from, to) => fs.rename(from, to),
    stat: (path) => fs.stat(path),
    statvfs: (path) => fs.statvfs(path),
  };
  return {
    ask(request) {
      const [method, a, b] = JSON.parse(request);
      try {
        return JSON.stringify({ value: methods[method](a, b) });
      } catch (error) {
        const { errno, _detail } = error as VfsError;
        if (!errno) throw error;
        return JSON.stringify({ errno, detail: _detail ?? '' });
      }
    },
    read: (file, pos, length) =>
      guarded(() => {
        const buf = new Uint8Array(length);
        const n = (files[file] as RawFile).readAt(pos, buf);
        return buf.slice(0, n).buffer;
      }),
    write: (file, pos, data) => guarded(() => (files[file] as RawFile).writeAt(pos, new Uint8Array(data)) ?? 0),
    close: () => fs.umount(),
  };
}

function guarded<T>(act: () => T): T | number {
  try {
    return act();
  } catch (error) {
    const { errno } = error as VfsError;
    if (!errno) throw error;
    return -errno;
  }
}

/** Mounts it on the device, which has `__host` by then. */
export const mountFolderSource = (point: string): string => `(function (host) {
  function fail(errno, detail) { throw { errno: errno, message: detail }; }
  function ask(method, a, b) {
    var answer = JSON.parse(host.folder(JSON.stringify([method, a, b])));
    if (answer.errno) fail(answer.errno, answer.detail);
    return answer.value;
  }
  function file(number) {
    return {
      readAt: function (pos, buf) {
        var data = host.folderRead(number, pos, buf.length);
        if (typeof data === 'number') fail(-data);
        data = new Uint8Array(data);
        buf.set(data);
        return data.length;
      },
      writeAt: function (pos, buf) {
        var status = host.folderWrite(number, pos, new Uint8Array(buf).buffer);
        if (status) fail(-status);
      },
      size: function () { return ask('size', number); },
      truncate: function (size) { ask('truncate', number, size); },
      sync: function () { ask('sync', number); },
      close: function () { ask('close', number); }
    };
  }
  var fs = {
    mount: function () {},
    umount: function () {},
    open: function (path, mode) { return file(ask('open', path, mode)); },
    ilistdir: function (path) {
      var entries = ask('list', path), i = 0;
      return { next: function () { return i < entries.length ? { done: false, value: entries[i++] } : { done: true }; } };
    }
  };
  ['mkdir', 'rmdir', 'remove', 'rename', 'stat', 'statvfs'].forEach(function (method) {
    fs[method] = function (a, b) { return ask(method, a, b); };
  });
  require('vfs').mount(fs, ${JSON.stringify(point)});
})(__host);`;
