/** What the littlefs tests share: a volume on a simulated chip, its content as data, and the independent judge. */
import * as assert from 'uvu/assert';
import { NorBlockDev, NorFlash, norFromImage, norImage } from '../../boards/sim';
import type { RawFile } from '../../modules/contract/filesystem';
import type { VfsLfs1 } from '../../modules/littlefs1';
import { VfsLfs2 } from '../../modules/littlefs2';
import type { Lfs1Check } from '../independent/lfs1-reader';
import { checkLfs2, type Lfs2Check, type Lfs2CheckOptions } from '../independent/lfs2-reader';

export type Lfs2Options = NonNullable<ConstructorParameters<typeof VfsLfs2>[1]>;

/** A volume of littlefs 1 or 2: what both have, and the attributes of 2. */
export type LittleFs = Pick<VfsLfs1, 'open' | 'ilistdir' | 'stat' | 'statvfs' | 'mkdir' | 'rmdir' | 'remove' | 'rename'> &
  Partial<Pick<VfsLfs2, 'listattr' | 'getattr' | 'setattr' | 'removeattr'>>;

export interface Geometry {
  blockSize: number;
  blockCount: number;
  progSize: number;
  options: Lfs2Options;
}

/** MicroPython's way: the program size is also the read size, the buffer four times that. */
export function geometry(blockSize: number, blockCount: number, progSize: number, options: Lfs2Options = {}): Geometry {
  return { blockSize, blockCount, progSize, options: { readsize: Math.min(progSize, 32), progsize: progSize, mtime: false, ...options } };
}

/** A chip for the geometry, erased or with an image. Programming a byte that is not erased throws: flash would spoil it. */
export function chip(g: Geometry, image?: Uint8Array): NorFlash {
  const shape = { eraseSize: g.blockSize, progSize: g.progSize };
  const nor = image ? norFromImage(image, shape) : new NorFlash({ ...shape, size: g.blockSize * g.blockCount });
  watchPrograms(nor);
  return nor;
}

export function watchPrograms(nor: NorFlash): void {
  const piece = new Uint8Array(nor.geometry.eraseSize);
  nor.onOperation = (operation, addr, length) => {
    if (operation === 'program') {
      const target = piece.subarray(0, length);
      nor.peek(addr, target);
      if (target.some((byte) => byte !== 0xff)) throw new Error(`program of ${length} bytes at ${addr}: not all are erased`);
    }
    return undefined;
  };
}

/** Formats the chip and mounts it. */
export function format(nor: NorFlash, g: Geometry): VfsLfs2 {
  VfsLfs2.mkfs(new NorBlockDev(nor), g.options);
  return mount(nor, g);
}

export function mount(nor: NorFlash, g: Geometry, readonly = false): VfsLfs2 {
  const fs = new VfsLfs2(new NorBlockDev(nor), g.options);
  fs.mount(readonly, false);
  return fs;
}

export function open(fs: LittleFs, path: string, mode: string): RawFile {
  return fs.open(path, mode) as RawFile;
}

export function writeFile(fs: LittleFs, path: string, content: Uint8Array, mode = 'w'): void {
  const file = open(fs, path, mode);
  try {
    file.writeAt(mode.startsWith('a') ? file.size() : 0, content);
  } catch (error) {
    try {
      file.close();
    } catch {
      // The write's own error is the one to tell.
    }
    throw error;
  }
  file.close();
}

export function readFile(fs: LittleFs, path: string): Uint8Array {
  const file = open(fs, path, 'r');
  const content = new Uint8Array(file.size());
  assert.is(file.readAt(0, content), content.length, `${path}: short read`);
  file.close();
  return content;
}

export function list(fs: LittleFs, path: string): [string, number, number, number][] {
  const entries: [string, number, number, number][] = [];
  const iterator = fs.ilistdir(path);
  for (let step = iterator.next(); !step.done; step = iterator.next()) entries.push(step.value as [string, number, number, number]);
  return entries;
}

