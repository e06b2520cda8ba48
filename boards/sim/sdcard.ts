/**
 * An SD card in SPI mode, simulated byte by byte (SD Physical Layer Simplified Specification, chapter 7). What a host
 * does against the protocol is collected in `violations`. Written like device code, for the small engines.
 */
import { cardSpecificData, type SdType, sdCrc7, sdCrc16 } from './sdcard-registers';

/** All in bytes on the wire, which are the card's clock. */
export interface SdLatency {
  /** Between a command and its answer: 1 to 8. */
  answer: number;
  /** Before a block of data. */
  token: number;
  /** After a block was written. */
  busy: number;
  /** How often ACMD41 finds the card still powering up. */
  powerUp: number;
}

export interface SdCardDescription {
  type: SdType;
  /** Blocks of 512 bytes. */
  blocks: number;
  /** An SDSC card from before CMD8. */
  version1?: boolean;
  latency?: Partial<SdLatency>;
  writeProtect?: boolean;
}

/** `silent`: no data comes. `error`: an error token instead. `crc`: a bit is wrong. */
export type SdReadFault = 'silent' | 'error' | 'crc';
/** `crc`, `error`: the block is refused. `silent`: no data response. `busy`: for ever. `status`: only CMD13 tells that it failed. */
export type SdWriteFault = 'crc' | 'error' | 'silent' | 'busy' | 'status';

const R1_IDLE = 1;
const R1_ILLEGAL = 4;
const R1_CRC = 8;
const R1_ADDRESS = 0x20;
const R1_PARAMETER = 0x40;
/** What a card accepts while it is in the idle state. */
const IN_IDLE = [0, 1, 8, 41, 55, 58, 59];

export class SimSdCard {
  readonly description: SdCardDescription;
  readonly violations: string[] = [];
  /** Sees every command; a number replaces the answer R1 (and nothing is done), -1 leaves it unanswered. */
  onCommand: ((index: number, argument: number) => number | undefined) | undefined = undefined;
  onRead: ((block: number) => SdReadFault | undefined) | undefined = undefined;
  onWrite: ((block: number) => SdWriteFault | undefined) | undefined = undefined;
  /** Holds the content: fills `data` with a block of it. Then what is written goes to `onChange` alone, and nothing is kept here. */
  source: ((block: number, data: Uint8Array) => void) | undefined = undefined;
  /** Told of each block that has changed, a torn one too. */
  onChange: ((block: number, data: Uint8Array) => void) | undefined = undefined;

  private _content: { [block: number]: Uint8Array | undefined } = {};
  private _latency: SdLatency;
  private _clocks = 0;
  private _spiMode = false;
  private _idle = true;
  private _powerUp = 0;
  private _crcOn = false;
  private _application = false;
  private _status = 0;
  private _command: number[] = [];
  private _out: number[] = [];
  private _busy = 0;
  /** Where a read (multiple) or write goes on, -1 where none is under way. */
  private _reading = -1;
  private _writing = -1;
  private _multiple = false;
  private _received: number[] | undefined = undefined;
  /** The block being programmed and what it held before. */
  private _programming: { block: number; old: Uint8Array | undefined } | undefined = undefined;

  constructor(description: SdCardDescription) {
    const given = description.latency || {};
    this.description = description;
    this._latency = {
      answer: given.answer === undefined ? 1 : given.answer,
      token: given.token === undefined ? 2 : given.token,
      busy: given.busy === undefined ? 3 : given.busy,
      powerUp: given.powerUp === undefined ? 2 : given.powerUp,
    };
    cardSpecificData(description.type, description.blocks, false);
  }

  /** The content of one block, around the protocol. */
  peek(block: number): Uint8Array {
    const copy = new Uint8Array(512);
    const content = this._content[block];
    if (this.source) this.source(block, copy);
    else if (content) copy.set(content);
    return copy;
  }

  poke(block: number, data: Uint8Array): void {
    const copy = new Uint8Array(512);
    copy.set(data);
    this._content[block] = copy;
  }

  /** As `poke`, and tells `onChange`. */
  write(block: number, data: Uint8Array): void {
    if (!this.source) this.poke(block, data);
    if (this.onChange) this.onChange(block, data);
  }

  /** The blocks that were ever written, and are kept here; all others read as zeros. */
  usedBlocks(): number[] {
    const used: number[] = [];
    for (const block in this._content) used.push(+block);
    return used;
  }

