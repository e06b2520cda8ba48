/** What boards are on USB. */

/** What boards show as on USB: vendor, product (all where there is none), and what that is. */
const USB: [vendor: string, product: string | undefined, title: string][] = [
  ['0483', '5740', 'Espruino board'],
  ['1915', undefined, 'Nordic board'],
  ['2e8a', undefined, 'Raspberry Pi Pico'],
  ['303a', undefined, 'Espressif board'],
  ['239a', undefined, 'Adafruit board'],
  ['2886', undefined, 'Seeed board'],
  ['0d28', '0204', 'micro:bit'],
  ['1a86', undefined, 'CH340 serial chip'],
  ['10c4', 'ea60', 'CP210x serial chip'],
  ['0403', undefined, 'FTDI serial chip'],
];

/** What a board is, by its USB numbers, four hexadecimal digits each. */
export function usbTitle(vendor: string | undefined, product: string | undefined): string | undefined {
  const [one, other] = [vendor?.toLowerCase(), product?.toLowerCase()];
  return USB.find(([known, each]) => known === one && (!each || each === other))?.[2];
}
