/** Volumes to damage, and where their parts lie. */
import type { VfsExFat } from '../../modules/exfat';
import { pattern, random, writeFile } from './exfat';

/** Byte offsets. */
export interface Layout {
  fat: number;
  heap: number;
  clusterSize: number;
  root: number;
  end: number;
}

export function layout(image: Uint8Array): Layout {
  const view = Buffer.from(image.buffer, image.byteOffset, image.length);
  const size = 1 << image[108];
  const clusterSize = size << image[109];
  const heap = view.readUInt32LE(88) * size;
  return {
    fat: view.readUInt32LE(80) * size,
    heap,
    clusterSize,
    root: heap + (view.readUInt32LE(96) - 2) * clusterSize,
    end: image.length,
  };
}

/** Files and directories, so that every kind of entry is there, one behind the other on the medium and interleaved. */
export function populate(fs: VfsExFat): void {
  writeFile(fs, '/PLAIN.TXT', pattern(700, 1));
  writeFile(fs, '/a long name in the root, of several entries.text', pattern(3000, 2));
  fs.mkdir('/docs');
  fs.mkdir('/docs/a directory with a long name');
  fs.mkdir('/docs/a directory with a long name/deep');
  for (let i = 0; i < 12; i++)
    writeFile(fs, `/docs/a directory with a long name/file number ${i}${i % 5 ? '' : 'x'.repeat(215)}`, pattern(200 * i, i));
  writeFile(fs, '/docs/a directory with a long name/deep/B.BIN', pattern(5000, 3));
  for (let i = 0; i < 5; i++) {
    writeFile(fs, '/docs/grown.log', pattern(700 + 2000 * i, 30 + i), 'a');
    writeFile(fs, '/docs/other.log', pattern(3000, 40 + i), 'a');
  }
  writeFile(fs, '/docs/gone', pattern(1500, 4));
  writeFile(fs, '/été', pattern(10, 5));
  fs.remove('/docs/gone');
  fs.setLabel('damage');
  fs.umount();
}

/** Bytes in use of a volume that `populate` has filled. */
export function usedEnd(l: Layout): number {
  return Math.min(l.end, l.heap + Math.max(200 * 512, 40 * l.clusterSize));
}

/** SetChecksum, for damage that a check does not find by it. */
export function stampSet(image: Uint8Array, at: number): void {
  let sum = 0;
  const length = 32 * (1 + Math.min(image[at + 1], 18));
  for (let i = 0; i < length; i++) if (i !== 2 && i !== 3) sum = (((sum & 1) << 15) + (sum >> 1) + image[at + i]) & 0xffff;
  image[at + 2] = sum;
  image[at + 3] = sum >> 8;
}

/** Changes a few bytes, of FAT, bitmap, up-case table and directories, as a bad medium or a wild write would. */
export function mutate(image: Uint8Array, seed: number): void {
  const below = random(seed);
  const l = layout(image);
  const end = usedEnd(l);
  const sets: number[] = [];
  for (let at = l.root; at < end; at += 32) if (image[at] === 0x85 && image[at + 32] === 0xc0) sets.push(at);
  const slot = () => l.root + 32 * below(Math.floor((end - l.root) / 32));
  for (let n = 1 + below(5); n; n--) {
    const kind = below(12);
    if (kind < 4 && sets.length) {
      // A field of a set, half of the time with the checksum made to fit.
      const set = sets[below(sets.length)];
      const at = set + [1, 4, 12, 33, 35, 36, 40, 44, 52, 52, 53, 56, 56, 57, 60, 66, 67][below(17)];
      image[at] = below(3) ? below(256) : [0, 1, 2, 3, 16, 46, 47, 255][below(8)];
      if (below(2)) stampSet(image, set);
    } else if (kind < 6) {
      const at = l.fat + 4 * below(160) + below(4);
      image[at] = below(3) ? below(160) : [0, 1, 0xf7, 0xff][below(4)];
    } else if (kind === 6) image[l.heap + below(64)] = below(256);
    else if (kind === 7) {
      // The entries of the volume itself, and other types than there are.
      const at = l.root + 32 * below(8);
      image[at + below(32)] = below(256);
      if (below(4) === 0) image[slot()] = [0x81, 0x82, 0x83, 0xa0, 0xc0, 0xc1, 0xe0, 0x85, 5, 0][below(10)];
    } else if (kind === 8) {
      const from = slot();
      image.copyWithin(slot(), from, from + 32 * (1 + below(3)));
    } else if (kind === 9) {
      const at = l.heap + below(end - l.heap);
      for (let k = below(40); k--; ) image[Math.min(at + k, end - 1)] = below(3) ? below(256) : 0;
    } else if (kind === 10 && sets.length) image[sets[below(sets.length)] + below(96)] ^= 1 << below(8);
    else image[l.heap + below(end - l.heap)] = below(256);
  }
}
