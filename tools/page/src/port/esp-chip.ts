/** The flash of an ESP32, whatever runs on that: its boot loader reads and writes it, through `esptool-js`. */
import { ESPLoader, type FlashSizeValues, Transport } from 'esptool-js';
import { md5 } from '../../../md5';
import type { PartitionEntry } from '../../../partition-entry';
import { readPartitionTable, TABLE_OFFSET } from '../../../partition-table';
import type { Chip, Told } from '../view/explored';
import type { Run } from '../worker/api';

/** Bits in a second, once the stub runs; what a chip does not take is found out by the library. */
const BAUD = 460800;
const ROM_BAUD = 115200;

/** What is read at once: the stub tells the MD5 of each. */
const PIECE = 32768;
const ATTEMPTS = 3;
const DIGEST_PATIENCE = 3000;

/** Out of the boot loader: the reset line, with GPIO0 left alone. */
const RUN = 'D0|R1|W100|R0';

const SILENT = { clean: () => {}, write: () => {}, writeLine: () => {} };

const hexOf = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** Starts the chip's boot loader and puts the stub of the library there. @throws Error if it does not answer */
export async function openChip(port: SerialPort, lost: () => void): Promise<Chip> {
  const transport = new Transport(port);
  const loader = new ESPLoader({ transport, baudrate: BAUD, romBaudrate: ROM_BAUD, terminal: SILENT });
  let pull: (error: Error) => void = () => {};
  const gone = new Promise<never>((_, fail) => {
    pull = fail;
  });
  // Whether or not somebody waits for it.
  gone.catch(() => {});
  const unplugged = (): void => {
    pull(new Error('The connection was lost'));
    lost();
  };
  port.addEventListener('disconnect', unplugged);
  /** What the library waits for, which may be minutes, ends with the connection. */
  const held = <T>(work: Promise<T>): Promise<T> => Promise.race([work, gone]);
  const close = async (): Promise<void> => {
    port.removeEventListener('disconnect', unplugged);
    pull(new Error('The chip was let go of'));
    if (port.writable) await loader.after('custom_reset', undefined, RUN).catch(() => {});
    if (port.readable) await transport.disconnect().catch(() => {});
  };
  try {
    const title = await held(loader.main());
    if (loader.secureDownloadMode) throw new Error('its secure download mode lets nobody read its flash');
    if (!loader.IS_STUB) throw new Error(`there is no program for the ${title} that reads its flash`);
    const size = loader.flashSizeBytes(((await held(loader.detectFlashSize())) ?? '') as FlashSizeValues);
    if (!(size > 0)) throw new Error('its flash does not tell its size');
    const read = (offset: number, length: number, told: Told): Promise<Uint8Array<ArrayBuffer>> =>
      held(readAll(loader, transport, offset, length, told));
    return { title, size, ...(await tableOf(read)), read, write: (runs, told) => held(writeAll(loader, runs, told)), close };
  } catch (error) {
    await close();
    throw told(error as Error);
  }
}

/** What can be done about it. */
function told(error: Error): Error {
  if (/^Failed to connect/.test(error.message))
    return new Error('The boot loader does not answer. Hold the BOOT button, press and release RESET, and connect again.');
  return error instanceof DOMException
    ? new Error(`The port cannot be opened; another program or page may have it: ${error.message}`)
    : error;
}

async function tableOf(
  read: (offset: number, length: number, told: Told) => Promise<Uint8Array>,
): Promise<{ partitions: PartitionEntry[]; problem?: string }> {
  try {
    const table = readPartitionTable(await read(TABLE_OFFSET, 0xc00, () => {}));
    return table ? { partitions: table.sort((a, b) => a.offset - b.offset) } : { partitions: [], problem: 'There is no partition table.' };
  } catch (error) {
    return { partitions: [], problem: `${(error as Error).message}.` };
  }
}

async function readAll(loader: ESPLoader, transport: Transport, offset: number, length: number, told: Told) {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += PIECE) {
    const size = Math.min(PIECE, length - at);
    bytes.set(await readPiece(loader, transport, offset + at, size), at);
    told(at + size, length);
  }
  return bytes;
}

/** With the digest that follows it, which the library leaves for whoever asks next. */
async function readPiece(loader: ESPLoader, transport: Transport, at: number, size: number) {
  for (let attempt = 1; ; attempt++) {
    const bytes = await loader.readFlash(at, size);
    const digest = await transport.read(DIGEST_PATIENCE);
    if (hexOf(md5(bytes)) === hexOf(digest)) return bytes;
    if (attempt === ATTEMPTS) throw new Error(`what arrives is not what the flash holds at 0x${at.toString(16)}`);
  }
}

/** Each run is read back by its MD5. */
async function writeAll(loader: ESPLoader, runs: Run[], told: Told): Promise<void> {
  const total = runs.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const before = (index: number): number => runs.slice(0, index).reduce((sum, { bytes }) => sum + bytes.length, 0);
  await loader.writeFlash({
    fileArray: runs.map(({ at, bytes }) => ({ address: at, data: bytes })),
    flashMode: 'keep',
    flashFreq: 'keep',
    flashSize: 'keep',
    eraseAll: false,
    compress: true,
    calculateMD5Hash: (bytes) => hexOf(md5(bytes)),
    // What is sent is compressed.
    reportProgress: (index, sent, all) => told(before(index) + (sent / all) * runs[index].bytes.length, total),
  });
}
