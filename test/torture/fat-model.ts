/** What a FAT volume holds, what is done with it, and what a power cut may make of that. */

import type { RawFile } from '../../modules/contract/filesystem';
import { VfsFat } from '../../modules/fat';
import { fsckFat } from '../../modules/fat/check/fsck.lazy';
import { mount, rename, umount, writeFile } from '../../modules/vfs';
import { pattern } from '../support/fat';
import type { SectorDevice } from './fat-device';
import { pick, type Random } from './random';

/** Content by path, `dir` for directories. */
export type Tree = Map<string, string>;

export const POINT = '/x';
/** The name under which `writeFile` writes first. */
const SPARE = '~vfs.tmp';

export interface FatStep {
  kind: 'replace' | 'create' | 'append' | 'log' | 'truncate' | 'remove' | 'mkdir' | 'rmdir' | 'rename' | 'empty';
  path: string;
  to?: string;
  size?: number;
  seed?: number;
}

export const isSpare = (path: string): boolean => path.endsWith('/' + SPARE);

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
export const contentOf = (step: FatStep): string => text(pattern(step.size ?? 0, step.seed ?? 0));

/** Everything that is there; a file that cannot be read shows by its error. */
export function treeOf(fs: VfsFat, top = '', into: Tree = new Map()): Tree {
  const entries = fs.ilistdir(top || '/');
  for (let step = entries.next(); !step.done; step = entries.next()) {
    const [name, type, , size] = step.value as [string, number, number, number];
    const path = `${top}/${name}`;
    if (type === 0x4000) {
      into.set(path, 'dir');
      try {
        if (path.split('/').length < 9) treeOf(fs, path, into);
      } catch (error) {
        if (!(error as { code?: string }).code) throw error;
        into.set(path, 'cannot be listed');
      }
      continue;
    }
    try {
      const file = fs.open(path, 'r') as RawFile;
      try {
        const bytes = new Uint8Array(size);
        into.set(path, text(bytes.subarray(0, file.readAt(0, bytes))));
      } finally {
        file.close();
      }
    } catch (error) {
      into.set(path, `cannot be read: ${(error as { code?: string }).code ?? (error as Error).stack}`);
    }
  }
  return into;
}

/** A file system like FAT: what makes a volume, and checks it. */
export interface Driver {
  create(device: SectorDevice): VfsFat;
  check(device: SectorDevice, options?: { repair: boolean }): unknown[];
}

export const fatDriver: Driver = { create: (device) => new VfsFat(device), check: fsckFat };

/** Works on a volume that is mounted for that at `POINT`. */
export function on<T>(driver: Driver, device: SectorDevice, work: (fs: VfsFat) => T): T {
  const fs = driver.create(device);
  mount(fs, POINT);
  try {
    return work(fs);
  } finally {
    umount(POINT, { force: true });
  }
}

export function perform(fs: VfsFat, step: FatStep): void {
  const withFile = (mode: string, work: (file: RawFile) => void): void => {
    const file = fs.open(step.path, mode) as RawFile;
    try {
      work(file);
    } finally {
      file.close();
    }
  };
  const data = pattern(step.size ?? 0, step.seed ?? 0);
  if (step.kind === 'replace') writeFile(POINT + step.path, data);
  else if (step.kind === 'rename') rename(POINT + step.path, POINT + step.to);
  else if (step.kind === 'create' || step.kind === 'empty') withFile('w', (file) => file.writeAt(0, data));
  else if (step.kind === 'append') withFile('a', (file) => file.writeAt(file.size(), data));
  else if (step.kind === 'truncate') withFile('r+', (file) => file.truncate(step.size as number));
  else if (step.kind === 'log')
    withFile('a', (file) => {
      for (let at = 0; at < data.length; at += 300) {
        file.writeAt(file.size(), data.subarray(at, at + 300));
        file.sync();
      }
    });
  else fs[step.kind](step.path);
}

