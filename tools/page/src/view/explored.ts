/** What is explored: the image that the worker has, or a board; and what is connected. */
import { signal } from '@preact/signals';
import type { PartitionEntry } from '../../../partition-entry';
import type { StoredOptions, Uploaded } from '../../../port/upload';
import { worker } from '../worker';
import type { Changes, Content, Details, Entry, Given, Info, Opened, Run, Search } from '../worker/api';

/** What files are looked at and changed through. `part` is the number of the volume. */
export interface Explored {
  opened(): Promise<Opened>;
  list(part: number, path: string): Promise<Entry[]>;
  info(part: number): Promise<Info>;
  /** The beginning of a file, which may be shorter than asked for. */
  read(part: number, path: string, most: number): Promise<Content>;
  file(part: number, path: string): Promise<Blob>;
  zip(part: number, path: string): Promise<Blob>;
  /** @param contents whether what is in files is searched, too */
  search(part: number, text: string, contents: boolean): Promise<Search>;
  details(part: number, path: string): Promise<Details>;
  mkdir(part: number, path: string): Promise<void>;
  rename(part: number, from: string, to: string): Promise<void>;
  remove(part: number, paths: string[]): Promise<void>;
  write(part: number, path: string, bytes: Uint8Array): Promise<void>;
  upload(part: number, into: string, given: Given[]): Promise<void>;
  utime(part: number, path: string, mtime: number): Promise<void>;
  setAttributes(part: number, path: string, changes: object): Promise<void>;
  undo(): Promise<string | undefined>;
  changes(): Promise<Changes>;
  close(): Promise<void>;
}

/** A board with a console, and what only such a one can. */
export interface LiveBoard extends Explored {
  /** The name of its build, `PICO`; '' where it does not tell. */
  readonly board: string;
  /** Puts a bundle into its Storage. */
  putBundle(files: [name: string, content: Uint8Array][], options: StoredOptions, told: Told): Promise<Uploaded[]>;
  /** Lets it boot as at its start. @returns what could not be done, a line each */
  boot(): Promise<string[]>;
  /** Its console for somebody who types, until `endConsole`, but for the time of what else is asked. @returns what sends */
  beginConsole(take: (bytes: Uint8Array) => void): Promise<(bytes: Uint8Array) => Promise<void>>;
  endConsole(): Promise<void>;
}

export const explored = signal<Explored>(worker);

/** The board that is connected. */
export const live = signal<LiveBoard | undefined>(undefined);

export type Told = (done: number, total: number) => void;

/** The flash of an ESP32, through its boot loader. */
export interface Chip {
  /** `ESP32-D0WDQ6 (revision 1)` */
  readonly title: string;
  /** Bytes. */
  readonly size: number;
  readonly partitions: PartitionEntry[];
  /** Why there are none. */
  readonly problem?: string;
  /** @param told may throw, which ends it */
  read(offset: number, length: number, told: Told): Promise<Uint8Array<ArrayBuffer>>;
  /** Erases the blocks and writes them. */
  write(runs: Run[], told: Told): Promise<void>;
  /** Lets the board run what is on it. */
  close(): Promise<void>;
}

/** What of a flash is looked at. */
export interface Region {
  label: string;
  offset: number;
  size: number;
}

export const chip = signal<Chip | undefined>(undefined);
/** What of it is open, as an image. */
export const region = signal<Region | undefined>(undefined);
/** Whether it is being asked which part is meant. */
export const choosing = signal(false);

/** How much of what is being done is done, from 0 to 1; undefined where that is not known. */
export const progress = signal<number | undefined>(undefined);
