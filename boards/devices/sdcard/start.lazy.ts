/** Starting a card: a part that a device loads on demand. */

import { EIO, ENODEV, isWhole } from '../../../modules/contract/errno';
import { equal } from '../../../modules/engine';
import {
  type Card,
  command,
  DAMAGED,
  FAILED,
  finish,
  GO_IDLE_STATE,
  IDLE,
  READY,
  RETRIES,
  receive,
  STOP_TRAN,
  STOP_TRANSMISSION,
  tick,
  wait,
} from './protocol';

const IN_IDLE_STATE = 1;
const ILLEGAL_COMMAND = 4;
const SEND_IF_COND = 8;
const SEND_CSD = 9;
const SET_BLOCKLEN = 16;
const SD_SEND_OP_COND = 41;
const APP_CMD = 55;
const READ_OCR = 58;
const CRC_ON_OFF = 59;

/** How long a card may be deaf after power-on unless told, and then busy with its initialisation (4.2.3 has one second), each in ms. */
const POWER_UP_MS = 2000;
/** What a card may still be writing for the chip as it was before its restart. */
const LEFT_BUSY_MS = 500;

/** Brings a card to the state in which it transfers data (7.2.1). Gives 0, -ENODEV if there is none of a known kind, -EIO. */
export function start(card: Card): number {
  const spi = card._spi;
  const settings = card._settings;
  const powerUp = isWhole(card._powerUp, 0, 1e9) ? (card._powerUp as number) : POWER_UP_MS;
  settings.baud = 250000;
  spi.setup(settings);
  card._cs.write(1);
  spi.write({ data: IDLE, count: 10 });
  card._cs.write(0);
  wait(card, READY, LEFT_BUSY_MS);
  let from = card._spent;
  let late = false;
  let answer = 0;
  /** For an engine whose clock stands still. */
  let still = 0;
  // Also while the line is low: some cards let go of it when they have got CMD0. The last time when the time is over.
  for (;;) {
    answer = command(card, GO_IDLE_STATE, 0);
    if (answer === IN_IDLE_STATE || late) break;
    // The chip may have restarted in the middle of a transfer: let the block end, then the transfer.
    spi.write({ data: IDLE, count: 520 }, STOP_TRAN, IDLE);
    command(card, STOP_TRANSMISSION, 0);
    card._cs.write(1);
    spi.write({ data: IDLE, count: 10 });
    tick(card);
    late = card._spent - from > powerUp || (card._spent === from && ++still > 5);
  }
  let status = -ENODEV;
  if (answer === IN_IDLE_STATE) {
    let version2 = false;
    for (let tries = 0; tries <= RETRIES && answer === IN_IDLE_STATE && !version2; tries++) {
      answer = command(card, SEND_IF_COND, 0x1aa);
      if (answer === IN_IDLE_STATE) {
        // It gives voltage and pattern back.
        const echo = spi.send({ data: IDLE, count: 4 });
        version2 = (echo[2] & 15) === 1 && echo[3] === 0xaa;
      }
    }
    // Cards of version 1 do not know the command, or do not answer at all.
    if (version2 || answer === (IN_IDLE_STATE | ILLEGAL_COMMAND) || answer > 127) {
      // A card that does not know this one goes on without.
      command(card, CRC_ON_OFF, 1);
      tick(card);
      from = card._spent;
      late = false;
      still = 0;
      for (;;) {
        command(card, APP_CMD, 0);
        answer = command(card, SD_SEND_OP_COND, version2 ? 0x40000000 : 0);
        // One that knows no ACMD41 is no SD card.
        if (!answer || late || (answer & (128 | ILLEGAL_COMMAND)) === ILLEGAL_COMMAND) break;
        tick(card);
        late = card._spent - from > POWER_UP_MS || (card._spent === from && ++still > 2000);
      }
      if (!answer) status = readGeometry(card, version2);
    }
  }
  if (!status) {
    settings.baud = card._baudrate;
    spi.setup(settings);
  }
  card._status = status;
  finish(card, 0);
  return status;
}

/** Asks whether the card counts in blocks, and for its Card-Specific Data (5.3). */
function readGeometry(card: Card, version2: boolean): number {
  const csd = new Uint8Array(16);
  const before = new Uint8Array(16);
  const refused = version2 && command(card, READ_OCR, 0);
  // CCS, the capacity status.
  card._unit = version2 && card._spi.send({ data: IDLE, count: 4 })[0] & 0x40 ? 1 : 512;
  if (refused) return -EIO;
  let failed = FAILED;
  for (let tries = 0; failed && tries <= RETRIES; tries++) {
    const again = failed === DAMAGED;
    before.set(csd);
    failed = command(card, SEND_CSD, 0) ? FAILED : receive(card, csd);
    // What comes twice was not damaged on the wire: some cards have a wrong checksum in it. Its CRC7 is not looked at.
    if (again && failed === DAMAGED && equal(csd, before)) failed = 0;
  }
  if (failed) return -EIO;
  const structure = csd[0] >> 6;
  if (structure > 1) return -ENODEV;
  card._count = structure
    ? (((csd[7] & 63) << 16) + (csd[8] << 8) + csd[9] + 1) * 1024
    : (((csd[6] & 3) << 10) + (csd[7] << 2) + (csd[8] >> 6) + 1) << (((csd[9] & 3) << 1) + (csd[10] >> 7) + (csd[5] & 15) - 7);
  // Write-protected for ever, or for the time being.
  card._readonly = csd[14] & 0x30;
  return command(card, SET_BLOCKLEN, 512) ? -EIO : 0;
}
