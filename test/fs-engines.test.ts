/** `fs`, built for devices: the gate, and what it does in the engines. */
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { distPath } from '../tools/dist';
import { gate } from '../tools/gate';
import { runRooms } from './support/rooms';

const SCRIPT = `
function code(call) { try { call(); return 'nothing'; } catch (error) { return error.code || error.message; } }
var disk = new vfs.RAMBlockDev(512, 64);
vfs.VfsLfs2.mkfs(disk);
vfs.mount(new vfs.VfsLfs2(disk), '/');
var fs = vfs.installFs();
fs.writeFileSync('/a', 'one ');
fs.appendFileSync('/a', 'two');
console.log(fs.readFileSync('/a', 'utf8') + ' ' + fs.existsSync('/a') + ' ' + fs.existsSync('/b'));
var stats = fs.statSync('/a');
console.log(stats.size + ' ' + stats.isFile() + ' ' + stats.isDirectory() + ' ' + typeof stats.mtimeMs);
fs.mkdirSync('/d/e', { recursive: true });
fs.copyFileSync('/a', '/d/e/f');
fs.renameSync('/d/e/f', '/d/e/g');
console.log(fs.readdirSync('/', { recursive: true }).sort().join(' ') + ' ' + fs.statSync('/d').isDirectory());
var fd = fs.openSync('/a', 'r+');
var buf = new Uint8Array(4);
console.log(fd + ' ' + fs.writeSync(fd, 'ONE') + ' ' + fs.readSync(fd, buf, 0, 4, 1) + ' ' + buf[0] + ' ' + fs.fstatSync(fd).size);
fs.ftruncateSync(fd, 5);
fs.closeSync(fd);
console.log(fs.readFileSync('/a', 'latin1') + ' ' + code(function () { fs.closeSync(fd); }) + ' ' + code(function () { fs.openSync('/none'); }));
fs.rmSync('/d', { recursive: true });
fs.unlinkSync('/a');
console.log('left ' + fs.readdirSync('/').length + ' ' + code(function () { fs.rmdirSync('/d'); }));
vfs.register('/dev', vfs.devfs());
var n = fs.openSync('/x', 'w+'), none = vfs.fd.open('/dev/null', 2);
console.log(vfs.fd.write(n, 'abc') + ' ' + fs.readSync(n, buf, 0, 4, 0) + ' ' + fs.writeSync(none, 'abcd') + ' ' + fs.readSync(none, buf) + ' ' + n + none);
console.log(fs.fstatSync(none).isCharacterDevice() + ' ' + fs.statSync('/x').size + ' ' + fs.fstatSync(n).size + ' ' + fs.fstatSync(1).isCharacterDevice());
fs.writeSync(1, 'printed ');
fs.writeSync(1, 'by fs\\n');
vfs.redirect(1, n);
fs.writeSync(1, 'def');
vfs.redirect(1);
vfs.fd.close(n);
fs.closeSync(none);
console.log(fs.readFileSync('/x', 'utf8') + ' ' + code(function () { fs.closeSync(n); }) + ' ' + fs.openSync('/x', 'r') + ' ' + code(function () { fs.readSync(0, buf); }));
vfs.fd.close(3);
fs.writeFile('/cb', 'called', function (error) {
  fs.readFile('/cb', 'utf8', function (error, text) {
    console.log('callback ' + error + ' ' + text);
    fs.stat('/none', function (error) { console.log('error ' + error.code + ' ' + error.syscall); });
  });
});
`;

const EXPECTED = [
  'one two true false',
  '7 true false number',
  'a d d/e d/e/g true',
  '3 3 4 78 7',
  'ONE t EBADF ENOENT',
  'left 0 ENOENT',
  '3 3 4 0 34',
  'true 3 3 true',
  'printed by fs',
  'abcdef EBADF 3 EAGAIN',
  'callback null called',
  'error ENOENT stat',
];

test('fs passes the gate, and works in the engines', async () => {
  const bundle = readFileSync(distPath('test/fs.js'), 'utf8');
  assert.equal(gate(bundle), []);
  const lines = await runRooms(bundle, SCRIPT);
  for (const engine in lines) assert.equal(lines[engine].slice(-EXPECTED.length), EXPECTED, engine);
  console.log(`NOTE: run in ${Object.keys(lines).join(', ')}`);
});

test.run();
