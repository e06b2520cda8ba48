/** Bytes to and from a board's console, whatever they go through. */

/** A connection that is open. */
export interface ByteStream {
  /** What users know it by: the path of the port, the name of the board. */
  readonly title: string;
  /** The most bytes that go in one write. */
  readonly chunk: number;
  /** Bytes in a second, where that is known. */
  readonly rate?: number;
  /** Silence, in milliseconds, after which the board is asked whether it is there. Default 1,500. */
  readonly patience?: number;
  /** Settles when more may be written. */
  write(bytes: Uint8Array): Promise<void>;
  /** Who gets what comes; one. */
  onData(take: (bytes: Uint8Array) => void): void;
  /** Who is told that it has ended. */
  onEnd(take: (error?: Error) => void): void;
  close(): Promise<void>;
}

const XON = 0x11;
const XOFF = 0x13;

/** A board that says stop and never go on is written to after so many milliseconds all the same. */
const LONGEST_STOP = 10000;

/**
 * A stream with the flow control of Espruino: the board sends XOFF when its buffer fills up, and XON when it has room. Both are taken
 * out of what it says.
 */
export class Line {
  readonly stream: ByteStream;
  private stopped = false;
  private go: (() => void) | undefined;
  private take: (bytes: Uint8Array) => void = () => {};
  private sending: Promise<void> = Promise.resolve();

  constructor(stream: ByteStream) {
    this.stream = stream;
    stream.onData((bytes) => this.receive(bytes));
  }

  onData(take: (bytes: Uint8Array) => void): void {
    this.take = take;
  }

  /** Sends in chunks, one after the other, also where several send at once. */
  send(bytes: Uint8Array): Promise<void> {
    const sent = this.sending.then(async () => {
      const { chunk } = this.stream;
      for (let at = 0; at < bytes.length; at += chunk) {
        if (this.stopped) await this.untilGo();
        await this.stream.write(bytes.subarray(at, at + chunk));
      }
    });
    this.sending = sent.catch(() => {});
    return sent;
  }

  close(): Promise<void> {
    this.resume();
    return this.stream.close();
  }

  private receive(bytes: Uint8Array): void {
    const [off, on] = [bytes.lastIndexOf(XOFF), bytes.lastIndexOf(XON)];
    if (off > on) this.stopped = true;
    else if (on >= 0) this.resume();
    this.take(off < 0 && on < 0 ? bytes : bytes.filter((byte) => byte !== XOFF && byte !== XON));
  }

  private resume(): void {
    this.stopped = false;
    this.go?.();
    this.go = undefined;
  }

  private untilGo(): Promise<void> {
    return new Promise((done) => {
      const timer = setTimeout(() => this.resume(), LONGEST_STOP);
      this.go = () => {
        clearTimeout(timer);
        done();
      };
    });
  }
}
