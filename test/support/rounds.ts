/**
 * How far tests go that draw what they do, or cut the power at each step of it: `ROUNDS=3 npm test -- overlay`, three times as far
 * as by themselves. It is what `.ci/run` does.
 */
const ROUNDS = Number(process.env.ROUNDS ?? 1);

/** So many of what is drawn. */
export const rounds = (n: number): number => Math.ceil(n * ROUNDS);

/** Of steps that are many, one in `n` is tried; all with `ROUNDS=n`. */
export const oneIn = (n: number): number => Math.max(1, Math.round(n / ROUNDS));
