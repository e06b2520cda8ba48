/** Serves the page, and an image beside it, on the loopback address. */
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { basename } from 'node:path';
import sirv from 'sirv';
import { distPath } from '../dist';
import { UsageError } from '../usage';

export interface ServeOptions {
  /** A file that the page opens. */
  image?: string | undefined;
  /** 0: any that is free. */
  port: number;
}

export interface Served {
  /** What to open in a browser. */
  address: string;
  close(): void;
}

/** Espruino's types have a module of that name, too, which counts for more. */
const create = createServer as unknown as (
  answer: (request: IncomingMessage, response: ServerResponse) => void,
) => Server & { closeAllConnections(): void };

/** @throws UsageError if the page is not built, there is no such image, or the port is taken */
export function servePage({ image, port }: ServeOptions): Promise<Served> {
  const folder = distPath('page');
  if (!existsSync(folder)) throw new UsageError('the page is not built: npm run build:page');
  if (image !== undefined && !statSync(image, { throwIfNoEntry: false })?.isFile()) throw new UsageError(`there is no image ${image}`);
  const name = image === undefined ? '' : `/image/${encodeURIComponent(basename(image))}`;
  // What is served is looked up each time: a build may be made anew meanwhile.
  const files = sirv(folder, { dev: true, etag: true });
  const server = create((request, response) => {
    if (image !== undefined && new URL(request.url ?? '/', 'http://localhost').pathname === name) sendRange(image, request, response);
    else files(request, response);
  });
  return new Promise((done, fail) => {
    server.on('error', (error) => fail(new UsageError(`cannot serve the page: ${error.message}`)));
    server.listen(port, '127.0.0.1', () => {
      const own = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
      const close = (): void => {
        server.close();
        server.closeAllConnections();
      };
      done({ address: name ? `${own}#open=.${name}` : own, close });
    });
  });
}

/** A file, or the one range of it that is asked for. */
function sendRange(path: string, { method, headers }: IncomingMessage, response: ServerResponse): void {
  const { size } = statSync(path);
  const range = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '');
  const [from, to] = range ? [Number(range[1]), Math.min(Number(range[2]), size - 1)] : [0, size - 1];
  if (from > to) {
    response.writeHead(416, { 'Content-Range': `bytes */${size}` }).end();
    return;
  }
  response.writeHead(range ? 206 : 200, {
    'Content-Type': 'application/octet-stream',
    'Content-Length': to - from + 1,
    'Accept-Ranges': 'bytes',
    'Cache-Control': 'no-store',
    ...(range && { 'Content-Range': `bytes ${from}-${to}/${size}` }),
  });
  if (method === 'HEAD') response.end();
  else createReadStream(path, { start: from, end: to }).pipe(response);
}
