/** A connection that is open becomes a board that is explored. */
import { BoardConsole } from '../../../port/console';
import type { ByteStream } from '../../../port/stream';
import type { LiveBoard } from '../view/explored';
import { liveBoard } from './live-board';

export interface Watch {
  /** Is told how much of what is added has gone. */
  progress(done: number, total: number): void;
  /** The connection has ended by itself. */
  lost(title: string): void;
}

/** @throws Error if no console answers */
export async function attach(stream: ByteStream, { progress, lost }: Watch): Promise<LiveBoard> {
  const console = await BoardConsole.open(stream);
  stream.onEnd(() => lost(stream.title));
  return liveBoard(console, progress);
}
