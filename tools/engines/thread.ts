/** A board in a thread of its own: whatever its scripts do, the console can be read, and stop them. */
import { Worker } from 'node:worker_threads';
import type { NorGeometry } from '../../boards/sim';
import { distPath } from '../dist';
import { FailedError } from '../usage';
import { type BoardSetup, INTERRUPTED, type Outcome } from './engine';

/** What the thread opens. All of it is data. */
export interface ThreadBoard {
  engine: string;
  board: string;
  flash: string;
  geometry: NorGeometry;
  setup: BoardSetup;
  sd?: string;
  /** A directory of this computer. */
  folder?: string;
  /** What `Serial1` and on are connected with. */
  serials?: (string | undefined)[];
  /** Somebody sits at its console: what is interrupted there is not the end. */
  interactive?: boolean;
}

/** Numbers that both sides see. */
export const INTERRUPT = 0;
/** Lines of the console that were sent, and that have been printed. */
export const SENT = 1;
export const PRINTED = 2;
/** Whether something runs. */
export const RUNNING = 3;
export const SHARED = 4;

export interface ThreadData {
  board: ThreadBoard;
  shared: Int32Array;
}

export type ToThread = { evaluate: string; fileName: string; id: number } | { timers: 'all' | 'awaited' } | { close: true };

export type FromThread =
  | { line: string }
  | { id: number; outcome: Outcome }
  /** It is ready for sources, or why not. */
  | { ready: true }
  | { failed: string }
  /** What a timer has thrown. */
  | { uncaught: string }
  | { idle: true };

export interface BoardThread {
  evaluate(source: string, fileName: string): Promise<Outcome>;
  /** Ends what runs; on Node the board as well, unless it is interactive. */
  interrupt(): void;
  /**
   * Timers run, from now on, until its time is over; or, if only what is awaited counts, until there is nothing to do any more.
   * @param which `all` for a console
   */
  runTimers(which: 'all' | 'awaited'): Promise<void>;
  close(): Promise<void>;
}

export interface ThreadListener {
  print(line: string): void;
  uncaught(text: string): void;
}

/** Room on the stack, in MB, for what QuickJS allows scripts; the memory is that of the engine `node`. */
const LIMITS = { stackSizeMb: 64, maxOldGenerationSizeMb: 256 };

/** What is known of a thread, and who waits for what of it. */
interface Thread {
  worker: Worker;
  shared: Int32Array;
  /** Why it has ended. */
  died?: string;
  waiting: Map<number, (outcome: Outcome) => void>;
  settled: (() => void)[];
}

/** Takes what the thread says. @returns when it is ready, or what it failed with; and when it has ended */
function listenTo(thread: Thread, listener: ThreadListener): { ready: Promise<void>; ended: Promise<void> } {
  const { worker, shared, waiting, settled } = thread;
  const ready = new Promise<void>((done, failed) => {
    worker.on('message', (message: FromThread) => {
      if ('line' in message) {
        listener.print(message.line);
        Atomics.add(shared, PRINTED, 1);
        Atomics.notify(shared, PRINTED);
      } else if ('id' in message) {
        waiting.get(message.id)?.(message.outcome);
        waiting.delete(message.id);
      } else if ('uncaught' in message) listener.uncaught(message.uncaught);
      else if ('idle' in message) for (const done of settled.splice(0)) done();
      else if ('failed' in message) failed(new FailedError('the board cannot be started: ' + message.failed));
      else done();
    });
    worker.on('error', (error: NodeJS.ErrnoException) => {
      const full = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      thread.died = full ? 'the engine has no memory left: the board has stopped' : String(error.stack ?? error);
      failed(full ? new FailedError(thread.died) : error);
    });
  });
  const ended = new Promise<void>((done) => {
    worker.on('exit', () => {
      thread.died ??= 'the board has stopped';
      for (const answer of waiting.values()) answer({ ok: false, text: thread.died });
      waiting.clear();
      for (const one of settled.splice(0)) one();
      done();
    });
  });
  return { ready, ended };
}

/** @throws FailedError, saying what cannot be opened */
export async function startThread(board: ThreadBoard, listener: ThreadListener): Promise<BoardThread> {
  const shared = new Int32Array(new SharedArrayBuffer(4 * SHARED));
  const data: ThreadData = { board, shared };
  const worker = new Worker(distPath('tools/microvfs.js'), { workerData: data, resourceLimits: LIMITS });
  const thread: Thread = { worker, shared, waiting: new Map(), settled: [] };
  const send = (message: ToThread): void => worker.postMessage(message);
  const { ready, ended } = listenTo(thread, listener);
  let last = 0;
  await ready;

  return {
    evaluate(source, fileName) {
      if (thread.died !== undefined) return Promise.resolve({ ok: false, text: thread.died });
      const id = ++last;
      return new Promise((done) => {
        thread.waiting.set(id, done);
        send({ evaluate: source, fileName, id });
      });
    },
    interrupt() {
      Atomics.store(shared, INTERRUPT, 1);
      if (board.engine !== 'node' || !Atomics.load(shared, RUNNING)) return;
      // Node listens to nothing while it runs.
      if (board.interactive) process.kill(process.pid, 'SIGINT');
      else {
        thread.died = INTERRUPTED;
        void worker.terminate();
      }
    },
    runTimers: (which) =>
      thread.died !== undefined
        ? Promise.resolve()
        : new Promise((done) => {
            thread.settled.push(done);
            send({ timers: which });
          }),
    async close() {
      if (thread.died === undefined) {
        Atomics.store(shared, INTERRUPT, 1);
        send({ close: true });
        // What does not listen, as Node while something runs, is ended.
        const late = setTimeout(() => void worker.terminate(), 500);
        await ended;
        clearTimeout(late);
      }
    },
  };
}
