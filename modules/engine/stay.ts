/** Parts of a device's bundle that are loaded when a function of theirs is called: files `NAME.lazy.ts`. */

/**
 * The sections of the file of parts that are there, by their numbers: how many calls of them, and sections that need them, are at
 * work, and how often they have asked to stay. A number and its key are one variable on Espruino.
 */
export const uses: { [section: number]: number } = {};

/** What takes the functions of a section away; `on-demand.ts` puts it here. */
export const loader: { _exchange?: (section: number, there: boolean) => void } = {};

/**
 * A part that calls this stays loaded until it has called `leave` as often. Where everything is in one file it does nothing.
 * @param part the build puts in the number of the part that calls
 */
export function stay(part?: number): void {
  if (part !== undefined) uses[part]++;
}

export function leave(part?: number): void {
  if (part !== undefined && !--uses[part]) (loader._exchange as (section: number, there: boolean) => void)(part, false);
}
