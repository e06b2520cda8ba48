/** A serial port whose other end somebody holds: as Espruino's `Serial1`. Written like device code, for the small engines. */

type Listener = (data: string) => void;

export interface SimSerial {
  /** Gets what comes in, and what came while nobody listened. */
  on(event: string, listener: Listener): void;
  removeListener(event: string, listener: Listener): void;
  /** How many bytes came while nobody listened. */
  available(): number;
  read(n: number): string;
  write(data: string | Uint8Array): void;
  /** Comes in: each character is a byte. */
  feed(data: string): void;
  /** What went out, each byte a character. */
  sent: string;
  /** The other end is a place of its own: gives what has come from there since, and takes what goes there. */
  take?: () => string;
  send?: (data: string) => void;
  listeners: Listener[];
}

export function simSerial(): SimSerial {
  let kept = '';
  const port: SimSerial = {
    sent: '',
    listeners: [],
    on: function (event: string, listener: Listener): void {
      if (event !== 'data') return;
      const before = kept;
      port.listeners.push(listener);
      kept = '';
      if (before) listener(before);
    },
    removeListener: function (_event: string, listener: Listener): void {
      const at = port.listeners.indexOf(listener);
      if (at >= 0) port.listeners.splice(at, 1);
    },
    available: function (): number {
      const come = port.take ? port.take() : '';
      if (come) port.feed(come);
      return kept.length;
    },
    read: function (n: number): string {
      const data = kept.substring(0, n);
      kept = kept.substring(n);
      return data;
    },
    write: function (data: string | Uint8Array): void {
      let text = '';
      if (typeof data === 'string') text = data;
      else for (let i = 0; i < data.length; i++) text += String.fromCharCode(data[i]);
      if (port.send) port.send(text);
      else port.sent += text;
    },
    feed: function (data: string): void {
      const told = port.listeners.slice();
      if (!told.length) kept += data;
      for (let i = 0; i < told.length; i++) told[i](data);
    },
  };
  return port;
}
