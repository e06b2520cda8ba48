/** A board's console, spoken to by a program: requests that are repeated until they are answered whole. */
import { PlaceError, reasonIn } from '../places/tree';
import { UsageError } from '../usage';
import { bytesOfText, fromUtf8, utf8Of } from './bytes';
import { installing, PROBE } from './device-side';
import { BoardError } from './frames';
import { type Heard, Listener } from './listener';
import { crcOfText, literal } from './literal';
import { type ByteStream, Line } from './stream';

/** What a board says of itself. */
export interface BoardInfo {
  espruino: boolean;
  version: string;
  /** Name of its build, `PICO`. */
  board: string;
  /** Bytes of RAM that are free, 0 where it does not tell. */
  free: number;
}

/** Silence, in milliseconds, after which a board is asked whether it is there; and how many times as long it may take to say so. */
const SILENCE = 1500;
const PINGS = [1, 2, 4, 8];

/** So often a request is sent before the connection is given up. */
const ATTEMPTS = 12;

/** Erases the line that is being typed: Espruino's sequence; what consoles with line editing have, and an end for what is unfinished. */
const ERASE = { espruino: '\x1b[2H', other: '\x15\r\r' };
const LONG = 1e6;
/** Milliseconds without a byte, after which nothing more is under way. */
const QUIET = 80;
/** Milliseconds in which a console shows that it was interrupted. */
const REACTION = 400;
const pause = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));
const INTERRUPT = '\x03';

/** An operation of the board with what it takes. */
export type Head = (string | number)[];

export interface Request {
  head: Head;
  data: string;
}

interface Sent {
  /** 0 until it is sent again. */
  id: number;
  text: string;
  request: Request;
}

export class BoardConsole {
  readonly title: string;
  info: BoardInfo = { espruino: false, version: '', board: '', free: 0 };
  private interrupted = false;
  private readonly line: Line;
  private readonly listener: Listener;
  private number = 0;
  /** So many requests are under way at once. */
  private window = 3;
  private readonly patience: number;

  private constructor(stream: ByteStream) {
    this.title = stream.title;
    this.patience = stream.patience ?? SILENCE;
    this.line = new Line(stream);
    this.listener = new Listener(this.line);
  }

  /** Finds the console, and puts there what answers requests. @throws UsageError if there is none */
  static async open(stream: ByteStream): Promise<BoardConsole> {
    const board = new BoardConsole(stream);
    try {
      await board.probe();
      await board.install();
      return board;
    } catch (error) {
      await board.line.close();
      throw error;
    }
  }

  /** Bytes of a file that go in one request, by the RAM that is free. */
  get piece(): number {
    const { espruino, free } = this.info;
    return !espruino || free < 40000 ? 1024 : 2048;
  }

  /** A text as strings of the board are: bytes of UTF-8, or what JavaScript has. */
  toBoard(text: string): string {
    return this.info.espruino ? utf8Of(text) : text;
  }

  fromBoard(text: string): string {
    return this.info.espruino ? fromUtf8(text) : text;
  }

  /**
   * One request: an operation with what it takes, and data.
   * @throws BoardError for what the board refuses; PlaceError if it is lost
   */
  async call(head: Head, data = ''): Promise<unknown> {
    const request = this.made({ head, data });
    await this.send(request);
    return this.valueOf(await this.answered([request], false));
  }

  /**
   * Requests that may be done twice, of which the next is under way while the board works on one.
   * @returns the answers, in their order
   * @throws as `call`
   */
  async *stream(requests: AsyncIterable<Request> | Iterable<Request>): AsyncGenerator<unknown> {
    const waiting: Sent[] = [];
    try {
      for await (const request of requests) {
        const sent = this.made(request);
        waiting.push(sent);
        await this.send(sent);
        while (waiting.length >= this.window) yield this.valueOf(await this.answered(waiting, true));
      }
      while (waiting.length) yield this.valueOf(await this.answered(waiting, true));
    } finally {
      for (const { id } of waiting) this.listener.answers.delete(id);
    }
  }

