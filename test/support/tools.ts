/** What tests of the verbs share. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import * as tools from '../../tools';

process.env.PATH += ':/usr/sbin:/sbin';
delete process.env.SOURCE_DATE_EPOCH;

/** Of all that `makeFolder` makes. */
export const TIME = 1700000000;

export function has(program: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`]);
    return true;
  } catch {
    console.log(`skipped: no ${program}`);
    return false;
  }
}

/** A folder with a bit of everything. */
export function makeFolder(folder: string): string {
  const put = (path: string, content: string | Uint8Array) => {
    writeFileSync(join(folder, path), content);
    utimesSync(join(folder, path), TIME, TIME);
  };
  mkdirSync(join(folder, 'lib/deep'), { recursive: true });
  mkdirSync(join(folder, 'empty'));
  put('boot.js', 'print("boot")\n');
  put('.hidden', 'h');
  put('lib/a.js', 'exports.a = 1;\n');
  put('lib/b.js', 'exports.b = 2;\n');
  put(
    'lib/deep/big.bin',
    Uint8Array.from({ length: 30000 }, (_, i) => (i * 7) & 255),
  );
  put('none.txt', '');
  put('A longer näme.txt', 'name');
  for (const dir of ['lib/deep', 'lib', 'empty']) utimesSync(join(folder, dir), TIME, TIME);
  return folder;
}

/** What is in it, as `ls -Ra` has it. */
export const ALL = [
  '.hidden',
  'A longer näme.txt',
  'boot.js',
  'empty',
  'lib',
  'lib/a.js',
  'lib/b.js',
  'lib/deep',
  'lib/deep/big.bin',
  'none.txt',
];

export async function textOf(place: string, options: tools.PlaceOptions = {}): Promise<string> {
  const pieces: Uint8Array[] = [];
  await tools.cat([place], options, (piece) => void pieces.push(piece.slice()));
  return Buffer.concat(pieces).toString();
}

export async function namesIn(place: string, options: tools.LsOptions = {}): Promise<string[]> {
  return (await tools.ls([place], options))[0].entries.map(({ path }) => path);
}

/** It fails, with one line. */
export async function rejects(work: Promise<unknown>, message: RegExp): Promise<void> {
  try {
    await work;
  } catch (error) {
    assert.match((error as Error).message, message);
    assert.not.match((error as Error).message, /\n/);
    return;
  }
  assert.unreachable(`nothing was thrown: ${message}`);
}
