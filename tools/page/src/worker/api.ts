/** What page and worker say to each other. */
import type { Finding } from '../../../../modules/contract/check';
import type { Note } from '../../../dump/notes';
import type { FormatName } from '../../../places/formats';
import type { Entry } from '../../../places/tree';
import type { Info } from '../../../verbs/facts';
import type { MadeFormat, VolumeOptions } from '../../../verbs/make';

export type { BlockMap } from '../../../blocks/map';
export type { Entry, Finding, FormatName, Info, MadeFormat, Note, VolumeOptions };

/** A part of an image: a partition, or all of it. */
export interface PartInfo {
  /** The label of a partition; '' for all of the image. */
  name: string;
  offset: number;
  size: number;
  /** Undefined where no volume is known. */
  format: FormatName | 'board' | undefined;
  /** What it holds, for people. */
  holds: string;
}

export interface Opened {
  name: string;
  size: number;
  /** What it is, for people. */
  title: string;
  parts: PartInfo[];
  /** Why its table of partitions cannot be read. */
  problem?: string;
}

/** What was changed since the image was opened. */
export interface Changes {
  labels: string[];
  /** Bytes of the pages in which something has changed. */
  bytes: number;
}

/** Bytes that belong to a place. */
export interface Run {
  at: number;
  bytes: Uint8Array<ArrayBuffer>;
}

export interface Content {
  /** As much as was asked for. */
  bytes: Uint8Array<ArrayBuffer>;
  size: number;
}

export type Found = Entry & { path: string };

export interface Search {
  found: Found[];
  /** Files whose content was not looked at, as there is too much. */
  unread: number;
}

export interface Details {
  attributes?: { readonly: boolean; hidden: boolean; system: boolean; archive: boolean };
  /** User attributes of a littlefs 2: type, and bytes in hexadecimal. */
  user?: { type: number; hex: string }[];
}

export interface Block {
  /** Its number, as the format counts. */
  number: number;
  /** From the begin of the image. */
  offset: number;
  bytes: Uint8Array<ArrayBuffer>;
  what: string;
  notes: Note[];
}

export interface Checked {
  format: string;
  findings: Finding[];
  sound: boolean;
  /** Why nothing could be checked. */
  problem?: string;
}

/** A file that the user gives: where it goes, below the directory that it is for. */
export interface Given {
  path: string;
  /** Undefined for a directory. */
  blob?: Blob;
  /** Seconds since 1970. */
  mtime?: number;
}

export interface NewImage extends VolumeOptions {
  name: string;
  /** Bytes, or `auto`. */
  size: number | string;
}
