import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { boardWith, type NorFlash } from '../../boards/sim';
import { deadline } from './deadline';
import {
  type BoardSetup,
  bundleExpression,
  EngineMissing,
  firmwareSource,
  GO,
  hardwareSource,
  requireSource,
  STORED,
  storeSource,
  timeSource,
} from './engine';

/** An engine that is a program of its own: it gets one script with everything in it, and prints what has changed. */
interface Program {
  /** The environment variable that names the program, or what to look for on the PATH. */
  env?: string;
  command?: string;
  /** Whether its `console` has to be made from `print`. */
  bareConsole?: boolean;
  /** It takes memory without end unless the system refuses. */
  greedy?: boolean;
  /** How a stack trace names evaluated code. */
  evalFrame: RegExp;
}

export const programs: { [engine: string]: Program } = {
  espruino: { env: 'ESPRUINO', evalFrame: /(?<=\beval \():(\d+)/g },
  mqjs: { env: 'MQJS', evalFrame: /<(?:input|eval)>:(\d+)/g },
  jerry: { env: 'JERRY', bareConsole: true, evalFrame: /<eval>:(\d+)/g },
  duktape: { command: 'duk', greedy: true, evalFrame: /\b(?:input|eval):(\d+)/g },
  hermes: { command: 'hermes', bareConsole: true, evalFrame: /<?eval>?:(\d+)/g },
};

/** @throws EngineMissing, saying what to set or install */
export function findProgram(engine: string): string {
  const { env, command } = programs[engine];
  const path = env ? process.env[env] : onPath(command as string);
  if (!path) throw new EngineMissing(env ? `engine ${engine}: set ${env} to its program` : `engine ${engine}: no ${command} on the PATH`);
  try {
    accessSync(path, constants.X_OK);
  } catch {
    throw new EngineMissing(`engine ${engine}: ${path} is not a program`);
  }
  return path;
}

function onPath(command: string): string | undefined {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return join(folder, command);
    } catch {
      // The next folder may have it.
    }
  }
  return undefined;
}

/** So many promises in a row may be kept after all else has been done. */
const HOPS = 200;
/** What does not come to its end by itself is ended, so long after the board's own time. */
const GRACE = 5000;
const MEMORY_KB = 192 * 1024;

export interface ExternalRun {
  /** What runs on the device after the bundle is there, as source each. */
  steps: { source: string; fileName: string }[];
  /** An expression that is true if all went well. */
  success: string;
  setup?: BoardSetup;
  /** An expression whose value is wanted at the end, as JSON. */
  report?: string;
  onReport?(json: string): void;
}

/**
 * Runs the steps on a device inside the engine, with a copy of the chip, and brings back what was written to it.
 * Gives whether every step ended without an uncaught error and `success` held.
 */
