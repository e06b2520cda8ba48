/** The bytes that wait for the end of their line, and the engine's own way to print one, if another stands in its place. */
export const consoleState: { _line: Uint8Array | undefined; _log: ((line: string) => void) | undefined } = {
  _line: undefined,
  _log: undefined,
};
