/**
 * Making the device over a chip: commands of serial NOR flash as all makers have them, one bit wide (W25Q data sheets, chapter 8).
 * Its functions are the device's own, so that only who has a chip has them in RAM.
 */
import { type Extent, IOCTL_BLOCK_COUNT, IOCTL_BLOCK_ERASE, IOCTL_BLOCK_SIZE, IOCTL_INIT, placeOf } from '../../../modules/blockdev';
import { optionsOf } from '../../../modules/contract/arguments';
import { EINVAL, EIO, ENODEV, EROFS, expect, isWhole, vfsError } from '../../../modules/contract/errno';
import { equal, now } from '../../../modules/engine';
import type { NativePin, NativeSpi } from '../spi';
import * as starting from './start.lazy';
import { ERASE_MS, type Nor, PROGRAM_MS, type SpiFlashDevice, type SpiFlashOptions, WRITE_ENABLE } from './types';

const READ_ID = 0x9f;
const READ_STATUS = 5;
/** Bits of the status register. */
const BUSY = 1;
const ENABLED = 2;
/** BP0 to BP2: a part of the chip is protected. */
const PROTECTED = 0x1c;
/** The most that is read at once into a buffer: the port makes a new array each time. */
const PIECE = 4096;

/** @throws TypeError for other settings */
function settingsOf(spi: NativeSpi, cs: NativePin, options: SpiFlashOptions | undefined): SpiFlashOptions {
  const given = optionsOf(options);
  const settings: SpiFlashOptions = {};
  expect(spi && typeof spi.send === 'function', 'spi');
  expect(cs && typeof cs.write === 'function', 'cs');
  for (const name in given) if (name !== 'baudrate') settings[name] = given[name];
  expect(given.baudrate === undefined || isWhole(given.baudrate, 1, 1e9), 'baudrate');
  settings.baud = given.baudrate || 8000000;
  return settings;
}

/** The chip, before anything is known of it. */
function norOf(spi: NativeSpi, cs: NativePin): Nor {
  const nor: Nor = {
    _spi: spi,
    _cs: cs,
    _status: -ENODEV,
    _id: 0,
    _size: 0,
    _block: 0,
    _page: 0,
    _wide: false,
    _read: 0,
    _program: 0,
    _erase: 0,
    _send: function (opcode: number): void {
      cs.write(0);
      spi.write(opcode);
      cs.write(1);
    },
    _name: function (): number {
      cs.write(0);
      spi.write(READ_ID);
      const id = spi.send({ data: 0, count: 3 });
      cs.write(1);
      return (id[0] << 16) | (id[1] << 8) | id[2];
    },
    _fail: function (): number {
      if (!nor._status && nor._name() !== nor._id) nor._status = -ENODEV;
      return nor._status || -EIO;
    },
    _ready: function (limit: number): number {
      let looked = now();
      let spent = 0;
      let late = false;
      let status = 0;
      cs.write(0);
      spi.write(READ_STATUS);
      // It sends its status again and again.
      for (let n = 1; ; n++) {
        status = spi.send(0);
        if (!(status & BUSY) || late) break;
        const at = now();
        // A second at once is no time that has passed: the clock was set.
        if (at - looked > 0 && at - looked < 1000) spent += at - looked;
        looked = at;
        // One more look when the time is over. The count is for an engine whose clock stands still.
        late = spent > limit || (!spent && n > limit * 1000);
      }
      cs.write(1);
      return status & BUSY ? nor._fail() : status;
    },
  };
  return nor;
}

interface Commands {
  /** Selects the chip, and sends a command with an address. It stays selected. */
  _begin(opcode: number, at: number): void;
  /** The array that the port makes. */
  _fetch(at: number, length: number): Uint8Array;
  /** Erases a block. A chip that does not take the permission to do so is not there, or locked. Gives its status, or minus an errno. */
  _eraseAt(at: number): number;
}

