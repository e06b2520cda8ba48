/** Records of ROMFS: a kind and a length, numbers in groups of seven bits, and the content, which may be records again. */
import { type Medium, piece } from '../places/medium';
import { type Described, type Note, quoted } from './notes';

const KINDS = ['', 'padding', 'content', 'content elsewhere', 'directory', 'file'];
const DIRECTORY = 4;
const FILE = 5;

/** A number in groups of seven bits, and where it ends. */
function numberAt(image: Uint8Array, at: number): [value: number, next: number] {
  let value = 0;
  let next = at;
  for (; next < image.length && image[next] > 127; next++) value = value * 128 + (image[next] & 127);
  return [value * 128 + (image[next] ?? 0), next + 1];
}

/** @param image all of it @param from the block that is meant */
export function describeRom(image: Uint8Array, from: number, to: number): Described {
  const notes: Note[] = [];
  const put = (at: number, length: number, text: string): void => {
    if (at >= from && at < to) notes.push({ at: at - from, length, text });
  };
  const number = (at: number): [value: number, next: number] => numberAt(image, at);
  const records = (begin: number, end: number, depth: number): void => {
    for (let at = begin; at < end && depth < 64; ) {
      const [kind, afterKind] = number(at);
      const [length, content] = number(afterKind);
      if (content + length > end) {
        put(at, end - at, 'a record that reaches beyond what it lies in');
        return;
      }
      const head = content - at;
      if (kind === DIRECTORY || kind === FILE) {
        const [nameLength, name] = number(content);
        put(
          at,
          name + nameLength - at,
          `${'  '.repeat(depth)}${KINDS[kind]} ${quoted(image.subarray(name, name + nameLength))}, ${length} bytes`,
        );
        records(name + nameLength, content + length, depth + 1);
      } else put(at, kind === 2 ? head : head + length, `${'  '.repeat(depth)}${KINDS[kind] ?? `record ${kind}`}, ${length} bytes`);
      at = content + length;
    }
  };
  const [length, content] = number(3);
  put(0, content, `image of ${content + length} bytes`);
  records(content, Math.min(content + length, image.length), 0);
  return { what: notes.length ? 'records' : from < content + length ? 'content' : 'behind the image', notes };
}

/** Bytes of an image at the beginning of a medium: a header of three bytes, a number in groups of seven bits, and so much more. */
export function romSize(medium: Medium): number {
  const head = piece(medium, 0, 3 + 8);
  if (head[0] !== 0xd2 || head[1] !== 0xcd || head[2] !== 0x31) return 0;
  let length = 0;
  for (let at = 3; at < head.length; at++) {
    length = length * 128 + (head[at] & 127);
    if (head[at] < 128) return at + 1 + length;
  }
  return 0;
}

/** What an image holds: each directory, and each file with the place and length of its content. */
export function* romRecords(image: Uint8Array): Generator<{ path: string; content?: [at: number, length: number] }> {
  const number = (at: number): [value: number, next: number] => numberAt(image, at);
  function* within(begin: number, end: number, path: string, depth: number): Generator<{ path: string; content?: [number, number] }> {
    for (let at = begin; at < end && depth < 64; ) {
      const [kind, afterKind] = number(at);
      const [length, content] = number(afterKind);
      at = content + length;
      if (at > end) return;
      if (kind === DIRECTORY || kind === FILE) {
        const [nameLength, name] = number(content);
        const inner = `${path}/${new TextDecoder().decode(image.subarray(name, name + nameLength))}`;
        if (kind === DIRECTORY) yield { path: inner };
        yield* within(name + nameLength, at, inner, depth + 1);
      } else if (kind === 2 && path) yield { path, content: [content, length] };
      else if (kind === 3 && path) {
        const [size, place] = number(content);
        yield { path, content: [number(place)[0], size] };
      }
    }
  }
  const [length, content] = number(3);
  yield* within(content, Math.min(content + length, image.length), '', 0);
}
