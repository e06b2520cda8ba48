import type { FileSystemType } from '../filesystem';

/** The kinds of file systems that autodetection knows. */
export const types: FileSystemType[] = [];

/**
 * Makes a kind of file system known to autodetection. The order of registration is the order of probing, and the first
 * that can format is what `mkfs` makes.
 * Source: microvfs's own; MicroPython's build fixes the list, ESP-IDF registers drivers by prefix.
 */
export function register(type: FileSystemType): void {
  if (types.indexOf(type) < 0) types.push(type);
}
