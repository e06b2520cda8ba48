import { ECORRUPT, ENOENT, ENOTDIR } from '../contract/errno';
import { encodeText, equal } from '../engine';
import { bytesAt, DATA, DIRECTORY, FILE, fail, type Image, INDIRECT, readHead, readNumber } from './image';

/**
 * The next file or directory of those from `range[0]` to `range[1]`: its kind, 0 at the end. `range[0]` becomes the end of it,
 * `inner` where its own records lie, `name` where its name does.
 */
export function nextEntry(image: Image, range: number[], inner: number[], name: number[]): number {
  while (range[0] < range[1]) {
    image._at = range[0];
    inner[1] = range[1];
    const kind = readHead(image, inner);
    range[0] = inner[1];
    if (kind !== DIRECTORY && kind !== FILE) continue;
    const length = readNumber(image, inner[1]);
    name[0] = image._at;
    name[1] = length;
    inner[0] = image._at + length;
    if (inner[0] > inner[1]) fail(image, ECORRUPT);
    return kind;
  }
  return 0;
}

/**
 * Looks a path up; gives its kind, and in `inner` where its records lie.
 * @throws ENOENT, ENOTDIR; ECORRUPT for a record that comes before it and is none
 */
export function find(image: Image, path: string, inner: number[]): number {
  const names = path.split('/');
  const place = [0, 0];
  let kind = DIRECTORY;
  inner[0] = image._base;
  inner[1] = image._end;
  for (let i = 1; i < names.length && names[i]; i++) {
    if (kind !== DIRECTORY) fail(image, ENOTDIR);
    const wanted = encodeText(names[i]);
    const range = [inner[0], inner[1]];
    do kind = nextEntry(image, range, inner, place);
    while (kind && (place[1] !== wanted.length || !equal(bytesAt(image, place[0], place[1]), wanted)));
    if (!kind) fail(image, ENOENT);
  }
  return kind;
}

/**
 * Where the content of a file lies whose records do from `inner[0]` to `inner[1]`; gives its length, and in `inner[0]` its begin.
 * @throws ECORRUPT if there is none, or it lies outside of the image
 */
export function findData(image: Image, inner: number[]): number {
  for (const range = [0, 0]; inner[0] < inner[1]; inner[0] = range[1]) {
    image._at = inner[0];
    range[1] = inner[1];
    const kind = readHead(image, range);
    if (kind === DATA) {
      inner[0] = image._at;
      return range[1] - image._at;
    }
    if (kind === INDIRECT) {
      const length = readNumber(image, range[1]);
      inner[0] = image._base + readNumber(image, range[1]);
      return inner[0] + length > image._end ? fail(image, ECORRUPT) : length;
    }
  }
  return fail(image, ECORRUPT);
}
