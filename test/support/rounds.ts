/** How far tests go that draw what they do: `ROUNDS=10 npm test -- overlay`, ten times as far as by themselves. */
export const rounds = (n: number): number => Math.ceil(n * Number(process.env.ROUNDS ?? 1));
