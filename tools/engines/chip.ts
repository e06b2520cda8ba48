/**
 * The simulated chip's half that lives inside the engine, below the device bundle: ES5 like the bundle itself.
 * Where the engine can call out, the chip is the host's; elsewhere it is here, and its changes are printed at the end.
 */
import { espruinoFlash } from '../../boards/sim/flash';
import { NorFlash } from '../../boards/sim/nor';
import { decodeText, encodeText, fill, isEspruino } from '../../modules/engine';

export { describe, show } from './show';

const PAGE = 4096;
const WORD = 4;
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

declare function atob(text: string): string;
declare function btoa(text: string): string;

/** What the host offers: raw operations on its chip. */
export interface HostChip {
  read(addr: number, length: number): ArrayBuffer;
  program(addr: number, data: ArrayBuffer): number;
  erase(addr: number): number;
}

/** Espruino's `Flash` module over the host's chip. */
export function hostFlash(host: HostChip): unknown {
  const nor = {
    read: function (addr: number, buf: Uint8Array): number {
      buf.set(new Uint8Array(host.read(addr, buf.length)));
      return 0;
    },
    program: function (addr: number, data: Uint8Array): number {
      const own = new Uint8Array(data.length);
      own.set(data);
      return host.program(addr, own.buffer);
    },
    erase: function (addr: number): number {
      return host.erase(addr);
    },
  };
  return espruinoFlash(nor as unknown as NorFlash);
}

export interface LocalChip {
  flash: unknown;
  /** Sets a page; the rest of it is erased. */
  load(page: number, base64: string): void;
  /** Prints each page that has changed: `mark`, number, content. */
  dump(mark: string, print: (line: string) => void): void;
}

/** A chip inside the engine. */
export function localChip(size: number): LocalChip {
  const nor = new NorFlash({ size: size, eraseSize: PAGE, progSize: WORD });
  const changed: number[] = [];
  nor.onChange = function (addr: number, length: number): void {
    for (let page = Math.floor(addr / PAGE); page * PAGE < addr + length; page++) if (changed.indexOf(page) < 0) changed.push(page);
  };
  return {
    flash: espruinoFlash(nor),
    load: function (page: number, base64: string): void {
      const data = new Uint8Array(PAGE);
      fill(data, 0xff);
      data.set(fromBase64(base64));
      nor.poke(page, data);
    },
    dump: function (mark: string, print: (line: string) => void): void {
      const data = new Uint8Array(PAGE);
      for (let i = 0; i < changed.length; i++) {
        nor.peek(changed[i] * PAGE, data);
        let length = PAGE;
        while (length && data[length - 1] === 0xff) length--;
        print(mark + ' ' + changed[i] + ' ' + toBase64(data.subarray(0, length)));
      }
    },
  };
}

function fromBase64(text: string): Uint8Array {
  if (isEspruino) return encodeText(atob(text));
  let length = text.length;
  while (length && text.charAt(length - 1) === '=') length--;
  const bytes = new Uint8Array(Math.floor((length * 3) / 4));
  let bits = 0;
  let n = 0;
  for (let i = 0; i < length; i++) {
    bits = (bits << 6) | DIGITS.indexOf(text.charAt(i));
    if (i % 4) bytes[n++] = bits >> (6 - 2 * (i % 4));
  }
  return bytes;
}

function toBase64(bytes: Uint8Array): string {
  if (isEspruino) return bytes.length ? btoa(decodeText(bytes)) : '';
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const bits = (bytes[i] << 16) | (left > 1 ? bytes[i + 1] << 8 : 0) | (left > 2 ? bytes[i + 2] : 0);
    text += DIGITS.charAt(bits >> 18) + DIGITS.charAt((bits >> 12) & 63);
    text += (left > 1 ? DIGITS.charAt((bits >> 6) & 63) : '=') + (left > 2 ? DIGITS.charAt(bits & 63) : '=');
  }
  return text;
}
