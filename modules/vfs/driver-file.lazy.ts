/** The objects that open files of registered drivers are. What they do is in a part that stays while they are open. */
import type { RawFile, VfsFile } from '../contract/filesystem';
import type { DriverFile } from './driver-io.lazy';
import * as io from './driver-io.lazy';
import type { Mount, Place } from './rows';

/** A `RawFile` by the driver's operations. */
const seekable = {
  readAt: function (this: DriverFile, pos: number, buf: Uint8Array): number {
    return io.moveAt(this, 'read', pos, buf);
  },
  writeAt: function (this: DriverFile, pos: number, bytes: Uint8Array): void {
    io.moveAt(this, 'write', pos, bytes);
  },
  size: function (this: DriverFile): number {
    return io.size(this);
  },
  truncate: function (this: DriverFile, size: number): void {
    io.resize(this, size);
  },
  sync: function (this: DriverFile): void {
    io.sync(this);
  },
  close: function (this: DriverFile): void {
    io.letGo(this);
  },
};

/** A `VfsFile` over what has no positions. */
const stream = {
  read: function (this: DriverFile, n?: number): string | Uint8Array {
    return io.read(this, n);
  },
  readinto: function (this: DriverFile, buf: Uint8Array, n?: number): number {
    return io.readinto(this, buf, n);
  },
  readline: function (this: DriverFile, n?: number): string | Uint8Array {
    return io.readline(this, n);
  },
  readlines: function (this: DriverFile): (string | Uint8Array)[] {
    return io.readlines(this);
  },
  write: function (this: DriverFile, data: string | Uint8Array, offset?: number, n?: number): number {
    return io.write(this, data, offset, n);
  },
  seek: function (this: DriverFile, offset: number, whence?: number): number {
    return io.seek(this, offset, whence);
  },
  tell: function (this: DriverFile): number {
    return io.tell(this);
  },
  view: function (this: DriverFile): never {
    return io.view(this);
  },
  flush: function (this: DriverFile): void {
    io.flush(this);
  },
  truncate: function (this: DriverFile, size?: number): number {
    return io.cut(this, size);
  },
  close: function (this: DriverFile): void {
    io.close(this);
  },
};

function made(methods: object, place: Place, fd: number): DriverFile {
  const file: DriverFile = Object.create(methods);
  file._row = place._mount as Mount;
  file._fd = fd;
  file._path = place._path;
  file._operation = '';
  io.hold();
  return file;
}

/** One that can be read at any place. @param fd the driver's number */
export function makeRegular(place: Place, fd: number): RawFile {
  return made(seekable, place, fd) as unknown as RawFile;
}

/** One that is read and written as it comes. @param fd the driver's number */
export function makeStream(place: Place, fd: number, flags: number, binary: boolean): VfsFile {
  const file = made(stream, place, fd);
  file._binary = binary;
  file._flags = flags;
  file._held = new Uint8Array(0);
  file._row._files.push(file as unknown as VfsFile);
  return file as unknown as VfsFile;
}
