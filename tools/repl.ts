/** The console of a simulated board: on a terminal, or of what is piped in. */
import { clearScreenDown, createInterface, cursorTo, type Interface } from 'node:readline';
import { Script } from 'node:vm';
import type { Colors } from 'picocolors/types';
import { INTERRUPTED } from './engines/engine';
import type { BoardThread } from './engines/thread';
import { appendHistory, readHistory } from './history';

const HELP = `JavaScript runs on the board: vfs.listdir('/'), vfs.readFile('/main.js', 'utf8'), vfs.mount().
Tab completes names, and paths within quotes. Ctrl-C stops what runs, or clears the line; Ctrl-D or .exit leaves.`;

const PROMPT = '> ';
const MORE = '... ';

export interface Console {
  /** A line of the board's, above what is being typed. */
  print(line: string): void;
  /** Ends when somebody leaves, or the input does; gives whether all that was piped in went well. */
  run(device: BoardThread): Promise<boolean>;
  close(): void;
}

interface Streams {
  input: NodeJS.ReadableStream & { isTTY?: boolean };
  output: NodeJS.WritableStream;
}

/** Whether the parser stops only because the text does. */
export function isUnfinished(source: string): boolean {
  try {
    new Script(source);
    return false;
  } catch (error) {
    return /Unexpected end of input|Unterminated template|missing \) after argument list/.test(String(error)) && endsOpen(source);
  }
}

/** Whether more closing brackets could be wanted: `f(1 2` never gets right, however it goes on. */
function endsOpen(source: string): boolean {
  try {
    new Script(source + '\n)');
    return true;
  } catch (error) {
    return !/missing \) after argument list/.test(String(error));
  }
}

/** @param colors of errors */
export function openConsole({ input, output }: Streams, colors: Colors): Console {
  const terminal = !!input.isTTY;
  let lines: Interface | undefined;
  let typing = false;

  const print = (text: string): void => {
    if (!typing) {
      output.write(text + '\n');
      return;
    }
    cursorTo(output, 0);
    clearScreenDown(output);
    output.write(text + '\n');
    lines?.prompt(true);
  };

  async function run(device: BoardThread): Promise<boolean> {
    await device.evaluate("var vfs = require('vfs'); __chip.showAs(vfs)", 'repl');
    const completer = (text: string, done: (error: null, found: [string[], string]) => void): void => {
      const source = `JSON.stringify(__chip.complete(${JSON.stringify(text)}, function (name) { return (0, eval)(name); }, require('vfs')))`;
      void device.evaluate(source, 'repl').then(({ ok, text: json }) => {
        const { names, of } = ok ? (JSON.parse(json) as { names: string[]; of: string }) : { names: [], of: '' };
        done(null, [names, of]);
      });
    };
    const reader = createInterface(
      terminal
        ? { input, output, terminal, prompt: PROMPT, completer, history: readHistory(), historySize: 1000, removeHistoryDuplicates: true }
        : { input },
    );
    lines = reader;
    if (terminal) output.write(colors.dim("The board's console. `vfs` is require('vfs'); .help tells more, .exit leaves.") + '\n');
    let went = true;
    let pending = '';
    let running = false;
    let left = false;
    const queue: string[] = [];

    const prompt = (): void => {
      if (!terminal || left) return;
      reader.setPrompt(pending ? MORE : PROMPT);
      typing = true;
      reader.prompt();
    };
    const evaluate = async (source: string): Promise<void> => {
      const { ok, text } = await device.evaluate(source, 'repl');
      if (!ok) {
        went = false;
        print(colors.red(text === INTERRUPTED ? 'stopped' : text));
      } else if (text !== 'undefined') print(text);
    };
    const take = async (line: string): Promise<void> => {
      if (!pending && line.trim() === '.exit') reader.close();
      else if (!pending && line.trim() === '.help') print(HELP);
      else if (pending + line.trim()) {
        const source = pending + line;
        pending = isUnfinished(source) ? source + '\n' : '';
        if (!pending) await evaluate(source);
      }
    };
    /** One after the other, also what is pasted. */
    const work = async (): Promise<void> => {
      if (running) return;
      running = true;
      for (let line = queue.shift(); line !== undefined; line = queue.shift()) await take(line);
      running = false;
      prompt();
    };

    const closed = new Promise<void>((done) => {
      reader.on('close', () => {
        left = true;
        typing = false;
        done();
      });
    });
    reader.on('line', (line) => {
      typing = false;
      if (terminal && line.trim()) appendHistory(line);
      queue.push(line);
      void work();
    });
    reader.on('SIGINT', () => {
      if (running) {
        queue.length = 0;
        device.interrupt();
        return;
      }
      // A timer may be what runs.
      device.interrupt();
      pending = '';
      output.write('^C\n');
      // Its own way to clear the line.
      reader.write(null, { ctrl: true, name: 'e' });
      reader.write(null, { ctrl: true, name: 'u' });
      prompt();
    });
    prompt();
    await closed;
    // What was piped in is done to its end; who leaves a terminal does not wait.
    if (terminal) {
      if (running) device.interrupt();
      if (!queue.length) output.write('\n');
    } else {
      while (running || queue.length) await new Promise((done) => setImmediate(done));
      if (pending) await evaluate(pending);
    }
    return went;
  }

  return { print, run, close: () => lines?.close() };
}
