/**
 * A chip of serial NOR flash on an SPI port, simulated byte by byte over `NorFlash`, in the way of a W25Q (its data sheet,
 * chapter 8; JESD216 for what it tells of itself). What a host does against the data sheet is collected in `violations`. Written
 * like device code, for the small engines.
 */
import { putLe32 } from '../../modules/engine';
import type { NativePin, NativeSpi } from '../devices/spi';
import type { NorFlash } from './nor';
import { simPort, wire } from './spi';

export interface SpiNorDescription {
  /** Maker and type, 0xEF40 (Winbond, W25Q) unless given; the capacity follows from the size. */
  maker?: number;
  /** It has no SFDP, as chips from before 2011. */
  silent?: boolean;
  /** How it takes addresses of four bytes: by commands of their own, in a mode, or not at all. */
  wide?: 'commands' | 'mode' | 'none';
  /** Bytes of a page, 256 unless given. */
  page?: number;
  /** Bytes on the wire until a program, and an erase, is done. */
  programBusy?: number;
  eraseBusy?: number;
}

const BUSY = 1;
const ENABLED = 2;
const WINDOW = 256;
const ERASE_4K = 0x20;
const ERASE_WIDE = 0x21;

export class SimSpiNor {
  readonly nor: NorFlash;
  readonly spi: NativeSpi;
  readonly cs: NativePin;
  readonly violations: string[] = [];
  baud = 100000;
  /** Bytes that went over the wire, and commands by their first byte. */
  bytes = 0;
  commands: { [opcode: number]: number } = {};
  /** Addresses below this are protected from changes, if it is not 0: BP0 is set then. */
  protectedTo = 0;
  /** Whether the chip is there, and has power. */
  present = true;
  /** What the host reads where no chip drives the line. */
  level = 255;
  /** It stays busy for ever with what is begun now. */
  stuck = false;

  private _description: SpiNorDescription;
  private _selected = false;
  private _asleep = false;
  private _wideMode = false;
  private _status = 0;
  private _busy = 0;
  private _received: number[] = [];
  private _sfdp: Uint8Array;
  /** What one read is at. */
  private _window = new Uint8Array(WINDOW);
  private _windowAt = -1;

  constructor(nor: NorFlash, description?: SpiNorDescription) {
    const exchange = (byte: number): number => this._exchange(byte);
    this.nor = nor;
    this._description = description || {};
    this._sfdp = parametersOf(nor, this._description);
    this.cs = { write: (level: boolean | number): void => this._select(!level) };
    this.spi = simPort(exchange, (settings) => {
      this.baud = (settings.baud as number) || 100000;
    });
  }

  /** The chip has lost its power, and has it again. */
  powerCycle(): void {
    this._asleep = this._wideMode = this._selected = false;
    this._status = this._busy = 0;
    this._received = [];
  }

  /** As after the command that saves power: it hears nothing but being woken. */
  sleep(): void {
    this._asleep = true;
  }

  private _violation(text: string): void {
    if (this.violations.indexOf(text) < 0) this.violations.push(text);
  }

  private _select(selected: boolean): void {
    const received = this._received;
    if (this._selected && !selected && received.length && this.present) {
      this._received = [];
      this._selected = false;
      this._finish(received);
    }
    this._received = [];
    this._windowAt = -1;
    this._selected = selected;
  }

  private _exchange(byte: number): number {
    if (wire.onTime) wire.onTime(8e6 / this.baud);
    this.bytes++;
    if (this._busy && !--this._busy) this._status &= ~(BUSY | ENABLED);
    if (!this._selected || !this.present) return this.level;
    const received = this._received;
    if (!received.length) this.commands[byte & 255] = (this.commands[byte & 255] || 0) + 1;
    received.push(byte & 255);
    return this._answer(received);
  }

  /** What it sends while the last of these bytes comes. */
  private _answer(received: number[]): number {
    const opcode = received[0];
    const n = received.length - 1;
    if (!n) return this.level;
    if (opcode === 5 && !this._asleep) return this._status | (this.protectedTo ? 4 : 0);
    if (this._status & BUSY || this._asleep) {
      this._violation('command ' + opcode + ' while the chip is busy or asleep');
      return this.level;
    }
    if (opcode === 0x9f) return n > 3 ? this.level : (this._id() >> (24 - 8 * n)) & 255;
    if (opcode === 0x5a) {
      const at = addressOf(received, 3) + n - 5;
      return n < 5 || this._description.silent ? this.level : at < this._sfdp.length ? this._sfdp[at] : 255;
    }
    const width = this._widthOf(opcode);
    if ((opcode !== 3 && opcode !== 0x13) || n <= width) return this.level;
    // From the end it goes on at the beginning.
    const at = (addressOf(received, width) + n - width - 1) % this.nor.geometry.size;
    const first = at - (at % WINDOW);
    if (first !== this._windowAt) this.nor.peek(first, this._window);
    this._windowAt = first;
    return this._window[at - first];
  }

