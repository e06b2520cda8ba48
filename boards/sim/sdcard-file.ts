/** An SD card kept as a raw image in a file (Node only). */
import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { SimSdCard } from './sdcard';
import type { SdType } from './sdcard-registers';

export interface SdFile {
  card: SimSdCard;
  /** The blocks that hold anything, for who cannot ask the card. Reads all of the file. */
  usedBlocks(): number[];
  close(): void;
}

const BLOCK = 512;
const PIECE = 4 * 1024 * 1024;

/**
 * The card that has the image as its content; its size tells the type. The file is read block by block as the card is, and every block
 * that is written goes to it at once: none is kept in memory.
 */
export function openSdFile(path: string): SdFile {
  const fd = openSync(path, 'r+');
  try {
    const size = fstatSync(fd).size;
    const blocks = size / BLOCK;
    // SDHC from 2 GB, SDXC from 32 GB on; these have whole units of 512 kB.
    const type: SdType = blocks <= 4 * 1024 * 1024 ? 'SDSC' : blocks <= 64 * 1024 * 1024 ? 'SDHC' : 'SDXC';
    if (!blocks || blocks % 1) throw new Error(`${path} does not consist of blocks of 512 bytes`);
    const card = new SimSdCard({ type, blocks });
    card.source = (block, data) => {
      if (readSync(fd, data, 0, BLOCK, block * BLOCK) !== BLOCK) throw new Error(`${path} cannot be read`);
    };
    card.onChange = (block, data) => writeSync(fd, data, 0, BLOCK, block * BLOCK);
    return { card, usedBlocks: () => usedBlocks(fd, size), close: () => closeSync(fd) };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function usedBlocks(fd: number, size: number): number[] {
  const used: number[] = [];
  const piece = Buffer.alloc(PIECE);
  const zeros = Buffer.alloc(PIECE);
  for (let from = 0; from < size; from += PIECE) {
    const length = readSync(fd, piece, 0, PIECE, from);
    // A hole of a sparse file.
    if (!piece.compare(zeros, 0, length, 0, length)) continue;
    for (let at = 0; at < length; at += BLOCK) if (piece.compare(zeros, 0, BLOCK, at, at + BLOCK)) used.push((from + at) / BLOCK);
  }
  return used;
}
