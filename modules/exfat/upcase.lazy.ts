/** Capitals beyond Basic Latin, by the volume's up-case table (section 7.2.5): a part that a device loads for a name that has such letters. */
import { fold } from '../contract/upcase';
import { reach } from './chain';
import { le16, load, sectorOf } from './sector';
import { type Chain, fs } from './volume';

/** The most letters of a table that is not the recommended one that are kept. */
const MOST = 4096;

/**
 * Goes through the up-case table, in which runs of units that are their own capitals are given by FFFF and their length, and
 * calls for each unit beyond Basic Latin that is not. What is missing at the end stays as it is.
 */
function eachLetter(table: Chain, each: (unit: number, capital: number) => void): void {
  const size = fs._sectorSize;
  let unit = 0;
  let run = false;
  for (let at = 0; at < fs._tableBytes && unit < 65536; at += 2) {
    const index = Math.floor(at / fs._clusterSize);
    const within = at - index * fs._clusterSize;
    const cluster = reach(table, index);
    if (!cluster) return;
    const value = le16(load(fs._data, sectorOf(cluster) + Math.floor(within / size), false), within % size);
    if (run) {
      unit += value;
      run = false;
    } else if (value === 0xffff && at + 2 < fs._tableBytes) run = true;
    else {
      if (unit > 127 && value !== unit) each(unit, value);
      unit++;
    }
  }
}

/** Reads the letters of a table that is not the recommended one. */
function readTable(table: Chain): Uint16Array {
  let n = 0;
  eachLetter(table, function () {
    n++;
  });
  const letters = new Uint16Array(Math.min(n, MOST) * 2);
  n = 0;
  eachLetter(table, function (unit, capital) {
    if (n >= letters.length) return;
    letters[n++] = unit;
    letters[n++] = capital;
  });
  return letters;
}

/** The capital of a letter by such a table, whose units ascend. */
function find(letters: Uint16Array, c: number): number {
  let low = 0;
  let high = letters.length / 2;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (letters[middle * 2] < c) low = middle + 1;
    else high = middle;
  }
  return low < letters.length / 2 && letters[low * 2] === c ? letters[low * 2 + 1] : c;
}

/** Makes units capitals. */
export function capitals(units: Uint16Array, length: number): void {
  const table = fs._table;
  if (table && !fs._capitals) fs._capitals = readTable(table);
  for (let i = 0; i < length; i++) {
    const c = units[i];
    if (c < 128) units[i] = c > 96 && c < 123 ? c - 32 : c;
    else units[i] = table ? find(fs._capitals as Uint16Array, c) : fold(c);
  }
}