  /** What a command does when the chip is deselected behind it. */
  private _finish(received: number[]): void {
    const opcode = received[0];
    const length = received.length - 1;
    if (opcode === 0xab) this._asleep = false;
    if (this._status & BUSY || this._asleep) return;
    const width = this._widthOf(opcode);
    const at = addressOf(received, width);
    if (opcode === 6 && !length) this._status |= ENABLED;
    else if (opcode === 4 && !length) this._status &= ~ENABLED;
    else if (opcode === 0xb7 && !length) this._wideMode = this._description.wide === 'mode';
    else if (opcode === 3 || opcode === 0x13) {
      // Whoever holds the chip's power counts these.
      if (length > width) this.nor.read(at % this.nor.geometry.size, new Uint8Array(Math.min(length - width, this.nor.geometry.size - at)));
    } else if (opcode === ERASE_4K || opcode === ERASE_WIDE || opcode === 2 || opcode === 0x12) {
      const data = received.slice(1 + width);
      const erases = opcode === ERASE_4K || opcode === ERASE_WIDE;
      if (!(this._status & ENABLED)) this._violation('a change without permission');
      else if (length < width || (erases ? length > width : !data.length)) this._violation('command ' + opcode + ' of a wrong length');
      else if (at >= this.protectedTo) this._begin(erases, at % this.nor.geometry.size, data);
      else this._status &= ~ENABLED;
    }
  }

  private _begin(erases: boolean, at: number, data: number[]): void {
    const description = this._description;
    const page = description.page || 256;
    this._status |= BUSY;
    this._busy = this.stuck ? Infinity : (erases ? description.eraseBusy : description.programBusy) || 4;
    if (erases) {
      this.nor.erase(at - (at % this.nor.geometry.eraseSize));
      return;
    }
    if ((at % page) + data.length > page) this._violation('a program beyond the end of a page');
    // The address wraps in the page.
    const start = at - (at % page);
    const content = new Uint8Array(page);
    for (let i = 0; i < page; i++) content[i] = 255;
    for (let k = 0; k < data.length; k++) content[(at + k) % page] = data[k];
    const whole = (at % page) + data.length > page;
    this.nor.program(whole ? start : at, whole ? content : content.subarray(at - start, at - start + data.length));
  }

  private _id(): number {
    const maker = this._description.maker;
    return ((maker === undefined ? 0xef40 : maker) << 8) | exponentOf(this.nor.geometry.size);
  }

  /** Bytes of the address behind a command. */
  private _widthOf(opcode: number): number {
    const own = opcode === 0x13 || opcode === 0x12 || opcode === ERASE_WIDE;
    if (own && this._description.wide === 'commands') return 4;
    return this._wideMode ? 4 : 3;
  }
}

/** Of the least power of two that is not below it. */
function exponentOf(size: number): number {
  let exponent = 0;
  // Not by `Math.pow`, which Espruino computes by logarithms.
  for (let power = 1; power < size; power *= 2) exponent++;
  return exponent;
}

function addressOf(received: number[], width: number): number {
  let at = 0;
  for (let i = 1; i <= width; i++) at = at * 256 + (received[i] || 0);
  return at;
}

/** The tables by which the chip tells about itself (JESD216). */
function parametersOf(nor: NorFlash, description: SpiNorDescription): Uint8Array {
  const data = new Uint8Array(256);
  const size = nor.geometry.size;
  const erase = exponentOf(nor.geometry.eraseSize);
  const commands = description.wide === 'commands';
  for (let i = 0; i < data.length; i++) data[i] = 255;
  // Header, and one for each table: identifier, revision, length in words, place.
  putLe32(data, 0, 0x50444653);
  data.set([6, 1, commands ? 1 : 0, 255], 4);
  data.set([0, 6, 1, 16, 0x80, 0, 0, 255], 8);
  if (commands) data.set([0x84, 0, 1, 2, 0xd0, 0, 0, 255], 16);
  const basic = data.subarray(0x80, 0x80 + 64);
  for (let k = 0; k < 64; k++) basic[k] = 0;
  basic.set([erase === 12 ? 1 : 3, erase === 12 ? ERASE_4K : 255, size > 0x1000000 ? 2 : 0, 255]);
  putLe32(basic, 4, size > 0x10000000 ? 0x80000000 | (exponentOf(size) + 3) : size * 8 - 1);
  // The larger block first: nobody may take the first for the smallest.
  basic.set([16, 0xd8, erase, ERASE_4K], 28);
  basic[40] = exponentOf(description.page || 256) << 4;
  basic[63] = description.wide === 'mode' ? 1 : 0;
  if (commands) {
    // Read, program, and the second type of erase have commands of their own.
    putLe32(data, 0xd0, 1 | 0x40 | (1 << 9) | (1 << 10));
    data.set([0xdc, ERASE_WIDE, 255, 255], 0xd4);
  }
  return data;
}
