/** A console over a serial port of the browser. */
import type { ByteStream } from '../../../port/stream';
import { usbTitle } from '../../../port/usb';

/** Bits in a second, which matters where no USB is. */
const BAUD = 115200;

/** Room for what a board says while the page is busy. */
const BUFFER = 65536;

/** Errors after which the port goes on with another stream. */
const PASSING = ['BufferOverrunError', 'BreakError', 'FramingError', 'ParityError'];

const hex = (id: number | undefined): string | undefined => id?.toString(16).padStart(4, '0');

export function serialTitle(port: SerialPort): string {
  const { usbVendorId, usbProductId } = port.getInfo();
  return usbTitle(hex(usbVendorId), hex(usbProductId)) ?? 'serial port';
}

/** @throws Error if it cannot be opened */
export async function openWebSerial(port: SerialPort): Promise<ByteStream> {
  try {
    await port.open({ baudRate: BAUD, bufferSize: BUFFER });
  } catch (error) {
    throw new Error(`The port cannot be opened; another program or page may have it: ${(error as Error).message}`);
  }
  const writer = (port.writable as WritableStream<Uint8Array>).getWriter();
  let take: (bytes: Uint8Array) => void = () => {};
  const ends: ((error?: Error) => void)[] = [];
  let stop: () => Promise<unknown> = async () => {};
  let open = true;
  const read = async (): Promise<void> => {
    let failed: Error | undefined;
    while (open && port.readable) {
      const reader = port.readable.getReader();
      stop = () => reader.cancel();
      try {
        for (;;) {
          const { value, done } = await reader.read();
          if (done) return;
          take(value);
        }
      } catch (error) {
        failed = error as Error;
        if (!PASSING.includes(failed.name)) return;
      } finally {
        reader.releaseLock();
      }
    }
  };
  const reading = read().then(() => {
    if (open) for (const end of ends) end();
  });
  return {
    title: serialTitle(port),
    // What a board has room for beyond where it says stop.
    chunk: 128,
    // Eight bits with start and stop.
    rate: BAUD / 10,
    write: (bytes) => writer.write(bytes),
    onData: (one) => {
      take = one;
    },
    onEnd: (end) => void ends.push(end),
    async close() {
      if (!open) return;
      open = false;
      await stop().catch(() => {});
      await reading;
      writer.releaseLock();
      await port.close().catch(() => {});
    },
  };
}
