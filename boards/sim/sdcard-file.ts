/** An SD card kept as a raw image in a file (Node only). */
import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { SimSdCard } from './sdcard';
import type { SdType } from './sdcard-registers';

export interface SdFile {
  card: SimSdCard;
  close(): void;
}

/** The card that has the image as its content; its size tells the type. Every block that is written goes to the file at once. */
export function openSdFile(path: string): SdFile {
  const fd = openSync(path, 'r+');
  try {
    const blocks = fstatSync(fd).size / 512;
    // SDHC from 2 GB, SDXC from 32 GB on; these have whole units of 512 kB.
    const type: SdType = blocks <= 4 * 1024 * 1024 ? 'SDSC' : blocks <= 64 * 1024 * 1024 ? 'SDHC' : 'SDXC';
    if (!blocks || blocks % 1) throw new Error(`${path} does not consist of blocks of 512 bytes`);
    const card = new SimSdCard({ type, blocks });
    const piece = new Uint8Array(128 * 512);
    for (let block = 0; block < blocks; block += 128) {
      const length = readSync(fd, piece, 0, piece.length, block * 512);
      for (let at = 0; at < length; at += 512) {
        const data = piece.subarray(at, at + 512);
        if (data.some((byte) => byte !== 0)) card.poke(block + at / 512, data);
      }
    }
    card.onChange = (block, data) => writeSync(fd, data, 0, 512, block * 512);
    return { card, close: () => closeSync(fd) };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}
