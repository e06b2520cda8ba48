/** The simulated board: QuickJS runs its bundle over its flash. Who ends this worker cuts its power. */
import { expose } from 'comlink';
import { simBoards } from '../../../../boards/sim/boards';
import { type FaultKind, NorFlash } from '../../../../boards/sim/nor';
import type { BlockMap } from '../../../blocks/map';
import { bootSource, type Device, deviceSources, GO, timeSource } from '../../../engines/engine';
import { quickjsEngine } from '../../../engines/quickjs';
import { freshChip } from '../../../partition-table';
import type { Base } from '../worker/layer';
import { Session } from '../worker/session';
import { SECTOR, SIZE } from './chip';

const BOARD = 'esp32';

/** What the board tells while it runs. */
export type Told =
  | { line: string }
  /** A sector is what it is now. */
  | { sector: number; bytes: Uint8Array }
  /** What came of a timer: it has thrown, or the flash has changed. */
  | { timer: Outcome };

export interface Outcome {
  ok: boolean;
  text: string;
  /** Whether the power is gone. */
  off: boolean;
  counts: { programs: number; erases: number; reads: number };
  /** Where the volume begins, in sectors. */
  first: number;
  map?: BlockMap;
}

let device: Device | undefined;
let nor: NorFlash | undefined;

const tell = (what: Told): void => postMessage(what);

/** Each change is told at once: what was told before the power is cut is what the flash holds then. */
function insertChip(sectors: Map<number, Uint8Array>): NorFlash {
  const { geometry } = simBoards[BOARD];
  const chip = new NorFlash({ ...geometry, size: SIZE });
  for (const [sector, bytes] of sectors) chip.poke(sector, bytes);
  chip.onChange = (addr, length) => {
    for (let sector = Math.floor(addr / SECTOR); sector * SECTOR < addr + length; sector++) {
      const bytes = new Uint8Array(SECTOR);
      chip.peek(sector * SECTOR, bytes);
      tell({ sector, bytes });
    }
  };
  return chip;
}

function fresh(): Map<number, Uint8Array> {
  const image = freshChip(SIZE);
  const sectors = new Map<number, Uint8Array>();
  for (let sector = 0; sector * SECTOR < SIZE; sector++) {
    const bytes = image.slice(sector * SECTOR, (sector + 1) * SECTOR);
    if (!bytes.every((byte) => byte === 0xff)) sectors.set(sector, bytes);
  }
  return sectors;
}

/** How often each sector of the volume was erased since the power came. */
const erasesOf = (chip: NorFlash, first: number, count: number): Uint32Array =>
  Uint32Array.from({ length: count }, (_, i) => chip.counters.wear[first + i] ?? 0);

function outcome(ok: boolean, text: string): Outcome {
  const chip = nor as NorFlash;
  const { programs, erases, reads } = chip.counters;
  const base: Base = {
    size: SIZE,
    read: (at, length) => {
      const bytes = new Uint8Array(length);
      chip.peek(at, bytes);
      return bytes;
    },
    slice: async () => new Blob([]),
  };
  const session = new Session('chip', base);
  const { parts } = session.opened();
  const part = parts.findIndex(({ name }) => name === 'vfs');
  const told: Outcome = {
    ok,
    text,
    off: chip.isOff(),
    counts: { programs, erases, reads },
    first: parts[part].offset / SECTOR,
  };
  try {
    const map = session.map(part);
    told.map = { ...map, wear: { term: 'erases', counts: erasesOf(chip, told.first, map.kinds.length) } };
  } catch {
    // There is no volume, or it was left half-written: booting mends it.
  }
  return told;
}

/** A map takes longer to make than most timers run: so long, in milliseconds, what they change is gathered for one. */
const GATHER = 250;
let next: ReturnType<typeof setTimeout> | undefined;
let gathering = false;

/** The board runs on: its timers, each when it is due. */
function goOn(on: Device, chip: NorFlash): void {
  clearTimeout(next);
  if (chip.isOff()) return;
  const wait = Number(on.evaluate('__time.wait(true)', 'clock').text);
  if (wait < 0) return;
  next = setTimeout(() => {
    const { programs, erases } = chip.counters;
    const { ok, text } = on.evaluate('__time.run()', 'timer');
    if (!ok || chip.isOff()) tell({ timer: outcome(ok, ok ? '' : text) });
    else if (!gathering && (chip.counters.programs !== programs || chip.counters.erases !== erases)) {
      gathering = true;
      setTimeout(() => {
        gathering = false;
        tell({ timer: outcome(true, '') });
      }, GATHER);
    }
    goOn(on, chip);
  }, wait);
}

const api = {
  /** Turns the power on. @param sectors of the flash that are not erased; none for a fresh chip @param hold milliseconds that the button is down */
  async powerOn(sectors: Map<number, Uint8Array>, hold: number): Promise<Outcome> {
    const content = sectors.size ? sectors : fresh();
    const chip = insertChip(content);
    nor = chip;
    if (content !== sectors) for (const [sector, bytes] of content) tell({ sector, bytes });
    const started = await quickjsEngine.start(chip, (line) => tell({ line }));
    device = started;
    const setup = { size: SIZE, hold };
    for (const { source, fileName } of [...deviceSources(BOARD, '', setup), { source: timeSource(setup), fileName: 'clock' }]) {
      const { ok, text } = started.evaluate(source, fileName);
      if (!ok) return outcome(false, text);
    }
    const { ok, text } = started.evaluate(bootSource(simBoards[BOARD], {}), 'boot');
    started.evaluate(GO.source, GO.fileName);
    goOn(started, chip);
    return outcome(ok, ok ? '' : text);
  },
  async evaluate(source: string): Promise<Outcome> {
    const [on, chip] = [device as Device, nor as NorFlash];
    const { ok, text } = on.evaluate(source, 'console');
    goOn(on, chip);
    return outcome(ok, text);
  },
  /** Lets the n-th program or erase from now on meet a fault. */
  async arm(kind: FaultKind, n: number): Promise<void> {
    nor?.arm(kind, n);
  },
};

export type BoardApi = typeof api;

expose(api);
