import { O_APPEND, O_CREAT, O_EXCL, O_NONBLOCK, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY } from './contract/prefix';
import * as devices from './devfs/devfs.lazy';
import * as serial from './devfs/uart.lazy';
import * as io from './fd/io.lazy';
import * as names from './fd/names.lazy';
import * as descriptors from './fd/open.lazy';
import * as waiting from './fd/poll.lazy';
import * as streams from './fd/streams.lazy';
import { limits } from './vfs/limits';

/** Files by number, and what POSIX does by names besides. */
export type Descriptors = ReturnType<typeof makeFd>;

function makeFd() {
  return {
    O_RDONLY: O_RDONLY,
    O_WRONLY: O_WRONLY,
    O_RDWR: O_RDWR,
    O_CREAT: O_CREAT,
    O_EXCL: O_EXCL,
    O_TRUNC: O_TRUNC,
    O_APPEND: O_APPEND,
    O_NONBLOCK: O_NONBLOCK,
    limits: limits,
    open: descriptors.open,
    close: descriptors.close,
    dup: descriptors.dup,
    dup2: descriptors.dup2,
    read: io.read,
    write: io.write,
    pread: io.pread,
    pwrite: io.pwrite,
    lseek: io.lseek,
    fstat: io.fstat,
    fsync: io.fsync,
    ftruncate: io.ftruncate,
    fcntl: io.fcntl,
    ioctl: io.ioctl,
    link: names.link,
    access: names.access,
    truncate: names.truncate,
    utime: names.utime,
    opendir: names.opendir,
    readdir: names.readdir,
    telldir: names.telldir,
    seekdir: names.seekdir,
    closedir: names.closedir,
  };
}

export type Streams = ReturnType<typeof makeStream>;

/** A standard stream: a file over its descriptor, whatever that is at the time. */
function makeStream(fd: number) {
  return {
    fd: fd,
    read: function (n?: number): string {
      return streams.readText(fd, n);
    },
    readline: function (): string {
      return streams.readLine(fd);
    },
    write: function (data: string | Uint8Array): number {
      return io.write(fd, data);
    },
    flush: function (): void {
      io.fsync(fd);
    },
  };
}

export function make(name: string): unknown {
  if (name === 'poll') return waiting.poll;
  if (name === 'redirect') return streams.redirect;
  if (name === 'devfs') return devices.devfs;
  if (name === 'uart') return serial.uart;
  const stream = ['stdin', 'stdout', 'stderr'].indexOf(name);
  return stream < 0 ? makeFd() : makeStream(stream);
}
