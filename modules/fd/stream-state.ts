/** What the standard streams keep. */
export const streamState: {
  /** The engine's own printers, while others stand in their places. */
  _printers: { [key: string]: unknown };
  _printing: boolean;
  /** What has come of a line, by descriptor. */
  _held: (number[] | undefined)[];
} = { _printers: {}, _printing: false, _held: [undefined, undefined, undefined] };
