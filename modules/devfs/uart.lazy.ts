/** A serial port as a device. */
import { optionsOf } from '../contract/arguments';
import { EAGAIN, EINVAL, expect, vfsError } from '../contract/errno';
import { O_NONBLOCK } from '../contract/prefix';
import { encodeText, isEspruino, now } from '../engine';
import type { CharDevice } from './device';

/** What is used of Espruino's `Serial`, or of what is like it. In its strings each character is a byte. */
export interface SerialPort {
  write(data: Uint8Array): unknown;
  on?(event: 'data', listener: (data: string | Uint8Array) => void): unknown;
  removeListener?(event: 'data', listener: (data: string | Uint8Array) => void): unknown;
  available?(): number;
  read?(n: number): string | Uint8Array | undefined;
}

/** How lines end on the wire. In files they end with LF; by default nothing is changed. Source: ESP-IDF's line ending modes. */
export type LineEnd = 'LF' | 'CR' | 'CRLF';

export interface UartOptions {
  /** Of what comes in, and of what goes out. Default `'LF'`. */
  rx?: LineEnd;
  tx?: LineEnd;
  /** How long a read waits for the first byte, in milliseconds, unless `O_NONBLOCK` is set. Default 0. */
  timeout?: number;
}

/** So many bytes wait to be read; what comes when there are as many is lost. */
const MOST = 1024;
const LF = 10;
const CR = 13;

function lineEnd(given: LineEnd | undefined, name: string): LineEnd {
  if (given === undefined) return 'LF';
  expect(typeof given === 'string', name);
  if (['LF', 'CR', 'CRLF'].indexOf(given) < 0) throw vfsError(EINVAL, 'uart', '', name + ' is none of LF, CR, CRLF');
  return given;
}

/** What a port gives, as bytes: it is no text, and of a character above 255 the low byte stays, as on Espruino. */
function bytesOf(data: string | Uint8Array): Uint8Array {
  if (typeof data !== 'string') return data;
  if (isEspruino) return encodeText(data);
  const bytes = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) bytes[i] = data.charCodeAt(i);
  return bytes;
}

/** The bytes with other ends of lines. */
function convert(bytes: Uint8Array, from: number, to: number[]): Uint8Array {
  const out: number[] = [];
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] !== from) out.push(bytes[i]);
    else for (let k = 0; k < to.length; k++) out.push(to[k]);
  }
  return new Uint8Array(out);
}

/** A port, with what has come from it, and what the device's methods share: they are called when this part has gone. */
interface Port {
  _rx: LineEnd;
  _tx: LineEnd;
  _timeout: number;
  _waiting: Uint8Array;
  _opened: number;
  _watchers: (() => void)[];
  _ready(): number;
  _take(buf: Uint8Array): number;
}

/** How much of what waits can be given: a CR at the end may be the first half of an end. */
function ready(this: Port): number {
  const length = this._waiting.length;
  return length - (this._rx === 'CRLF' && this._waiting[length - 1] === CR ? 1 : 0);
}

/** Takes as many bytes as fit. */
function take(this: Port, buf: Uint8Array): number {
  const waiting = this._waiting;
  const end = this._ready();
  let from = 0;
  let to = 0;
  while (from < end && to < buf.length) {
    let byte = waiting[from++];
    if (byte === CR && this._rx === 'CR') byte = LF;
    else if (byte === CR && this._rx === 'CRLF' && waiting[from] === LF) byte = waiting[from++];
    buf[to++] = byte;
  }
  this._waiting = waiting.subarray(from);
  return to;
}

/** @throws TypeError, EINVAL */
function portOf(serial: SerialPort, options: UartOptions | undefined): Port {
  expect(serial && typeof serial.write === 'function', 'serial');
  const given = optionsOf(options);
  const rx = lineEnd(given.rx, 'rx');
  const tx = lineEnd(given.tx, 'tx');
  const timeout = given.timeout === undefined ? 0 : given.timeout;
  expect(typeof timeout === 'number', 'timeout');
  return { _rx: rx, _tx: tx, _timeout: timeout, _waiting: new Uint8Array(0), _opened: 0, _watchers: [], _ready: ready, _take: take };
}

/**
 * Makes a device of a serial port: `vfs.devfs({ 'uart/1': vfs.uart(Serial1) })`. Its `data` events are taken while it is open.
 * @throws TypeError, EINVAL for other options
 * Source: ESP-IDF's `/dev/uart`. Differs: a read does not end at the end of a line; lines are left alone by default.
 */
export function uart(serial: SerialPort, options?: UartOptions): CharDevice {
  const port = portOf(serial, options);

  function come(data: string | Uint8Array): void {
    const before = port._waiting;
    const fresh = bytesOf(data);
    const longer = new Uint8Array(Math.min(before.length + fresh.length, MOST));
    longer.set(before);
    longer.set(fresh.subarray(0, longer.length - before.length), before.length);
    port._waiting = longer;
    const told = port._watchers.slice();
    for (let i = 0; i < told.length; i++) told[i]();
  }

  function pull(): void {
    const n = serial.available && serial.read ? serial.available() : 0;
    if (n) come((serial.read as (n: number) => string | Uint8Array)(n) || '');
  }

  return {
    open: function () {
      if (!port._opened++ && serial.on) serial.on('data', come);
      return 0;
    },
    close: function () {
      if (--port._opened) return;
      if (serial.removeListener) serial.removeListener('data', come);
      port._waiting = new Uint8Array(0);
      port._watchers = [];
    },
    read: function (buf, flags) {
      if (!buf.length) return 0;
      const end = flags & O_NONBLOCK ? 0 : now() + port._timeout;
      pull();
      while (!port._ready() && now() < end) pull();
      return port._ready() ? port._take(buf) : -EAGAIN;
    },
    write: function (bytes) {
      serial.write(port._tx === 'LF' ? bytes : convert(bytes, LF, port._tx === 'CR' ? [CR] : [CR, LF]));
      return bytes.length;
    },
    select: function (events, changed) {
      if (!changed) {
        pull();
        return (port._ready() ? events & 1 : 0) | (events & 2);
      }
      // Without events somebody has to look again and again.
      if (!serial.on) return undefined;
      port._watchers.push(changed);
      return function (): void {
        const at = port._watchers.indexOf(changed);
        if (at >= 0) port._watchers.splice(at, 1);
      };
    },
  };
}
