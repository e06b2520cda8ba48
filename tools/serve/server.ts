/** Speaks WebDAV on the loopback address, below an address that holds a token. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import type { Method, Plugin } from 'nephele';
import { isWithin } from '../places/tree';
import { UsageError } from '../usage';
import { TreeAdapter } from './adapter';
import type { Kept } from './kept';
import type { Library } from './library';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** Espruino's types have a module of that name, too, which counts for more. */
const create = createServer as unknown as (answer: Answer) => Server & { closeAllConnections(): void };

const METHODS = 'OPTIONS, GET, HEAD, PUT, DELETE, MKCOL, COPY, MOVE, PROPFIND, PROPPATCH, LOCK, UNLOCK';
const READING = ['OPTIONS', 'GET', 'HEAD', 'PROPFIND'];

export interface Listening {
  port: number;
  /** Answers nobody any more. */
  close(): void;
}

/** @param port 0: any that is free @throws UsageError if it is taken */
export function listen(dav: Library, kept: Kept, token: string, port: number): Promise<Listening> {
  const server = create(answering(dav, kept, `/${token}`));
  return new Promise((done, fail) => {
    server.on('error', (error) => fail(new UsageError(`cannot serve: ${error.message}`)));
    server.listen(port, '127.0.0.1', () => {
      const close = (): void => {
        server.close();
        server.closeAllConnections();
      };
      done({ port: (server.address() as AddressInfo).port, close });
    });
  });
}

function answering(dav: Library, kept: Kept, base: string): Answer {
  const speak = dav.createServer(
    {
      adapter: new TreeAdapter(dav, kept),
      plugins: [lenient(dav)],
      authenticator: { authenticate: async () => ({ username: '' }), cleanAuthentication: async () => {} },
    },
    {
      errorHandler: async (code, message, request, response, error) => {
        if (code < 400) return dav.defaults.errorHandler(code, message, request, response, error);
        // Who has half of the content is to see that it is half.
        if (response.headersSent) response.destroy();
        else say(response, code, message);
      },
    },
  );
  return async (request, response) => {
    // What is read here runs no script, and is what it says it is.
    response.setHeader('Content-Security-Policy', 'sandbox');
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('Referrer-Policy', 'no-referrer');
    try {
      const refused = await refusal(request, kept, base);
      if (refused) return say(response, ...refused);
      // As Express mounts what is below a path.
      const { url = '/' } = request;
      Object.assign(request, { baseUrl: base, originalUrl: url, url: url.slice(base.length).replace(/^\/*/, '/') });
      speak(request, response);
    } catch (error) {
      say(response, 500, (error as Error).message);
    }
  };
}

/**
 * What the library makes of the XML in a request. It wants to know whose a lock is, which clients need not say (RFC 4918, 14.11): cadaver
 * does not. And what is no XML is a fault of the request.
 */
function lenient(dav: Library): Plugin {
  const begin = async (_request: unknown, _response: unknown, { method }: { method: Method }): Promise<void> => {
    method.parseXml = async (xml) => {
      const parsed = await dav.Method.prototype.parseXml.call(method, xml).catch((error: Error) => {
        throw new dav.BadRequestError(error.message);
      });
      const { lockinfo } = parsed.output ?? {};
      if (lockinfo && !Object.keys(lockinfo.owner?.[0] ?? {}).length) lockinfo.owner = [{ _: 'unknown' }];
      return parsed;
    };
  };
  return { beginLock: begin, beginPropfind: begin, beginProppatch: begin };
}

/** What the library does not look at. @returns status and reason, undefined where all is well */
async function refusal(request: IncomingMessage, kept: Kept, base: string): Promise<[number, string] | undefined> {
  const { url = '/', method = '', headers } = request;
  // A page of another host that a browser was told is this one (DNS rebinding).
  if (!/^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i.test(headers.host ?? '')) return [403, 'This is served on the loopback address only.'];
  // Windows asks the root what is spoken here.
  if (method === 'OPTIONS' && !pathBelow(base, url)) return [200, ''];
  const path = pathBelow(base, url);
  if (path === undefined) return [404, 'Nothing is served here.'];
  if (kept.readonly && !READING.includes(method)) return [403, `${kept.title} is served read-only.`];
  // Taken for the whole content it would be the end of the rest (RFC 9110, 14.5).
  if (method === 'PUT' && headers['content-range']) return [400, 'Content is taken as a whole only.'];
  // Where such content is damaged the library throws what nobody can catch.
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') return [415, 'Content is taken as it is only.'];
  const { destination, overwrite } = headers;
  if ((method !== 'MOVE' && method !== 'COPY') || typeof destination !== 'string') return undefined;
  const there = URL.canParse(destination, `http://${headers.host}`) ? new URL(destination, `http://${headers.host}`) : undefined;
  const to = there?.host === headers.host ? pathBelow(base, there?.pathname ?? '') : undefined;
  if (to === undefined) return [502, 'The destination is not served here.'];
  if (isWithin(to, path)) return [403, 'Nothing goes into itself.'];
  if (overwrite === 'F' && (await kept.stat(kept.root.replace(/\/$/, '') + to))) return [412, 'The destination is there.'];
  return undefined;
}

/** The decoded path below the base, without a `/` at its end; undefined if it is elsewhere, or not to be decoded. */
function pathBelow(base: string, url: string): string | undefined {
  const [path] = url.split('?');
  if (!isWithin(path, base)) return undefined;
  try {
    return decodeURIComponent(path.slice(base.length)).replace(/\/+/g, '/').replace(/\/$/, '') || '/';
  } catch {
    return undefined;
  }
}

function say(response: ServerResponse, code: number, text: string): void {
  response.writeHead(code, {
    'Content-Type': 'text/plain; charset=utf-8',
    ...(code === 200 && { DAV: '1, 2, 3', Allow: METHODS, 'MS-Author-Via': 'DAV' }),
    ...(code === 405 && { Allow: METHODS }),
  });
  response.end(text && text + '\n');
}