/** What is there after the step. Names are in one case here. */
export function after(tree: Tree, step: FatStep): Tree {
  const result = new Map(tree);
  const old = tree.get(step.path) ?? '';
  const { kind, path, to } = step;
  if (kind === 'replace' || kind === 'create' || kind === 'empty') result.set(path, contentOf(step));
  else if (kind === 'append' || kind === 'log') result.set(path, old + contentOf(step));
  else if (kind === 'truncate') result.set(path, old.slice(0, step.size).padEnd(step.size as number, '\0'));
  else if (kind === 'mkdir') result.set(path, 'dir');
  else if (kind === 'remove' || kind === 'rmdir') result.delete(path);
  else if (to !== undefined && to !== path) {
    for (const [at, content] of tree) {
      if (at !== path && !at.startsWith(path + '/')) continue;
      result.delete(at);
      result.set(to + at.slice(path.length), content);
    }
  }
  if (kind === 'replace') result.delete(path.replace(/[^/]*$/, SPARE));
  return result;
}

/** The contents that a path may have after a cut in the step (undefined: none). */
function statesOf(path: string, before: Tree, done: Tree, step: FatStep): (string | undefined)[] {
  const states = [before.get(path), done.get(path)];
  if (path !== step.path) return states;
  // Made or emptied first, or written a piece at a time.
  if (step.kind === 'create' || step.kind === 'empty') states.push('');
  if (step.kind === 'log') {
    states.push(before.get(path) ?? '');
    const added = contentOf(step);
    for (let at = 0; at < added.length; at += 300) states.push((before.get(path) ?? '') + added.slice(0, at));
  }
  if (step.kind === 'append') states.push(before.get(path) ?? '');
  return states;
}

const inside = (path: string, dir: string): boolean => path === dir || path.startsWith(dir + '/');

/** What is wrong with what a cut in the step has left, '' for nothing. With `torn`, what the step writes may be anything. */
export function wrongAfterCut(found: Tree, before: Tree, step: FatStep, torn: boolean): string {
  const done = after(before, step);
  const written = (path: string): boolean => inside(path, step.path) || (step.to !== undefined && inside(path, step.to));
  for (const path of new Set([...before.keys(), ...done.keys()])) {
    if (isSpare(path) || (torn && written(path))) continue;
    if (!statesOf(path, before, done, step).includes(found.get(path)))
      return `${path} is ${shown(found.get(path))}, was ${shown(before.get(path))}, is to be ${shown(done.get(path))}`;
  }
  if (torn) return '';
  for (const path of found.keys()) {
    if (!before.has(path) && !done.has(path) && !isSpare(path)) return `${path} is ${shown(found.get(path))}, and never was`;
  }
  if (step.kind === 'rename' && !found.has(step.path) && !found.has(step.to as string)) return `${step.path} is gone`;
  return '';
}

export const shown = (content: string | undefined): string =>
  content === undefined
    ? 'not there'
    : content.length < 40
      ? JSON.stringify(content)
      : `${content.length} bytes ${JSON.stringify(content.slice(0, 6))}`;

/** What somebody who knows of no cut may do next, with the names that the step had. */
export function nextSteps(found: Tree, step: FatStep, random: Random): FatStep[] {
  const dir = step.path.replace(/\/[^/]*$/, '');
  const fresh = { size: 1 + random(1500), seed: random(1000) };
  const steps: FatStep[] = [
    { kind: 'replace', path: `${dir}/next.bin`, ...fresh },
    { kind: 'replace', path: (step.to ?? step.path).replace(/[^/]*$/, 'next.bin'), ...fresh },
    { kind: 'create', path: `${dir}/Another new file.bin`, ...fresh },
    { kind: 'mkdir', path: `${dir}/next` },
  ];
  for (const path of step.to && step.to !== step.path ? [step.path, step.to] : [step.path]) {
    const content = found.get(path);
    if (content === undefined) continue;
    const other = path === step.path ? step.to : step.path;
    if (content === 'dir') {
      if (![...found.keys()].some((each) => each.startsWith(path + '/'))) steps.push({ kind: 'rmdir', path });
    } else {
      const half = { path, size: content.length >> 1 };
      steps.push(
        { kind: 'replace', path, ...fresh },
        { kind: 'remove', path },
        { kind: 'truncate', ...half },
        { kind: 'append', path, ...fresh },
      );
      steps.push({ kind: 'empty', path, ...fresh, size: 0 });
    }
    if (other && found.get(other) !== 'dir' && content !== 'dir') steps.push({ kind: 'rename', path, to: other });
    steps.push({ kind: 'rename', path, to: `${dir}/next name` });
  }
  const spare = `${dir}/${SPARE}`;
  if (found.has(spare)) steps.push({ kind: 'remove', path: spare }, { kind: 'append', path: spare, ...fresh });
  return steps.filter((each) => found.get(each.path.replace(/\/[^/]*$/, '')) === 'dir' || each.path.lastIndexOf('/') === 0);
}