export async function runExternal(
  engine: string,
  board: string,
  nor: NorFlash,
  run: ExternalRun,
  print: (line: string) => void,
): Promise<boolean> {
  const program = findProgram(engine);
  const mark = '@' + randomBytes(6).toString('hex');
  const folder = mkdtempSync(join(tmpdir(), 'microvfs-'));
  let kill = (): void => {};
  let late: NodeJS.Timeout | undefined;
  try {
    const file = join(folder, 'device.js');
    writeFileSync(file, deviceScript(engine, board, nor, run, mark));
    const child = startProgram(engine, program, file, folder);
    kill = () => void child.kill();
    process.on('SIGINT', kill);
    // Its input stays open and silent: at the end of it, Espruino reads noise.
    child.stdin.on('error', () => {});
    const exited = new Promise<number | null>((done, failed) => child.on('exit', done).on('error', failed));
    exited.catch(() => {});
    const started = mark + ' start';
    let running = false;
    let ended: boolean | undefined;
    const changes: [kind: string, place: number, data: Buffer][] = [];
    for await (const raw of createInterface({ input: child.stdout })) {
      const line = raw.replace(/\r$/, '');
      const at = line.indexOf(mark);
      if (at < 0) {
        if (running && ended === undefined) print(line);
        // An engine that stops on an error before it starts says why.
        else if (!running && /Error/.test(line)) print(line);
        continue;
      }
      const [, what, ...rest] = line.slice(at).split(' ');
      if (line.slice(at) === started) {
        running = true;
        late = deadline(run.setup ?? {}, GRACE, kill);
      } else if (what === 'end') ended = rest[0] === 'true';
      else if (what === 'report') run.onReport?.(rest.join(' '));
      else if (what === 'error') print(locate(rest.slice(1).join(' '), rest[0], programs[engine].evalFrame, file));
      else changes.push([what, Number(rest[0]), Buffer.from(rest[1] ?? '', 'base64')]);
    }
    const code = await exited;
    if (ended === undefined) {
      print(`${engine} stopped (${code === null ? 'killed' : 'exit ' + code}) before the end; the flash file is as it was`);
      return false;
    }
    for (const [kind, place, data] of changes) {
      if (kind === 'page') writePage(nor, place, data);
      else run.setup?.card?.write(place, data);
    }
    return ended;
  } finally {
    clearTimeout(late);
    process.off('SIGINT', kill);
    kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

function startProgram(engine: string, program: string, file: string, cwd: string): ChildProcessByStdio<Writable, Readable, null> {
  // With less memory scripts get an error.
  const [command, ...args] =
    programs[engine].greedy && process.platform !== 'win32'
      ? ['sh', '-c', `ulimit -v ${MEMORY_KB}; exec "$0" "$1"`, program, file]
      : [program, file];
  return spawn(command, args, { cwd, stdio: ['pipe', 'pipe', 'inherit'] });
}

/** The description of an error (as JSON), with the script's name where the engine says only that it was evaluated. */
function locate(json: string, script: string, evalFrame: RegExp, file: string): string {
  const text = (JSON.parse(json) as string).replace(evalFrame, `${script}:$1`).replaceAll(file, 'device.js').trimEnd();
  return text.includes(script + ':') ? text : `${script}: ${text}`;
}

function writePage(nor: NorFlash, page: number, data: Buffer): void {
  const size = nor.geometry.eraseSize;
  const whole = new Uint8Array(size).fill(0xff);
  whole.set(data);
  nor.erase(page * size);
  nor.program(page * size, whole);
}

/** One statement a line, nothing used before it is there: Espruino does not hoist. */
function deviceScript(engine: string, board: string, nor: NorFlash, run: ExternalRun, mark: string): string {
  const setup = run.setup ?? {};
  const size = nor.geometry.eraseSize;
  // Without its console Espruino prints nothing of its own while timers run.
  const lines = engine === 'espruino' ? ['echo(0);'] : [];
  lines.push(
    `print(${JSON.stringify(mark + ' start')});`,
    'var __native_later=typeof setTimeout==="function"?setTimeout:undefined;',
    `var __chip=${bundleExpression('sim/chip.js')};`,
    timeSource(setup),
    hardwareSource(boardWith(board, setup.chip), setup, 'undefined', nor.geometry.size),
  );
  const page = Buffer.alloc(size);
  for (const block of nor.usedBlocks()) {
    nor.peek(block * size, page);
    let length = size;
    while (length && page[length - 1] === 0xff) length--;
    if (length) lines.push(`__board.chip.load(${block},"${page.toString('base64', 0, length)}");`);
  }
  if (programs[engine].bareConsole) lines.push('var console={log:print,info:print,warn:print,error:print,debug:print};');
  const elsewhere = engine === 'espruino' ? 'return __native(name);' : 'throw new Error("Module \\""+name+"\\" not found");';
  if (engine === 'espruino') {
    lines.push('var __native=require;', storeSource(board, setup.kind));
    // The parts are in the engine's own Storage, whatever the chip's has.
    lines.push(
      'if(__board.hardware.storage)(function(chip,engine){var own=chip.read;chip.read=function(name,from,length){return own&&name!=="vfs-parts"?own.call(chip,name,from,length):engine.read(name,from,length);};})(__board.hardware.storage,__native("Storage"));',
    );
  }
  lines.push(
    firmwareSource(elsewhere),
    requireSource('require', board, '__otherwise', setup.kind, engine === 'espruino' ? STORED : undefined),
    'var __ok=true;',
    // Indirect, which is the only eval that MicroQuickJS has.
    'var __run=eval;',
    `var __step=function(source,file){try{__run(source);}catch(error){__ok=false;print(${JSON.stringify(mark + ' error ')}+file+" "+JSON.stringify(__chip.describe(error)));}};`,
  );
  for (const step of run.steps)
    lines.push(`__step(${JSON.stringify(step.source)},${JSON.stringify(basename(step.fileName).replace(/\s/g, '_'))});`);
  lines.push(
    `${GO.source};`,
    ...(run.report ? [`print(${JSON.stringify(mark + ' report ')}+JSON.stringify(${run.report}));`] : []),
    `var __end=function(){__board.chip.dump(${JSON.stringify(mark)},print);${setup.card ? `__board.card.dump(${JSON.stringify(mark)},print);` : ''}print(${JSON.stringify(mark + ' end ')}+(__ok&&!!(${run.success})));};`,
    ...turnSource(mark),
  );
  return lines.join('\n') + '\n';
}

/**
 * Lets timers run until none is left. The engine's own timers give it the time between them to keep its promises, and to sleep; where there
 * are none, promises are kept by handing on to one, of which a chain may have many.
 */
function turnSource(mark: string): string[] {
  return [
    'var __hops=0;',
    'var __later=__native_later;',
    `if(!__later&&typeof Promise!=="undefined")__later=function(turn){Promise.resolve().then(turn);};`,
    `var __turn=function(){var wait=__time.wait(false);while(wait>=0||__hops<${HOPS}){if(wait===0){__hops=0;try{__time.run();}catch(error){__ok=false;print(${JSON.stringify(mark + ' error ')}+"timer "+JSON.stringify(__chip.describe(error)));}}else if(wait<0)__hops=__native_later||!__later?${HOPS}:__hops+1;if(__later){__later(__turn,Math.max(wait,0));return;}wait=__time.wait(false);}__end();};`,
    'if(__later)__later(__turn,0);else __turn();',
  ];
}
