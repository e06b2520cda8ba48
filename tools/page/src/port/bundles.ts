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

/** Families by the names of builds of Espruino. */
const BUILDS: [RegExp, string][] = [
  [/^ESP32/, 'esp32'],
  [/^ESP8266/, 'esp8266'],
  [/^(PICO(_W|2.*)?$|RP2)/, 'rp2'],
  [/^(STM32|PICO_|ESPRUINO)/, 'stm32'],
  [/^NRF54/, 'zephyr'],
  [/^(PUCKJS|PIXLJS|MDBT42Q|BANGLEJS|JOLTJS|NRF52|MICROBIT2|XIAOBLE|THINGY)/, 'nrf52'],
];

/** Which one is most likely a board's. */
export function familyOf(build: string): string {
  return BUILDS.find(([pattern]) => pattern.test(build))?.[1] ?? '';
}
