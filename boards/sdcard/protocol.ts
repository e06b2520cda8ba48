/** Commands, answers and data blocks on the wire: SD Physical Layer Simplified Specification, chapter 7. */
import { now } from '../../modules/engine';
import { EIO, ENODEV } from '../../modules/errno';
import { crc7, crc16 } from './crc';
import type { NativePin, NativeSpi } from './native';

export interface Card {
  _spi: NativeSpi;
  _cs: NativePin;
  /** For `spi.setup`. */
  _settings: { [name: string]: unknown };
  _baudrate: number;
  /** Started, and has answered since. */
  _ready: boolean;
  /** Blocks of 512 bytes. */
  _count: number;
  /** What a block number is multiplied with: the older cards count bytes. */
  _unit: number;
  /** Not 0 if it is. */
  _readonly: number;
}

/** A line on which nobody answers, and what the host sends while it listens. */
export const IDLE = 255;

export const GO_IDLE_STATE = 0;
export const STOP_TRANSMISSION = 12;
export const SEND_STATUS = 13;
export const START_BLOCK = 0xfe;
export const STOP_TRAN = 0xfd;

/** The longest that a card is busy (SDXC, writing), and that it takes to begin a block it was asked for, in ms. */
export const BUSY_MS = 500;
const TOKEN_MS = 200;

/**
 * Receives until a byte is IDLE, or is not, and gives the last. At most 16 bytes (an answer comes within 8), or as many
 * as come within `limit` ms; the million is for engines without a clock.
 */
export function wait(card: Card, idle: boolean, limit: number): number {
  const spi = card._spi;
  const from = limit && now();
  let byte = spi.send(IDLE);
  for (let n = 1; (byte === IDLE) !== idle && (n < 16 || (n < 1e6 && now() - from < limit)); n++) byte = spi.send(IDLE);
  return byte;
}

/** Gives the answer R1: 0, or bits that tell why not; IDLE if there is none. The card stays selected. */
export function command(card: Card, index: number, arg: number): number {
  const spi = card._spi;
  const bytes = new Uint8Array([64 | index, arg >>> 24, arg >> 16, arg >> 8, arg, 0]);
  // This one comes in the middle of what the card sends.
  if (index !== STOP_TRANSMISSION) {
    card._cs.write(1);
    card._cs.write(0);
    if (index && wait(card, true, BUSY_MS) !== IDLE) return IDLE;
  }
  bytes[5] = crc7(bytes, 5);
  spi.write(bytes);
  // A stuff byte comes before its answer.
  if (index === STOP_TRANSMISSION) spi.send(IDLE);
  return wait(card, false, 0);
}

/** Fills `buf` from the block that was asked for. Gives 0, or anything else if that failed. */
export function receive(card: Card, buf: Uint8Array): number {
  const length = buf.length;
  if (wait(card, false, TOKEN_MS) !== START_BLOCK) return 1;
  const data = card._spi.send({ data: IDLE, count: length + 2 });
  buf.set(data.subarray(0, length));
  return crc16(data, length / 2 + 1);
}

/** Lets go of the card, and makes a failure minus an errno: ENODEV if the card does not even tell its status. */
export function finish(card: Card, failed: number): number {
  if (failed) {
    failed = -EIO;
    if (command(card, SEND_STATUS, 0)) {
      card._ready = false;
      failed = -ENODEV;
    }
    card._spi.send(IDLE);
  }
  card._cs.write(1);
  // It lets go of the line with the next clock.
  card._spi.write(IDLE);
  return failed;
}
