/** A console over Bluetooth: Nordic's UART service, through the library `@stoprocent/noble`, which need not be there. */
import { createRequire } from 'node:module';
import { UsageError } from '../usage';
import * as uart from './nordic-uart';
import type { ByteStream } from './stream';

/** As the library writes them. */
const [SERVICE, TO_BOARD, FROM_BOARD] = [uart.SERVICE, uart.TO_BOARD, uart.FROM_BOARD].map((uuid) => uuid.replaceAll('-', ''));

/** So long, in milliseconds, a board is looked for. */
const SEARCH = 10000;

/** What is used of the library. */
export interface Noble {
  waitForPoweredOnAsync(timeout?: number): Promise<void>;
  startScanningAsync(services: string[], duplicates: boolean): Promise<void>;
  stopScanningAsync(): Promise<void>;
  on(event: 'discover', take: (peripheral: Peripheral) => void): unknown;
  removeListener(event: 'discover', take: (peripheral: Peripheral) => void): unknown;
  stop?(): void;
}

interface Peripheral {
  id: string;
  address: string;
  advertisement: { localName?: string };
  connectAsync(): Promise<void>;
  disconnectAsync(): Promise<void>;
  discoverSomeServicesAndCharacteristicsAsync(
    services: string[],
    characteristics: string[],
  ): Promise<{ characteristics: Characteristic[] }>;
  once(event: 'disconnect', take: () => void): unknown;
}

interface Characteristic {
  uuid: string;
  properties: string[];
  subscribeAsync(): Promise<void>;
  writeAsync(data: Uint8Array, withoutResponse: boolean): Promise<void>;
  on(event: 'data', take: (data: Uint8Array) => void): unknown;
}

/** @throws UsageError that says what to install */
function library(): Noble {
  try {
    const found = createRequire(import.meta.url)('@stoprocent/noble');
    return found.default ?? found;
  } catch {
    throw new UsageError("Bluetooth needs the library '@stoprocent/noble': npm install @stoprocent/noble");
  }
}

/** A board that was seen. */
export interface Advertised {
  name: string;
  address: string;
}

const nameOf = ({ advertisement, address, id }: Peripheral): string => advertisement.localName || address || id;

/** Looks at boards that advertise themselves until one is taken, or it has taken too long. */
async function search(noble: Noble, milliseconds: number, take: (peripheral: Peripheral) => boolean): Promise<Peripheral | undefined> {
  try {
    await noble.waitForPoweredOnAsync(milliseconds);
  } catch (error) {
    throw new UsageError(`Bluetooth is not there, or off: ${(error as Error).message}`);
  }
  let listener: (peripheral: Peripheral) => void = () => {};
  let timer: NodeJS.Timeout | undefined;
  const found = new Promise<Peripheral | undefined>((done) => {
    timer = setTimeout(() => done(undefined), milliseconds);
    listener = (peripheral) => {
      if (take(peripheral)) done(peripheral);
    };
    noble.on('discover', listener);
  });
  try {
    await noble.startScanningAsync([], false);
    return await found;
  } finally {
    clearTimeout(timer);
    noble.removeListener('discover', listener);
    await noble.stopScanningAsync();
  }
}

/** Boards that advertise themselves with a name. @throws UsageError without the library, or Bluetooth */
export async function listBluetooth(noble = library(), milliseconds = SEARCH / 2): Promise<Advertised[]> {
  const seen: Advertised[] = [];
  await search(noble, milliseconds, (peripheral) => {
    if (peripheral.advertisement.localName) seen.push({ name: nameOf(peripheral), address: peripheral.address || peripheral.id });
    return false;
  });
  noble.stop?.();
  return seen;
}

/**
 * @param name as the board advertises itself, `Puck.js 1a2b`, or its address
 * @throws UsageError if there is none of that name, or it has no console
 */
export async function openBluetooth(name: string, noble = library(), milliseconds = SEARCH): Promise<ByteStream> {
  const wanted = name.toLowerCase();
  const board = await search(noble, milliseconds, (peripheral) =>
    [peripheral.advertisement.localName, peripheral.address, peripheral.id].some((one) => one?.toLowerCase() === wanted),
  );
  if (!board) {
    noble.stop?.();
    throw new UsageError(`${name}: no board of that name was seen over Bluetooth; one that is connected elsewhere is not`);
  }
  await board.connectAsync();
  const { characteristics } = await board.discoverSomeServicesAndCharacteristicsAsync([SERVICE], [TO_BOARD, FROM_BOARD]);
  const [to, from] = [TO_BOARD, FROM_BOARD].map((uuid) => characteristics.find((one) => one.uuid === uuid));
  if (!to || !from) {
    await board.disconnectAsync();
    noble.stop?.();
    throw new UsageError(`${nameOf(board)} has no console: no Nordic UART service`);
  }
  // Each write is answered where the board can do no other; a lost one would be told by a sum.
  const unanswered = to.properties.includes('writeWithoutResponse');
  await from.subscribeAsync();
  return {
    title: nameOf(board),
    chunk: uart.CHUNK,
    patience: uart.PATIENCE,
    write: (bytes) => to.writeAsync(Buffer.from(bytes), unanswered),
    onData: (take) => void from.on('data', take),
    onEnd: (take) => void board.once('disconnect', () => take()),
    async close() {
      await board.disconnectAsync();
      noble.stop?.();
    },
  };
}
