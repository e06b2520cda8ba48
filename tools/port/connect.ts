/** Which board is meant, and the connection to it. */
import { UsageError } from '../usage';
import { openBluetooth } from './bluetooth';
import { openProgram } from './program';
import { listPorts, openSerial } from './serial';
import type { ByteStream } from './stream';
import { isTerminal, openTerminal } from './terminal';

/** Where a board is. */
export interface PortOptions {
  /** A serial port, a pseudo terminal, or `exec:COMMAND`, a program whose console it is. By default the one board that is there. */
  port?: string;
  /** Bits in a second of a serial port. Default 115,200, which matters where no USB is. */
  baud?: number;
  /** Over Bluetooth: the name or address of the board. */
  bluetooth?: string;
  /** Instead of all that. */
  connect?: () => Promise<ByteStream>;
}

const BAUD = 115200;

/**
 * @param list finds the ports that there are
 * @throws UsageError if there is no board, more than one, or it cannot be opened
 */
export async function connect({ port, baud = BAUD, bluetooth, connect: own }: PortOptions, list = listPorts): Promise<ByteStream> {
  if (own) return own();
  if (bluetooth !== undefined) return openBluetooth(bluetooth);
  const path = port ?? process.env.MICROVFS_PORT ?? (await findBoard(list));
  if (!path.replace(/^exec:/, '').trim()) throw new UsageError(`--port ${path}: give the path of a port, or exec:COMMAND`);
  if (path.startsWith('exec:')) return openProgram(path.slice(5));
  return isTerminal(path) ? openTerminal(path) : openSerial(path, baud);
}

async function findBoard(list: typeof listPorts): Promise<string> {
  const boards = (await list()).filter(({ board }) => board);
  if (boards.length === 1) return boards[0].path;
  if (!boards.length) throw new UsageError('no board was found: --port PATH names its port, --bluetooth NAME one over Bluetooth');
  throw new UsageError(`which board? ${boards.map(({ path }) => `--port ${path}`).join(' or ')}`);
}
