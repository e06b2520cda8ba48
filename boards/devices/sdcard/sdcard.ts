import { IOCTL_BLOCK_COUNT, IOCTL_BLOCK_SIZE, IOCTL_DEINIT, IOCTL_INIT, IOCTL_SYNC, placeOf } from '../../../modules/blockdev';
import { optionsOf } from '../../../modules/contract/arguments';
import { EDEADLK, EINVAL, ENODEV, EROFS, expect, isWhole, vfsError } from '../../../modules/contract/errno';
import type { BlockDevice } from '../../../modules/contract/filesystem';
import type { NativePin, NativeSpi } from '../spi';
import { makeTables } from './crc';
import {
  type Card,
  command,
  DAMAGED,
  FAILED,
  finish,
  IDLE,
  RETRIES,
  receive,
  SEND_STATUS,
  START_BLOCK,
  STOP_TRAN,
  STOP_TRANSMISSION,
  transmit,
} from './protocol';
import * as starting from './start.lazy';

const READ_SINGLE_BLOCK = 17;
const WRITE_BLOCK = 24;
/** The commands for many blocks are the next ones. */
const MULTIPLE = 1;
const START_BLOCK_MULTIPLE = 0xfc;

export interface SDCardOptions {
  /** Bits a second once the card is started, 4,000,000 by default. */
  baudrate?: number;
  /**
   * Called about each millisecond while the driver waits for the card, which can take 3 s: for a watchdog that has to be
   * fed. The card, and the volume on it, are EDEADLK to it.
   */
  onWait?: () => void;
  /** How many ms a card may be deaf after power-on, and then busy with its initialisation: 2,000 by default, 0 for one try. */
  powerUp?: number;
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
  progsize = 512;

  /** @throws ENODEV if there is no card of a known kind, EIO if it fails; TypeError without port and pin */
  constructor(spi: NativeSpi, cs: NativePin, options?: SDCardOptions) {
    const given = optionsOf(options);
    const settings: SDCardOptions = {};
    expect(spi && typeof spi.send === 'function', 'spi');
    expect(cs && typeof cs.write === 'function', 'cs');
    for (const name in given) if (name !== 'baudrate' && name !== 'onWait' && name !== 'powerUp') settings[name] = given[name];
    expect(!given.onWait || typeof given.onWait === 'function', 'onWait');
    this._spi = spi;
    this._cs = cs;
    this._extent = [cs, 0, Infinity];
    this._settings = settings;
    expect(given.baudrate === undefined || isWhole(given.baudrate, 1, 1e9), 'baudrate');
    this._baudrate = given.baudrate || 4000000;
    this._powerUp = given.powerUp;
    this._onWait = given.onWait;
    this._status = -ENODEV;
    this._looked = this._spent = 0;
    makeTables();
    const status = starting.start(this);
    if (status) throw vfsError(status, 'SDCard');
  }

  readblocks(block: number, buf: Uint8Array): number {
    return move(this, block, buf, READ_SINGLE_BLOCK);
  }

  writeblocks(block: number, buf: Uint8Array): number {
    return (!this._status && this._readonly && -EROFS) || move(this, block, buf, WRITE_BLOCK);
  }

  ioctl(op: number): number | undefined {
    if (op > IOCTL_SYNC) return op === IOCTL_BLOCK_COUNT ? this._count : op === IOCTL_BLOCK_SIZE ? 512 : undefined;
    if (this._status === -EDEADLK) return -EDEADLK;
    // A card that was put in anew has no status to tell: it is not even in SPI mode.
    const ready = !this._status && !finish(this, command(this, SEND_STATUS, 0) || this._spi.send(IDLE));
    this._status = ready && op !== IOCTL_DEINIT ? 0 : -ENODEV;
    return ready || op === IOCTL_DEINIT ? 0 : op === IOCTL_INIT ? starting.start(this) : -ENODEV;
  }
}

/** Reads or writes whole blocks. What is damaged on the wire is tried again from there, three times for each block. */
function move(card: Card, block: number, buf: Uint8Array, kind: number): number {
  const spi = card._spi;
  const blocks = buf.length / 512;
  if (card._status) return card._status;
  if (!blocks || blocks % 1 || placeOf(block, 512, 0, buf, card._count * 512) < 0) return -EINVAL;
  let at = 0;
  let failed = 0;
  for (let tries = RETRIES; tries >= 0; tries--) {
    const from = at;
    const multiple = blocks - at > 1 ? MULTIPLE : 0;
    if (command(card, kind + multiple, (block + at) * card._unit)) return finish(card, FAILED);
    failed = 0;
    while (at < blocks && !failed) {
      const piece = buf.subarray(at * 512, at * 512 + 512);
      failed = kind === WRITE_BLOCK ? transmit(card, piece, multiple ? START_BLOCK_MULTIPLE : START_BLOCK) : receive(card, piece);
      if (!failed) at++;
    }
    // Whatever it answers: after the last block of the card it complains about the one behind that.
    if (multiple) {
      if (kind === WRITE_BLOCK && !failed) spi.write(STOP_TRAN, IDLE);
      else command(card, STOP_TRANSMISSION, 0);
    }
    // What the card noticed while it programmed: then nobody knows which of the blocks it was.
    if (kind === WRITE_BLOCK && !card._status && (command(card, SEND_STATUS, 0) || spi.send(IDLE))) {
      at = from;
      failed = failed || FAILED;
    }
    if (failed !== DAMAGED) break;
    if (at > from) tries = RETRIES;
  }
  return finish(card, failed);
}
