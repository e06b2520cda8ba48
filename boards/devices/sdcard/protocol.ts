/** Commands, answers and data blocks on the wire: SD Physical Layer Simplified Specification, chapter 7. */
import type { Extent } from '../../../modules/blockdev';
import { EDEADLK, EIO, ENODEV } from '../../../modules/contract/errno';
import { now } from '../../../modules/engine';
import type { NativePin, NativeSpi } from '../spi';
import { crc7, crc16 } from './crc';

export interface Card {
  _spi: NativeSpi;
  _cs: NativePin;
  _extent: Extent;
  /** For `spi.setup`. */
  _settings: { [name: string]: unknown };
  _baudrate: number;
  _onWait: (() => void) | undefined;
  /** How many ms it may be deaf after power-on, if that is a number. */
  _powerUp: unknown;
  /** 0 once it is started and has answered since; else minus the errno of every use. */
  _status: number;
  /** Blocks of 512 bytes. */
  _count: number;
  /** What a block number is multiplied with: the older cards count bytes. */
  _unit: number;
  /** Not 0 if it is. */
  _readonly: number;
  /** When the clock was last looked at, and the milliseconds that were counted in all. */
  _looked: number;
  _spent: number;
}

/** A line on which nobody answers, and what the host sends while it listens. */
export const IDLE = 255;

export const GO_IDLE_STATE = 0;
export const STOP_TRANSMISSION = 12;
export const SEND_STATUS = 13;
export const START_BLOCK = 0xfe;
export const STOP_TRAN = 0xfd;

/** What `wait` waits for: an answer R1 (its highest bit is 0), a token or data response, the end of being busy. */
const ANSWER = 0;
const TOKEN = 1;
export const READY = 2;

/** How a transfer fails: the card says so, or nothing; or it was damaged on the wire. */
export const FAILED = 1;
export const DAMAGED = 2;

/** How often what was damaged on the wire is tried again. */
export const RETRIES = 3;

/** In ms: the specification has 8 bytes for an answer, 100 ms for a block to begin, 500 ms for being busy. Cards take their time. */
const ANSWER_MS = 10;
const TOKEN_MS = 300;
const BUSY_MS = 3000;

/** The milliseconds since the clock was last looked at. A second at once is no time that has passed: the clock was set. */
export function tick(card: Card): number {
  const at = now();
  let step = at - card._looked;
  if (!(step > 0 && step < 1000)) step = 0;
  card._looked = at;
  card._spent += step;
  return step;
}

/** Receives until what is waited for comes, or `limit` ms have passed, and gives the last byte. */
export function wait(card: Card, kind: number, limit: number): number {
  tick(card);
  const from = card._spent;
  let late = false;
  for (let n = 1; ; n++) {
    const byte = card._spi.send(IDLE);
    if (late || (kind === READY ? byte === IDLE : kind ? byte !== IDLE : byte < 128)) return byte;
    if (n > 8) {
      if (tick(card) && card._onWait) pause(card);
      const spent = card._spent - from;
      // One more look when the time is over. The count is for an engine whose clock stands still.
      late = spent > limit || (!spent && n > Math.min(limit * 1000, 1e6));
    }
  }
}

/** Waits while the card is busy. One that stays so is given up. */
function stuck(card: Card): boolean {
  if (wait(card, READY, BUSY_MS) === IDLE) return false;
  card._status = -ENODEV;
  return true;
}

/** Lets somebody else do something, who must leave the card alone. */
function pause(card: Card): void {
  const status = card._status;
  card._status = -EDEADLK;
  try {
    (card._onWait as () => void)();
  } catch (error) {
    // Nobody knows what the card waits for now: it has to be started anew.
    card._status = -ENODEV;
    card._cs.write(1);
    throw error;
  }
  card._status = status;
}

/**
 * Gives the answer R1: 0, or bits that tell why not; with the highest bit if there is none. The card stays selected. A
 * command that the card found damaged is sent again; ACMD41 is not, as it needs CMD55 before it.
 */
export function command(card: Card, index: number, arg: number): number {
  const spi = card._spi;
  const bytes = new Uint8Array([64 | index, arg >>> 24, arg >> 16, arg >> 8, arg, 0]);
  bytes[5] = crc7(bytes, 5);
  let answer = 0;
  for (let tries = RETRIES; tries >= 0; tries--) {
    // This one comes in the middle of what the card sends.
    if (index !== STOP_TRANSMISSION) {
      card._cs.write(1);
      // With a clock, without which some cards do not notice.
      spi.write(IDLE);
      card._cs.write(0);
      if (index && stuck(card)) return IDLE;
    }
    spi.write(bytes);
    // A stuff byte comes before its answer.
    if (index === STOP_TRANSMISSION) spi.send(IDLE);
    answer = wait(card, ANSWER, ANSWER_MS);
    if ((answer & 0x88) !== 8 || index === 41) break;
  }
  return answer;
}

/** Fills `buf` from the block that was asked for. */
export function receive(card: Card, buf: Uint8Array): number {
  const length = buf.length;
  const token = wait(card, TOKEN, TOKEN_MS);
  // An error token is 0000xxxx (7.3.3.3).
  if (token !== START_BLOCK) return token < 16 || token === IDLE ? FAILED : DAMAGED;
  const data = card._spi.send({ data: IDLE, count: length + 2 });
  buf.set(data.subarray(0, length));
  return crc16(data, length / 2 + 1) && DAMAGED;
}

/** Sends a block, and waits until the card has it. */
export function transmit(card: Card, data: Uint8Array, token: number): number {
  const crc = crc16(data, 256);
  card._spi.write(IDLE, token, data, crc & 255, crc >> 8);
  // The data response is xxx0sss1 (7.3.3.1): 010 accepted, 101 damaged, 110 not written.
  const response = wait(card, TOKEN, ANSWER_MS) & 31;
  return stuck(card) || response === 13 || response === 31 ? FAILED : response === 5 ? 0 : DAMAGED;
}

/** Lets go of the card, and makes a failure minus an errno: ENODEV if the card does not even tell its status. */
export function finish(card: Card, failed: number): number {
  if (failed) {
    if (!card._status && command(card, SEND_STATUS, 0)) card._status = -ENODEV;
    card._spi.send(IDLE);
    failed = card._status || -EIO;
  }
  card._cs.write(1);
  // It lets go of the line with the next clock.
  card._spi.write(IDLE);
  return failed;
}
