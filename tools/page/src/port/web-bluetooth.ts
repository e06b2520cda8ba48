/** A console over Bluetooth: Nordic's UART service. */
import { CHUNK, FROM_BOARD, PATIENCE, SERVICE, TO_BOARD } from '../../../port/nordic-uart';
import type { ByteStream } from '../../../port/stream';

/** @throws Error if it cannot be connected, or has no console */
export async function openWebBluetooth(device: BluetoothDevice): Promise<ByteStream> {
  const server = await device.gatt?.connect();
  if (!server) throw new Error(`${device.name}: it cannot be connected`);
  let to: BluetoothRemoteGATTCharacteristic;
  let from: BluetoothRemoteGATTCharacteristic;
  try {
    const service = await server.getPrimaryService(SERVICE);
    to = await service.getCharacteristic(TO_BOARD);
    from = await service.getCharacteristic(FROM_BOARD);
    await from.startNotifications();
  } catch (error) {
    server.disconnect();
    throw new Error(`${device.name} has no console over Bluetooth: ${(error as Error).message}`);
  }
  // Each write is answered where the board can do no other; a lost one would be told by a sum.
  const unanswered = to.properties.writeWithoutResponse;
  return {
    title: device.name ?? 'board',
    chunk: CHUNK,
    patience: PATIENCE,
    write: (bytes) => {
      const own = Uint8Array.from(bytes);
      return unanswered ? to.writeValueWithoutResponse(own) : to.writeValueWithResponse(own);
    },
    onData: (take) => {
      from.addEventListener('characteristicvaluechanged', () => {
        const { value } = from;
        if (value) take(new Uint8Array(value.buffer, value.byteOffset, value.byteLength).slice());
      });
    },
    onEnd: (end) => device.addEventListener('gattserverdisconnected', () => end(), { once: true }),
    async close() {
      server.disconnect();
    },
  };
}
