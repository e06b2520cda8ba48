/** Devices as files: null, zero, full, random, serial ports with their ends of lines, one's own. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TYPE_DIR } from '../modules/contract/filesystem';
import * as vfs from '../modules/index';
import { port } from './support/ports';

const { fd } = vfs;
const code = (expected: string) => (error: Error & { code?: string }) => error.code === expected;
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

test.after.each(() => vfs.unregister('/dev'));

test('null, zero, full and random', () => {
  vfs.register('/dev', vfs.devfs());
  assert.is(vfs.readFile('/dev/null').length, 0);
  vfs.writeFile('/dev/null', 'away');
  const zero = vfs.open('/dev/zero', 'r+b');
  assert.equal([...(zero.read(3) as Uint8Array)], [0, 0, 0]);
  assert.is(zero.write('abc'), 3);
  zero.close();
  assert.throws(() => vfs.writeFile('/dev/full', 'x'), code('ENOSPC'));
  assert.is(vfs.open('/dev/full').read(5).length, 5);
  const random = vfs.open('/dev/random', 'rb').read(600) as Uint8Array;
  assert.is(random.length, 600);
  assert.ok(new Set(random).size > 100);
  assert.throws(() => vfs.open('/dev/none'), code('ENOENT'));
  assert.throws(() => vfs.writeFile('/dev/random', 'x'), code('ENOSYS'));
});

test('as in ESP-IDF, null and the others are character devices without a place, and a wrong direction is EBADF', () => {
  vfs.register('/dev', vfs.devfs());
  const n = fd.open('/dev/null', fd.O_WRONLY);
  assert.is(fd.fstat(n)[0], 0x2000);
  assert.is(vfs.stat('/dev/null')[0], 0x2000);
  assert.is(fd.lseek(n, 100), 0);
  assert.is(fd.write(n, 'four'), 4);
  assert.throws(() => fd.read(n, new Uint8Array(1)), code('EBADF'));
  assert.throws(() => fd.ioctl(n, 1), code('ENOSYS'));
  fd.access('/dev/null', 6);
  assert.throws(() => fd.access('/dev/null', 1), code('EACCES'));
  fd.close(n);
  // ESP-IDF's never frees one: after 16 there is none.
  for (let i = 0; i < 40; i++) fd.close(fd.open('/dev/null'));
});

test('the directory of devices, and directories in it', () => {
  vfs.register('/dev', vfs.devfs({ 'uart/0': vfs.uart(port()), 'uart/1': vfs.uart(port()), led: {} }));
  assert.equal(vfs.listdir('/dev').sort(), ['console', 'full', 'led', 'null', 'random', 'uart', 'zero']);
  assert.equal(vfs.listdir('/dev/uart'), ['0', '1']);
  assert.is(vfs.stat('/dev/uart')[0], TYPE_DIR);
  assert.throws(() => vfs.listdir('/dev/none'), code('ENOENT'));
  assert.throws(() => vfs.mkdir('/dev/x'), code('ENOSYS'));
  const dir = fd.opendir('/dev/uart');
  fd.seekdir(dir, 1);
  assert.is(fd.readdir(dir)?.[0], '1');
  assert.is(fd.telldir(dir), 2);
  assert.is(fd.readdir(dir), null);
});

test('a device of one’s own is an object with what it can do; it may come later', () => {
  const log: unknown[] = [];
  const devices: { [name: string]: vfs.CharDevice } = {
    led: {
      write: (bytes) => {
        log.push(text(bytes));
        return bytes.length;
      },
      ioctl: (command, argument) => {
        log.push([command, argument]);
        return 7;
      },
    },
  };
  vfs.register('/dev', vfs.devfs(devices));
  vfs.writeFile('/dev/led', 'on');
  const n = fd.open('/dev/led', fd.O_RDWR);
  assert.is(fd.ioctl(n, 5, 'x'), 7);
  assert.throws(() => fd.read(n, new Uint8Array(1)), code('ENOSYS'));
  fd.close(n);
  devices.busy = { open: () => -16 };
  assert.throws(() => vfs.open('/dev/busy'), code('EBUSY'));
  assert.equal(log, ['on', [5, 'x']]);
  assert.throws(() => vfs.devfs(5 as never), /devices/);
});

test("ESP-IDF's example: numbers are read from a serial port by lines", () => {
  const serial = port();
  vfs.register('/dev', vfs.devfs({ 'uart/0': vfs.uart(serial, { rx: 'CR' }) }));
  const file = vfs.open('/dev/uart/0');
  assert.throws(() => file.readline(), code('EAGAIN'));
  serial.feed('12 3');
  assert.throws(() => file.readline(), code('EAGAIN'));
  serial.feed('4\r56');
  const numbers = (file.readline() as string).trim().split(' ').map(Number);
  assert.equal(numbers, [12, 34]);
  serial.feed('\r');
  assert.is(file.readline(), '56\n');
  file.close();
});

test('bytes go through a port as they are, both ways, whether it gives strings or arrays', () => {
  const all = Uint8Array.from({ length: 256 }, (_, i) => i);
  const asText = Buffer.from(all).toString('latin1');
  const serial = port();
  vfs.register('/dev', vfs.devfs({ 'uart/0': vfs.uart(serial) }));
  // What has come before it is opened is asked for; then there are events.
  serial.feed(asText);
  const file = vfs.open('/dev/uart/0', 'r+b');
  assert.equal([...(file.read() as Uint8Array)], [...all]);
  serial.feed(asText);
  assert.equal([...(file.read() as Uint8Array)], [...all]);
  serial.feed(all as never);
  assert.equal([...(file.read() as Uint8Array)], [...all]);
  file.write(all);
  assert.is(serial.sent, asText);
  file.close();
});

test('text over a port is UTF-8, both ways', () => {
  const serial = port();
  vfs.register('/dev', vfs.devfs({ 'uart/0': vfs.uart(serial) }));
  const file = vfs.open('/dev/uart/0', 'r+');
  file.write('Grüße €\n');
  serial.feed(serial.sent);
  assert.is(file.readline(), 'Grüße €\n');
  file.close();
});

test('closing lets the port be: its events are not taken, and what comes then is there at the next opening', () => {
  const serial = port();
  vfs.register('/dev', vfs.devfs({ 'uart/0': vfs.uart(serial) }));
  const one = vfs.open('/dev/uart/0');
  const two = vfs.open('/dev/uart/0');
  assert.is(serial.listeners.length, 1);
  one.close();
  assert.is(serial.listeners.length, 1);
  two.close();
  assert.is(serial.listeners.length, 0);
  serial.feed('later');
  assert.is(vfs.readFile('/dev/uart/0', 'utf8'), 'later');
});

test('ends of lines: each way by itself, and half of an end waits for the other half', () => {
  const serial = port();
  vfs.register(
    '/dev',
    vfs.devfs({
      plain: vfs.uart(serial),
      cr: vfs.uart(serial, { rx: 'CR', tx: 'CR' }),
      crlf: vfs.uart(serial, { rx: 'CRLF', tx: 'CRLF' }),
    }),
  );
  const read: string[] = [];
  for (const name of ['plain', 'cr', 'crlf']) {
    const file = vfs.open('/dev/' + name, 'r+');
    serial.feed('a\rb\r\nc');
    read.push(file.read() as string);
    file.write('x\ny\r');
    file.close();
  }
  assert.equal(read, ['a\rb\r\nc', 'a\nb\n\nc', 'a\rb\nc']);
  assert.is(serial.sent, 'x\ny\r' + 'x\ry\r' + 'x\r\ny\r');
  const file = vfs.open('/dev/crlf');
  serial.feed('d\r');
  assert.is(file.read(), 'd');
  assert.throws(() => file.read(), code('EAGAIN'));
  serial.feed('\n');
  assert.is(file.read(), '\n');
  file.close();
  assert.throws(() => vfs.uart(serial, { rx: 'LFCR' as never }), code('EINVAL'));
});

test('a read waits as long as it is told, unless O_NONBLOCK is set', () => {
  const serial = port();
  let asked = 0;
  serial.available = () => (++asked === 1000 ? 3 : 0);
  serial.read = () => 'abc';
  vfs.register('/dev', vfs.devfs({ 'uart/0': vfs.uart(serial, { timeout: 2000 }) }));
  const n = fd.open('/dev/uart/0', fd.O_NONBLOCK);
  assert.throws(() => fd.read(n, new Uint8Array(8)), code('EAGAIN'));
  fd.fcntl(n, 4, 0);
  assert.is(fd.read(n, new Uint8Array(8)), 3);
  assert.ok(asked >= 1000);
  fd.close(n);
});

test('more than a port’s buffer holds is lost, and nothing else', () => {
  const serial = port();
  vfs.register('/dev', vfs.devfs({ 'uart/0': vfs.uart(serial) }));
  const file = vfs.open('/dev/uart/0');
  serial.feed('x'.repeat(1000));
  serial.feed('y'.repeat(100));
  assert.is(file.read(5000), 'x'.repeat(1000) + 'y'.repeat(24));
  serial.feed('z');
  assert.is(file.read(), 'z');
  file.close();
});

test.run();
