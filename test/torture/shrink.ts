/** Makes a failing list smaller, by delta debugging: ever smaller pieces of it are left out as long as it still fails. */
export interface Shrunk<T> {
  steps: T[];
  message: string | undefined;
}

/** @param fails what goes wrong with a list, undefined if nothing does */
export function shrink<T>(list: readonly T[], fails: (list: T[]) => string | undefined, milliseconds: number): Shrunk<T> {
  const end = Date.now() + milliseconds;
  let steps = list.slice();
  let message = fails(steps);
  if (message === undefined) return { steps, message };
  for (let size = steps.length >> 1; size >= 1; ) {
    let smaller = false;
    for (let at = 0; at < steps.length && Date.now() < end; ) {
      const fewer = [...steps.slice(0, at), ...steps.slice(at + size)];
      const now = fails(fewer);
      if (now === undefined) at += size;
      else {
        steps = fewer;
        message = now;
        smaller = true;
      }
    }
    if (Date.now() >= end) break;
    if (!smaller || size > 1) size = size > 1 ? size >> 1 : smaller ? 1 : 0;
  }
  return { steps, message };
}
