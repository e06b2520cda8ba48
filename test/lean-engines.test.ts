/** The small littlefs inside the small engines: a long random workload beside a model, and the same image to the byte in each. */
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { distPath } from '../tools/dist';
import { gate } from '../tools/gate';
import { checkLfs2 } from './independent/lfs2-reader';
import { runRooms } from './support/rooms';

const device = readFileSync(distPath('test/lean.js'), 'utf8');

test('the bundle is what small engines take', () => {
  assert.equal(gate(device), []);
});

/** ES5, for all of them. Prints what differs from the model, a sum over all that was done, and the image. */
const SCRIPT = `
var dev = new vfs.RAMBlockDev(512, 120), model = {}, seed = 7, sum = 0, failed = 0;
function random(n) { seed = (seed * 1103515245 + 12345) % 2147483648; return Math.floor(seed / 65536) % n; }
function note(text) { for (var i = 0; i < text.length; i++) sum = (sum * 31 + text.charCodeAt(i)) % 1000003; }
function body(n) { var s = ''; while (s.length < n) s += 'line ' + random(1000) + '; '; return s.substring(0, n); }
function attempt(work) { try { work(); return ''; } catch (e) { if (!e.code) console.log('no code: ' + e); return e.code; } }
function check() {
  var names = [], dirs = vfs.listdir('/v');
  for (var i = 0; i < dirs.length; i++) {
    var list = vfs.listdir('/v/' + dirs[i]);
    for (var k = 0; k < list.length; k++) {
      var path = '/v/' + dirs[i] + '/' + list[k];
      names.push(path);
      if (vfs.readFile(path, 'utf8') !== model[path]) { failed++; console.log('differs: ' + path); }
      if (vfs.stat(path)[6] !== model[path].length) { failed++; console.log('size: ' + path); }
    }
  }
  var wanted = 0;
  for (var one in model) if (model[one] !== undefined) wanted++;
  if (names.length !== wanted) { failed++; console.log(names.length + ' files, ' + wanted + ' wanted'); }
}
vfs.VfsLfs2.mkfs(dev);
vfs.mount(dev, '/v');
for (var d = 0; d < 3; d++) vfs.mkdir('/v/d' + d);
for (var step = 0; step < 80; step++) {
  var path = '/v/d' + random(3) + '/f' + random(14), other = '/v/d' + random(3) + '/g' + random(6), code = '', kind = random(7);
  if (kind < 3) {
    var text = body(random(kind ? 120 : 1500));
    code = attempt(function () { vfs.writeFile(path, text); });
    if (!code) model[path] = text;
    else if (model[path] === undefined && vfs.exists(path)) model[path] = '';
  } else if (kind === 3) {
    code = attempt(function () {
      var file = vfs.open(path, 'a');
      if (model[path] === undefined) model[path] = '';
      try {
        for (var n = 0; n < 3; n++) { var more = body(30); file.write(more); file.flush(); model[path] += more; }
      } finally { file.close(); }
    });
  } else if (kind === 4) {
    code = attempt(function () { vfs.remove(path); });
    if (!code) model[path] = undefined;
  } else if (kind === 5) {
    code = attempt(function () { vfs.rename(path, other); });
    if (!code) { model[other] = model[path]; model[path] = undefined; }
  } else if (model[path] !== undefined && model[path].length > 20) {
    code = attempt(function () {
      var file = vfs.open(path, 'r+'), at = random(model[path].length - 10);
      try { file.seek(at); file.write('0123456789'); } finally { file.close(); }
      model[path] = model[path].substring(0, at) + '0123456789' + model[path].substring(at + 10);
    });
  }
  note(kind + path + code);
  if (step % 20 === 19) { vfs.umount('/v'); vfs.mount(dev, '/v'); check(); note(vfs.statvfs('/v').join()); }
}
vfs.umount('/v');
console.log('failed ' + failed + ', sum ' + sum);
var block = new Uint8Array(512);
for (var b = 0; b < 120; b++) {
  var line = '';
  dev.readblocks(b, block);
  for (var i = 0; i < 512; i++) line += (block[i] < 16 ? '0' : '') + block[i].toString(16);
  console.log('@' + line);
}
`;

test('a random workload agrees with its model, and leaves the same image, in every engine', async () => {
  const printed = await runRooms(device, SCRIPT);
  // Without what an engine says of itself.
  const own = /^(@|failed|differs|size|no code|\d+ files)/;
  const engines = Object.fromEntries(Object.entries(printed).map(([engine, lines]) => [engine, lines.filter((line) => own.test(line))]));
  const [first] = engines.quickjs;
  assert.match(first, /^failed 0, sum \d+$/);
  for (const [engine, lines] of Object.entries(engines)) {
    assert.is(lines[0], first, engine);
    assert.equal(lines.slice(1), engines.quickjs.slice(1), engine);
  }
  const image = Uint8Array.from(Buffer.from(engines.quickjs.slice(1).join('').replaceAll('@', ''), 'hex'));
  assert.is(image.length, 512 * 120);
  assert.equal(checkLfs2(image, 512, undefined, { progSize: 32 }).problems, []);
  console.log(`NOTE: ${Object.keys(engines).join(', ')}`);
});

test.run();
