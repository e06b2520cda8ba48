import { optionsOf } from '../../modules/arguments';
import { IOCTL_BLOCK_COUNT, IOCTL_BLOCK_SIZE, IOCTL_DEINIT, IOCTL_INIT, IOCTL_SYNC, isWhole, placeOf } from '../../modules/blockdev';
import { EINVAL, ENODEV, EROFS, expect, vfsError } from '../../modules/errno';
import type { BlockDevice } from '../../modules/filesystem';
import { crc16 } from './crc';
import type { NativePin, NativeSpi } from './native';
import {
  BUSY_MS,
  type Card,
  command,
  finish,
  IDLE,
  receive,
  SEND_STATUS,
  START_BLOCK,
  STOP_TRAN,
  STOP_TRANSMISSION,
  wait,
} from './protocol';
import { start } from './start';

const READ_SINGLE_BLOCK = 17;
const READ_MULTIPLE_BLOCK = 18;
const WRITE_BLOCK = 24;
const WRITE_MULTIPLE_BLOCK = 25;
const START_BLOCK_MULTIPLE = 0xfc;

export interface SDCardOptions {
  /** Bits a second once the card is started, 4,000,000 by default. */
  baudrate?: number;
  /** All others go to `spi.setup` as they are: on Espruino `sck`, `mosi` and `miso`, unless they are the port's own. */
  [setting: string]: unknown;
}

export interface SDCard extends Card {}

/**
 * An SD card on SPI: SDSC, SDHC or SDXC, in blocks of 512 bytes, simple protocol. CRCs are switched on, and checked in
 * both directions. A card that does not answer is ENODEV from then on, until `ioctl(1)` starts it, or the one that was
 * put in instead.
 */
export class SDCard implements BlockDevice {
  /** @throws ENODEV if there is no card of a known kind, EIO if it fails */
  constructor(spi: NativeSpi, cs: NativePin, options?: SDCardOptions) {
    const given = optionsOf(options);
    const settings: SDCardOptions = {};
    expect(spi && typeof spi.send === 'function', 'spi');
    expect(cs && typeof cs.write === 'function', 'cs');
    for (const name in given) if (name !== 'baudrate') settings[name] = given[name];
    this._spi = spi;
    this._cs = cs;
    this._settings = settings;
    expect(given.baudrate === undefined || isWhole(given.baudrate, 1, 1e9), 'baudrate');
    this._baudrate = given.baudrate || 4000000;
    const status = start(this);
    if (status) throw vfsError(status, 'SDCard');
  }

  readblocks(block: number, buf: Uint8Array): number {
    const blocks = buf.length / 512;
    const refused = refusal(this, block, buf);
    if (refused) return refused;
    let failed = command(this, blocks > 1 ? READ_MULTIPLE_BLOCK : READ_SINGLE_BLOCK, block * this._unit);
    if (!failed) {
      for (let i = 0; i < blocks && !failed; i++) failed = receive(this, buf.subarray(i * 512, i * 512 + 512));
      // Whatever it answers: after the last block of the card it complains about the one behind that.
      if (blocks > 1) command(this, STOP_TRANSMISSION, 0);
    }
    return finish(this, failed);
  }

  writeblocks(block: number, buf: Uint8Array): number {
    const spi = this._spi;
    const blocks = buf.length / 512;
    const refused = refusal(this, block, buf) || (this._readonly ? -EROFS : 0);
    if (refused) return refused;
    const multiple = blocks > 1;
    let failed = command(this, multiple ? WRITE_MULTIPLE_BLOCK : WRITE_BLOCK, block * this._unit);
    if (!failed) {
      for (let i = 0; i < blocks && !failed; i++) {
        const piece = buf.subarray(i * 512, i * 512 + 512);
        const crc = crc16(piece, 256);
        spi.write(IDLE, multiple ? START_BLOCK_MULTIPLE : START_BLOCK, piece, crc & 255, crc >> 8);
        // The data response is xxx0sss1 (7.3.3.1), where 010 is accepted.
        if ((wait(this, false, 0) & 31) !== 5 || wait(this, true, BUSY_MS) !== IDLE) failed = 1;
      }
      if (multiple) {
        if (failed) command(this, STOP_TRANSMISSION, 0);
        else spi.write(STOP_TRAN, IDLE);
      }
      // What the card noticed while it programmed.
      failed = failed || command(this, SEND_STATUS, 0) || spi.send(IDLE);
    }
    return finish(this, failed);
  }

  ioctl(op: number): number | undefined {
    if (op > IOCTL_SYNC) return op === IOCTL_BLOCK_COUNT ? this._count : op === IOCTL_BLOCK_SIZE ? 512 : undefined;
    // A card that was put in anew has no status to tell: it is not even in SPI mode.
    const ready = this._ready && !finish(this, command(this, SEND_STATUS, 0) || this._spi.send(IDLE));
    this._ready = ready && op !== IOCTL_DEINIT;
    return ready || op === IOCTL_DEINIT ? 0 : op === IOCTL_INIT ? start(this) : -ENODEV;
  }
}

function refusal(card: Card, block: number, buf: Uint8Array): number {
  const length = buf.length;
  return !card._ready ? -ENODEV : length && !(length % 512) && placeOf(block, 512, 0, buf, card._count * 512) >= 0 ? 0 : -EINVAL;
}
