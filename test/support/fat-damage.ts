/** Volumes to damage, and where their parts lie. */
import type { VfsFat } from '../../modules/fat';
import { format, type ImageDevice, mkfsFat, mount, pattern, random, writeFile } from './fat';

export interface Layout {
  sectorSize: number;
  clusterSize: number;
  /** Byte offsets. */
  fat: number;
  fatBytes: number;
  root: number;
  data: number;
  end: number;
}

export function layout(image: Uint8Array): Layout {
  const view = Buffer.from(image.buffer, image.byteOffset, image.length);
  const sectorSize = view.readUInt16LE(11);
  const fatSize = view.readUInt16LE(22) || view.readUInt32LE(36);
  const total = view.readUInt16LE(19) || view.readUInt32LE(32);
  const fat = view.readUInt16LE(14) * sectorSize;
  const root = fat + image[16] * fatSize * sectorSize;
  const data = root + view.readUInt16LE(17) * 32;
  return { sectorSize, clusterSize: image[13] * sectorSize, fat, fatBytes: fatSize * sectorSize, root, data, end: total * sectorSize };
}

/** Byte offset of a cluster. */
export function clusterAt(l: Layout, cluster: number): number {
  return l.data + (cluster - 2) * l.clusterSize;
}

/** Files and directories, so that every kind of entry is there, one behind the other on the medium and interleaved. */
export function populate(fs: VfsFat): void {
  writeFile(fs, '/PLAIN.TXT', pattern(700, 1));
  writeFile(fs, '/a long name in the root.text', pattern(3000, 2));
  fs.mkdir('/docs');
  fs.mkdir('/docs/a directory with a long name');
  fs.mkdir('/docs/a directory with a long name/deep');
  for (let i = 0; i < 12; i++) writeFile(fs, `/docs/a directory with a long name/file number ${i}.bin`, pattern(200 * i, i));
  writeFile(fs, '/docs/a directory with a long name/deep/B.BIN', pattern(5000, 3));
  for (let i = 0; i < 5; i++) writeFile(fs, '/docs/grown.log', pattern(700, 30 + i), 'a');
  writeFile(fs, '/docs/gone', pattern(1500, 4));
  writeFile(fs, '/last.txt', pattern(10, 5));
  fs.remove('/docs/gone');
  fs.setLabel('damage');
  fs.umount();
}

export const volumes: [string, () => ImageDevice][] = [
  ['FAT12', () => format(120 * 512)],
  ['FAT12 with two FATs', () => formatted(mkfsFat(200 * 1024, '-F', '12', '-s', '1'), format(512 * 50))],
  ['FAT12 with sectors of 4096', () => format(70 * 4096, {}, 4096)],
  ['FAT16', () => format(4400 * 512, { type: 16, clusterSize: 512 })],
  ['FAT32', () => format(66700 * 512 + 600 * 1024, { type: 32, clusterSize: 512 })],
];

function formatted(image: Uint8Array, device: ImageDevice): ImageDevice {
  device.image = image;
  return device;
}

/** One of `volumes` with its content. */
export function damageable(make: () => ImageDevice): ImageDevice {
  const device = make();
  populate(mount(device));
  return device;
}

/** Changes a few bytes, of FAT, directories and FSInfo, as a bad medium or a wild write would. */
export function mutate(image: Uint8Array, seed: number): void {
  const below = random(seed);
  const l = layout(image);
  // What is in use lies at the beginning.
  const used = Math.min(l.end, clusterAt(l, 90));
  for (let n = 1 + below(6); n; n--) {
    const kind = below(10);
    let at = 0;
    if (kind < 4) at = l.fat + below(Math.min(l.fatBytes, 180));
    else if (kind === 4) at = l.fat + below(l.root - l.fat);
    else if (kind === 5 && image[510] && l.data === l.root) at = l.sectorSize + below(512);
    else at = l.root + below(Math.max(1, used - l.root));
    if (kind > 5) {
      // Entries, mostly: where they are shows by their attributes.
      for (let tries = 0; tries < 200 && !looksLikeEntry(image, at - (at % 32)); tries++) at = l.root + below(used - l.root);
    }
    const way = below(4);
    if (way === 0) image[at] ^= 1 << below(8);
    else if (way === 1) image[at] = below(256);
    else if (way === 2) for (let k = below(40); k--; ) image[Math.min(at + k, l.end - 1)] = below(3) ? below(256) : 0;
    else {
      // One entry over another.
      const from = l.root + 32 * below(Math.floor((used - l.root) / 32));
      const to = l.root + 32 * below(Math.floor((used - l.root) / 32));
      image.copyWithin(to, from, from + 32);
    }
  }
}

function looksLikeEntry(image: Uint8Array, at: number): boolean {
  return image[at] > 32 && image[at] !== 0xe5 && [0, 15, 16, 32].includes(image[at + 11]) && image[at + 10] < 128;
}
