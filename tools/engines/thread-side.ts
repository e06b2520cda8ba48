/** The board's side of its thread. */
import { parentPort, workerData } from 'node:worker_threads';
import { openNorFile, openSdFile } from '../../boards/sim';
import { type Device, deviceSources, type Engine, INTERRUPTED, listenSource, type Outcome, serialSource, timeSource } from './engine';
import { openFolder } from './host-folder';
import { nodeEngine } from './node';
import { quickjsEngine } from './quickjs';
import { type OpenEnd, openEnd } from './serial-end';
import { type FromThread, INTERRUPT, PRINTED, RUNNING, SENT, type ThreadData, type ToThread } from './thread';
import { IDLE, OVER } from './time';

export const inProcess: { [engine: string]: Engine } = { quickjs: quickjsEngine, node: nodeEngine };

/** Of the stack of the thread, whose frames are larger than what QuickJS counts. */
const STACK = 1024 * 1024;
/** What comes in on a serial port is looked for this often, in milliseconds. */
const POLL = 5;
/** So many lines may wait to be printed. */
const LINES = 1000;

const send = (message: FromThread): void => parentPort?.postMessage(message);

/** What a thread that was started by `startThread` does. */
export async function runThread(): Promise<void> {
  const { board, shared } = workerData as ThreadData;
  const print = (line: string): void => {
    send({ line });
    const sent = Atomics.add(shared, SENT, 1) + 1;
    for (let printed = Atomics.load(shared, PRINTED); sent - printed > LINES; printed = Atomics.load(shared, PRINTED)) {
      if (Atomics.load(shared, INTERRUPT)) return;
      Atomics.wait(shared, PRINTED, printed, 100);
    }
  };
  try {
    const chip = openNorFile(board.flash, board.geometry);
    const sd = board.sd === undefined ? undefined : openSdFile(board.sd);
    const folder = board.folder === undefined ? undefined : openFolder(board.folder);
    const { speed = 1 } = board.setup;
    const ends = (board.serials ?? []).map((path) => (path === undefined ? undefined : openEnd(path, () => Date.now() * speed)));
    const setup = { ...board.setup, ...(sd && { card: sd.card }) };
    const device = await inProcess[board.engine].start(chip.nor, print, sd?.card, folder, {
      interrupted: () => Atomics.load(shared, INTERRUPT) !== 0,
      serials: ends,
      signalled: !!board.interactive,
      stack: STACK,
    });
    const sources = [...deviceSources(board.board, setup.kind, setup), { source: timeSource(setup), fileName: 'clock' }];
    ends.forEach((end, n) => {
      if (end) sources.push({ source: serialSource(n), fileName: 'serial' });
    });
    for (const { source, fileName } of sources) {
      const { ok, text } = device.evaluate(source, fileName);
      if (!ok) throw new Error(text);
    }
    serve(device, shared, ends, !!board.interactive, () => {
      device.close();
      for (const end of ends) end?.close();
      folder?.close();
      sd?.close();
      chip.close();
    });
    send({ ready: true });
  } catch (error) {
    send({ failed: (error as Error).message });
    parentPort?.close();
  }
}

/** @param goesOn what is interrupted is not the end */
function serve(device: Device, shared: Int32Array, ends: (OpenEnd | undefined)[], goesOn: boolean, close: () => void): void {
  let which: 'all' | 'awaited' | undefined;
  let timer: NodeJS.Timeout | undefined;
  const evaluate = (source: string, fileName: string): Outcome => {
    if (goesOn) Atomics.store(shared, INTERRUPT, 0);
    else if (Atomics.load(shared, INTERRUPT)) return { ok: false, text: INTERRUPTED };
    Atomics.store(shared, RUNNING, 1);
    const outcome = device.evaluate(source, fileName);
    Atomics.store(shared, RUNNING, 0);
    return outcome;
  };
  const turn = (): void => {
    const { ok, text } = evaluate('__time.run()', 'timer');
    if (!ok) send({ uncaught: text });
    soon();
  };
  /** Hands on what has come in; whether somebody waits for more of it. */
  const listen = (): boolean => {
    let waits = false;
    ends.forEach((end, n) => {
      if (!end?.open()) return;
      const { ok, text } = evaluate(listenSource(n), 'serial');
      if (!ok) send({ uncaught: text });
      else if (text === 'true') waits = true;
    });
    return waits;
  };
  /** Promises are kept before it is asked what there is to do. */
  const soon = (): void => void setImmediate(schedule);
  const schedule = (): void => {
    clearTimeout(timer);
    if (!which) return;
    const { ok, text } = evaluate(`__time.wait(${which === 'all'})`, 'clock');
    if (!ok) return;
    const wait = Number(text);
    if (wait !== OVER && listen()) timer = setTimeout(turn, wait < 0 ? POLL : Math.min(wait, POLL));
    else if (wait >= 0) timer = setTimeout(turn, wait);
    else if ((wait === IDLE && which === 'awaited') || wait === OVER) send({ idle: true });
  };
  parentPort?.on('message', (message: ToThread) => {
    if ('evaluate' in message) send({ id: message.id, outcome: evaluate(message.evaluate, message.fileName) });
    else if ('timers' in message) which = message.timers;
    else {
      clearTimeout(timer);
      which = undefined;
      close();
      parentPort?.close();
      return;
    }
    soon();
  });
}
