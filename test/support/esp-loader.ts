/**
 * An ESP32 as its serial port shows it: the program that is on it, or its boot loader, and the stub that is put into that. After
 * Espressif's "Serial Protocol", https://docs.espressif.com/projects/esptool/en/latest/esp32/advanced-topics/serial-protocol.html.
 */
import { createHash } from 'node:crypto';
import { inflateSync } from 'node:zlib';

const END = 0xc0;
const ESCAPE = 0xdb;
const SECTOR = 4096;

const SYNC = 0x08;
const READ_REG = 0x0a;
const WRITE_REG = 0x09;
const MEM_BEGIN = 0x05;
const MEM_END = 0x06;
const MEM_DATA = 0x07;
const CHANGE_BAUDRATE = 0x0f;
const DEFLATE_BEGIN = 0x10;
const DEFLATE_DATA = 0x11;
const DEFLATE_END = 0x12;
const FLASH_MD5 = 0x13;
const READ_FLASH = 0xd2;

/** What a loader says to what it does not know: failed, and invalid message. */
const UNKNOWN = [1, 5];

/** Tells an ESP32 by what it reads there; the flash tells manufacturer and size by this, through a register of its SPI. */
const MAGIC_REGISTER = 0x40001000;
const MAGIC = 0x00f01d83;
const SPI_W0 = 0x3ff42080;
const FLASH_ID = 0x001640c8;

const ROM_BAUD = 115200;

const slip = (bytes: Uint8Array): Uint8Array => {
  const out = [END];
  for (const byte of bytes) {
    if (byte === END) out.push(ESCAPE, 0xdc);
    else if (byte === ESCAPE) out.push(ESCAPE, 0xdd);
    else out.push(byte);
  }
  return Uint8Array.from([...out, END]);
};

const md5 = (bytes: Uint8Array): Buffer => createHash('md5').update(bytes).digest();

interface Writing {
  offset: number;
  size: number;
  packed: Uint8Array[];
}

export class EspChip {
  /** What runs on it. */
  mode: 'program' | 'loader' | 'stub' = 'program';
  readonly flash: Uint8Array;
  /** Sectors that were erased, in the order of that. */
  erased: number[] = [];
  /** Whether the next packet of flash content comes with a byte that is wrong. */
  garble = false;
  /** Whether it sends no more of what is read. */
  stalled = false;
  private readonly say: (bytes: Uint8Array) => void;
  private baud = ROM_BAUD;
  private hostBaud = ROM_BAUD;
  private lines = { dataTerminalReady: false, requestToSend: false };
  private packet: number[] | undefined;
  private escaped = false;
  /** Bytes of what is loaded into RAM that have not come yet. */
  private missing = 0;
  private writing: Writing | undefined;
  private reading: { bytes: Uint8Array; sent: number; size: number; window: number; acknowledged: number } | undefined;

  /** @param say sends bytes to the host */
  constructor(flash: Uint8Array, say: (bytes: Uint8Array) => void) {
    this.flash = flash;
    this.say = say;
  }

  open(baud: number): void {
    this.hostBaud = baud;
  }

  /** As boards wire them: RTS alone pulls the reset line, DTR alone GPIO0, which is looked at when the reset ends. */
  signals(changed: { dataTerminalReady?: boolean; requestToSend?: boolean }): void {
    const before = this.isReset();
    Object.assign(this.lines, changed);
    if (!before || this.isReset()) return;
    this.mode = this.lines.dataTerminalReady ? 'loader' : 'program';
    this.baud = ROM_BAUD;
    this.packet = this.writing = this.reading = undefined;
  }

  private isReset(): boolean {
    return this.lines.requestToSend && !this.lines.dataTerminalReady;
  }

  hear(bytes: Uint8Array): void {
    // With another rate nothing of it is understood.
    if (this.mode === 'program' || this.hostBaud !== this.baud) return;
    for (const byte of bytes) this.take(byte);
  }

  private take(byte: number): void {
    if (byte === END) {
      if (this.packet?.length) this.handle(Uint8Array.from(this.packet));
      this.packet = [];
      this.escaped = false;
    } else if (byte === ESCAPE) this.escaped = true;
    else {
      this.packet?.push(this.escaped ? (byte === 0xdc ? END : ESCAPE) : byte);
      this.escaped = false;
    }
  }

