/** A NOR chip kept in a file (Node only): what the device has written is in the file when the process is killed. */
import { closeSync, existsSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import type { NorGeometry } from './nor';
import { NorFlash } from './nor';

export interface NorFile {
  nor: NorFlash;
  close(): void;
}

function isErased(page: Uint8Array): boolean {
  for (let i = 0; i < page.length; i++) if (page[i] !== 0xff) return false;
  return true;
}

/**
 * Opens the image, or makes an erased one of `geometry.size` bytes; an existing file must have that size.
 * Every program and erase goes through to the file at once.
 */
export function openNorFile(path: string, geometry: NorGeometry): NorFile {
  const blank = !existsSync(path);
  const fd = openSync(path, blank ? 'w+' : 'r+');
  try {
    const nor = new NorFlash(geometry);
    const page = new Uint8Array(geometry.eraseSize);
    if (blank) {
      page.fill(0xff);
      for (let addr = 0; addr < geometry.size; addr += page.length) writeSync(fd, page, 0, page.length, addr);
      ftruncateSync(fd, geometry.size);
    } else if (fstatSync(fd).size !== geometry.size) {
      throw new Error(`${path} has ${fstatSync(fd).size} bytes, the chip has ${geometry.size}`);
    } else {
      for (let block = 0; block * page.length < geometry.size; block++) {
        if (readSync(fd, page, 0, page.length, block * page.length) !== page.length) throw new Error(`${path} cannot be read`);
        if (!isErased(page)) nor.poke(block, page);
      }
    }
    nor.onChange = (addr, length) => {
      const changed = new Uint8Array(length);
      nor.peek(addr, changed);
      writeSync(fd, changed, 0, length, addr);
    };
    return { nor, close: () => closeSync(fd) };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** The whole chip as one image. */
export function norImage(nor: NorFlash): Uint8Array {
  const image = new Uint8Array(nor.geometry.size);
  nor.peek(0, image);
  return image;
}

/** A chip in memory with the content of an image. */
export function norFromImage(image: Uint8Array, geometry: Omit<NorGeometry, 'size'>): NorFlash {
  const nor = new NorFlash({ ...geometry, size: image.length });
  for (let addr = 0; addr < image.length; addr += geometry.eraseSize) {
    const page = image.subarray(addr, addr + geometry.eraseSize);
    if (!isErased(page)) nor.poke(addr / geometry.eraseSize, page);
  }
  return nor;
}
