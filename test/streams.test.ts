/** The standard streams: where they lead, what follows them, and that the console always comes back. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as vfs from '../modules/index';
import { RAMBlockDev, VfsLfs2 } from '../modules/index';
import { port } from './support/ports';

const { fd } = vfs;
const code = (expected: string) => (error: Error & { code?: string }) => error.code === expected;

const engine = { log: console.log, warn: console.warn, error: console.error };
let shown: string[] = [];

test.before.each(() => {
  shown = [];
  console.log = (line) => void shown.push(line);
  console.warn = console.error = (line) => void shown.push('! ' + line);
  const disk = new RAMBlockDev(512, 100);
  VfsLfs2.mkfs(disk);
  vfs.mount(new VfsLfs2(disk), '/sd');
});
test.after.each(() => {
  for (const n of [0, 1, 2]) vfs.redirect(n);
  Object.assign(console, engine);
  vfs.umount('/sd', { force: true });
});

test('the streams are the console at first: lines come out as they end, and nothing is there to be read', () => {
  vfs.stdout.write('one\ntw');
  assert.equal(shown, ['one']);
  fd.write(1, 'o\n');
  vfs.stderr.write('three\n');
  vfs.stdout.flush();
  assert.equal(shown, ['one', 'two', 'three']);
  assert.throws(() => vfs.stdin.read(), code('EAGAIN'));
  assert.throws(() => fd.read(1, new Uint8Array(1)), code('EBADF'));
  assert.throws(() => fd.write(0, 'x'), code('EBADF'));
});

test('a character that reaches the console in pieces is that character', () => {
  const bytes = new TextEncoder().encode('Grüße €\nnext\n');
  for (const byte of bytes) fd.write(1, Uint8Array.of(byte));
  assert.equal(shown, ['Grüße €', 'next']);
});

test('output goes to a file, at its end, with what console.log prints; then back', () => {
  vfs.writeFile('/sd/log.txt', 'old\n');
  vfs.redirect(1, '/sd/log.txt');
  console.log('hello', 5, { a: 1 });
  vfs.stdout.write('more\n');
  fd.write(1, 'by number\n');
  console.warn('warning');
  vfs.redirect(1);
  console.log('back');
  assert.is(vfs.readFile('/sd/log.txt', 'utf8'), 'old\nhello 5 {"a":1}\nmore\nby number\n');
  assert.equal(shown, ['! warning', 'back']);
  vfs.umount('/sd');
  const disk = new RAMBlockDev(512, 100);
  VfsLfs2.mkfs(disk);
  vfs.mount(new VfsLfs2(disk), '/sd');
});

test("ESP-IDF's example: output to a serial port, and errors to another", () => {
  const ports = [port(), port()];
  vfs.register('/dev', vfs.devfs({ 'uart/0': vfs.uart(ports[0], { tx: 'CRLF' }), 'uart/1': vfs.uart(ports[1]) }));
  vfs.redirect(1, '/dev/uart/0');
  vfs.redirect(2, '/dev/uart/1');
  console.log('hello');
  console.error('ouch');
  assert.equal(
    ports.map((one) => one.sent),
    ['hello\r\n', 'ouch\n'],
  );
  vfs.unregister('/dev');
  // The port has gone: what is printed is on the console, with the reason.
  console.log('still here');
  assert.is(shown[0], 'still here');
  assert.match(shown[1], /stream 1 is back: EBADF/);
  console.log('and on');
  assert.is(shown[2], 'and on');
});

test('an error of the target never takes the console away, and nothing is lost', () => {
  vfs.register('/dev', vfs.devfs());
  vfs.redirect(1, '/dev/full');
  assert.throws(() => vfs.stdout.write('x'), code('ENOSPC'));
  console.log('first');
  console.log('second');
  assert.is(shown[0], 'first');
  assert.match(shown[1], /^stream 1 is back: ENOSPC/);
  assert.is(shown[2], 'second');
  assert.throws(() => vfs.redirect(1, '/sd/none/log'), code('ENOENT'));
  console.log('third');
  assert.is(shown[3], 'third');
  vfs.unregister('/dev');
});

test('a target that prints itself does not call itself', () => {
  const written: string[] = [];
  vfs.redirect(1, {
    write: (bytes: Uint8Array) => {
      console.log('writing');
      written.push(Buffer.from(bytes).toString());
      return bytes.length;
    },
  });
  console.log('line');
  assert.equal(written, ['line\n']);
  assert.equal(shown, ['writing']);
});

test('input comes from a file, a device or a descriptor, by lines', () => {
  vfs.writeFile('/sd/in', 'one\ntwo\nthree');
  vfs.redirect(0, '/sd/in');
  assert.is(vfs.stdin.readline(), 'one\n');
  assert.is(vfs.stdin.read(2), 'tw');
  assert.is(vfs.stdin.read(), 'o\nthree');
  assert.is(vfs.stdin.readline(), '');
  const serial = port();
  vfs.register('/dev', vfs.devfs({ 'uart/0': vfs.uart(serial) }));
  const n = fd.open('/dev/uart/0', fd.O_RDWR);
  vfs.redirect(0, n);
  fd.close(n);
  serial.feed('ha');
  assert.throws(() => vfs.stdin.readline(), code('EAGAIN'));
  serial.feed('lf\nrest');
  assert.is(vfs.stdin.readline(), 'half\n');
  assert.is(vfs.stdin.read(), 'rest');
  vfs.redirect(0);
  assert.is(serial.listeners.length, 0);
  vfs.unregister('/dev');
});

test('redirecting again closes what was opened for it, and an open file stays its owner’s', () => {
  const file = vfs.open('/sd/mine', 'w');
  vfs.redirect(1, file);
  console.log('mine');
  vfs.redirect(1, '/sd/other');
  console.log('other');
  vfs.redirect(1);
  file.write('still open');
  file.close();
  assert.is(vfs.readFile('/sd/mine', 'utf8'), 'mine\nstill open');
  assert.is(vfs.readFile('/sd/other', 'utf8'), 'other\n');
});

test('a stream whose target cannot be closed is led elsewhere all the same', () => {
  vfs.register('/dev', {
    open: () => 0,
    write: (_fd: number, bytes: Uint8Array) => bytes.length,
    close: () => -5,
  });
  for (const byNumber of [false, true]) {
    const target = byNumber ? fd.open('/sd/log', fd.O_CREAT | fd.O_WRONLY | fd.O_TRUNC) : '/sd/log';
    vfs.redirect(1, '/dev/gone');
    console.log('lost');
    vfs.redirect(1, target);
    console.log('kept');
    vfs.redirect(1);
    if (typeof target === 'number') fd.close(target);
    assert.is(vfs.readFile('/sd/log', 'utf8'), 'kept\n');
  }
  vfs.redirect(1, '/dev/gone');
  vfs.redirect(1);
  console.log('console');
  assert.equal(shown, ['console']);
  vfs.unregister('/dev');
});

test('what is no stream and no target is refused', () => {
  assert.throws(() => vfs.redirect(3, '/sd/x'), code('EBADF'));
  assert.throws(() => vfs.redirect('1' as never), /fd/);
  assert.throws(() => vfs.redirect(1, {}), /target/);
  assert.throws(() => vfs.redirect(1, 40), code('EBADF'));
  console.log('console');
  assert.equal(shown, ['console']);
});

test.run();