/** Bytes that differ from file to file and from block to block. */
export function pattern(length: number, seed: number): Uint8Array {
  const content = new Uint8Array(length);
  for (let i = 0, x = (seed + 1) >>> 0; i < length; i++) {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    content[i] = x >>> 24;
  }
  return content;
}

/** A tree as data: each path with what a script can see of it. `dir`, or the content in hex, then the attributes. */
export type Snapshot = Record<string, string>;

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

function line(type: 'file' | 'dir', content: Uint8Array, attrs = new Map<number, Uint8Array>()): string {
  const body = type === 'dir' ? 'dir' : hex(content);
  return [body, ...[...attrs].sort(([a], [b]) => a - b).map(([t, value]) => `${t}=${hex(value)}`)].join(' ');
}

function attrsOf(fs: LittleFs, path: string): Map<number, Uint8Array> {
  return new Map(fs.listattr?.(path).map((type) => [type, fs.getattr?.(path, type) as Uint8Array]));
}

/** The whole tree as the file system under test shows it. */
export function snapshot(fs: LittleFs, path = ''): Snapshot {
  const tree: Snapshot = {};
  for (const [name, type, , size] of list(fs, path || '/')) {
    const at = `${path}/${name}`;
    const isDir = type === 0x4000;
    const content = isDir ? new Uint8Array(0) : readFile(fs, at);
    assert.is(size, content.length, `${at}: size in the listing`);
    assert.is(fs.stat(at)[6], size, `${at}: size by stat`);
    assert.not(at in tree, `${at} twice`);
    tree[at] = line(isDir ? 'dir' : 'file', content, attrsOf(fs, at));
    if (isDir) Object.assign(tree, snapshot(fs, at));
  }
  return tree;
}

/** The whole tree as the independent reader shows it. */
export function snapshotOf(check: Lfs1Check | Lfs2Check): Snapshot {
  return Object.fromEntries(
    [...check.tree].map(([path, node]) => [path, line(node.type, node.content, 'attrs' in node ? node.attrs : undefined)]),
  );
}

export function sameTree(a: Snapshot, b: Snapshot): boolean {
  const paths = Object.keys(a);
  return paths.length === Object.keys(b).length && paths.every((path) => a[path] === b[path]);
}

/** Where two trees differ, in short. */
export function difference(got: Snapshot, wanted: Snapshot): string {
  const cut = (text: string | undefined) =>
    text === undefined ? 'absent' : text.length > 40 ? `${text.slice(0, 36)}...(${text.length / 2})` : `"${text}"`;
  return [...new Set([...Object.keys(got), ...Object.keys(wanted)])]
    .filter((path) => got[path] !== wanted[path])
    .map((path) => `${path}: ${cut(got[path])}, wanted ${cut(wanted[path])}`)
    .join('; ');
}

/** The judge's findings about the chip as it is now; fails unless there are no problems. */
export function sound(nor: NorFlash, g: Geometry, options: Lfs2CheckOptions = {}, what = ''): Lfs2Check {
  const check = checkLfs2(norImage(nor), g.blockSize, undefined, { progSize: g.progSize, ...options });
  assert.equal(check.problems, [], what);
  return check;
}

/** No file system block is lost or counted twice: the judge and `statvfs` agree. */
export function noLeaks(fs: LittleFs, check: Lfs1Check | Lfs2Check, what = ''): void {
  const figures = fs.statvfs('/');
  assert.is(figures[2] - figures[3], check.used.size, `${what}: used blocks by statvfs, and by the judge`);
}

/** Asserts that `work` throws the coded error. */
export function throwsCode(work: () => unknown, code: string, what = ''): void {
  let error: unknown;
  try {
    work();
  } catch (thrown) {
    error = thrown;
  }
  assert.ok(error instanceof Error, `${what}: nothing thrown, ${code} expected`);
  assert.is((error as Error & { code?: string }).code, code, `${what}: ${(error as Error).message}`);
}
