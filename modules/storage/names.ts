/** Names in Storage and paths: `/a/b` is the name `a/b`. Names are bytes, as strings of 8-bit characters. */
import { EBUSY, ENAMETOOLONG, vfsError } from '../contract/errno';
import { byteText, decodeText, encodeText, isEspruino } from '../engine';
import type { StorageModule, StorageState } from './types';

/** Bytes of a name; one less where the last is the number of a chunk. */
export const NAME_MAX = 28;

/** What runs from Storage, and what a volume lies in: not to be changed beneath them. */
const OURS = ['vfs', 'vfs-parts', 'vfs-volume', 'vfs-pad', 'vfs-move', 'vfs-boots'];

/** Which kind of file it is. */
export const NOTHING = 0;
export const PLAIN = 1;
export const CHUNKS = 2;
export const DIRECTORY = 3;

export function nameOf(path: string): string {
  const text = path.substring(1);
  return isEspruino ? byteText(text) : bytesText(encodeText(text));
}

/** Bytes as a string of their values. */
export function bytesText(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i++) text += String.fromCharCode(bytes[i]);
  return text;
}

/** Puts such a string into bytes. */
export function putText(buf: Uint8Array, at: number, text: string): void {
  if (isEspruino) buf.set(text as unknown as ArrayLike<number>, at);
  else for (let i = 0; i < text.length; i++) buf[at + i] = text.charCodeAt(i);
}

/** The bytes of such a string. */
export function textBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  putText(bytes, 0, text);
  return bytes;
}

/** As a path shows it. */
export function shown(name: string): string {
  return isEspruino ? name : decodeText(textBytes(name));
}

/** Names of files of one kind that are paths: no piece is empty, `.` or `..`. */
export function namesOf(storage: StorageModule, chunks: boolean): string[] {
  return storage.list(undefined, { sf: chunks }).filter(function (name) {
    const pieces = name.split('/');
    let good = name.indexOf('\0') < 0;
    for (let i = 0; i < pieces.length; i++) if (!'..'.indexOf(pieces[i])) good = false;
    return good;
  });
}

export function kindOf(storage: StorageModule, name: string): number {
  if (!name) return DIRECTORY;
  if (name.length <= NAME_MAX && storage.read(name, 0, 1) !== undefined) return PLAIN;
  if (name.length < NAME_MAX && storage.read(name + '\x01', 0, 1) !== undefined) return CHUNKS;
  for (let k = 0; k < 2; k++) {
    const names = namesOf(storage, !!k);
    for (let i = 0; i < names.length; i++) if (names[i].indexOf(name + '/') === 0) return DIRECTORY;
  }
  return NOTHING;
}

/** Bytes of a file. */
export function sizeOf(storage: StorageModule, name: string, kind: number): number {
  return kind === PLAIN ? (storage.read(name) as string).length : storage.open(name, 'r').getLength();
}

/** @throws EBUSY for a file that is open or that the module itself is or uses, ENAMETOOLONG */
export function refuseChange(state: StorageState, operation: string, path: string, name: string): void {
  if (name.length > NAME_MAX) throw vfsError(ENAMETOOLONG, operation, path);
  if (OURS.indexOf(name) >= 0) throw vfsError(EBUSY, operation, path, 'belongs to microvfs');
  for (let i = 0; i < state._open.length; i++) if (state._open[i]._name === name) throw vfsError(EBUSY, operation, path);
}
