/** Serving a volume as WebDAV. */
import { randomBytes } from 'node:crypto';
import type { PlaceOptions } from '../places/open';
import type { Report } from '../places/report';
import { Kept } from '../serve/kept';
import { library } from '../serve/library';
import { listen } from '../serve/server';
import { UsageError } from '../usage';

export interface ServeOptions extends PlaceOptions {
  /** The port on the loopback address. Default: any that is free. */
  listen?: number;
  /** The token in the address, of at least 8 letters, digits, `-` and `_`. Who has it may do what the address allows. Default: 128 random bits. */
  token?: string;
  /** Nothing is changed. Default false; ROMFS is never changed. */
  readonly?: boolean;
}

export interface Served {
  /** What a file manager mounts: `http://127.0.0.1:PORT/TOKEN/`. */
  address: string;
  /** What is served, as messages have it. */
  title: string;
  /** Whether nothing is changed. */
  readonly: boolean;
  /**
   * Ends it, and what is under way, and writes what is not yet in the image.
   * @throws UsageError if the image cannot be written, or somebody else has changed it
   */
  close(): Promise<void>;
}

/**
 * Serves the volume of an image, or of a board, as WebDAV on the loopback address. What is changed is in the image some seconds later, as
 * with the other verbs by a copy that takes its place, or with `inPlace` in the image itself.
 * @param place an image, or a directory in one; `:/` on a board
 * @param report `note` is told once what keeps the image from being written; it is tried again after the next change
 * @throws PlaceError, UsageError if the place is not there, the port is taken, or the library is missing
 */
export async function serve(place: string, options: ServeOptions = {}, report: Report = {}): Promise<Served> {
  const { token = randomBytes(16).toString('base64url'), listen: port = 0, ...rest } = options;
  if (!/^[\w-]{8,}$/.test(token)) throw new UsageError('a token has at least 8 letters, digits, - and _');
  const dav = await library();
  const kept = await Kept.open(place, rest, report);
  try {
    const listening = await listen(dav, kept, token, port);
    return {
      address: `http://127.0.0.1:${listening.port}/${token}/`,
      title: kept.title,
      readonly: kept.readonly,
      close: async () => {
        listening.close();
        await kept.close();
      },
    };
  } catch (error) {
    await kept.close();
    throw error;
  }
}
