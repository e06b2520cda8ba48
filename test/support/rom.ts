/** Trees for ROMFS, and images of them that are damaged. */

import type { RawFile } from '../../modules/contract/filesystem';
import { type RomTree, romfs, VfsRom } from '../../modules/romfs';
import { generator, pick, type Random } from '../torture/random';
import { mappedDevice } from './mapped';

const NAMES = ['a', 'b.txt', 'lib', 'main.js', 'Größe', 'x'.repeat(130), '漢字', 'z'];

export function randomTree(random: Random, depth: number): RomTree {
  const tree: RomTree = {};
  for (let n = random(5); n--; ) {
    const name = pick(random, NAMES);
    if (depth && random(3) === 0) tree[name] = randomTree(random, depth - 1);
    else tree[name] = new Uint8Array(pick(random, [0, 1, 5, 120, 130, 1000, 17000])).map((_, i) => i * 7);
  }
  return tree;
}

const ENTRIES = 3000;

/** Reads everything in a damaged image. @throws an error that says so where the outcome is neither an answer nor a coded error */
export function exerciseRom(seed: number): void {
  const random = generator(seed);
  const image = romfs.build(randomTree(random, 3), random(2) ? { align: 16 } : undefined);
  for (let n = 1 + random(4); n--; ) {
    const at = random(3) ? random(Math.min(image.length, 60)) : random(image.length);
    image[at] = random(2) ? random(256) : image[at] ^ (1 << random(8));
    if (!random(8)) image.fill(pick(random, [0, 0x80, 0xff]), at, at + random(40));
  }
  const kind = random(6);
  const part = random(6) ? image : image.subarray(0, random(image.length + 1));
  const place =
    kind > 2 || !part.length ? part : mappedDevice(part, pick(random, [16, 64, 4096]), (['in place', 'copies', 'none'] as const)[kind]);
  let left = ENTRIES;
  const allowed = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      if (!['ENODEV', 'ECORRUPT', 'EOPNOTSUPP', 'ENOENT', 'ENOTDIR', 'EISDIR'].includes((error as { code: string }).code)) throw error;
    }
  };
  const look = (rom: VfsRom, dir: string): void =>
    allowed(() => {
      const entries = rom.ilistdir(dir || '/');
      for (let step = entries.next(); !step.done; step = entries.next()) {
        const [name, type, , size] = step.value as [string, number, number, number];
        const path = `${dir}/${name}`;
        if (!left--) throw new Error('no end');
        if (!name || /[/\0]/.test(name) || name === '.' || name === '..') throw new Error('name ' + name);
        if (!(size >= 0 && size <= image.length)) throw new Error('size ' + size);
        allowed(() => rom.stat(path));
        if (type === 0x4000) look(rom, path);
        else
          allowed(() => {
            const file: RawFile = rom.open(path, 'r');
            if (file.readAt(0, new Uint8Array(20)) !== Math.min(20, file.size())) throw new Error('short');
            allowed(() => {
              if (file.view?.().length !== file.size()) throw new Error('view');
            });
          });
      }
    });
  try {
    allowed(() => {
      const rom = new VfsRom(place);
      rom.mount(true, false);
      rom.statvfs('/');
      look(rom, '');
    });
  } catch (error) {
    throw new Error(`seed ${seed}: ${(error as Error).stack}`);
  }
}
