/** What the user of a command can put right: one line, no stack. */
export class UsageError extends Error {}

/** The exit code for that, and for a command line that cannot be used; 1 is for what went wrong at the work itself. */
export const MISUSE = 2;