/** What is wrong after further steps, '' for nothing: nothing but what they say may have changed. */
export function wrongAfterwards(now: Tree, found: Tree, wanted: Tree, cut: FatStep): string {
  const twice = cut.kind === 'rename' && cut.to !== undefined && found.get(cut.path) === 'dir' && found.get(cut.to) === 'dir';
  for (const [path, content] of wanted) {
    // Of two names of one directory the old one goes with the first change.
    if (isSpare(path) || now.get(path) === content || (twice && inside(path, cut.path) && !now.has(cut.path))) continue;
    return `${path} is ${shown(now.get(path))}, should be ${shown(content)}`;
  }
  for (const path of now.keys()) if (!wanted.has(path) && !isSpare(path)) return `${path} is there`;
  return '';
}

export function repaired(driver: Driver, device: SectorDevice): void {
  const first = driver.check(device, { repair: true });
  const second = driver.check(device);
  if (second.length) throw new Error(`a repair leaves ${JSON.stringify(second)} of ${JSON.stringify(first)}`);
}

export const NAMES = [
  'a',
  'LOG.TXT',
  'config',
  'a rather long name of a file.text',
  'Mixed Case.dat',
  'sub',
  'deep directory',
  'x'.repeat(60),
];

/** A step that can be done. */
export function randomStep(tree: Tree, random: Random, largest: number, names = NAMES): FatStep {
  const dirs = ['', ...[...tree].filter(([path, content]) => content === 'dir' && path.split('/').length < 5).map(([path]) => path)];
  const files = [...tree].filter(([path, content]) => content !== 'dir' && !isSpare(path)).map(([path]) => path);
  const size = random(3) ? random(900) : random(largest);
  const seed = random(100000);
  for (;;) {
    const path = `${pick(random, dirs)}/${random(4) ? pick(random, names) : `file number ${random(40)}`}`;
    const known = tree.get(path);
    const kind = pick(random, [
      'replace',
      'replace',
      'replace',
      'create',
      'append',
      'log',
      'truncate',
      'remove',
      'mkdir',
      'rmdir',
      'rename',
      'rename',
      'rename',
      'empty',
    ] as const);
    if (kind === 'replace' && known !== 'dir') return { kind, path: files.length && random(3) ? pick(random, files) : path, size, seed };
    if (kind === 'create' && known === undefined) return { kind, path, size, seed };
    if (kind === 'mkdir' && known === undefined) return { kind, path };
    const empty = dirs.filter((dir) => dir && ![...tree.keys()].some((each) => each.startsWith(dir + '/')));
    if (kind === 'rmdir' && empty.length) return { kind, path: pick(random, empty) };
    if (kind === 'rename' && random(3) === 0 && dirs.length > 1) {
      const from = pick(random, dirs.slice(1));
      if (known === undefined && !inside(path, from)) return { kind, path: from, to: path };
    }
    if (!files.length) continue;
    const file = pick(random, files);
    if (kind === 'append' || kind === 'log') return { kind, path: file, size: Math.min(size, 2000), seed };
    if (kind === 'empty') return { kind, path: file, size, seed };
    if (kind === 'truncate') return { kind, path: file, size: random((tree.get(file) as string).length + 1) };
    if (kind === 'remove') return { kind, path: file };
    if (kind === 'rename') {
      const target = random(2) ? pick(random, files) : path;
      if (target !== file && tree.get(target) !== 'dir') return { kind, path: file, to: target };
    }
  }
}
