/**
 * Runs something that does not wait as if it were another time: what it writes has that one. The drivers ask `Date.now`, and nobody else
 * is at work meanwhile.
 * @param seconds since 1970; undefined: the time that it is
 */
export function atTime<T>(seconds: number | undefined, work: () => T): T {
  if (seconds === undefined) return work();
  const { now } = Date;
  Date.now = () => seconds * 1000;
  try {
    return work();
  } finally {
    Date.now = now;
  }
}
