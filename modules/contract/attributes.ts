/** Attributes that FAT and exFAT keep of a file or directory: bits of one byte of its entry in both. */

import { flag } from './arguments';
import { EINVAL, vfsError } from './errno';
import type { Attributes, DirEntry, DirIterator } from './filesystem';

/** Each name with its bit. */
const NAMES = ['readonly', 1, 'hidden', 2, 'system', 4, 'archive', 32];

export function attributesOf(bits: number): Attributes {
  const named: Record<string, boolean> = {};
  for (let i = 0; i < NAMES.length; i += 2) named[NAMES[i]] = !!(bits & (NAMES[i + 1] as number));
  return named as unknown as Attributes;
}

/** The bits with the attributes changed that are named. @throws EINVAL for another name; TypeError for what is no boolean */
export function changeBits(bits: number, changes: Partial<Attributes>, path: string): number {
  const given = changes as Record<string, unknown>;
  for (const name in given) {
    const i = NAMES.indexOf(name);
    if (i < 0) throw vfsError(EINVAL, 'setAttributes', path, 'no attribute ' + name);
    const bit = NAMES[i + 1] as number;
    if (given[name] !== undefined) bits = flag(given[name], name) ? bits | bit : bits & ~bit;
  }
  return bits;
}

/** A listing whose entries have a fifth item, of the bits of the entry that was found last. */
export function attributed(listing: DirIterator, bits: () => number): DirIterator {
  return {
    next: function () {
      const step = listing.next();
      if (!step.done) (step.value as DirEntry).push(attributesOf(bits()));
      return step;
    },
  };
}
