/** What waits for the end of its line, and the engine's own way to print one, if another stands in its place. */
export const consoleState: { _line: string; _log: ((line: string) => void) | undefined } = { _line: '', _log: undefined };