  /** The value of an expression, as JSON tells it. */
  evaluate(expression: string): Promise<unknown> {
    return this.call(['j'], this.toBoard(expression));
  }

  /** A line of the console itself, which is not answered. */
  async type(line: string): Promise<void> {
    await this.line.send(bytesOfText(`${this.info.espruino ? '\x10' : ''}${line}\r`));
  }

  /**
   * Runs a script as if it was typed, however long that takes.
   * @param print gets what it prints
   * @throws BoardError for an error that it does not catch; PlaceError EINTR once it is interrupted
   */
  async run(script: string, print: (text: string) => void): Promise<void> {
    const { piece } = this;
    const text = this.toBoard(script);
    for (let at = 0; at < text.length; at += piece) await this.call(['g', at], text.slice(at, at + piece));
    const id = ++this.number;
    this.listener.answers.set(id, undefined);
    this.listener.follow(id, print);
    try {
      const run = this.info.espruino ? 'eval($v.x)' : '(0,eval)($v.x)';
      const failed = `$v.a='!'+$v.J([e.code||'',''+e+(e.stack?'\\n'+e.stack:''),'',''])`;
      await this.type(`$v.O(0,'');$v.a='=1';try{${run}}catch(e){${failed}}$v.x='';$v.O(${id},$v.a)`);
      while (!this.listener.ended && !this.interrupted) {
        const answer = this.listener.answers.get(id);
        if (answer !== undefined) return void this.valueOf(answer);
        await this.listener.wait(LONG);
      }
    } finally {
      this.listener.answers.delete(id);
      this.listener.unfollow();
    }
    throw this.interrupted
      ? new PlaceError('EINTR', this.title, 'interrupted')
      : new PlaceError('EIO', this.title, 'the connection was lost');
  }

  /** Stops what runs on the board. */
  async interrupt(): Promise<void> {
    await this.stop();
    this.interrupted = true;
    this.listener.tell('silence');
  }

  /**
   * The console for somebody who types: what the board says is handed on as it comes. Nothing else may be asked of it meanwhile.
   * @returns what sends, and what ends that
   */
  handOver(take: (bytes: Uint8Array) => void): { send(bytes: Uint8Array): Promise<void>; end(): Promise<void> } {
    this.line.onData(take);
    return {
      send: (bytes) => this.line.send(bytes),
      end: async () => {
        this.listener.listen();
        // It may have been reset, or another script be running.
        await this.probe();
        await this.install();
      },
    };
  }

  /** Forgets all that is loaded on Espruino, and goes on with what is in flash: Storage's files can be replaced then. */
  async reset(): Promise<void> {
    await this.type('reset()');
    await pause(this.patience);
    await this.probe();
    await this.install();
  }

  /** Takes away what was put there, and lets go of the connection. */
  async close(): Promise<void> {
    try {
      if (!this.listener.ended) {
        await this.call(['z']);
        await this.type(this.info.espruino ? 'delete global.$v' : '$v=undefined');
      }
    } catch {
      // It is lost already.
    }
    await this.line.close();
  }

  private async probe(): Promise<void> {
    // What is typed there is erased; what runs is interrupted when nothing answers.
    for (let i = 0; i < 3; i++) {
      if (i) await this.stop();
      this.listener.forget();
      await this.line.send(bytesOfText(`${ERASE.espruino}${ERASE.other}${PROBE}\r`));
      await this.listener.wait(2 * this.patience);
      const text = this.listener.answers.get(0);
      if (text !== undefined) {
        this.listener.answers.delete(0);
        const [espruino, version = '', board = '', free] = JSON.parse(text);
        this.info = { espruino: !!espruino, version, board, free: free ?? 0 };
        return;
      }
      if (this.listener.ended) break;
    }
    throw new UsageError(`${this.title}: no console answers there`);
  }

  private async install(): Promise<void> {
    const text = installing(this.info.espruino);
    for (let i = 0; i < ATTEMPTS; i++) {
      this.listener.drop();
      await this.type(text);
      let what: Heard;
      // A late answer to the probe.
      do what = await this.listener.wait(this.patience + 2 * this.transit(text.length));
      while (what === 'answer');
      if (what === 'alive') return;
      if (this.listener.ended) break;
      await this.erase(i);
    }
    throw new UsageError(`${this.title}: the console does not take what is sent`);
  }

