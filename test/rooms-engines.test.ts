/** File systems and block devices that no default bundle has, in the engines: their sizes, and what they do. */
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { romfs, VfsFat } from '../modules/index';
import * as vfs from '../modules/vfs';
import { distPath } from '../tools/dist';
import { byRoom } from '../tools/room-sizes';
import { layoutOf, makeImage } from './independent/wear-levelling';
import { Nor } from './support/nor';
import { runRooms } from './support/rooms';

const FILE = distPath('test/rooms.js');
const bundle = readFileSync(FILE, 'utf8');
const sizes = byRoom(FILE, (source) => source);

/** Runs the script over the bundle in all engines: each prints `expected`. @param sources what the room consists of */
function room(name: string, sources: RegExp, most: { bytes: number; functions: number }, script: string, expected: string[]): void {
  test(`${name}: stays within its budget, and works in the engines`, async () => {
    const own = [...sizes].filter(([source]) => sources.test(source)).map(([, size]) => size);
    const bytes = own.reduce((sum, size) => sum + size.bytes, 0);
    const functions = own.reduce((sum, size) => sum + size.functions, 0);
    console.log(`NOTE: ${name}: ${bytes} bytes, ${functions} functions`);
    assert.ok(bytes > 1000 && bytes <= most.bytes && functions <= most.functions, `${bytes} bytes, ${functions} functions`);
    const lines = await runRooms(bundle, script);
    for (const engine in lines) assert.equal(lines[engine].slice(-expected.length), expected, engine);
    console.log(`NOTE: ${name}: run in ${Object.keys(lines).join(', ')}`);
  });
}

const literal = (bytes: Uint8Array): string => `new Uint8Array([${bytes.join(',')}])`;
const content = { 'main.js': 'var one = 1;\nvar two = 2;\n', lib: { 'ä.txt': 'äh', deep: { data: new Uint8Array(300).map((_, i) => i) } } };

room(
  'ROMFS',
  /^modules\/romfs\//,
  { bytes: 4385, functions: 32 },
  `
var image = ${literal(romfs.build(content))};
var place = new vfs.RAMBlockDev(64, 16);
var ioctl = vfs.romIoctl([place]);
console.log('' + ioctl(3, 0, image.length) + ' ' + ioctl(4, 0, 0, image) + ' ' + ioctl(5, 0) + ' ' + ioctl(2, 1));
function show(rom) {
  vfs.mount(rom, '/rom');
  console.log(vfs.listdir('/rom').join() + ' ' + vfs.readFile('/rom/lib/ä.txt').length + ' ' + vfs.stat('/rom/lib/deep/data')[6]);
  var file = vfs.open('/rom/lib/deep/data', 'rb');
  file.seek(200);
  console.log('' + file.read(3)[2]);
  file.close();
  console.log(vfs.open('/rom/main.js').readline().length + '');
  try { vfs.writeFile('/rom/x', ''); } catch (error) { console.log(error.code); }
  vfs.umount('/rom', { force: true });
}
show(new vfs.VfsRom(image));
show(new vfs.VfsRom(place));
vfs.mount(new vfs.VfsRom(image), '/rom');
console.log('' + vfs.open('/rom/lib/deep/data').view()[77]);
`,
  ['1 0 0 -22', 'lib,main.js 3 300', '202', '13', 'EROFS', 'lib,main.js 3 300', '202', '13', 'EROFS', '77'],
);

const SECTORS = 20;
const logical = new Uint8Array(layoutOf(SECTORS * 4096).sectors * 4096);
const flat = new Nor(logical);
VfsFat.mkfs(flat.device(true));
vfs.mount(new VfsFat(flat.device(true)), '/w');
vfs.writeFile('/w/from.txt', 'ESP-IDF');
vfs.umount('/w');
const levelled = makeImage(SECTORS * 4096, logical, { pos: 4, moves: 2, id: 123456789, updateRate: 2 });
/** What is in it, in runs that are not erased. */
const loads: string[] = [];
for (let at = 0; at < levelled.length; at += 32)
  if (levelled.subarray(at, at + 32).some((byte) => byte !== 0xff && byte))
    loads.push(`[${at},${levelled.subarray(at, at + 32).join(',')}]`);

