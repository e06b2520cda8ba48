/** Ports of a browser that a test stands behind: what the page sends comes here, and what is said here goes to the page. */
import type { Page } from 'playwright-core';
import { untilNext } from './page';

/** What is at the other end of a port. */
export interface FarEnd {
  /** The port was opened, with so many bits in a second. */
  open?(baud: number): void;
  hear(bytes: Uint8Array): void | Promise<void>;
  signals?(signals: { dataTerminalReady?: boolean; requestToSend?: boolean }): void;
}

export interface PagePort {
  /** Says something to the page. */
  say(bytes: Uint8Array): void;
  /** Pulls the plug. */
  unplug(): Promise<void>;
  /** Whether the page has the port open. */
  isOpen(): boolean;
}

/** Both stand-ins hand on bytes in base64 by `portHear`; the page gets them by `portSay`. */
const BYTES = `
const encode = (bytes) => btoa(String.fromCharCode(...bytes));
const decode = (text) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
`;

/** `navigator.serial` with one port, as https://wicg.github.io/serial/ has it. */
const SERIAL = `(() => {${BYTES}
let from;
let lock = false;
class Port extends EventTarget {
  readable = null;
  writable = null;
  getInfo() { return { usbVendorId: IDS[0], usbProductId: IDS[1] }; }
  async open({ baudRate }) {
    if (this.readable) throw new DOMException('The port is already open.', 'InvalidStateError');
    if (!baudRate) throw new TypeError('no baudRate');
    await portOpen(baudRate);
    this.readable = new ReadableStream({ start: (controller) => { from = controller; } });
    this.writable = new WritableStream({ write: (bytes) => portHear(encode(bytes)) });
  }
  async setSignals(signals) { await portSignals(signals); }
  async close() {
    if (this.readable?.locked || this.writable?.locked) throw new TypeError('The streams are locked.');
    this.readable = this.writable = from = null;
    await portClose();
  }
}
const port = new Port();
window.portSay = (text) => { try { from?.enqueue(decode(text)); } catch { /* Nobody reads any more. */ } };
window.portUnplug = () => {
  const lost = new DOMException('The device has been lost.', 'NetworkError');
  port.readable = null;
  from.error(lost);
  port.dispatchEvent(new Event('disconnect'));
};
Object.defineProperty(navigator, 'serial', { value: { requestPort: async () => port }, configurable: true });
})()`;

/** `navigator.bluetooth` with a board that has the console of Nordic's UART service, 20 bytes at a time. */
const BLUETOOTH = `(() => {${BYTES}
const SERVICE = '6e400001-b5a3-f393-e0a9-e50e24dcca9e';
const device = Object.assign(new EventTarget(), { name: 'Puck.js 1a2b' });
const to = {
  properties: { writeWithoutResponse: true },
  writeValueWithoutResponse: async (bytes) => {
    if (bytes.length > 20) throw new DOMException('too long', 'NetworkError');
    await portHear(encode(bytes));
  },
};
let notifying = false;
const from = Object.assign(new EventTarget(), { value: null, startNotifications: async () => { notifying = true; } });
const characteristics = { '6e400002-b5a3-f393-e0a9-e50e24dcca9e': to, '6e400003-b5a3-f393-e0a9-e50e24dcca9e': from };
device.gatt = {
  connect: async () => {
    await portOpen(0);
    return device.gatt;
  },
  disconnect: () => {
    portClose();
    device.dispatchEvent(new Event('gattserverdisconnected'));
  },
  getPrimaryService: async (uuid) => {
    if (uuid !== SERVICE) throw new DOMException('no service', 'NotFoundError');
    return { getCharacteristic: async (one) => characteristics[one] };
  },
};
window.portSay = (text) => {
  const bytes = decode(text);
  for (let at = 0; notifying && at < bytes.length; at += 20) {
    const part = bytes.slice(at, at + 20);
    from.value = new DataView(part.buffer);
    from.dispatchEvent(new Event('characteristicvaluechanged'));
  }
};
window.portUnplug = () => device.dispatchEvent(new Event('gattserverdisconnected'));
const requestDevice = async ({ optionalServices }) => {
  if (!optionalServices.includes(SERVICE)) throw new DOMException('no service was asked for', 'SecurityError');
  return device;
};
Object.defineProperty(navigator, 'bluetooth', { value: { requestDevice }, configurable: true });
})()`;

/** The page begins anew with the stand-in. @param ids vendor and product of the port, as USB has them */
async function standIn(page: Page, script: string, far: FarEnd): Promise<PagePort> {
  let open = false;
  let waiting: Uint8Array[] = [];
  let saying = false;
  const expose = (name: string, what: (argument: never) => unknown) => untilNext(page, page.exposeFunction(name, what));
  await expose('portOpen', (baud: number) => {
    open = true;
    far.open?.(baud);
  });
  await expose('portClose', () => {
    open = false;
  });
  await expose('portHear', (text: string) => far.hear(Buffer.from(text, 'base64')));
  await expose('portSignals', (signals: object) => far.signals?.(signals));
  await untilNext(page, page.addInitScript(script));
  await page.reload();
  await page.locator('main > *').first().waitFor();
  const flush = async (): Promise<void> => {
    saying = true;
    while (waiting.length) {
      const text = Buffer.concat(waiting).toString('base64');
      waiting = [];
      await page.evaluate(`portSay('${text}')`);
    }
    saying = false;
  };
  return {
    say(bytes) {
      waiting.push(bytes);
      // What is said meanwhile goes with the next.
      if (!saying) flush().catch(() => {});
    },
    unplug: async () => {
      await page.evaluate('portUnplug()');
    },
    isOpen: () => open,
  };
}

export function serialPort(page: Page, far: FarEnd, [vendor, product] = [0x2e8a, 0x000a]): Promise<PagePort> {
  return standIn(page, SERIAL.replace('IDS[0]', String(vendor)).replace('IDS[1]', String(product)), far);
}

export function bluetoothPort(page: Page, far: FarEnd): Promise<PagePort> {
  return standIn(page, BLUETOOTH, far);
}
