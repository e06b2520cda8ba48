/** The default bundles for Espruino's Storage, which lie beside the page and are fetched when one is uploaded. */

const urls = import.meta.glob<string>('../../../../dist/*/vfs-{resident,parts}.min.js', { query: '?url', import: 'default', eager: true });

/** Names in Storage. */
const NAMES: [file: string, stored: string][] = [
  ['vfs-resident.min.js', 'vfs'],
  ['vfs-parts.min.js', 'vfs-parts'],
];

const urlOf = (family: string, file: string): string | undefined => urls[`../../../../dist/${family}/${file}`];

export const families = [...new Set(Object.keys(urls).map((path) => path.split('/').at(-2) as string))].sort();

/** @throws Error if they cannot be fetched */
export async function bundleFiles(family: string): Promise<[name: string, content: Uint8Array][]> {
  return Promise.all(
    NAMES.map(async ([file, stored]): Promise<[string, Uint8Array]> => {
      const response = await fetch(urlOf(family, file) as string);
      if (!response.ok) throw new Error(`${family}/${file}: the server answers ${response.status}`);
      return [stored, new Uint8Array(await response.arrayBuffer())];
    }),
  );
}
