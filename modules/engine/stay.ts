/** Parts of a device's bundle that are loaded when a function of theirs is called: files `NAME.lazy.ts`. */

/** A part, or what several parts share. */
export interface LoadedSection {
  /** Its place in the file of parts: what it needs, and its functions. */
  _text: string;
  /** How many calls of it, and sections that need it, are at work, and how often it has asked to stay. */
  _uses: number;
  /** Takes its functions away. */
  _drop(section: number, there: boolean): void;
}

/** The sections that are there, by their numbers. */
export const loaded: { [section: number]: LoadedSection } = {};

/**
 * A part that calls this stays loaded until it has called `leave` as often. Where everything is in one file it does nothing.
 * @param part the build puts in the number of the part that calls
 */
export function stay(part?: number): void {
  if (part !== undefined) loaded[part]._uses++;
}

export function leave(part?: number): void {
  if (part !== undefined && !--loaded[part]._uses) loaded[part]._drop(part, false);
}
