/** Connections to boards: which port is meant, serial ports, programs, Bluetooth, and the terminal that is handed on. */
import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RAMBlockDev } from '../modules/blockdev/ram';
import { VfsLfs2 } from '../modules/littlefs2';
import * as vfs from '../modules/vfs';
import { cp, ls } from '../tools';
import { packagePath } from '../tools/dist';
import { listBluetooth, type Noble, openBluetooth } from '../tools/port/bluetooth';
import { connect } from '../tools/port/connect';
import { passThrough } from '../tools/port/passthrough';
import { describe, openSerial, type PortInfo } from '../tools/port/serial';
import type { ByteStream } from '../tools/port/stream';
import { hasSocat, programOnPort } from './support/board-port';
import { StandInBoard } from './support/stand-in-board';

delete process.env.MICROVFS_PORT;

const messageOf = (work: Promise<unknown>): Promise<string> => work.then(String, (error: Error) => error.message);
const soon = (milliseconds = 20) => new Promise((done) => setTimeout(done, milliseconds));

test('without --port it is the one board that is there; else it is said what to do', async () => {
  const port = (path: string, board: boolean): PortInfo => ({ path, board, title: 'port' });
  const list = async (...ports: PortInfo[]) => messageOf(connect({}, async () => ports));
  assert.match(await list(), /^no board was found: --port PATH names its port, --bluetooth NAME/);
  assert.match(await list(port('/dev/ttyUSB7', false)), /^no board was found/);
  assert.match(await list(port('/dev/no1', true), port('/dev/no2', true)), /^which board\? --port \/dev\/no1 or --port \/dev\/no2$/);
  // It is opened, and not there.
  assert.match(await list(port('/dev/no1', true), port('/dev/no2', false)), /^\/dev\/no1: no such port|npm install serialport/);
});

test('boards are known by their USB numbers', () => {
  const known = (vendorId: string, productId: string) => {
    const { title, board } = describe({ path: 'p', vendorId, productId, manufacturer: 'maker' });
    return [title, board];
  };
  assert.equal(known('0483', '5740'), ['Espruino board', true]);
  assert.equal(known('2E8A', '000A'), ['Raspberry Pi Pico', true]);
  assert.equal(known('1a86', '7523'), ['CH340 serial chip', true]);
  assert.equal(known('0483', '3748'), ['maker', false]);
});

test('a program is a board: what is written is its input, what it prints comes back, and it ends with the connection', async () => {
  const stream = await connect({ port: `exec:${process.execPath} -e "process.stdin.pipe(process.stdout)"` });
  let heard = '';
  let ended = false;
  stream.onData((bytes) => {
    heard += Buffer.from(bytes).toString();
  });
  stream.onEnd(() => {
    ended = true;
  });
  await stream.write(Buffer.from('to and fro'));
  for (let i = 0; i < 200 && heard.length < 10; i++) await soon();
  await stream.close();
  assert.equal([heard, ended], ['to and fro', true]);
});

test('a port that is named by nothing is said so, and a program that ends at once, or is none, is no console', async () => {
  for (const port of ['', 'exec:', 'exec:  '])
    assert.match(await messageOf(connect({ port })), /^--port .*: give the path of a port, or exec:COMMAND$/);
  for (const command of ['true', 'false', 'exit 3', 'exec 0<&-; sleep 0.2']) {
    const started = Date.now();
    assert.is(await messageOf(ls([':/'], { port: `exec:${command}` })), `${command}: no console answers there`);
    assert.ok(Date.now() - started < 15000);
  }
});

if (!hasSocat) console.log('SKIP: the library of serial ports, over a pseudo terminal: no socat');
else
  test('a serial port, through its library: bytes go both ways, none are changed, and it can be opened again', async () => {
    const board = await programOnPort('cat', '');
    try {
      for (let round = 0; round < 2; round++) {
        const stream = await openSerial(board.path, 115200);
        const all = Uint8Array.from({ length: 256 }, (_, i) => i).filter((byte) => byte !== 0x11 && byte !== 0x13);
        let heard = Buffer.alloc(0);
        stream.onData((bytes) => {
          heard = Buffer.concat([heard, bytes]);
        });
        await stream.write(all);
        for (let i = 0; i < 100 && heard.length < all.length; i++) await soon();
        await stream.close();
        assert.equal([...heard.subarray(-all.length)], [...all]);
        assert.is(stream.rate, 11520);
      }
    } finally {
      await board.close();
    }
  });

