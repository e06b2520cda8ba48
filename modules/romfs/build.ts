/** Building images: for the host, a device carries one that was made for it. */
import { optionsOf, whole } from '../contract/arguments';
import { EEXIST, EINVAL, expect, vfsError } from '../contract/errno';
import { encodeText } from '../engine';
import { DATA, DIRECTORY, FILE } from './image';

/**
 * What an image is made of: names, and what they stand for: bytes or text (as UTF-8) for a file, a tree for a directory. A name may
 * be a path, `lib/util.js`.
 */
export interface RomTree {
  [name: string]: Uint8Array | string | RomTree;
}

/** Options of `romfs.build`. */
export interface RomOptions {
  /** The content of each file begins at a multiple of so many bytes from the image's begin, a power of two. Default 1. */
  align?: number;
}

const PADDING = 1;
const HEAD = [0xd2, 0xcd, 0x31];
/** Bytes of a length that may not change when what it counts is known: 35 bits. */
const WIDE = 5;
const NAME_MAX = 32767;

type Directory = Map<string, Uint8Array | Directory>;

/** The tree in directories, paths taken apart. */
function gather(tree: RomTree, into: Directory, path: string): void {
  for (const name of Object.keys(tree)) {
    const value = tree[name];
    const full = path + name;
    const parts = name.split('/');
    const last = parts.pop() as string;
    let dir = into;
    const bytes = typeof value === 'string' ? encodeText(value) : value instanceof Uint8Array ? value : undefined;
    expect(bytes || (value && typeof value === 'object'), full);
    for (const part of [...parts, last])
      if ('..'.startsWith(part) || part.includes('\0') || encodeText(part).length > NAME_MAX)
        throw vfsError(EINVAL, 'build', full, 'no name: ' + part);
    const enter = (part: string): void => {
      const below = dir.get(part) || (new Map() as Directory);
      if (!(below instanceof Map)) throw vfsError(EEXIST, 'build', full);
      dir.set(part, below);
      dir = below;
    };
    parts.forEach(enter);
    if (!bytes) {
      enter(last);
      gather(value as RomTree, dir, full + '/');
    } else if (dir.has(last)) throw vfsError(EEXIST, 'build', full);
    else dir.set(last, bytes);
  }
}

/** A number in groups of seven bits, in `width` bytes at least. */
function number(value: number, width: number): number[] {
  const groups = [value % 128];
  for (let rest = Math.floor(value / 128); rest || groups.length < width; rest = Math.floor(rest / 128)) groups.unshift(128 | (rest % 128));
  return groups;
}

/** As Python orders strings: by characters, not by their UTF-16 halves. */
function byCharacters(a: string, b: string): number {
  const left = [...a];
  const right = [...b];
  for (let i = 0; i < left.length && i < right.length; i++)
    if (left[i] !== right[i]) return (left[i].codePointAt(0) as number) - (right[i].codePointAt(0) as number);
  return left.length - right.length;
}

/** Bytes in pieces. */
interface Pieces {
  length: number;
  list: Uint8Array[];
}

function add(pieces: Pieces, bytes: ArrayLike<number>): void {
  pieces.list.push(bytes instanceof Uint8Array ? bytes : Uint8Array.from(bytes));
  pieces.length += bytes.length;
}

/** A record of `length` bytes, two at least, that says nothing. */
function padding(length: number): Uint8Array {
  const record = new Uint8Array(length);
  let width = 1;
  while (length - 1 - width >= 128 ** width) width++;
  record.set([PADDING, ...number(length - 1 - width, width)]);
  return record;
}

/** The records of a directory, the first of which begins at `at` of the image if that is `align`ed. */
function records(dir: Directory, at: number, align: number): Pieces {
  const all: Pieces = { length: 0, list: [] };
  for (const name of [...dir.keys()].sort(byCharacters)) {
    const value = dir.get(name) as Uint8Array | Directory;
    const bytes = encodeText(name);
    const inner: Pieces = { length: 0, list: [] };
    add(inner, number(bytes.length, 1));
    add(inner, bytes);
    const begin = at + all.length + 1 + WIDE + inner.length;
    if (value instanceof Map) {
      const below = records(value, begin, align);
      inner.list.push(...below.list);
      inner.length += below.length;
    } else {
      let width = number(value.length, 1).length;
      const gap = (align - ((begin + 1 + width) % align)) % align;
      if (gap === 1) width++;
      else if (gap) add(inner, padding(gap));
      add(inner, [DATA, ...number(value.length, width)]);
      add(inner, value);
    }
    add(all, [value instanceof Map ? DIRECTORY : FILE, ...number(inner.length, align > 1 ? WIDE : 1)]);
    all.list.push(...inner.list);
    all.length += inner.length;
  }
  return all;
}

/**
 * Makes an image of ROMFS. The same tree gives the same bytes, whatever the order of its names: they are sorted. Without `align` they
 * are those that MicroPython's `mpremote romfs build` makes, but that names need not be ASCII.
 * @throws EINVAL for what cannot be a name, or another `align`; EEXIST for a name that stands for two things; TypeError for another tree
 * Source: MicroPython's `mpremote romfs build`. Differs: `align`.
 */
export function buildRom(tree: RomTree, options?: RomOptions): Uint8Array {
  expect(tree && typeof tree === 'object' && !(tree instanceof Uint8Array), 'tree');
  const given = optionsOf(options).align;
  const align = given === undefined ? 1 : whole(given, 'align', [1, 0x40000000], { _operation: 'build', _path: '' });
  if (Math.log2(align) % 1) throw vfsError(EINVAL, 'build', '', 'align ' + align + ' is no power of two');
  const root: Directory = new Map();
  gather(tree, root, '');
  const content = records(root, HEAD.length + WIDE, align);
  let length = number(content.length, align > 1 ? WIDE : 1);
  // Images are of even length: one more byte before, or behind where nothing may move.
  if ((HEAD.length + length.length + content.length) % 2) {
    if (align > 1) {
      add(content, padding(3));
      length = number(content.length, WIDE);
    } else length = [0x80, ...length];
  }
  const image = new Uint8Array(HEAD.length + length.length + content.length);
  let at = HEAD.length + length.length;
  image.set([...HEAD, ...length]);
  for (const piece of content.list) {
    image.set(piece, at);
    at += piece.length;
  }
  return image;
}
