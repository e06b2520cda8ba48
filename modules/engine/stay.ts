/** Parts of a device's bundle that are loaded when a function of theirs is called: files `NAME.lazy.ts`. */

export type PartFunctions = Record<string, (a?: unknown, b?: unknown, c?: unknown, d?: unknown) => unknown>;

export interface LoadedPart {
  _functions: PartFunctions;
  /** How many calls of it are running, and how often it has asked to stay. */
  _uses: number;
}

/** The parts that are there, by their numbers. */
export const loaded: { [part: number]: LoadedPart } = {};

/**
 * A part that calls this stays loaded until it has called `leave` as often. Where everything is in one file it does nothing.
 * @param part the build puts in the number of the part that calls
 */
export function stay(part?: number): void {
  if (part !== undefined) loaded[part]._uses++;
}

export function leave(part?: number): void {
  if (part !== undefined && !--loaded[part]._uses) delete loaded[part];
}
