/** What has to do with work that takes long, and with what went on beside it. */
export interface Report {
  /** So much of the work is done, in whatever units `total` is in. */
  progress?(done: number, total: number, what: string): void;
  /** What was done, or not: a line. */
  note?(line: string): void;
}
