/** What the user of a command can put right: one line, no stack. */
export class UsageError extends Error {}

/** What has failed, through no fault of whoever asked: one line, no stack. */
export class FailedError extends Error {}

/** Exit code: the work itself went wrong, or a check or a comparison has found something. */
export const FAILED = 1;

/** Exit code for that, and for a command line that cannot be used. */
export const MISUSE = 2;