/** What the interface of the library promises, with a board at the other end. */
class StandInNoble extends EventEmitter implements Noble {
  sizes: number[] = [];
  log: string[] = [];
  private readonly device: StandInBoard;
  private readonly uuids: string[];
  constructor(device: StandInBoard, uuids = ['6e400002b5a3f393e0a9e50e24dcca9e', '6e400003b5a3f393e0a9e50e24dcca9e']) {
    super();
    this.device = device;
    this.uuids = uuids;
  }
  async waitForPoweredOnAsync(): Promise<void> {}
  async startScanningAsync(): Promise<void> {
    this.log.push('scan');
    setImmediate(() => {
      for (const name of ['Toaster', 'Puck.js 1a2b']) this.emit('discover', this.peripheral(name));
    });
  }
  async stopScanningAsync(): Promise<void> {
    this.log.push('scanned');
  }
  stop(): void {
    this.log.push('stopped');
  }
  private peripheral(localName: string) {
    const peripheral = Object.assign(new EventEmitter(), {
      id: localName,
      address: '11:22:33:44:55:66',
      advertisement: { localName },
      connectAsync: async () => void this.log.push('connected'),
      disconnectAsync: async () => {
        this.log.push('disconnected');
        peripheral.emit('disconnect');
      },
      discoverSomeServicesAndCharacteristicsAsync: async () => {
        const stream = await this.device.connect();
        const characteristics = this.uuids.map((uuid) =>
          Object.assign(new EventEmitter(), {
            uuid,
            properties: ['write', 'writeWithoutResponse', 'notify'],
            subscribeAsync: async () => void this.log.push('subscribed'),
            writeAsync: async (data: Buffer, unanswered: boolean) => {
              assert.ok(unanswered);
              this.sizes.push(data.length);
              await stream.write(data);
            },
          }),
        );
        stream.onData((bytes) => characteristics[1]?.emit('data', Buffer.from(bytes)));
        return { characteristics };
      },
    });
    return peripheral;
  }
}

test('over Bluetooth: files in writes of at most 20 bytes, to the board of that name', async () => {
  const device = new RAMBlockDev(4096, 32);
  VfsLfs2.mkfs(device);
  vfs.mount(new VfsLfs2(device), '/');
  try {
    const noble = new StandInNoble(new StandInBoard({ modules: { vfs } }));
    await cp([packagePath('LICENSE')], ':/', { connect: () => openBluetooth('puck.js 1A2B', noble) });
    assert.equal(vfs.listdir('/'), ['LICENSE']);
    assert.is(Math.max(...noble.sizes), 20);
    assert.equal(noble.log, ['scan', 'scanned', 'connected', 'subscribed', 'disconnected', 'stopped']);
    assert.is((await ls([':/'], { connect: () => openBluetooth('11:22:33:44:55:66', noble) })).length, 1);
  } finally {
    vfs.umount('/');
  }
});

test('over Bluetooth: who is there, who is not, and who has no console', async () => {
  const board = new StandInBoard({ modules: {} });
  const noble = new StandInNoble(board);
  assert.equal(await listBluetooth(noble, 50), [
    { name: 'Toaster', address: '11:22:33:44:55:66' },
    { name: 'Puck.js 1a2b', address: '11:22:33:44:55:66' },
  ]);
  assert.match(await messageOf(openBluetooth('Pixl.js', noble, 50)), /^Pixl\.js: no board of that name was seen/);
  assert.match(await messageOf(openBluetooth('Toaster', new StandInNoble(board, []))), /^Toaster has no console: no Nordic UART service$/);
  const off = Object.assign(new StandInNoble(board), { waitForPoweredOnAsync: () => Promise.reject(new Error('Timeout')) });
  assert.match(await messageOf(openBluetooth('Toaster', off)), /^Bluetooth is not there, or off: Timeout$/);
  assert.match(await messageOf(connect({ bluetooth: 'Puck.js' })), /npm install @stoprocent\/noble|Bluetooth is not there/);
});

/** A console that echoes. */
function echoing(): ByteStream & { closed: boolean; end(): void } {
  let take: (bytes: Uint8Array) => void = () => {};
  let end: () => void = () => {};
  return {
    title: 'port',
    chunk: 20,
    closed: false,
    write: async (bytes) => take(Buffer.from(`<${Buffer.from(bytes).toString()}>`)),
    onData: (receive) => {
      take = receive;
    },
    onEnd: (tell) => {
      end = tell;
    },
    async close() {
      this.closed = true;
    },
    end: () => end(),
  };
}

test('the console is handed on until Ctrl-] or Ctrl-D; what is piped in is typed line by line', async () => {
  for (const key of ['\x1d', '\x04']) {
    const raw: boolean[] = [];
    const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: (on: boolean) => raw.push(on) });
    const [output, stream] = [new PassThrough(), echoing()];
    const done = passThrough(stream, input, output);
    input.write('1+1\r');
    await soon();
    input.write(`x${key}y`);
    await done;
    assert.equal([String(output.read()), raw, stream.closed], ['<1+1\r><x>', [true, false], true]);
  }
  const [input, output, stream] = [new PassThrough(), new PassThrough(), echoing()];
  const done = passThrough(stream, input, output);
  input.end('a\nb\r\n');
  await done;
  assert.equal([String(output.read()), stream.closed], ['<a\rb\r>', true]);
  const lost = echoing();
  const losing = messageOf(passThrough(lost, new PassThrough(), new PassThrough()));
  await soon();
  lost.end();
  assert.is(await losing, 'port: the connection was lost');
});

test.run();
