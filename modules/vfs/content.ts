import { ENODEV, ENOENT, ENOTDIR, expect, type VfsError } from '../contract/errno';
import { open } from './file';
import { stat } from './operations';

/**
 * Whether there is a file or directory of that path.
 * @throws EINVAL for a path with NUL, EIO, ECORRUPT; TypeError if it is not a string.
 * Source: CPython `os.path.exists`.
 */
export function exists(path: string): boolean {
  try {
    stat(path);
    return true;
  } catch (error) {
    if (!error || [ENOENT, ENODEV, ENOTDIR].indexOf((error as VfsError).errno) < 0) throw error;
    return false;
  }
}

/**
 * The content of a file: a `Uint8Array`, or with `'utf8'` a string.
 * @throws ENOENT, EISDIR, ENOTDIR; TypeError for another encoding.
 * Source: Node `fs.readFileSync`.
 */
export function readFile(path: string): Uint8Array;
export function readFile(path: string, encoding: 'utf8' | 'utf-8'): string;
export function readFile(path: string, encoding?: string): string | Uint8Array {
  expect(encoding === undefined || encoding === 'utf8' || encoding === 'utf-8', 'encoding');
  const file = open(path, encoding ? 'r' : 'rb');
  let data: string | Uint8Array;
  try {
    data = file.read();
  } catch (error) {
    file.close();
    throw error;
  }
  file.close();
  return data;
}