  private handle(packet: Uint8Array): void {
    const view = new DataView(packet.buffer);
    // While content of the flash goes out, numbers of bytes that have arrived come in.
    if (this.reading) {
      this.reading.acknowledged = view.getUint32(0, true);
      this.readOn();
      return;
    }
    const data = packet.subarray(8);
    if (packet[0] !== 0 || view.getUint16(2, true) !== data.length) throw new Error('no command');
    const words = Array.from({ length: data.length >> 2 }, (_, i) => view.getUint32(8 + 4 * i, true));
    const body = data.subarray(16);
    const sum = body.reduce((all, byte) => all ^ byte, 0xef);
    if ([MEM_DATA, DEFLATE_DATA].includes(packet[1]) && sum !== view.getUint32(4, true)) throw new Error('the sum is wrong');
    const { times = 1, after, ...answer } = this.command(packet[1], words, body);
    for (let i = 0; i < times; i++) this.answer(packet[1], answer);
    after?.();
  }

  private command(operation: number, words: number[], body: Uint8Array): Answer {
    const stub = this.mode === 'stub';
    switch (operation) {
      case SYNC:
        return stub ? {} : { value: 0x20120707, times: 8 };
      case READ_REG:
        return { value: words[0] === MAGIC_REGISTER ? MAGIC : words[0] === SPI_W0 ? FLASH_ID : 0 };
      case WRITE_REG:
        return {};
      case MEM_BEGIN:
        this.missing = words[0];
        return {};
      case MEM_DATA:
        this.missing -= body.length;
        return {};
      case MEM_END:
        if (this.missing) throw new Error('the stub has not arrived whole');
        return { after: () => this.start() };
      case CHANGE_BAUDRATE:
        return {
          after: () => {
            this.baud = words[0];
          },
        };
    }
    return stub ? this.stubCommand(operation, words, body) : { operation: 0, status: UNKNOWN };
  }

  private start(): void {
    this.mode = 'stub';
    this.say(slip(Buffer.from('OHAI')));
  }

  private stubCommand(operation: number, words: number[], body: Uint8Array): Answer {
    switch (operation) {
      case READ_FLASH: {
        const [offset, length, size, window] = words;
        this.reading = { bytes: this.flash.slice(offset, offset + length), sent: 0, size, window, acknowledged: 0 };
        return { after: () => this.readOn() };
      }
      case FLASH_MD5:
        return { data: md5(this.flash.subarray(words[0], words[0] + words[1])) };
      case DEFLATE_BEGIN:
        this.writing = { size: words[0], offset: words[3], packed: [] };
        this.erase(words[3], words[0]);
        return {};
      case DEFLATE_DATA:
        this.writing?.packed.push(body.slice());
        return {};
      case DEFLATE_END:
        this.program();
        return {};
      default:
        return { status: UNKNOWN };
    }
  }

  private erase(offset: number, size: number): void {
    if (offset % SECTOR) throw new Error('it begins in the middle of a sector');
    for (let at = offset; at < offset + size; at += SECTOR) {
      this.flash.fill(0xff, at, at + SECTOR);
      this.erased.push(at / SECTOR);
    }
  }

  private program(): void {
    const { offset, size, packed } = this.writing as Writing;
    const bytes = inflateSync(Buffer.concat(packed));
    if (bytes.length !== size) throw new Error('another size was told');
    for (let i = 0; i < size; i++) this.flash[offset + i] &= bytes[i];
  }

  private readOn(): void {
    const { reading } = this;
    if (!reading || this.stalled) return;
    const { bytes, size, window } = reading;
    while (reading.sent < bytes.length && reading.sent - reading.acknowledged < size * window) {
      const part = bytes.slice(reading.sent, reading.sent + size);
      reading.sent += part.length;
      if (this.garble) part[7] ^= 1;
      this.garble = false;
      this.say(slip(part));
    }
    if (reading.acknowledged < bytes.length) return;
    this.reading = undefined;
    this.say(slip(md5(bytes)));
  }

  /** The ROM has two bytes more behind its status. */
  private answer(asked: number, { operation = asked, value = 0, data = new Uint8Array(0), status = [0, 0] }: Answer): void {
    const body = Uint8Array.from([...data, ...status, ...(this.mode === 'stub' ? [] : [0, 0])]);
    const packet = new Uint8Array(8 + body.length);
    const view = new DataView(packet.buffer);
    packet[0] = 1;
    packet[1] = operation;
    view.setUint16(2, body.length, true);
    view.setUint32(4, value, true);
    packet.set(body, 8);
    this.say(slip(packet));
  }
}

interface Answer {
  /** Of what; by default of what was asked. */
  operation?: number;
  value?: number;
  data?: Uint8Array;
  status?: number[];
  times?: number;
  /** What is done when it is sent. */
  after?(): void;
}
