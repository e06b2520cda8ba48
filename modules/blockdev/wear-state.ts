/** What is put right before the first write to a wear-levelled partition. */
import { EROFS } from '../contract/errno';
import { crc32, putLe32 } from '../engine';
import { BAD_NOTE, FRESH, NO_CONFIG, WRONG_STATE } from './wear-load';
import { forget, HEAD, isUnused, overwrite, physical, program, readBytes, SECTOR, type Wear, wipe, writeState } from './wear-move';

/** Whether the sectors that a fresh state is to take hold nothing, but perhaps a head that was not finished: 0, -EROFS, or what the device says. */
function checkUnused(w: Wear): number {
  const buf = new Uint8Array(512);
  const end = (w._states[1] + w._stateSectors + 1) * SECTOR;
  let status = 0;
  for (let at = w._states[0] * SECTOR + HEAD; at < end && !status; at += buf.length) {
    const piece = buf.subarray(0, Math.min(buf.length, end - at));
    status = readBytes(w, at, piece) || (isUnused(piece) ? 0 : -EROFS);
  }
  return status;
}

function writeConfig(w: Wear): number {
  const config = new Uint8Array(48);
  const sector = w._states[1] + w._stateSectors;
  // Begin, size, page, sector, erases between moves, bytes of a record, version, buffer.
  const words = [0, (sector + 1) * SECTOR, SECTOR, SECTOR, 16, 16, 2, 32];
  for (let i = 0; i < 8; i++) putLe32(config, i * 4, words[i]);
  putLe32(config, 32, ~crc32(0, config.subarray(0, 32)));
  return wipe(w, sector, 1) || program(w, sector * SECTOR, config);
}

/** Writes again what a cut has interrupted. */
function redo(w: Wear): number {
  const data = new Uint8Array(SECTOR);
  const sector = w._redo[0];
  let status = 0;
  for (let part = 0; part < 8 && !status; part++) {
    const from = part < w._redo[1] || part >= w._redo[1] + w._redo[2] ? w._sectors - 1 : sector;
    status = readBytes(w, physical(w, from) * SECTOR + part * 512, data.subarray(part * 512, part * 512 + 512));
  }
  return status || overwrite(w, sector, data) || forget(w);
}

/** Puts right what `load` has found, in an order in which each cut leaves what can be read. */
export function prepare(w: Wear): number {
  let status = w._failure;
  const wrong = w._wrong;
  if (!status && wrong) {
    if (wrong & FRESH) status = checkUnused(w) || writeState(w, 0, 0) || writeState(w, 1, 0);
    else if (wrong & WRONG_STATE) status = writeState(w, 0, w._spare);
    else if (wrong & 2) status = writeState(w, 1, w._spare);
    if (!status && wrong & (FRESH | NO_CONFIG)) status = writeConfig(w);
    if (!status && wrong & BAD_NOTE) status = wipe(w, physical(w, w._sectors - 2), 1);
    if (!status) w._wrong = 0;
  }
  return status || (w._redo[0] < 0 ? 0 : redo(w));
}
