/** The table of descriptors, which all of a device share. */
import type { VfsFile } from '../contract/filesystem';
import type { Where } from '../vfs/call';
import type { Mount } from '../vfs/rows';

/** What is open, once for all descriptors that `dup` made of it. */
export interface Open extends Where {
  _flags: number;
  /** How many descriptors it has. */
  _count: number;
  /** On a mount. Neither this nor a row: a directory, which only `fs` opens. */
  _file: VfsFile | undefined;
  /** Of a registered driver: its number; -1 once closed. */
  _row: Mount | undefined;
  _fd: number;
  /** What works with it stays loaded until it is closed: bits, 1 `vfs.fd`, 2 `fs`. */
  _kept: number;
  /** Told when it is closed. */
  _waiting: (() => void)[];
  /** What a driver's row calls, where it is of one. */
  close?: () => void;
  flush?: () => void;
}

/** The standard streams are the first. */
export const STREAMS = 3;

/** By descriptor: 0 for the console, which 0 to 2 are at first, and nothing for what is free. It ends with what is open, or with the streams. */
export const table: (Open | 0 | undefined)[] = [0, 0, 0];

/** A printer of the engine, that prints to a standard stream. */
export interface Printer {
  _owner: { [name: string]: unknown };
  _name: string;
  _fd: number;
  _own: unknown;
}

/** What the standard streams keep. It is here since a part by itself forgets. */
export const streamState: {
  /** The engine's own printers, while others stand in their places. */
  _printers: Printer[];
  _printing: boolean;
  /** What has come of a line, by descriptor. */
  _held: (number[] | undefined)[];
} = { _printers: [], _printing: false, _held: [undefined, undefined, undefined] };