  /** A request with a number of its own, as it is typed. */
  private made({ head, data }: Request): Sent {
    const id = ++this.number;
    const parts = head.map((part) => (typeof part === 'number' ? part : this.toBoard(part)));
    const sum = crcOfText(`${id},${parts.join()}${data}`);
    const source = parts.map((part) => (typeof part === 'number' ? part : literal(part))).join();
    return { id, text: `$v.q(${id},${sum},[${source}]${data && ',' + literal(data)})`, request: { head, data } };
  }

  private async send({ id, text }: Sent): Promise<void> {
    this.listener.answers.set(id, undefined);
    await this.type(text);
  }

  /** Waits for the answer of the first, and takes that out. @param again whether they may be done twice */
  private async answered(waiting: Sent[], again: boolean): Promise<string> {
    for (let attempt = 0; attempt < ATTEMPTS; ) {
      if (!waiting[0].id) {
        waiting[0] = this.made(waiting[0].request);
        await this.send(waiting[0]);
      }
      const text = this.listener.answers.get(waiting[0].id);
      if (text !== undefined) {
        this.listener.answers.delete((waiting.shift() as Sent).id);
        return text;
      }
      const bytes = waiting.reduce((sum, one) => sum + one.text.length, 0);
      const what = await this.listener.wait(this.patience + this.transit(bytes));
      if (what === 'answer') continue;
      if (what === 'silence' && !(await this.ping())) break;
      // The answer came after all, while it was asked.
      if (this.listener.answers.get(waiting[0].id) !== undefined) continue;
      attempt++;
      // More than the board has room for, perhaps.
      this.window = 1;
      await this.repeat(waiting, again);
    }
    throw new PlaceError('EIO', this.title, this.listener.ended ? 'the connection was lost' : 'the board does not answer any more');
  }

  /** Sends the first again, when all that is still to come has come; the others when it is their turn. */
  private async repeat(waiting: Sent[], again: boolean): Promise<void> {
    for (let i = 0; i < 100 && Date.now() - this.listener.lastHeard < QUIET; i++) await pause(QUIET / 4);
    this.listener.drop();
    if (!again) return this.send(waiting[0]);
    for (const one of waiting) {
      this.listener.answers.delete(one.id);
      one.id = 0;
    }
  }

  private valueOf(answer: string): unknown {
    const value = JSON.parse(answer.slice(1));
    if (answer[0] === '=') return value;
    const [code, message, path, operation] = value as string[];
    const plain = this.fromBoard(message);
    throw new BoardError(code, operation ? reasonIn(plain) : plain, this.fromBoard(path));
  }

  /** Whether it is there. What it does takes as long as it takes. */
  private async ping(): Promise<boolean> {
    for (const [i, times] of PINGS.entries()) {
      if (this.listener.ended) return false;
      await this.erase(i);
      await this.type('$v.y()');
      if ((await this.listener.wait(times * this.patience)) !== 'silence') return true;
    }
    return false;
  }

  private async erase(attempt: number): Promise<void> {
    const { espruino } = this.info;
    // Interrupting is the last resort: it may be writing.
    if (attempt > 2) await this.stop();
    await this.line.send(bytesOfText(espruino ? ERASE.espruino : ERASE.other));
  }

  /** Ctrl-C. Espruino may go into its debugger at the first, which the second leaves; without that a second would end its build for Linux. */
  private async stop(): Promise<void> {
    this.listener.tail = '';
    await this.line.send(bytesOfText(INTERRUPT));
    await pause(REACTION);
    if (!this.listener.tail.includes('debug>')) return;
    await this.line.send(bytesOfText(INTERRUPT));
    await pause(REACTION);
  }

  /** Milliseconds that so many bytes are under way. */
  private transit(bytes: number): number {
    return (1000 * bytes) / (this.line.stream.rate ?? 5000);
  }
}
