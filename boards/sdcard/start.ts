import { EIO, ENODEV } from '../../modules/errno';
import { crc7, makeTables, table7 } from './crc';
import { BUSY_MS, type Card, command, finish, GO_IDLE_STATE, IDLE, receive, STOP_TRAN, STOP_TRANSMISSION, wait } from './protocol';

const IN_IDLE_STATE = 1;
const SEND_IF_COND = 8;
const SEND_CSD = 9;
const SET_BLOCKLEN = 16;
const SD_SEND_OP_COND = 41;
const APP_CMD = 55;
const READ_OCR = 58;
const CRC_ON_OFF = 59;

/** A card may take a second (4.2.3); two commands at 250 kHz take more than half a millisecond. */
const POWER_UP_TRIES = 2000;

/** Brings a card to the state in which it transfers data (7.2.1). Gives 0, -ENODEV if there is none of a known kind, -EIO. */
export function start(card: Card): number {
  const spi = card._spi;
  const settings = card._settings;
  if (!table7) makeTables();
  settings.baud = 250000;
  spi.setup(settings);
  card._cs.write(1);
  spi.write({ data: IDLE, count: 10 });
  card._cs.write(0);
  let answer = 0;
  for (let tries = 0; answer !== IN_IDLE_STATE; tries++) {
    if (tries) {
      // The chip may have restarted in the middle of a transfer: let the block end, then the transfer.
      spi.write({ data: IDLE, count: 520 }, STOP_TRAN, IDLE);
      command(card, STOP_TRANSMISSION, 0);
    }
    if (tries > 4 || wait(card, true, BUSY_MS) !== IDLE) break;
    answer = command(card, GO_IDLE_STATE, 0);
  }
  let status = -ENODEV;
  if (answer === IN_IDLE_STATE) {
    answer = command(card, SEND_IF_COND, 0x1aa);
    // 5: an illegal command for cards of version 1. The others give voltage and pattern back.
    const version2 = answer === IN_IDLE_STATE;
    const echo = version2 && spi.send({ data: IDLE, count: 4 });
    if (echo ? (echo[2] & 15) === 1 && echo[3] === 0xaa : answer === 5) {
      // A card that does not know this one goes on without.
      command(card, CRC_ON_OFF, 1);
      let tries = 0;
      do {
        command(card, APP_CMD, 0);
        answer = command(card, SD_SEND_OP_COND, version2 ? 0x40000000 : 0);
      } while (answer === IN_IDLE_STATE && ++tries < POWER_UP_TRIES);
      if (!answer) status = readGeometry(card, version2);
    }
  }
  if (!status) {
    settings.baud = card._baudrate;
    spi.setup(settings);
    card._ready = true;
  }
  finish(card, 0);
  return status;
}

/** Asks whether the card counts in blocks, and for its Card-Specific Data (5.3). */
function readGeometry(card: Card, version2: boolean): number {
  const csd = new Uint8Array(16);
  const failed = version2 && command(card, READ_OCR, 0);
  // CCS, the capacity status.
  card._unit = version2 && card._spi.send({ data: IDLE, count: 4 })[0] & 0x40 ? 1 : 512;
  if (failed || command(card, SEND_CSD, 0) || receive(card, csd) || crc7(csd, 15) !== csd[15]) return -EIO;
  const structure = csd[0] >> 6;
  if (structure > 1) return -ENODEV;
  card._count = structure
    ? (((csd[7] & 63) << 16) + (csd[8] << 8) + csd[9] + 1) * 1024
    : (((csd[6] & 3) << 10) + (csd[7] << 2) + (csd[8] >> 6) + 1) << (((csd[9] & 3) << 1) + (csd[10] >> 7) + (csd[5] & 15) - 7);
  // Write-protected for ever, or for the time being.
  card._readonly = csd[14] & 0x30;
  return command(card, SET_BLOCKLEN, 512) ? -EIO : 0;
}
