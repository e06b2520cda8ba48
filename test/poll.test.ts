/** Waiting for descriptors: by events, by asking again, until a time; cancelled by closing. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as vfs from '../modules/index';
import { port } from './support/ports';

const { fd } = vfs;
const code = (expected: string) => (error: Error & { code?: string }) => error.code === expected;
const later = (run: () => void, ms = 5) => setTimeout(run, ms);

let ports = [port(), port()];
let numbers: number[] = [];
test.before.each(() => {
  ports = [port(), port()];
  vfs.register('/dev', vfs.devfs({ 'uart/0': vfs.uart(ports[0]), 'uart/1': vfs.uart(ports[1]) }));
  numbers = ['0', '1'].map((name) => fd.open('/dev/uart/' + name, fd.O_RDWR | fd.O_NONBLOCK));
});
test.after.each(() => vfs.unregister('/dev'));

test("ESP-IDF's example: select over two serial ports wakes by what comes", async () => {
  const waiting = vfs.poll(numbers, 5000);
  later(() => ports[1].feed('x'));
  const begin = Date.now();
  assert.equal(await waiting, [{ fd: numbers[1], events: 1 }]);
  assert.ok(Date.now() - begin < 2000);
  later(() => {
    ports[0].feed('a');
    ports[1].feed('b');
  });
  assert.equal(await vfs.poll(numbers, 5000), [{ fd: numbers[1], events: 1 }]);
  fd.read(numbers[1], new Uint8Array(9));
  fd.read(numbers[1], new Uint8Array(0));
  await new Promise((done) => setTimeout(done, 15));
  assert.equal(
    (await vfs.poll(numbers, 0))?.map((one) => one.fd),
    numbers,
  );
});

test('a time that passes gives nothing, and 0 only looks', async () => {
  const begin = Date.now();
  assert.equal(await vfs.poll(numbers, 30), []);
  assert.ok(Date.now() - begin >= 29);
  assert.equal(await vfs.poll(numbers, 0), []);
  assert.equal(await vfs.poll([], 1), []);
});

test('a callback is called once, and never before poll has returned; no promise then', async () => {
  ports[0].feed('x');
  const calls: unknown[] = [];
  assert.is(
    vfs.poll(numbers, 1000, (ready) => calls.push(ready)),
    undefined,
  );
  assert.equal(calls, []);
  ports[0].feed('y');
  ports[1].feed('z');
  await new Promise((done) => setTimeout(done, 15));
  assert.is(calls.length, 1);
});

test('closing a descriptor ends the wait with an error of that one, and so does taking the driver away', async () => {
  const waiting = vfs.poll(numbers);
  later(() => fd.close(numbers[0]));
  assert.equal(await waiting, [{ fd: numbers[0], events: 4 }]);
  const again = vfs.poll([numbers[1]]);
  later(() => {
    vfs.unregister('/dev');
    vfs.register('/dev', vfs.devfs());
  });
  assert.equal(await again, [{ fd: numbers[1], events: 4 }]);
  assert.throws(() => vfs.poll(numbers), code('EBADF'));
});

test('several waits at once are each told', async () => {
  const both = [vfs.poll([numbers[0]], 3000), vfs.poll(numbers, 3000)];
  later(() => ports[0].feed('x'));
  assert.equal(await Promise.all(both), [[{ fd: numbers[0], events: 1 }], [{ fd: numbers[0], events: 1 }]]);
});

test('to be written: a port always, with what else holds; a file of a mount is always ready; the console can be written', async () => {
  assert.equal(await vfs.poll([{ fd: numbers[0], events: 3 }], 1000), [{ fd: numbers[0], events: 2 }]);
  const disk = new vfs.RAMBlockDev(512, 100);
  vfs.VfsLfs2.mkfs(disk);
  vfs.mount(new vfs.VfsLfs2(disk), '/m');
  const n = fd.open('/m/f', fd.O_RDWR | fd.O_CREAT);
  assert.equal(await vfs.poll([{ fd: n, events: 3 }, numbers[0]], 1000), [{ fd: n, events: 3 }]);
  fd.close(n);
  vfs.umount('/m');
  assert.equal(await vfs.poll([0, { fd: 1, events: 3 }], 1000), [{ fd: 1, events: 2 }]);
});

test('a driver that cannot tell when it changes is asked again; one without select is never ready; one that fails is an error', async () => {
  let ready = 0;
  vfs.register('/p', { open: () => 0, select: (_fd, events, changed) => (changed ? undefined : ready & events) });
  vfs.register('/q', { open: () => 0 });
  vfs.register('/r', { open: () => 0, select: (_fd, _events, changed) => (changed ? undefined : -5) });
  const [asked, never, failing] = ['/p/x', '/q/x', '/r/x'].map((path) => fd.open(path));
  later(() => (ready = 1), 30);
  assert.equal(await vfs.poll([asked, never], 3000), [{ fd: asked, events: 1 }]);
  assert.equal(await vfs.poll([never], 20), []);
  assert.equal(await vfs.poll([failing], 3000), [{ fd: failing, events: 4 }]);
  for (const prefix of ['/p', '/q', '/r']) vfs.unregister(prefix);
});

test('wrong arguments are refused, and nothing keeps waiting', () => {
  assert.throws(() => vfs.poll(3 as never), /fds/);
  assert.throws(() => vfs.poll([99]), code('EBADF'));
  assert.throws(() => vfs.poll([{ fd: numbers[0], events: 8 }]), code('EINVAL'));
  assert.throws(() => vfs.poll(numbers, -1), code('EINVAL'));
  assert.throws(() => vfs.poll(numbers, '1' as never), /timeout/);
  assert.throws(() => vfs.poll(numbers, 1, 5 as never), /callback/);
});

test.run();