room(
  'wear-levelled FAT',
  /^modules\/(fat\/levelled|blockdev\/wear)/,
  { bytes: 5600, functions: 32 },
  `
var blocks = [];
var empty = new Uint8Array(512);
for (var i = 0; i < ${SECTORS * 8}; i++) blocks.push(null);
function Ram() {}
Ram.prototype.readblocks = function (block, buf) {
  for (var at = 0; at < buf.length; at += 512) buf.set(blocks[block++] || empty, at);
  return 0;
};
Ram.prototype.writeblocks = function (block, buf) {
  for (var at = 0; at < buf.length; at += 512) {
    blocks[block] = new Uint8Array(512);
    blocks[block++].set(buf.subarray(at, at + 512));
  }
  return 0;
};
Ram.prototype.ioctl = function (op) { return op === 4 ? blocks.length : op === 5 ? 512 : 0; };
var loads = [${loads.join(',\n')}];
loads.forEach(function (one) {
  var block = one[0] >> 9;
  if (!blocks[block]) blocks[block] = new Uint8Array(512);
  blocks[block].set(one.slice(1), one[0] & 511);
});
vfs.addDriver(vfs.levelledFat);
vfs.mount(new Ram(), '/f');
console.log(vfs.readFile('/f/from.txt', 'utf8'));
for (var w = 0; w < 6; w++) vfs.writeFile('/f/to.txt', 'written ' + w);
vfs.umount('/f');
vfs.mount(new Ram(), '/f');
console.log(vfs.listdir('/f').join() + ' ' + vfs.readFile('/f/to.txt', 'utf8'));
`,
  ['ESP-IDF', 'from.txt,to.txt written 5'],
);

room(
  'overlay',
  /^modules\/overlay\//,
  { bytes: 5200, functions: 52 },
  `
var device = new vfs.RAMBlockDev(512, 64);
vfs.VfsLfs2.mkfs(device);
function begin() {
  vfs.mount(new vfs.VfsOverlay(new vfs.VfsRom(${literal(romfs.build(content))}), new vfs.VfsLfs2(device)), '/o');
}
function end() {
  vfs.umount('/o');
  begin();
}
begin();
console.log(vfs.listdir('/o').sort().join());
var file = vfs.open('/o/main.js', 'a');
file.write('var three = 3;');
file.close();
end();
console.log('' + vfs.readFile('/o/main.js').length);
vfs.rename('/o/lib', '/o/moved');
vfs.remove('/o/moved/ä.txt');
end();
console.log(vfs.listdir('/o').sort().join() + ' ' + vfs.listdir('/o/moved').join() + ' ' + vfs.readFile('/o/moved/deep/data').length);
try { vfs.rmdir('/o/moved'); } catch (error) { console.log(error.code); }
vfs.rmtree('/o/moved');
vfs.remove('/o/main.js');
end();
console.log(vfs.listdir('/o').length + ' left');
`,
  ['lib,main.js', '40', 'main.js,moved deep 300', 'ENOTEMPTY', '0 left'],
);

test('the behaviour suite passes over an overlay, and over wear-levelled FAT, in the engines', async () => {
  const suite = readFileSync(distPath('test/suite.js'), 'utf8');
  for (const [kind, driver, geometry, built] of [
    ['VfsOverlay', 'littlefs2', '[512, 128]', bundle],
    // Without the rest, and small: JerryScript has 512 kB for the bundle and the volumes together.
    ['WearLevelling', 'fat', '[4096, 14]', readFileSync(distPath('test/levelled.js'), 'utf8')],
  ] as const) {
    const settings = `var suiteResult, suiteKind = '${kind}', suiteGeometry = ${geometry};`;
    const lines = await runRooms(built, `${settings}\nvfs.addDriver(vfs.${driver});\nvar require = function () { return vfs; };\n${suite}`);
    for (const engine in lines) {
      const what = `${kind} in ${engine}`;
      assert.equal(
        lines[engine].filter((line) => /^(FAIL|ERROR) /.test(line)),
        [],
        what,
      );
      assert.match(lines[engine].slice(-2).join(), /suite: \d{2,} passed, 0 failed/, what);
    }
    console.log(`NOTE: suite over ${kind}: run in ${Object.keys(lines).join(', ')}`);
  }
});

test.run();
