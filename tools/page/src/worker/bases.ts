/** What images are read from: a file of the user, a file of the server, nothing at all. */
import type { Base } from './layer';

/** Only workers have it. */
declare class FileReaderSync {
  readAsArrayBuffer(blob: Blob): ArrayBuffer;
}

export function blobBase(blob: Blob): Base {
  const reader = new FileReaderSync();
  return {
    size: blob.size,
    read: (at, length) => new Uint8Array(reader.readAsArrayBuffer(blob.slice(at, at + length))),
    slice: async (from, to) => blob.slice(from, to),
  };
}

/** A file of the server that the page comes from, asked for in ranges. @throws Error if it is not there */
export async function urlBase(url: string): Promise<Base> {
  const { ok, status, headers } = await fetch(url, { method: 'HEAD' });
  if (!ok) throw new Error(`${url}: the server answers ${status}`);
  return {
    size: Number(headers.get('content-length')),
    read: (at, length) => {
      const request = new XMLHttpRequest();
      request.open('GET', url, false);
      request.responseType = 'arraybuffer';
      request.setRequestHeader('Range', `bytes=${at}-${at + length - 1}`);
      request.send();
      if (request.status !== 206) throw new Error(`${url}: the server answers ${request.status}`);
      return new Uint8Array(request.response);
    },
    slice: async (from, to) => (await fetch(url, { headers: { Range: `bytes=${from}-${to - 1}` } })).blob(),
  };
}

const PIECE = 1 << 20;

/** So many bytes that are all the same. */
export function blankBase(size: number, fill: number): Base {
  const piece = new Blob([new Uint8Array(PIECE).fill(fill)]);
  return {
    size,
    read: (_, length) => new Uint8Array(length).fill(fill),
    slice: async (from, to) => {
      const whole = Math.floor((to - from) / PIECE);
      return new Blob([...Array.from({ length: whole }, () => piece), piece.slice(0, (to - from) % PIECE)]);
    },
  };
}
