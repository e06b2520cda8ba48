/** A board in this process runs: its boot, a script, the console or what is piped in, its timers. */
import { once } from 'node:events';
import colors from 'picocolors';
import { deadline } from './engines/deadline';
import { type DeviceSource, GO, INTERRUPTED } from './engines/engine';
import { type BoardThread, startThread, type ThreadBoard } from './engines/thread';
import { openConsole } from './repl';

/** What is asked of the board when it has booted. */
export const REPORT = "require('vfs').bootReport";
/** Whether the board's volume is mounted. */
export const BOOTED = "require('vfs').bootReport.ok";

/** What runs on, so many milliseconds after the board's time is over, is ended. */
const GRACE = 500;

export interface RunOptions {
  print(line: string): void;
  /** The boot report is printed as JSON. */
  json: boolean;
  /** Whether there is anything to read. */
  reads: boolean;
}

/** A run, and how it has gone. */
interface Run {
  board: ThreadBoard;
  device: BoardThread;
  failed: boolean;
  late?: NodeJS.Timeout;
  /** Ends it, whatever there is to do. */
  over: AbortController;
}

/**
 * Runs the steps, then the console, or what is piped in, and without somebody at the console until there is nothing to do any more.
 * Gives the exit code.
 */
export async function runHere(board: ThreadBoard, steps: DeviceSource[], { print, json, reads }: RunOptions): Promise<number> {
  const { interactive } = board;
  const terminal = reads ? openConsole({ input: process.stdin, output: json ? process.stderr : process.stdout }, colors) : undefined;
  const over = new AbortController();
  const stopped = once(over.signal, 'abort');
  const report = (text: string): void => {
    if (text === INTERRUPTED) {
      if (!interactive) over.abort();
      return;
    }
    run.failed = true;
    if (interactive) terminal?.print(colors.red(text));
    else console.error(colors.red(text));
  };
  const device = await startThread(board, { print: terminal ? terminal.print : print, uncaught: report });
  const run: Run = { board, device, failed: false, over };
  const interrupt = (): void => {
    device.interrupt();
    if (!interactive) over.abort();
  };
  process.on('SIGINT', interrupt);
  try {
    const booted = await runSteps(run, steps, json, report);
    if (terminal && !run.failed && !over.signal.aborted) {
      const timers = device.runTimers('all');
      const went = terminal.run(device).then((well) => {
        run.failed ||= !well && !interactive;
      });
      await Promise.race([went, timers, stopped]);
      terminal.close();
    }
    if (!interactive && !run.failed && !over.signal.aborted) await Promise.race([device.runTimers('awaited'), stopped]);
    return run.failed || !booted ? 1 : 0;
  } finally {
    clearTimeout(run.late);
    process.off('SIGINT', interrupt);
    await device.close();
  }
}

/** One after the other up to one that fails; from `GO` on the board's time runs. Gives whether it has booted. */
async function runSteps(run: Run, steps: DeviceSource[], json: boolean, report: (text: string) => void): Promise<boolean> {
  const { board, device } = run;
  let booted = false;
  for (const step of steps) {
    if (run.over.signal.aborted) break;
    if (step === GO) run.late = endLate(run);
    const { ok, text } = await device.evaluate(step.source, step.fileName);
    if (!ok) report(text);
    if (step === GO && json) printReport((await device.evaluate(`JSON.stringify(${REPORT})`, 'boot')).text);
    if (step === GO) booted = (await device.evaluate(BOOTED, 'boot')).text === 'true';
    if (!ok && !board.interactive) break;
  }
  return booted;
}

/** What does not come to its end by itself is ended. */
function endLate({ board, device, over }: Run): NodeJS.Timeout | undefined {
  return deadline(board.setup, GRACE, () => {
    device.interrupt();
    over.abort();
  });
}

export function printReport(json: string): void {
  console.log(JSON.stringify(JSON.parse(json), null, 2));
}
