/** What all commands have in common: options, printing, progress. */
import { SingleBar } from 'cli-progress';
import { type Command, InvalidArgumentError, Option } from 'commander';
import colors from 'picocolors';
import { boardNames } from '../places/board';
import { type FormatName, formatNames } from '../places/formats';
import type { PlaceOptions } from '../places/open';
import type { Report } from '../places/report';
import { bytesOf, humanSize } from '../places/size';
import type { PortOptions } from '../port/connect';

export type Exit = (code: number) => void;

/** Options that commands share, as commander gives them. */
export interface Common {
  board?: string;
  type?: FormatName;
  inPlace?: boolean;
  port?: string;
  baud?: number;
  bluetooth?: string;
  json?: boolean;
  quiet?: boolean;
}

export interface CommandFlags {
  /** It prints data: `--json`. */
  data?: boolean;
  /** It changes images: `--in-place`. */
  changes?: boolean;
  /** It tells what it does: `--quiet`. */
  tells?: boolean;
  /** Its places are not volumes of boards. */
  plain?: boolean;
  /** Its places may be on a board on a port: `--port`. */
  ports?: boolean;
}

/** A command with the options that it shares with others, and with examples. */
export function verb(program: Command, usage: string, description: string, flags: CommandFlags, examples: string[]): Command {
  const command = program.command(usage).description(description);
  if (!flags.plain) {
    command.addOption(
      new Option('--board <name>', "the image is all of this board's flash, and its own volume is meant").choices(boardNames),
    );
    command.addOption(new Option('--type <format>', 'the format, instead of what is found').choices(formatNames));
  }
  if (flags.ports) addPortOptions(command);
  if (flags.changes)
    command.option('--in-place', 'write into the image itself, not into a copy that takes its place: for images too large to copy');
  if (flags.data) command.option('--json', 'print data for programs');
  if (flags.tells) command.option('-q, --quiet', 'print nothing but errors');
  return command.addHelpText(
    'after',
    `\nExamples:\n${examples.map((one) => (one.includes('microvfs ') ? `  ${one}` : `  microvfs ${one}`)).join('\n')}`,
  );
}

export function placeOptions({ board, type, inPlace, ...ports }: Common): PlaceOptions {
  return { ...(board && { board }), ...(type && { type }), ...(inPlace && { inPlace }), ...portOptions(ports) };
}

/** Where the board is. */
export function addPortOptions(command: Command): Command {
  return command
    .option('--port <path>', 'the port of a board, whose places are :/path; exec:COMMAND is a program (default: the one that is there)')
    .option('--baud <rate>', 'bits in a second of a serial port (default 115200)', whole)
    .option('--bluetooth <name>', 'a board over Bluetooth, by the name or address that it advertises');
}

export function portOptions({ port, baud, bluetooth }: Common): PortOptions {
  return { ...(port !== undefined && { port }), ...(baud && { baud }), ...(bluetooth !== undefined && { bluetooth }) };
}

/** An option in bytes. */
export function bytes(text: string): number {
  const value = bytesOf(text);
  if (value === undefined) throw new InvalidArgumentError('Give bytes, or a number with K, M or G.');
  return value;
}

export function whole(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('Give a whole number.');
  return Number(text);
}

/** Where something is served on this computer. */
export function portNumber(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65535) throw new InvalidArgumentError('Give a number up to 65535; 0 is any port that is free.');
  return port;
}

/** Text that an image gives, on a terminal: what would move its cursor is escaped. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

export function print(line: string): void {
  console.log(printable(line));
}

export function printJson(data: unknown): void {
  console.log(JSON.stringify(data, null, 2));
}

/** `2023-11-14 22:13`, in UTC as devices have it. */
export function dateOf(seconds: number | undefined): string {
  if (seconds === undefined) return '-'.padEnd(16);
  return new Date(seconds * 1000).toISOString().slice(0, 16).replace('T', ' ');
}

/** So long something may take before a bar shows how far it is. */
const PATIENCE = 1000;

/** Progress of what takes long, on a terminal only; notes on standard error. `done` takes the bar away. */
export function reporter({ quiet, json }: Common): Report & { done(): void } {
  const began = Date.now();
  let bar: SingleBar | undefined;
  const done = (): void => {
    bar?.stop();
    bar = undefined;
  };
  return {
    done,
    note: (line) => {
      if (!quiet) console.error(colors.dim(printable(line)));
    },
    progress: (at, total, what) => {
      if (quiet || json || !process.stderr.isTTY || Date.now() - began < PATIENCE) return;
      if (!bar) {
        bar = new SingleBar({
          format: '{bar} {percentage} % of {size} {what}',
          stream: process.stderr,
          barsize: 24,
          clearOnComplete: true,
          hideCursor: true,
          fps: 10,
        });
        bar.start(total, at, { size: humanSize(total), what: '' });
      }
      bar.update(at, { what: printable(what).slice(-40) });
    },
  };
}

/** Runs something with a report, whose bar is taken away also when it fails. */
export async function reporting<T>(options: Common, work: (report: Report) => Promise<T>): Promise<T> {
  const report = reporter(options);
  try {
    return await work(report);
  } finally {
    report.done();
  }
}

/** `1 file`, `2 files`. */
export function count(n: number, one: string, many = one + 's'): string {
  return `${n} ${n === 1 ? one : many}`;
}

/** Rows in columns, numbers to the right. */
export function table(rows: (string | number)[][]): string[] {
  const widths: number[] = [];
  for (const row of rows)
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, String(cell).length);
    });
  return rows.map((row) =>
    row
      .map((cell, i) => (typeof cell === 'number' ? String(cell).padStart(widths[i]) : String(cell).padEnd(widths[i])))
      .join('  ')
      .trimEnd(),
  );
}
