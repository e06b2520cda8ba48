/** One after the other: what is asked meanwhile waits, as a volume does one thing at a time. */
export function serial<T extends object>(functions: T): T {
  let last: Promise<unknown> = Promise.resolve();
  return Object.fromEntries(
    Object.entries(functions).map(([name, work]) => [
      name,
      (...args: unknown[]) => {
        const result = last.then(() => work(...args));
        last = result.catch(() => {});
        return result;
      },
    ]),
  ) as T;
}
