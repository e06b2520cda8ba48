/** Records of ROMFS: a kind and a length, numbers in groups of seven bits, and the content, which may be records again. */
import { type Medium, piece } from '../places/medium';
import { type Described, type Note, quoted } from './notes';

const KINDS = ['', 'padding', 'content', 'content elsewhere', 'directory', 'file'];
const CONTENT = 2;
const ELSEWHERE = 3;
const DIRECTORY = 4;
const FILE = 5;

interface RomRecord {
  kind: number;
  at: number;
  /** Where its content begins: of a directory or a file behind the name. */
  content: number;
  /** As the record tells it, with the name. */
  length: number;
  depth: number;
  /** Of the directory or file that it is, or else lies in. */
  path: string;
  name?: Uint8Array;
  /** Bytes that there are of one that reaches beyond what it lies in. */
  cut?: number;
}

/** A number in groups of seven bits, and where it ends. */
function numberAt(image: Uint8Array, at: number): [value: number, next: number] {
  let value = 0;
  let next = at;
  for (; next < image.length && image[next] > 127; next++) value = value * 128 + (image[next] & 127);
  return [value * 128 + (image[next] ?? 0), next + 1];
}

/** Records from a place up to another, each before those in it. */
function* recordsIn(image: Uint8Array, begin: number, end: number, path = '', depth = 0): Generator<RomRecord> {
  for (let at = begin; at < end && depth < 64; ) {
    const [kind, afterKind] = numberAt(image, at);
    const [length, content] = numberAt(image, afterKind);
    const next = content + length;
    if (next > end) {
      yield { kind, at, content, length, depth, path, cut: end - at };
      return;
    }
    if (kind === DIRECTORY || kind === FILE) {
      const [nameLength, from] = numberAt(image, content);
      const inner = from + nameLength;
      const name = image.subarray(from, inner);
      const own = `${path}/${new TextDecoder().decode(name)}`;
      yield { kind, at, content: inner, length, depth, path: own, name };
      yield* recordsIn(image, inner, next, own, depth + 1);
    } else yield { kind, at, content, length, depth, path };
    at = next;
  }
}

/** The records of an image, with where they begin, and where they should end. */
function recordsOf(image: Uint8Array): { records: Generator<RomRecord>; content: number; end: number } {
  const [length, content] = numberAt(image, 3);
  const end = content + length;
  return { records: recordsIn(image, content, Math.min(end, image.length)), content, end };
}

/** @param image all of it @param from the block that is meant */
export function describeRom(image: Uint8Array, from: number, to: number): Described {
  const notes: Note[] = [];
  const put = (at: number, length: number, text: string): void => {
    if (at >= from && at < to) notes.push({ at: at - from, length, text });
  };
  const { records, content: begin, end } = recordsOf(image);
  put(0, begin, `image of ${end} bytes`);
  for (const { kind, at, content, length, depth, name, cut } of records) {
    if (cut !== undefined) {
      put(at, cut, 'a record that reaches beyond what it lies in');
      continue;
    }
    const what = name ? `${KINDS[kind]} ${quoted(name)}` : (KINDS[kind] ?? `record ${kind}`);
    const head = content - at;
    put(at, name || kind === CONTENT ? head : head + length, `${'  '.repeat(depth)}${what}, ${length} bytes`);
  }
  return { what: notes.length ? 'records' : from < end ? 'content' : 'behind the image', notes };
}

/** Bytes of an image at the beginning of a medium: a header of three bytes, a number in groups of seven bits, and so much more. */
export function romSize(medium: Medium): number {
  const head = piece(medium, 0, 3 + 8);
  if (head[0] !== 0xd2 || head[1] !== 0xcd || head[2] !== 0x31) return 0;
  const [length, content] = numberAt(head, 3);
  return content <= head.length ? content + length : 0;
}

/** Where the content of each file of an image lies. */
export function* romContents(image: Uint8Array): Generator<{ path: string; at: number; length: number }> {
  for (const { kind, content, length, path, cut } of recordsOf(image).records) {
    if (cut !== undefined || !path) continue;
    if (kind === CONTENT) yield { path, at: content, length };
    else if (kind === ELSEWHERE) {
      const [size, place] = numberAt(image, content);
      yield { path, at: numberAt(image, place)[0], length: size };
    }
  }
}