  /** The card is taken out, or put in. A block that is being programmed is torn in the middle. */
  powerOff(): void {
    const programming = this._programming;
    if (programming && this._busy > 0) {
      const torn = this.peek(programming.block);
      torn.set((programming.old || new Uint8Array(512)).subarray(256), 256);
      this._store(programming.block, torn);
    }
    this._spiMode = this._crcOn = this._application = this._multiple = false;
    this._idle = true;
    this._clocks = this._powerUp = this._status = this._busy = 0;
    this._reading = this._writing = -1;
    this._command = [];
    this._out = [];
    this._received = this._programming = undefined;
  }

  /** One byte in each direction at `baud`; 255 where the card does not drive the line. */
  exchange(sent: number, selected: boolean, baud: number): number {
    if (this._idle && baud > 400000) this._violation('more than 400 kHz before the card is started');
    if (!selected) {
      this._clocks += 8;
      this._command = [];
      if (this._busy) this._tick();
      return 255;
    }
    let answer = 255;
    if (this._out.length) answer = this._out.shift() as number;
    else if (this._busy) {
      this._tick();
      answer = 0;
    } else if (this._reading >= 0) {
      this._queueBlock();
      answer = this._out.length ? (this._out.shift() as number) : 255;
    }
    this._take(sent);
    return answer;
  }

  private _tick(): void {
    if (!--this._busy) this._programming = undefined;
  }

  private _violation(text: string): void {
    if (this.violations.indexOf(text) < 0) this.violations.push(text);
  }

  private _take(sent: number): void {
    const received = this._received;
    if (received) {
      received.push(sent);
      if (received.length === 514) this._program(received);
    } else if (this._command.length || sent >> 6 === 1) {
      this._command.push(sent);
      if (this._command.length === 6) {
        const bytes = this._command;
        this._command = [];
        this._execute(bytes);
      }
    } else if (sent !== 255) {
      if (this._writing < 0) this._violation('byte ' + sent + ' is neither command nor data');
      else if (this._busy) this._violation('data while the card is busy');
      else if (sent === (this._multiple ? 0xfc : 0xfe)) this._received = [];
      else if (sent === 0xfd && this._multiple) {
        this._writing = -1;
        // One byte until the card is busy.
        this._out = [255];
        this._busy = this._latency.busy;
      } else this._violation('token ' + sent);
    }
  }

  private _program(received: number[]): void {
    const block = this._writing;
    const fault = this.onWrite && this.onWrite(block);
    this._received = undefined;
    this._writing = this._multiple ? block + 1 : -1;
    const wrong = this._crcOn && sdCrc16(received, 512) !== received[512] * 256 + received[513];
    if (fault === 'silent') return;
    if (wrong || fault === 'crc') this._out = [0xeb];
    else if (fault === 'error' || block >= this.description.blocks) this._out = [0xed];
    else {
      this._out = [0xe5];
      this._busy = fault === 'busy' ? Infinity : this._latency.busy;
      if (fault === 'status') this._status |= 4;
      else {
        const data = new Uint8Array(512);
        data.set(received.slice(0, 512));
        this._programming = { block: block, old: this.source ? this.peek(block) : this._content[block] };
        this._store(block, data);
      }
    }
  }

  private _store(block: number, data: Uint8Array): void {
    if (!this.source) this._content[block] = data;
    if (this.onChange) this.onChange(block, data);
  }

