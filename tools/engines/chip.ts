/**
 * The simulated chip's half that lives inside the engine, below the device bundle: ES5 like the bundle itself.
 * Where the engine can call out, the chip is the host's; elsewhere it is here, and its changes are printed at the end.
 */
import { hardwareOf, type SimBoard, type SimHardware } from '../../boards/sim/board';
import { NorFlash } from '../../boards/sim/nor';
import { type SimPin, simButton, simLed } from '../../boards/sim/panel';
import { SimSdCard } from '../../boards/sim/sdcard';
import { decodeText, encodeText, fill, isEspruino } from '../../modules/engine';

export { complete } from './complete';
export { describe, show, showAs } from './show';
export { simDate, simTime } from './time';

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

declare function atob(text: string): string;
declare function btoa(text: string): string;

/** What the host offers: raw operations on its chip and its card. */
export interface HostChip {
  read(addr: number, length: number): ArrayBuffer;
  program(addr: number, data: ArrayBuffer): number;
  erase(addr: number): number;
  cardRead(block: number): ArrayBuffer;
  /** A block of the card has changed. */
  card(block: number, data: ArrayBuffer): void;
}

/** A board inside the engine. */
export interface EngineBoard {
  hardware: SimHardware;
  /** The chip, if it is in here. */
  chip: LocalChip | undefined;
  card: LocalCard | undefined;
  button: SimPin;
  leds: SimPin[];
}

export interface LocalChip {
  /** Sets a page; the rest of it is erased. */
  load(page: number, base64: string): void;
  /** Prints each page that has changed: `mark`, number, content. */
  dump(mark: string, print: (line: string) => void): void;
}

export interface LocalCard {
  load(block: number, base64: string): void;
  dump(mark: string, print: (line: string) => void): void;
}

/**
 * @param host the chip's owner; without one the chip is in the engine, of `size` bytes
 * @param cardBlocks size of the card in the slot, 0 for none
 */
export function engineBoard(
  board: SimBoard,
  host: HostChip | undefined,
  size: number,
  cardType: string,
  cardBlocks: number,
  hold: number,
  print: (line: string) => void,
): EngineBoard {
  const geometry = board.geometry;
  const local = host
    ? undefined
    : new NorFlash({ size: size || geometry.size, eraseSize: geometry.eraseSize, progSize: geometry.progSize });
  const card = cardBlocks ? new SimSdCard({ type: cardType as 'SDSC', blocks: cardBlocks }) : undefined;
  const nor = local || (hostNor(host as HostChip, size || geometry.size, geometry.eraseSize, geometry.progSize) as unknown as NorFlash);
  const leds: SimPin[] = [];
  for (let i = 0; i < board.leds; i++) leds.push(simLed('LED' + (i + 1), print));
  return {
    hardware: hardwareOf(board, nor, card),
    chip: local && localChip(local),
    card: card && localCard(card, host),
    button: simButton(hold),
    leds: leds,
  };
}

function hostNor(host: HostChip, size: number, eraseSize: number, progSize: number): unknown {
  return {
    geometry: { size: size, eraseSize: eraseSize, progSize: progSize },
    read: function (addr: number, buf: Uint8Array): number {
      buf.set(new Uint8Array(host.read(addr, buf.length)));
      return 0;
    },
    program: function (addr: number, data: Uint8Array): number {
      return host.program(addr, own(data));
    },
    erase: function (addr: number): number {
      return host.erase(addr);
    },
  };
}

function own(data: Uint8Array): ArrayBuffer {
  const copy = new Uint8Array(data.length);
  copy.set(data);
  return copy.buffer;
}

function localChip(nor: NorFlash): LocalChip {
  const changed: number[] = [];
  const page = nor.geometry.eraseSize;
  nor.onChange = function (addr: number, length: number): void {
    for (let n = Math.floor(addr / page); n * page < addr + length; n++) if (changed.indexOf(n) < 0) changed.push(n);
  };
  return {
    load: function (n: number, base64: string): void {
      const data = new Uint8Array(page);
      fill(data, 0xff);
      data.set(fromBase64(base64));
      nor.poke(n, data);
    },
    dump: function (mark: string, print: (line: string) => void): void {
      const data = new Uint8Array(page);
      for (let i = 0; i < changed.length; i++) {
        nor.peek(changed[i] * page, data);
        let length = page;
        while (length && data[length - 1] === 0xff) length--;
        print(mark + ' page ' + changed[i] + ' ' + toBase64(data.subarray(0, length)));
      }
    },
  };
}

function localCard(card: SimSdCard, host: HostChip | undefined): LocalCard {
  const changed: number[] = [];
  if (host)
    card.source = function (block: number, data: Uint8Array): void {
      data.set(new Uint8Array(host.cardRead(block)));
    };
  function watch(): void {
    card.onChange = function (block: number, data: Uint8Array): void {
      if (host) host.card(block, own(data));
      else if (changed.indexOf(block) < 0) changed.push(block);
    };
  }
  watch();
  return {
    load: function (block: number, base64: string): void {
      const data = new Uint8Array(512);
      data.set(fromBase64(base64));
      card.onChange = undefined;
      card.poke(block, data);
      watch();
    },
    dump: function (mark: string, print: (line: string) => void): void {
      for (let i = 0; i < changed.length; i++) print(mark + ' card ' + changed[i] + ' ' + toBase64(card.peek(changed[i])));
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
