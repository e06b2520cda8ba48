/** Serial ports that a test feeds. */
import type { SerialPort } from '../../modules/devfs/uart.lazy';

export interface FedPort extends SerialPort {
  /** What comes in. */
  feed(data: string): void;
  /** What went out. */
  sent: string;
  listeners: ((data: string | Uint8Array) => void)[];
}

/** As Espruino's: with `data` events, and what came while nobody listened. */
export function port(): FedPort {
  let kept = '';
  const one: FedPort = {
    sent: '',
    listeners: [],
    feed(data) {
      if (one.listeners.length) for (const listener of [...one.listeners]) listener(data);
      else kept += data;
    },
    write: (data) => {
      one.sent += Buffer.from(data).toString('latin1');
    },
    on: (_event, listener) => one.listeners.push(listener),
    removeListener: (_event, listener) => one.listeners.splice(one.listeners.indexOf(listener), 1),
    available: () => kept.length,
    read: (n) => {
      const data = kept.substring(0, n);
      kept = kept.substring(n);
      return data;
    },
  };
  return one;
}
