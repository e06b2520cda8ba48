/** The terminal of this computer as that of a board. */
import { UsageError } from '../usage';
import { type ByteStream, Line } from './stream';

/** Ctrl-] and Ctrl-D leave. */
const LEAVE = [0x1d, 0x04];

/** What a board may take, in milliseconds, to answer what was piped in. */
const REST = 700;

/** A terminal, or what is piped in. */
type Input = NodeJS.ReadableStream & { isTTY?: boolean; setRawMode?(on: boolean): unknown };

/**
 * Hands on what is typed, and what the board says, until somebody leaves or the connection ends.
 * @throws UsageError if it ends by itself
 */
export async function passThrough(
  stream: ByteStream,
  input: Input = process.stdin,
  output: NodeJS.WritableStream = process.stdout,
): Promise<void> {
  const line = new Line(stream);
  line.onData((bytes) => output.write(bytes));
  const tty = !!input.isTTY;
  if (tty) input.setRawMode?.(true);
  try {
    await new Promise<void>((done, failed) => {
      let resting: NodeJS.Timeout | undefined;
      stream.onEnd(() => failed(new UsageError(`${stream.title}: the connection was lost`)));
      input.on('data', (bytes: Buffer) => {
        const leaves = bytes.findIndex((byte) => LEAVE.includes(byte));
        const typed = leaves < 0 ? bytes : bytes.subarray(0, leaves);
        // Consoles take Return as it is typed; piped lines end otherwise.
        const sent = tty ? typed : Buffer.from(typed.toString('latin1').replace(/\r?\n/g, '\r'), 'latin1');
        line.send(sent).then(() => leaves >= 0 && done(), failed);
      });
      input.on('end', () => {
        // The board goes on for a while, and longer as long as it has something to say.
        const rest = (): void => {
          clearTimeout(resting);
          resting = setTimeout(done, REST);
        };
        line.onData((bytes) => {
          output.write(bytes);
          rest();
        });
        rest();
      });
      input.resume();
    });
  } finally {
    if (tty) input.setRawMode?.(false);
    input.pause();
    input.removeAllListeners('data').removeAllListeners('end');
    await line.close();
  }
}
