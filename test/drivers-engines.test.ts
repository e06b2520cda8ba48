/** Drivers, descriptors, devices, streams and poll in the engines. */
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { distPath, packagePath } from '../tools/dist';
import { runRooms } from './support/rooms';

const SCRIPT = `
function Port() { this.sent = ''; this.listener = null; }
Port.prototype.on = function (event, listener) { this.listener = listener; };
Port.prototype.removeListener = function () { this.listener = null; };
Port.prototype.feed = function (data) { this.listener(data); };
Port.prototype.write = function (data) { for (var i = 0; i < data.length; i++) this.sent += String.fromCharCode(data[i]); };
function code(call) { try { call(); return 'nothing'; } catch (error) { return error.code || error.message; } }
var fd = vfs.fd;
var disk = new vfs.RAMBlockDev(512, 64);
vfs.VfsLfs2.mkfs(disk);
vfs.mount(new vfs.VfsLfs2(disk), '/m');
var log = [];
var driver = {
  open: function (context, path) { log.push(context.name + path); return 7; },
  write: function (context, n, bytes) { log.push(context.name + n + bytes.length); return bytes.length; },
  close: function (context, n) { log.push(context.name + 'x'); return 0; }
};
vfs.register('/data1', driver, { name: 'one' });
vfs.register('/data2', driver, { name: 'two' });
vfs.writeFile('/data1/f', 'hello');
var n2 = fd.open('/data2/g', fd.O_WRONLY);
fd.write(n2, 'ab');
fd.close(n2);
console.log(log.join(' ') + ' ' + code(function () { vfs.stat('/data1/f'); }) + ' ' + vfs.mount().length);
vfs.unregister('/data2');
vfs.register('/data1/static', { stat: function (path) { return [32768, 0, 0, 0, 0, 0, path.length, 0, 0, 0]; } });
vfs.register('', { stat: function (path) { return [32768, 0, 0, 0, 0, 0, 100 + path.length, 0, 0, 0]; } });
console.log(vfs.stat('/data1/static/abc')[6] + ' ' + vfs.stat('/data1statics')[6] + ' ' + code(function () { vfs.stat('/m/none'); }));
vfs.unregister('');
var n = fd.open('/m/f', fd.O_RDWR | fd.O_CREAT);
fd.write(n, 'hello world');
var buf = new Uint8Array(5);
console.log(fd.pread(n, buf, 6) + ' ' + buf[0] + ' ' + fd.lseek(n, 0, 1) + ' ' + fd.fstat(n)[6] + ' ' + fd.dup(n));
fd.close(n);
fd.close(n + 1);
console.log(code(function () { fd.read(n, buf); }) + ' ' + vfs.readFile('/m/f', 'utf8'));
var ports = [new Port(), new Port()];
vfs.register('/dev', vfs.devfs({ 'uart/0': vfs.uart(ports[0], { rx: 'CR', tx: 'CRLF' }), 'uart/1': vfs.uart(ports[1]) }));
console.log(vfs.readFile('/dev/null').length + ' ' + code(function () { vfs.writeFile('/dev/full', 'x'); }) + ' ' + (vfs.listdir('/dev/uart').join().indexOf('0,1') >= 0));
var file = vfs.open('/dev/uart/0', 'r+');
ports[0].feed('12 3');
var first = code(function () { file.readline(); });
ports[0].feed('4\\r');
console.log(first + ' ' + file.readline().length + ' ' + file.write('out\\n') + ' ' + ports[0].sent.length);
vfs.redirect(1, '/dev/uart/1');
vfs.stdout.write('to the port');
console.log('line');
vfs.redirect(1, '/m/log');
vfs.stdout.write('to the file');
vfs.redirect(1);
console.log(ports[1].sent.indexOf('to the port') + ' ' + vfs.readFile('/m/log', 'utf8'));
file.close();
console.log(ports[0].listener === null ? 'let go' : 'held');
var a = fd.open('/dev/uart/0'), b = fd.open('/dev/uart/1');
var timed = typeof setTimeout !== 'undefined';
vfs.poll([a, b], timed ? 5000 : undefined, function (ready) {
  console.log('ready ' + ready.length + ' ' + (ready[0].fd === b) + ' ' + ready[0].events);
  fd.close(b);
  vfs.poll([a], timed ? 30 : 0, function (none) {
    console.log('time ' + none.length);
    vfs.poll([a], undefined, function (gone) { console.log('closed ' + gone[0].events); });
    fd.close(a);
  });
});
ports[1].feed('x');
`;

const EXPECTED = [
  'one/f one75 onex two/g two72 twox ENOSYS 3',
  '4 113 ENOENT',
  '5 119 11 11 4',
  'EBADF hello world',
  '0 ENOSPC true',
  'EAGAIN 6 4 5',
  '0 to the file',
  'let go',
  'ready 1 true 1',
  'time 0',
  'closed 4',
];

test('drivers, descriptors, devices, streams and poll work in the engines', async () => {
  const lines = await runRooms(readFileSync(distPath('test/rooms.js'), 'utf8'), SCRIPT);
  for (const engine in lines) assert.equal(lines[engine].filter((line) => line !== 'line').slice(-EXPECTED.length), EXPECTED, engine);
  console.log(`NOTE: run in ${Object.keys(lines).join(', ')}`);
});

test('what descriptors and streams keep is not kept by a part, which forgets: two parts use each file that has it', () => {
  const rooms = ['fd', 'vfs', 'engine', 'devfs'];
  const importers = (file: string): string[] => {
    const found: string[] = [];
    for (const room of rooms)
      for (const name of readdirSync(packagePath('modules/' + room)))
        if (name.endsWith('.lazy.ts') && readFileSync(packagePath(`modules/${room}/${name}`), 'utf8').includes(`/${file}'`))
          found.push(name);
    return found;
  };
  for (const file of ['table', 'console-state']) assert.ok(importers(file).length >= 2, `${file}: ${importers(file)}`);
  assert.not(readdirSync(packagePath('modules/fd')).includes('stream-state.ts'));
});

test.run();
