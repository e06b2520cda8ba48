/** What somebody sees who opens the address in a browser. */
import type { Resource } from 'nephele';

const TYPES: { [extension: string]: string } = {
  css: 'text/css; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
  gif: 'image/gif',
  htm: 'text/html; charset=utf-8',
  html: 'text/html; charset=utf-8',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  js: 'text/javascript; charset=utf-8',
  json: 'application/json',
  log: 'text/plain; charset=utf-8',
  md: 'text/plain; charset=utf-8',
  png: 'image/png',
  svg: 'image/svg+xml',
  txt: 'text/plain; charset=utf-8',
};

export function mediaTypeOf(path: string): string {
  const [, extension = ''] = /\.(\w+)$/.exec(path) ?? [];
  return TYPES[extension.toLowerCase()] ?? 'application/octet-stream';
}

const escaped = (text: string): string => text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);

/** The names in a directory, as links. */
export async function listingOf(title: string, members: Resource[]): Promise<Buffer> {
  const rows: string[] = [];
  for (const member of members) {
    const name = (await member.getCanonicalName()) + ((await member.isCollection()) ? '/' : '');
    rows.push(`<li><a href="${escaped((await member.getCanonicalUrl()).pathname)}">${escaped(name)}</a></li>`);
  }
  return Buffer.from(
    `<!doctype html><meta charset="utf-8"><title>${escaped(title)}</title><h1>${escaped(title)}</h1><ul>${rows.join('')}</ul>\n`,
  );
}
