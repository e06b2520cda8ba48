/** The console of a simulated board: on a terminal, or of what is piped in. */
import { once } from 'node:events';
import { type AsyncCompleter, clearScreenDown, createInterface, cursorTo, type Interface } from 'node:readline';
import type { Colors } from 'picocolors/types';
import { INTERRUPTED } from './engines/engine';
import type { BoardThread } from './engines/thread';
import { appendHistory, readHistory } from './history';
import { type Lines, linesOf } from './repl-lines';

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

/** What the board prints, and below it the line that is being typed. */
interface Screen {
  output: NodeJS.WritableStream;
  /** While somebody types. */
  typing?: Interface;
}

function printOn({ output, typing }: Screen, text: string): void {
  if (typing) {
    cursorTo(output, 0);
    clearScreenDown(output);
  }
  output.write(text + '\n');
  typing?.prompt(true);
}

function promptOn(screen: Screen, reader: Interface, lines: Lines): void {
  reader.setPrompt(lines.isUnfinished() ? MORE : PROMPT);
  screen.typing = reader;
  reader.prompt();
}

/** Completes by what the board has. */
function completerOf(device: BoardThread): AsyncCompleter {
  return (text, done) => {
    const source = `JSON.stringify(__chip.complete(${JSON.stringify(text)}, function (name) { return (0, eval)(name); }, require('vfs')))`;
    void device.evaluate(source, 'repl').then(({ ok, text: json }) => {
      const { names, of } = ok ? (JSON.parse(json) as { names: string[]; of: string }) : { names: [], of: '' };
      done(null, [names, of]);
    });
  };
}

/** The line that is being typed, with what was typed before. */
function editorOf({ input, output }: Streams, device: BoardThread): Interface {
  const completer = completerOf(device);
  const history = readHistory();
  return createInterface({ input, output, terminal: true, completer, history, historySize: 1000, removeHistoryDuplicates: true });
}

/** What Ctrl-C does: stops what runs, or clears what is typed. */
function interrupted(screen: Screen, reader: Interface, lines: Lines, device: BoardThread): void {
  lines.forget();
  // At the prompt a timer may be what runs.
  device.interrupt();
  if (lines.isRunning()) return;
  screen.output.write('^C\n');
  // Its own way to clear the line.
  reader.write(null, { ctrl: true, name: 'e' });
  reader.write(null, { ctrl: true, name: 'u' });
  promptOn(screen, reader, lines);
}

/** @param colors of errors */
export function openConsole({ input, output }: Streams, colors: Colors): Console {
  const terminal = !!input.isTTY;
  const screen: Screen = { output };
  const print = (text: string): void => printOn(screen, text);
  let reader: Interface | undefined;
  let lines: Lines | undefined;
  let closed = false;
  /** What waits does not run. */
  const close = (): void => {
    closed = true;
    lines?.forget();
    reader?.close();
  };

  async function run(device: BoardThread): Promise<boolean> {
    await device.evaluate("var vfs = require('vfs'); __chip.showAs(vfs)", 'repl');
    let went = true;
    if (closed) return went;
    const evaluate = async (source: string): Promise<void> => {
      const { ok, text } = await device.evaluate(source, 'repl');
      went &&= ok;
      if (!ok) print(colors.red(text === INTERRUPTED ? 'stopped' : text));
      else if (text !== 'undefined') print(text);
    };
    const own = terminal ? editorOf({ input, output }, device) : createInterface({ input });
    reader = own;
    const commands = new Map([
      ['.exit', close],
      ['.help', () => print(HELP)],
    ]);
    const typed = linesOf(evaluate, commands, () => {
      if (terminal && !closed) promptOn(screen, own, typed);
    });
    lines = typed;
    own.on('line', (line) => {
      if (closed) return;
      screen.typing = undefined;
      if (terminal && line.trim()) appendHistory(line);
      typed.add(line);
    });
    own.on('close', () => {
      closed = true;
      screen.typing = undefined;
    });
    if (terminal) {
      own.on('SIGINT', () => interrupted(screen, own, typed, device));
      output.write(colors.dim("The board's console. `vfs` is require('vfs'); .help tells more, .exit leaves.") + '\n');
      promptOn(screen, own, typed);
    }
    await once(own, 'close');
    // What was piped in is done to its end; who leaves a terminal does not wait.
    if (!terminal) await typed.finish();
    else {
      if (typed.isRunning()) device.interrupt();
      output.write('\n');
    }
    return went;
  }

  return { print, run, close };
}
