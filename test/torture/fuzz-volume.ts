/** Damaged images. Each answer is a coded error or the same the second time, within bounded device operations and memory. */
import type { RawFile } from '../../modules/contract/filesystem';
import type { VfsFat } from '../../modules/fat';
import { pattern } from '../support/fat';
import { atMost, count, outcome, type Tally } from './campaign';
import { SectorDevice } from './fat-device';
import type { Driver } from './fat-model';
import { generator, pick, type Random } from './random';

const ENTRIES = 80;
const DEPTH = 5;
/** Sectors that one call may move: a few passes over directories of the largest size there is, where a chain is a circle. */
const CALL = 150000;
/** A check, and the first change after a cut, go through all directories. */
const ALL = 4000000;

const Bytes = Uint8Array;
/** Bytes that one typed array may have. */
let largest = Infinity;

/** Stands before `Uint8Array`, once and for all: putting it there and taking it away would have the engine compile everything again. */
function Watched(of: ArrayBuffer, offset?: number, length?: number): Uint8Array {
  if ((of as unknown as number) > largest) throw new Error(`allocates ${of} bytes`);
  return new Bytes(of, offset, length);
}
Watched.prototype = Bytes.prototype;
Object.setPrototypeOf(Watched, Bytes);

/** Has typed arrays of more than so many bytes throw while `work` runs. */
export function bounded<T>(bytes: number, work: () => T): T {
  globalThis.Uint8Array = Watched as unknown as Uint8ArrayConstructor;
  largest = bytes;
  try {
    return work();
  } finally {
    largest = Infinity;
  }
}

type Line = (what: string, work: () => unknown, budget?: number) => string;

function look(fs: VfsFat, paths: string[], line: Line): string[] {
  const lines: string[] = [];
  const queue: [string, number][] = [['', 0]];
  for (let next = queue.shift(); next && lines.length < ENTRIES * 2; next = queue.shift()) {
    const [dir, depth] = next;
    const found: [string, number, number, number][] = [];
    const listed = line(`list ${dir}`, () => {
      const entries = fs.ilistdir(dir || '/');
      for (let step = entries.next(); !step.done && found.length < ENTRIES; step = entries.next())
        found.push(step.value as [string, number, number, number]);
      return found.map((each) => each.join(' '));
    });
    lines.push(listed);
    for (const [name, type, , size] of found) {
      const path = `${dir}/${name}`;
      if (!name || name.includes('/')) continue;
      if (!(size >= 0 && size < 2 ** 65)) throw new Error(`${path}: size ${size}`);
      paths.push(path);
      if (lines.length % 3 === 0) lines.push(line(`stat ${path}`, () => fs.stat(path)));
      if (type === 0x4000) {
        if (depth < DEPTH) queue.push([path, depth + 1]);
        continue;
      }
      lines.push(
        line(`read ${path}`, () => {
          const file = fs.open(path, 'r') as RawFile;
          try {
            const piece = new Uint8Array(Math.min(size, 3000));
            return [0, Math.max(0, size - 40)].map((pos) => [file.readAt(pos, piece), Buffer.from(piece).toString('base64')]);
          } finally {
            file.close();
          }
        }),
      );
    }
  }
  return lines;
}

function change(fs: VfsFat, path: string, random: Random, line: Line): void {
  const fresh = `${path.slice(0, path.lastIndexOf('/'))}/${pick(random, ['x', 'A new name.text', 'z.bin'])}`;
  const write = (mode: string, pos: number, length: number): void => {
    const file = fs.open(path, mode) as RawFile;
    try {
      if (length < 0) file.truncate(pos);
      // The end of a file whose size is wrong may be far away.
      else if (file.size() < 100000) file.writeAt(pos < 0 ? file.size() : pos, pattern(length, 1));
    } finally {
      file.close();
    }
  };
  const kind = random(9);
  if (kind === 0) line(`mkdir ${fresh}`, () => fs.mkdir(fresh), ALL);
  else if (kind === 1) line(`rmdir ${path}`, () => fs.rmdir(path), ALL);
  else if (kind === 2) line(`remove ${path}`, () => fs.remove(path), ALL);
  else if (kind < 5) line(`rename ${path} ${fresh}`, () => fs.rename(path, fresh), ALL);
  else if (kind === 5) line(`write ${path}`, () => write('w', 0, 700), ALL);
  else if (kind === 6) line(`append to ${path}`, () => write('a', -1, 700), ALL);
  else if (kind === 7) line(`overwrite ${path}`, () => write('r+', 10, 30), ALL);
  else line(`truncate ${path}`, () => write('r+', 5, -1), ALL);
}

/** Looks at everything that is there, twice; then changes it, and has it repaired. Throws on whatever damage must not do. */
export function exercise(format: { name: string; driver: Driver }, image: Uint8Array, size: number, seed: number, tally: Tally): void {
  const { name, driver } = format;
  const device = new SectorDevice(image, size);
  const random = generator(seed);
  const line: Line = (what, work, budget = CALL) => {
    device.budget = budget;
    const result = outcome(what, work);
    atMost(tally, `sectors of one ${budget === CALL ? 'call' : 'check or first change'} on damaged ${name}`, budget - device.budget);
    return `${what}: ${JSON.stringify(result)}`;
  };
  const unchanged = (what: string): void => {
    if (device.changes.size) throw new Error(`${what} wrote something`);
  };
  const mounted = (readonly: boolean): VfsFat | undefined => {
    const fs = driver.create(device);
    const done = line('mount', () => fs.mount(readonly, false));
    return done.endsWith('undefined') ? fs : undefined;
  };
  const paths: string[] = [];
  const fs = mounted(true);
  if (!fs) {
    count(tally, `damaged ${name} images refused`);
    line('check', () => driver.check(device), ALL);
    unchanged('a check');
    return;
  }
  const first = look(fs, paths, line);
  const again = mounted(true);
  const second = again ? look(again, [], line) : [];
  const differs = first.findIndex((each, i) => each !== second[i]);
  if (differs >= 0) throw new Error(`not the same after another mount: ${first[differs]} and ${second[differs]}`);
  line('statvfs', () => fs.statvfs('/'), ALL);
  const findings = line('check', () => driver.check(device).length, ALL);
  unchanged('looking');
  if (seed % 3 === 0) {
    const writable = mounted(false) as VfsFat;
    for (let i = 0; i < 6; i++) change(writable, paths.length ? pick(random, paths) : '/x', random, line);
    line('umount', () => writable.umount(), ALL);
  }
  if (seed % 3 === 1 && /\d$/.test(findings)) {
    line('repair', () => driver.check(device, { repair: true }), ALL);
    const left = line('check again', () => driver.check(device), ALL);
    if (!left.endsWith(': []')) throw new Error(`after a repair: ${left}`);
    count(tally, `damaged ${name} images repaired`);
  }
}
