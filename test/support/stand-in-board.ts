/** A board at the other end of a connection: a console over the real VFS, in this process, and a line that may be bad. */
import { createContext, Script } from 'node:vm';
import type { ByteStream } from '../../tools/port/stream';

export interface BoardOptions {
  /** What scripts on it `require`. */
  modules: { [name: string]: unknown };
  /** Changes a byte under way; undefined loses it. */
  spoil?: (byte: number) => number | undefined;
  /** The connection breaks after so many bytes to the board. */
  breakAfter?: number;
  /** Whether it repeats what is typed. Default true. */
  echo?: boolean;
}

export class StandInBoard {
  /** Bytes that have gone either way. */
  traffic = 0;
  /** What it has printed. */
  printed = '';
  private readonly context: object;
  private readonly options: BoardOptions;
  private typed = '';
  private take: (bytes: Uint8Array) => void = () => {};
  private end: () => void = () => {};
  private broken = false;

  constructor(options: BoardOptions) {
    this.options = options;
    this.context = createContext({
      require: (name: string) => {
        if (!(name in options.modules)) throw new Error(`Module ${name} not found`);
        return options.modules[name];
      },
      print: (line: string) => this.say(line + '\r\n'),
      Uint8Array,
    });
  }

  /** A connection to it; several can follow each other. */
  connect = async (): Promise<ByteStream> => ({
    title: 'stand-in',
    chunk: 64,
    rate: 1e6,
    patience: 200,
    write: async (bytes) => this.hear(bytes),
    onData: (take) => {
      this.take = take;
    },
    onEnd: (end) => {
      this.end = end;
    },
    close: async () => {
      this.take = () => {};
    },
  });

  /** What the script prints as the last thing. */
  evaluate(source: string): unknown {
    return new Script(source).runInContext(this.context);
  }

  private hear(bytes: Uint8Array): void {
    for (const sent of bytes) {
      if (this.broken) return;
      this.traffic++;
      if (this.options.breakAfter !== undefined && this.traffic > this.options.breakAfter) {
        this.broken = true;
        this.end();
        return;
      }
      const byte = this.options.spoil ? this.options.spoil(sent) : sent;
      if (byte !== undefined) this.key(String.fromCharCode(byte));
    }
  }

  private key(char: string): void {
    if (this.options.echo !== false) this.say(char);
    if (char === '\x15' || char === '\x03') this.typed = '';
    else if (char !== '\r') this.typed += char;
    else {
      const line = this.typed;
      this.typed = '';
      try {
        if (line) this.evaluate(line);
      } catch (error) {
        this.say(`Uncaught ${error}\r\n`);
      }
      this.say('>');
    }
  }

  /** Later, as over a wire. */
  private say(text: string): void {
    this.printed += text;
    const bytes: number[] = [];
    for (const sent of Buffer.from(text)) {
      this.traffic++;
      const byte = this.options.spoil ? this.options.spoil(sent) : sent;
      if (byte !== undefined) bytes.push(byte);
    }
    setImmediate(() => {
      if (!this.broken) this.take(Uint8Array.from(bytes));
    });
  }
}
