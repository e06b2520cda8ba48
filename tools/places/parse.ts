/** Places as users write them: `file`, `image.bin:/path`, `chip.bin#vfs:/path`, `card.img#2`, `flash.bin@0x200000+1M`, `:/path`. */
import { statSync } from 'node:fs';
import { posix } from 'node:path';
import { UsageError } from '../usage';
import { bytesOf } from './size';

export interface Place {
  /** As it was written. */
  text: string;
  /** A path of the host; with `image` that of the image, which is there. */
  host: string;
  /** Which part of an image; undefined where the place is the host's. */
  image?: Part;
  /** Whether it is on a board on a port. */
  board?: boolean;
  /** Path in the volume, absolute and normalised; `host` again where the place is the host's. */
  path: string;
  /** Whether a path was written, after a colon. */
  inside: boolean;
  /** Whether the path was written with a `/` at its end: what is in the directory is meant. */
  contents: boolean;
}

/** Which part of an image. */
export interface Part {
  /** Label of an ESP32's partition, or number of a card's. */
  partition?: string;
  /** From which byte on, and how many. */
  offset?: number;
  size?: number;
}

/** What a file of the host stands for where nothing else is written: the file, or the volume in it. */
export type Bare = 'file' | 'volume';

export function kindOnHost(path: string): 'file' | 'directory' | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat && (stat.isDirectory() ? 'directory' : 'file');
}

/** The file and the part of it that `chip.bin#vfs`, `flash.bin@0x200000+1M` stand for; undefined where there is no such file. */
export function parsePart(text: string): { host: string; part: Part } | undefined {
  if (kindOnHost(text) === 'file') return { host: text, part: {} };
  const named = /^(.+)#([^#]+)$/.exec(text);
  if (named && kindOnHost(named[1]) === 'file') return { host: named[1], part: { partition: named[2] } };
  const placed = /^(.+)@([^@+]+)(?:\+([^@+]+))?$/.exec(text);
  if (!placed || kindOnHost(placed[1]) !== 'file') return undefined;
  const offset = bytesOf(placed[2]);
  const size = placed[3] === undefined ? undefined : bytesOf(placed[3]);
  if (offset === undefined || (placed[3] !== undefined && !size))
    throw new UsageError(`${text}: behind @ stand offset and size, as flash.bin@0x200000+1M`);
  return { host: placed[1], part: { offset, size } };
}

/**
 * What is there under that name on the host is that. Else the part before a colon is an image.
 * @param bare what a file of the host stands for
 * @throws UsageError for an image that is not there
 */
export function parsePlace(text: string, bare: Bare): Place {
  if (!text) throw new UsageError('an empty place');
  const kind = kindOnHost(text);
  if (!kind && text[0] === ':') {
    const inner = text.slice(1);
    return { text, host: text, board: true, path: posix.resolve('/', inner), inside: true, contents: isContents(inner) };
  }
  if (kind === 'directory' || (kind && bare === 'file')) return hostPlace(text);
  for (let colon = text.indexOf(':'); colon >= 0 && !kind; colon = text.indexOf(':', colon + 1)) {
    // A drive of Windows.
    if (colon === 1 && process.platform === 'win32') continue;
    const found = parsePart(text.slice(0, colon));
    if (!found) continue;
    const inner = text.slice(colon + 1);
    return {
      text,
      host: found.host,
      image: found.part,
      path: posix.resolve('/', inner),
      inside: true,
      contents: isContents(inner),
    };
  }
  const found = parsePart(text);
  if (found) return { text, host: found.host, image: found.part, path: '/', inside: false, contents: bare === 'volume' };
  const missing = /^(.+?)(?:[#@][^:/]*)?:(?:\/|$)/.exec(text) ?? /^([^:]+)#[^#/]+$/.exec(text);
  if (missing) throw new UsageError(`${text}: there is no image ${missing[1]}`);
  return hostPlace(text);
}

/** Whether what is in a directory is meant. */
function isContents(path: string): boolean {
  return /(^|\/)\.?$/.test(path);
}

function hostPlace(text: string): Place {
  return { text, host: text, path: text, inside: true, contents: /(^|[/\\])\.?$/.test(text) };
}
