/** Files as a whole. */
import { EEXIST, EIO, EISDIR, isWhole, type VfsError, vfsError } from '../contract/errno';
import { TYPE_DIR, type VfsFile } from '../contract/filesystem';
import { decodeText, encodeText, isEspruino } from '../engine';
import { copy, exists, open, stat } from '../vfs';
import { locate } from '../vfs/mounts';
import * as encodings from './encodings.lazy';
import * as io from './io.lazy';
import type { Face } from './types';

/** Has `work` done with a file, which is closed then whatever happens. */
function withFile(path: string, mode: string, work: (file: VfsFile) => void): void {
  const file = open(path, mode);
  try {
    work(file);
  } catch (error) {
    try {
      file.close();
    } catch (_second) {
      // What went wrong first is what the caller should know.
    }
    throw error;
  }
  file.close();
}

/** The same with a descriptor, for flags that only `open` knows. */
function withFlag(path: string, flag: unknown, face: Face, work: (fd: number) => void): void {
  const fd = face.openSync(path, flag as string);
  try {
    work(fd);
  } catch (error) {
    const syscall = face._syscall;
    face.closeSync(fd);
    face._syscall = syscall;
    throw error;
  }
  face.closeSync(fd);
}

function readFile(args: unknown[], face: Face): unknown {
  const path = args[0] as string;
  const options = face._options(args[1]);
  const encoding = options.encoding;
  // Espruino's gives a string, whose characters are the bytes.
  const text = encoding ? /^utf-*8$/i.test(encoding) : isEspruino && args[1] === undefined;
  let bytes = new Uint8Array(0);
  if (encoding && !text) encodings.check(encoding, face);
  if (typeof path === 'number') bytes = io.rest([path], face) as Uint8Array<ArrayBuffer>;
  else if (options.flag !== undefined && options.flag !== 'r')
    withFlag(path, options.flag, face, function (fd) {
      bytes = io.rest([fd], face) as Uint8Array<ArrayBuffer>;
    });
  else {
    try {
      withFile(path, 'rb', function (file) {
        face._syscall = 'read';
        bytes = file.read() as Uint8Array<ArrayBuffer>;
      });
    } catch (error) {
      // Node opens a directory, and then there is nothing to read.
      if (error && (error as VfsError).errno === EISDIR) face._syscall = 'read';
      throw error;
    }
  }
  if (text) return decodeText(bytes);
  if (encoding && encoding !== 'buffer') return encodings.decode(bytes, encoding);
  return typeof Buffer !== 'undefined' && encodings.hasBuffer() ? encodings.bufferOf(bytes) : bytes;
}

/** Writes all of it where the file is. */
function whole(fd: number, data: Uint8Array | string, face: Face): void {
  const bytes = typeof data === 'string' ? encodeText(data) : data;
  let done = 0;
  do {
    const n = face.writeSync(fd, bytes.subarray(done));
    if (!n && done < bytes.length) throw vfsError(EIO, 'write');
    done += n;
  } while (done < bytes.length);
}

function put(args: unknown[], face: Face, flag: string): unknown {
  const path = args[0] as string;
  const options = face._options(args[2]);
  const bytes = encodings.bytesOf(args[1], options.encoding, face);
  if (typeof path === 'number') whole(path, bytes, face);
  // What a slash at the end leads to, `open` knows.
  else if ((options.flag !== undefined && options.flag !== flag) || path[path.length - 1] === '/')
    withFlag(path, options.flag === undefined ? flag : options.flag, face, function (fd) {
      whole(fd, bytes, face);
    });
  else
    withFile(path, flag + 'b', function (file) {
      face._syscall = 'write';
      file.write(bytes);
    });
  // Espruino's say so.
  return isEspruino ? true : undefined;
}

/** Of what is wrong, a missing source comes first, and that it is a directory last. */
function copyFile(args: unknown[]): void {
  const from = args[0] as string;
  const to = args[1] as string;
  const path = locate(to, 'copyfile')._path;
  const dir = (stat(from)[0] & 0xf000) === TYPE_DIR;
  stat(to + '/..');
  if ((args[2] as number) & 1 && exists(to)) throw vfsError(EEXIST, 'copyfile');
  if (dir || to[to.length - 1] === '/') throw vfsError(EISDIR, 'copyfile');
  if (locate(from, 'copyfile')._path !== path) copy(from, to);
}

function truncate(args: unknown[], face: Face): void {
  const length = args[1] === undefined || args[1] === null ? 0 : args[1];
  withFile(args[0] as string, 'r+b', function (file) {
    if (typeof length !== 'number') face._bad('ERR_INVALID_ARG_TYPE', 'len');
    if (!isWhole(length, -1e15, 1e15)) face._bad('ERR_OUT_OF_RANGE', 'len');
    face._syscall = 'ftruncate';
    file.truncate(Math.max(length as number, 0));
  });
}

export function run(name: string, args: unknown[], face: Face): unknown {
  if (name === 'writeFile' || name === 'appendFile') return put(args, face, name[0] === 'a' ? 'a' : 'w');
  if (name === 'readFile') return readFile(args, face);
  return name === 'truncate' ? truncate(args, face) : copyFile(args);
}
