/** The board that is tried: its worker, its flash, what its console has shown. */
import { signal } from '@preact/signals';
import { type Remote, wrap } from 'comlink';
import type { BlockMap } from '../../../blocks/map';
import type { BoardApi, Outcome, Told } from './board-worker';
import { SECTOR, SIZE } from './chip';

export const power = signal<'off' | 'starting' | 'on'>('off');
export const running = signal(false);
export const led = signal(false);
export const map = signal<BlockMap | undefined>(undefined);
/** Blocks of the map that have changed since the last command. */
export const changed = signal<number[]>([]);
export const counts = signal({ programs: 0, erases: 0, reads: 0 });

/** What the console shows, the oldest first, each with a colour. */
export type Shown = { text: string; kind: 'out' | 'in' | 'error' | 'note' };
export const shown: Shown[] = [];
let write: (line: Shown) => void = () => {};

/** The sectors of the flash that are not erased, as far as the board has told. */
const flash = new Map<number, Uint8Array>();
/** The first sector of the volume. */
let first = 0;
let worker: Worker | undefined;
let board: Remote<BoardApi> | undefined;

function print(text: string, kind: Shown['kind'] = 'out'): void {
  for (const line of text.split('\n')) {
    const one: Shown = { text: line, kind };
    shown.push(one);
    write(one);
  }
}

/** @param to is given each line; what was shown before first */
export function onLine(to: (line: Shown) => void): () => void {
  for (const one of shown) to(one);
  write = to;
  return () => {
    write = () => {};
  };
}

function hear(told: Told): void {
  if ('line' in told) {
    const lit = /^LED1 (on|off)$/.exec(told.line);
    if (lit) led.value = lit[1] === 'on';
    print(told.line);
    return;
  }
  if ('timer' in told) {
    show(told.timer);
    return;
  }
  flash.set(told.sector, told.bytes);
  const block = told.sector - first;
  if (block >= 0 && !changed.value.includes(block)) changed.value = [...changed.value, block];
}

function show({ ok, text, off, counts: now, map: drawn, first: begin }: Outcome): void {
  first = begin;
  counts.value = now;
  if (drawn) map.value = drawn;
  if (off) cut('The power was cut in the middle of a write.');
  else if (text) print(text, ok ? 'out' : 'error');
}

function take(outcome: Outcome): void {
  running.value = false;
  show(outcome);
}

function cut(why: string): void {
  worker?.terminate();
  worker = board = undefined;
  power.value = 'off';
  running.value = led.value = false;
  print(why, 'note');
}

/** Turns the power on. @param hold milliseconds that the button is held down meanwhile */
export async function powerOn(hold: number): Promise<void> {
  power.value = 'starting';
  changed.value = [];
  const own = new Worker(new URL('./board-worker.ts', import.meta.url), { type: 'module', name: 'board' });
  worker = own;
  own.addEventListener('message', ({ data }: MessageEvent<Told>) => {
    // What a board still says whose power is gone comes too late.
    if (worker === own && data && ('line' in data || 'sector' in data || 'timer' in data)) hear(data);
  });
  board = wrap<BoardApi>(own);
  running.value = true;
  const outcome = await board.powerOn(flash, hold);
  if (worker !== own) return;
  power.value = 'on';
  print("ESP32, simulated. Its files: require('vfs')", 'note');
  take(outcome);
}

/** Whatever runs, and whatever is half-written. */
export function powerOff(): void {
  cut(running.value ? 'The power was cut while something ran.' : 'The power is off.');
}

export async function run(source: string): Promise<void> {
  if (!board || running.value) return;
  const own = worker;
  print(`> ${source.trim().replace(/\n/g, '\n  ')}`, 'in');
  changed.value = [];
  running.value = true;
  const outcome = await board.evaluate(source);
  if (worker === own) take(outcome);
}

/** Lets the power go in the middle of the n-th program or erase from now on. */
export async function cutAt(n: number): Promise<void> {
  await board?.arm('tear', n);
  print(`The power will go in the middle of write ${n} from now on.`, 'note');
}

/** A new chip, erased but for its table of partitions. */
export function newChip(): void {
  if (power.value !== 'off') powerOff();
  flash.clear();
  map.value = undefined;
  changed.value = [];
  print('There is a new chip on the board.', 'note');
}

/** The flash as an image; undefined before the board was on. */
export function image(): Blob | undefined {
  if (!flash.size) return undefined;
  const bytes = new Uint8Array(SIZE).fill(0xff);
  for (const [sector, content] of flash) bytes.set(content, sector * SECTOR);
  return new Blob([bytes]);
}
