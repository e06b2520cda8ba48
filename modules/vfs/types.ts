import { expect } from '../contract/errno';
import type { FileSystemType } from '../contract/filesystem';
import * as alone from './alone.lazy';

/** The kinds of file systems that autodetection knows. */
export const types: FileSystemType[] = [];

// Made here it keeps nothing of a call of `register`.
const standAlone = alone.standAlone;

/**
 * Makes a kind of file system known to autodetection. The order of registration is the order of probing, and the first
 * that can format is what `mkfs` makes.
 * @throws TypeError for what has no `probe` and `create`
 * Source: microvfs's own; MicroPython's build fixes the list, ESP-IDF registers drivers by prefix.
 */
export function addDriver(type: FileSystemType): void {
  expect(type && (type as Partial<FileSystemType>).probe && (type as Partial<FileSystemType>).create, 'type');
  if (type.alone === null) type.alone = standAlone;
  if (types.indexOf(type) < 0) types.push(type);
}