function commandsOf(nor: Nor): Commands {
  const spi = nor._spi;
  const cs = nor._cs;
  const begin = function (opcode: number, at: number): void {
    cs.write(0);
    if (nor._wide) spi.write(opcode, at >>> 24, (at >> 16) & 255, (at >> 8) & 255, at & 255);
    else spi.write(opcode, at >> 16, (at >> 8) & 255, at & 255);
  };
  return {
    _begin: begin,
    _fetch: function (at: number, length: number): Uint8Array {
      begin(nor._read, at);
      const data = spi.send({ data: 0, count: length });
      cs.write(1);
      return data;
    },
    _eraseAt: function (at: number): number {
      nor._send(WRITE_ENABLE);
      const status = nor._ready(PROGRAM_MS);
      if (status < 0) return status;
      if (!(status & ENABLED)) return nor._fail();
      begin(nor._erase, at);
      // Now it begins.
      cs.write(1);
      return nor._ready(ERASE_MS);
    },
  };
}

/** @throws as the constructor of `SpiFlash` does */
export function openFlash(spi: NativeSpi, cs: NativePin, options: SpiFlashOptions | undefined): SpiFlashDevice {
  const settings = settingsOf(spi, cs, options);
  const nor = norOf(spi, cs);
  const commands = commandsOf(nor);
  const at = function (block: number, piece: Uint8Array | undefined, offset: number | undefined): number {
    const from = placeOf(block, nor._block, offset, piece, nor._size);
    return nor._status || (from < 0 ? -EINVAL : from);
  };

  const device: SpiFlashDevice & { _extent: Extent } = {
    _extent: [cs, 0, Infinity],
    progsize: 1,
    readblocks: function (block: number, buf: Uint8Array, offset?: number): number {
      const from = at(block, buf, offset);
      if (from < 0) return from;
      for (let done = 0; done < buf.length; done += PIECE) buf.set(commands._fetch(from + done, Math.min(PIECE, buf.length - done)), done);
      return 0;
    },
    writeblocks: function (block: number, buf: Uint8Array, offset?: number): number {
      const size = nor._block;
      const page = nor._page;
      const to = at(block, buf, offset);
      let status = to < 0 ? to : offset === undefined && buf.length % size ? -EINVAL : 0;
      for (let done = 0; done < buf.length && status >= 0; ) {
        const from = done;
        if (offset === undefined && from % size === 0) {
          status = commands._eraseAt(to + from);
          if (status < 0) break;
        }
        done = Math.min(buf.length, from + page - ((to + from) % page));
        const piece = buf.subarray(from, done);
        nor._send(WRITE_ENABLE);
        commands._begin(nor._program, to + from);
        spi.write(piece);
        cs.write(1);
        status = nor._ready(PROGRAM_MS);
        // The file system compares what it programs.
        if (status >= 0 && offset === undefined && !equal(commands._fetch(to + from, done - from), piece))
          status = status & PROTECTED ? -EROFS : nor._fail();
      }
      return Math.min(status, 0);
    },
    readarray: function (block: number, offset: number, length: number): Uint8Array | undefined {
      const from = length > 0 && offset + length <= nor._block ? at(block, undefined, 0) : -1;
      return from < 0 ? undefined : commands._fetch(from + offset, length);
    },
    ioctl: function (op: number, arg: number): number {
      // A chip that was without power meanwhile may answer as before, and have forgotten how long addresses are.
      if (op === IOCTL_INIT) return starting.start(nor, settings);
      if (op === IOCTL_BLOCK_ERASE) {
        const to = at(arg, undefined, 0);
        return Math.min(to < 0 ? to : commands._eraseAt(to), 0);
      }
      return op === IOCTL_BLOCK_COUNT ? nor._size / nor._block : op === IOCTL_BLOCK_SIZE ? nor._block : 0;
    },
  };
  const status = starting.start(nor, settings);
  if (status) throw vfsError(status, 'SpiFlash');
  return device;
}