  private _execute(bytes: number[]): void {
    const index = bytes[0] & 63;
    const argument = bytes[1] * 0x1000000 + bytes[2] * 0x10000 + bytes[3] * 256 + bytes[4];
    const application = this._application;
    this._application = false;
    if (this._clocks < 74) this._violation('a command before 74 clocks with CS high');
    if (!this._spiMode && (index || sdCrc7(bytes, 5) !== bytes[5])) return;
    if (this._busy && index && index !== 12) {
      this._violation('CMD' + index + ' while the card is busy');
      return;
    }
    if (this._writing >= 0 && index && !(this._multiple && index === 12)) this._violation('CMD' + index + ' instead of data');
    if (this._reading >= 0 && index !== 12) {
      // It goes on sending; a host that has just been restarted may not know.
      if (index) this._violation('CMD' + index + ' during a read');
      return;
    }
    const replaced = this.onCommand ? this.onCommand(index, argument) : undefined;
    if (replaced !== undefined) {
      if (replaced >= 0) this._answer([replaced]);
      return;
    }
    const idle = this._idle ? R1_IDLE : 0;
    if (sdCrc7(bytes, 5) !== bytes[5]) {
      if (!this._crcOn && index !== 8 && index) this._violation('CMD' + index + ' with a wrong CRC');
      if (this._crcOn || index === 8 || !index) {
        this._answer([R1_CRC | idle]);
        return;
      }
    }
    if (this._idle && IN_IDLE.indexOf(index) < 0) this._answer([R1_ILLEGAL | idle]);
    else if (!index) {
      this.powerOff();
      this._clocks = 80;
      this._spiMode = true;
      this._answer([R1_IDLE]);
    } else if (index === 8 && !(this.description.type === 'SDSC' && this.description.version1))
      this._answer([idle, 0, 0, (argument >> 8) & 15 ? 1 : 0, argument & 255]);
    else if (index === 41 && application) this._start(argument);
    else if (index === 55) {
      this._application = true;
      this._answer([idle]);
    } else if (index === 58)
      this._answer([idle, (this._idle ? 0 : 0x80) | (!this._idle && this.description.type !== 'SDSC' ? 0x40 : 0), 0xff, 0x80, 0]);
    else if (index === 59) {
      this._crcOn = !!(argument & 1);
      this._answer([idle]);
    } else if (index === 9) {
      this._answer([0]);
      const csd = cardSpecificData(this.description.type, this.description.blocks, !!this.description.writeProtect);
      this._queueData(csd, this.onRead && this.onRead(-1));
    } else if (index === 12) this._stop();
    else if (index === 13) {
      this._answer([0, this._status]);
      this._status = 0;
    } else if (index === 16) this._answer([argument === 512 ? 0 : R1_PARAMETER]);
    else if (index === 17 || index === 18 || index === 24 || index === 25) this._transfer(index, argument);
    else this._answer([R1_ILLEGAL | idle]);
  }

  private _answer(bytes: number[]): void {
    this._out = [];
    for (let i = 0; i < this._latency.answer; i++) this._out.push(255);
    for (let k = 0; k < bytes.length; k++) this._out.push(bytes[k]);
  }

  /** ACMD41. Without HCS a card of high capacity never gets ready. */
  private _start(argument: number): void {
    const highCapacity = (argument & 0x40000000) !== 0;
    if (this._powerUp++ >= this._latency.powerUp && (highCapacity || this.description.type === 'SDSC')) this._idle = false;
    this._answer([this._idle ? R1_IDLE : 0]);
  }

  private _stop(): void {
    if (this._reading < 0 && this._writing < 0) {
      this._answer([R1_ILLEGAL]);
      this._out.unshift(255);
      return;
    }
    const late = this._reading >= this.description.blocks;
    this._reading = this._writing = -1;
    this._answer([late ? R1_PARAMETER : 0]);
    // The rest of a byte of data, which is no answer.
    this._out.unshift(0x2a);
    this._busy = this._latency.busy;
  }

  private _transfer(index: number, argument: number): void {
    const inBytes = this.description.type === 'SDSC';
    const block = inBytes ? argument / 512 : argument;
    if (block % 1) this._answer([R1_ADDRESS]);
    else if (block >= this.description.blocks) this._answer([R1_PARAMETER]);
    else {
      this._answer([0]);
      this._multiple = index === 18 || index === 25;
      if (index >= 24) this._writing = block;
      else {
        this._reading = block;
        this._queueBlock();
        if (!this._multiple) this._reading = -1;
      }
    }
  }

  private _queueBlock(): void {
    const block = this._reading;
    if (block >= this.description.blocks) {
      // Out of range; then nothing more comes.
      if (block === this.description.blocks) this._out.push(255, 8);
      this._reading = block + 1;
      return;
    }
    this._reading = block + 1;
    this._queueData(this.peek(block), this.onRead && this.onRead(block));
  }

  private _queueData(data: Uint8Array, fault: SdReadFault | undefined): void {
    const out = this._out;
    if (fault === 'silent') {
      this._reading = -1;
      return;
    }
    for (let i = 0; i < this._latency.token; i++) out.push(255);
    if (fault === 'error') {
      out.push(4);
      this._reading = -1;
      return;
    }
    const crc = sdCrc16(data, data.length);
    out.push(0xfe);
    for (let k = 0; k < data.length; k++) out.push(k === 100 && fault ? data[k] ^ 16 : data[k]);
    if (data.length < 100 && fault) out[out.length - 3] ^= 16;
    out.push(crc >> 8, crc & 255);
  }
}
