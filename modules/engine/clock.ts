/** Milliseconds since 1970, 0 on an engine without a clock. */
export function now(): number {
  return typeof Date !== 'undefined' && Date.now ? Date.now() : 0;
}
