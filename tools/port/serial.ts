/** Serial ports, through the library `serialport`, which need not be there. */
import { createRequire } from 'node:module';
import { UsageError } from '../usage';
import type { ByteStream } from './stream';
import { usbTitle } from './usb';

/** A port that the system has. */
export interface PortInfo {
  path: string;
  /** What is known of it, for people. */
  title: string;
  /** Whether it looks like a board: by its USB numbers one of Espruino's, or a chip that boards have. */
  board: boolean;
  serialNumber?: string;
}

/** What the library tells of a port. */
export interface Listed {
  path: string;
  vendorId?: string;
  productId?: string;
  manufacturer?: string;
  serialNumber?: string;
}

/** What is used of the library. */
interface Port {
  isOpen: boolean;
  write(data: Uint8Array, done: (error?: Error | null) => void): unknown;
  drain(done: (error?: Error | null) => void): void;
  on(event: 'data', take: (bytes: Uint8Array) => void): this;
  on(event: 'close' | 'error', take: (error?: Error | null) => void): this;
  close(done: () => void): void;
}

interface Library {
  SerialPort: {
    new (options: { path: string; baudRate: number; hupcl: boolean; xon: boolean }, opened: (error?: Error | null) => void): Port;
    list(): Promise<Listed[]>;
  };
}

/** @throws UsageError that says what to install */
function library(): Library {
  try {
    return createRequire(import.meta.url)('serialport');
  } catch {
    throw new UsageError("serial ports need the library 'serialport': npm install serialport");
  }
}

/** What a port of the system is, by its USB numbers. */
export function describe({ path, vendorId, productId, manufacturer, serialNumber }: Listed): PortInfo {
  const known = usbTitle(vendorId, productId);
  const title = known ?? manufacturer ?? 'serial port';
  return { path, title, board: !!known, ...(serialNumber && { serialNumber }) };
}

/** The ports on USB, boards first. @throws UsageError without the library */
export async function listPorts(): Promise<PortInfo[]> {
  const ports = (await library().SerialPort.list()).filter(({ vendorId }) => vendorId);
  return ports.map(describe).sort((a, b) => Number(b.board) - Number(a.board));
}

const MEANING: [RegExp, string][] = [
  [/no such file|file not found/i, "no such port; 'microvfs devices' lists those that are there"],
  [/permission denied|access denied/i, 'permission denied; on Linux your user has to be in the group dialout'],
  [/lock|busy|temporarily unavailable/i, 'another program has it open'],
];

/** @param baud bits in a second @throws UsageError if it cannot be opened */
export function openSerial(path: string, baud: number): Promise<ByteStream> {
  const { SerialPort } = library();
  return new Promise((done, failed) => {
    // The driver stops at XOFF by itself; and no port is reset by hanging up.
    const port: Port = new SerialPort({ path, baudRate: baud, hupcl: false, xon: true }, (error) => {
      if (!error) return done(streamOf(port, path, baud));
      const meaning = MEANING.find(([pattern]) => pattern.test(error.message))?.[1] ?? error.message;
      failed(new UsageError(`${path}: ${meaning}`));
    });
  });
}

function streamOf(port: Port, path: string, baud: number): ByteStream {
  return {
    title: path,
    // What a board has room for beyond where it says stop.
    chunk: 128,
    // Eight bits with start and stop.
    rate: baud / 10,
    write: (bytes) =>
      new Promise((done, failed) => {
        port.write(Buffer.from(bytes), (error) => {
          if (error) failed(error);
          else port.drain((late) => (late ? failed(late) : done()));
        });
      }),
    onData: (take) => void port.on('data', take),
    onEnd: (take) => void port.on('close', (error) => take(error ?? undefined)).on('error', (error) => take(error ?? undefined)),
    close: () =>
      new Promise((done) => {
        if (port.isOpen) port.close(() => done());
        else done();
      }),
  };
}
