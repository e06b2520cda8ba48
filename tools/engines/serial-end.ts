/** What a serial port of a simulated board is connected with: a file that is fed to it, or a terminal of this computer. */
import { spawnSync } from 'node:child_process';
import { closeSync, constants, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import type { SerialEnd } from './engine';

/** 115,200 baud, of which a byte takes ten bits, in a millisecond. */
const BYTES = 11.52;
/** At once, however late one is asked: a board has room for it. */
const PIECE = 512;
const NONE = new Uint8Array(0);

export interface OpenEnd extends SerialEnd {
  /** Whether something may still come. */
  open(): boolean;
  close(): void;
}

/** @param now the board's clock, by which a file comes in @throws what is wrong with the path */
export function openEnd(path: string, now: () => number): OpenEnd {
  const before = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  const isFile = fstatSync(before).isFile();
  if (isFile) return fileEnd(before, now);
  const isTerminal = isatty(before);
  // Bytes as they are: no echo, no lines, no signals. A descriptor that a program was given waits when it is read from then on.
  if (isTerminal) spawnSync('stty', ['raw', '-echo'], { stdio: [before, 'ignore', 'ignore'] });
  closeSync(before);
  return deviceEnd(openSync(path, constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOCTTY), isTerminal);
}

/** What the board sends to a file goes nowhere. */
function fileEnd(fd: number, now: () => number): OpenEnd {
  const { size } = fstatSync(fd);
  const piece = Buffer.alloc(PIECE);
  let at = 0;
  let since: number | undefined;
  return {
    take() {
      since ??= now();
      const wanted = Math.min(Math.floor((now() - since) * BYTES) - at, PIECE);
      if (wanted <= 0 || at >= size) return NONE;
      const n = readSync(fd, piece, 0, wanted, at);
      at += n;
      return piece.subarray(0, n);
    },
    send() {},
    open: () => at < size,
    close: () => closeSync(fd),
  };
}

/** @param isTerminal nothing there is not the end, as it is of `/dev/null` */
function deviceEnd(fd: number, isTerminal: boolean): OpenEnd {
  const piece = Buffer.alloc(PIECE);
  let gone = false;
  let ended = false;
  return {
    take() {
      try {
        const n = gone || ended ? 0 : readSync(fd, piece, 0, PIECE, null);
        ended ||= !n && !isTerminal;
        return piece.subarray(0, n);
      } catch (error) {
        // EIO: whoever held the other side of the terminal has closed it.
        gone = (error as NodeJS.ErrnoException).code !== 'EAGAIN';
        return NONE;
      }
    },
    send(bytes) {
      for (let done = 0; done < bytes.length && !gone; ) {
        try {
          done += writeSync(fd, bytes, done);
        } catch (error) {
          // Nobody reads: as on a wire, it is lost.
          if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') gone = true;
          return;
        }
      }
    },
    open: () => !gone && !ended,
    close: () => closeSync(fd),
  };
}
