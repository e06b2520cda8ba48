/** A pseudo terminal, as `socat` and simulators make them. */
import fs from 'node:fs';
import { ReadStream } from 'node:tty';
import { promisify } from 'node:util';
import { UsageError } from '../usage';
import type { ByteStream } from './stream';

const writeSome = promisify(fs.write);

/** Whether a path leads to a pseudo terminal, and not to hardware. */
export function isTerminal(path: string): boolean {
  try {
    return /^\/dev\/(pts\/|ttyp|ttys\d)/.test(fs.realpathSync(path));
  } catch {
    return false;
  }
}

/** @throws UsageError if it cannot be opened */
export function openTerminal(path: string): ByteStream {
  let fd: number;
  let input: ReadStream;
  try {
    fd = fs.openSync(path, fs.constants.O_RDWR | fs.constants.O_NOCTTY);
    input = new ReadStream(fs.openSync(path, fs.constants.O_RDWR | fs.constants.O_NOCTTY));
  } catch (error) {
    throw new UsageError(`${path}: ${(error as Error).message}`);
  }
  input.setRawMode(true);
  let open = true;
  let writing: Promise<unknown> = Promise.resolve();
  return {
    title: path,
    chunk: 256,
    async write(bytes) {
      // In a thread of its own: a terminal that is full makes whoever writes wait.
      for (let done = 0; done < bytes.length && open; ) {
        const step = writeSome(fd, bytes, done);
        writing = step.catch(() => {});
        done += (await step).bytesWritten;
      }
    },
    onData: (take) => void input.on('data', take),
    onEnd: (take) => {
      // The other end has closed: EIO on Linux.
      input.on('error', () => take());
      input.on('end', () => take());
      input.on('close', () => take());
    },
    async close() {
      if (!open) return;
      open = false;
      await Promise.race([writing, new Promise((done) => setTimeout(done, 500).unref())]);
      input.setRawMode(false);
      input.destroy();
      fs.closeSync(fd);
    },
  };
}
