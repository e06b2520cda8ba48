/** Boards at the end of a pseudo terminal: real Espruino, whose serial port it is, and whatever a program has on its console. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { storeSource } from '../../tools/engines/engine';
import { Espruino } from './espruino';

export const hasSocat = spawnSync('socat', ['-V']).status === 0;

const patience = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));

async function until(done: () => boolean, what: string, seconds = 10): Promise<void> {
  for (let i = 0; i < 40 * seconds; i++) {
    if (done()) return;
    await patience(25);
  }
  throw new Error(`no ${what} after ${seconds} s`);
}

/** One end of a pseudo terminal, whose other end programs open. */
class Pty {
  readonly path: string;
  readonly socat: ChildProcess;

  constructor(path: string) {
    this.path = path;
    this.socat = spawn('socat', [`PTY,link=${path},raw,echo=0`, 'STDIO'], { stdio: ['pipe', 'pipe', 'ignore'] });
    this.socat.stdin?.on('error', () => {});
  }

  ready(): Promise<void> {
    return until(() => existsSync(this.path), this.path);
  }
}

/** So many bytes pass at once: what a chip of a serial port holds. */
const FIFO = 64;

/** Forwards bytes, as fast as a line is. @param rate bytes in a second, 0 for no limit */
function forward(from: Pty, to: Pty, rate: number): void {
  const [source, sink] = [from.socat.stdout, to.socat.stdin];
  if (!source || !sink) throw new Error('no pipes');
  let queue = Buffer.alloc(0);
  let due = 0;
  let timer: NodeJS.Timeout | undefined;
  const step = (): void => {
    timer = undefined;
    const now = performance.now();
    const n = rate ? Math.min(queue.length, Math.floor(((now - due) * rate) / 1000)) : queue.length;
    if (n) {
      sink.write(queue.subarray(0, n));
      queue = queue.subarray(n);
      due += rate ? (1000 * n) / rate : 0;
    }
    if (queue.length < FIFO) source.resume();
    if (queue.length) timer = setTimeout(step, 1);
  };
  source.on('data', (bytes: Buffer) => {
    // A line does not save up what it has not carried.
    if (!queue.length) due = Math.max(due, performance.now());
    queue = Buffer.concat([queue, bytes]);
    if (queue.length >= FIFO) source.pause();
    if (!timer) step();
  });
}

/** As the firmware of a Pico tells it, beside what the engine does. */
const MEMORY =
  'process.memory=(function(m){return function(){var r=m();r.flash_start=r.flash_binary_end=r.flash_code_start=0x10000000;return r;};})(process.memory);';

export interface BoardOnPort {
  path: string;
  /** Power off and on again. */
  restart?(): Promise<void>;
  /** Power off. */
  close(): Promise<void>;
}

export interface EspruinoOptions {
  /** Bytes in a second of the line; by default as fast as it goes. */
  rate?: number;
  /** Without a volume and the bundle: as it comes from the shop. */
  bare?: boolean;
}

/**
 * Real Espruino, with the bundle of the Pico and a volume in its Storage. Its console is its serial port, which is the pseudo terminal.
 * A timer runs on it: without one its build for Linux looks at its ports 20 times in a second.
 */
export async function espruinoOnPort(program: string, { rate = 0, bare = false }: EspruinoOptions = {}): Promise<BoardOnPort> {
  const board = new Espruino(program);
  const [near, far] = [new Pty(join(board.folder, 'port')), new Pty(join(board.folder, 'board'))];
  await Promise.all([near.ready(), far.ready()]);
  forward(near, far, rate);
  forward(far, near, rate);
  const volume = `require('Storage').write('vfs-volume','\\xff',0,131040);${storeSource('rp2', '', 'require')}
require('vfs').boot();require('Storage').write('.boot0','require("vfs").boot()');require('Storage').write('.bootPowerOn',${JSON.stringify(MEMORY)});`;
  if (!bare) await board.run(`${MEMORY}\n${volume}`);
  // Typed at each start, also after a reset, and in RAM: nothing in flash is taken up by it.
  const start = `\x10${bare ? MEMORY : ''}Serial1.setup(115200,{path:${JSON.stringify(far.path)}});Serial1.setConsole(true);setInterval(function(){},1);\n`;
  let engine: ChildProcess;
  let ended: Promise<unknown>;
  const power = (): void => {
    engine = spawn(program, [], { cwd: board.folder, stdio: ['pipe', 'pipe', 'ignore'] });
    ended = new Promise((done) => engine.on('exit', done));
    let said = '';
    engine.stdout?.on('data', (text) => {
      said += text;
      if (!said.includes('espruino.com/Donate')) return;
      said = '';
      engine.stdin?.write(start);
    });
  };
  power();
  return {
    path: near.path,
    async restart() {
      engine.kill('SIGKILL');
      await ended;
      power();
    },
    async close() {
      engine.kill('SIGKILL');
      await ended;
      near.socat.kill();
      far.socat.kill();
      board.close();
    },
  };
}

/** A program whose console is a pseudo terminal, as a terminal emulator starts it. It is waited for until it prompts. */
export async function programOnPort(command: string, prompt = '> '): Promise<BoardOnPort> {
  const folder = mkdtempSync(join(tmpdir(), 'microvfs-port-'));
  const near = new Pty(join(folder, 'port'));
  await near.ready();
  const engine = spawn('socat', ['STDIO', `EXEC:"${command}",pty,setsid,ctty,raw,echo=0`], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const ended = new Promise((done) => engine.on('exit', done));
  let said = '';
  engine.stdout.on('data', (text) => {
    said += text;
    near.socat.stdin?.write(text);
  });
  near.socat.stdout?.pipe(engine.stdin).on('error', () => {});
  await until(() => said.includes(prompt), 'prompt', 30);
  return {
    path: near.path,
    async close() {
      engine.kill();
      near.socat.kill();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
