/** Boards are connected: what speaks to them is loaded then. */
import { SERVICE } from '../../../port/nordic-uart';
import type { ByteStream } from '../../../port/stream';
import { chipLost } from './chip-state';
import { chip, choosing, explored, live, progress } from './explored';
import { changes, disconnect, doing, image, say, show } from './state';

const CHROME = 'Chrome and Edge on a computer have it';

/** Why a way to a board is closed; '' where it is open. */
export const noSerial = 'serial' in navigator ? '' : without('Web Serial', 'a serial port');
export const noBluetooth = 'bluetooth' in navigator ? '' : without('Web Bluetooth', 'Bluetooth');

function without(api: string, way: string): string {
  if (!isSecureContext) return `Browsers give ${way} to pages over https only.`;
  return `This browser has no ${api}; ${CHROME}. The command line has it without a browser: microvfs ls --${way === 'Bluetooth' ? 'bluetooth NAME' : 'port PATH'} :/`;
}

/** Asks which one is meant. @returns undefined if none is chosen */
export async function chosen<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if ((error as Error).name !== 'NotFoundError') say((error as Error).message, true);
    return undefined;
  }
}

export async function connectSerial(): Promise<void> {
  const port = await chosen(() => navigator.serial.requestPort());
  if (port) await connect(async () => (await import('../port/web-serial')).openWebSerial(port));
}

/** Names that boards with Espruino advertise; not all name their service beside. */
const NAMES = ['Bangle.js', 'Espruino', 'MDBT42Q', 'Pixl.js', 'Puck.js', 'Jolt.js', 'Thingy', 'RuuviTag', 'iTracker', 'Smartibot', 'Badge'];

export async function connectBluetooth(): Promise<void> {
  const filters = [{ services: [SERVICE] }, ...NAMES.map((namePrefix) => ({ namePrefix }))];
  const device = await chosen(() => navigator.bluetooth.requestDevice({ filters, optionalServices: [SERVICE] }));
  if (device) await connect(async () => (await import('../port/web-bluetooth')).openWebBluetooth(device));
}

/** Starts the boot loader of an ESP32, and asks what of its flash is meant. */
export async function connectChip(): Promise<void> {
  const port = await chosen(() => navigator.serial.requestPort());
  if (!port) return;
  await doing('starting the boot loader', async () => {
    await disconnect();
    const { openChip } = await import('../port/esp-chip');
    chip.value = await openChip(port, chipLost);
    choosing.value = true;
  });
}

async function connect(open: () => Promise<ByteStream>): Promise<void> {
  await doing('connecting', async () => {
    await disconnect();
    const { attach } = await import('../port/attach');
    const board = await attach(await open(), {
      progress: (done, total) => {
        progress.value = done / total;
      },
      lost: (title) => {
        if (live.value !== board) return;
        image.value = undefined;
        changes.value = { labels: [], bytes: 0 };
        disconnect();
        say(`The connection to ${title} was lost.`, true);
      },
    });
    live.value = explored.value = board;
    await show(await board.opened());
  });
}
