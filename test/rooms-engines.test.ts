/** File systems and block devices that no board's bundle has yet, built for devices: the gate, and what they do in the engines. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { romfs } from '../modules/romfs';
import { gate } from '../tools/gate';
import { buildRooms, runRooms, sizeOf } from './support/rooms';

const BASE = [
  "export * from 'modules/vfs';",
  "export { VfsLfs2 } from 'modules/littlefs2';",
  "export { RAMBlockDev } from 'modules/blockdev';",
];
const base = sizeOf(await buildRooms(BASE));

/** Builds the rooms besides littlefs 2, and runs the script over it in all engines: each prints `expected`. */
function room(name: string, entry: string[], most: { bytes: number; functions: number }, script: string, expected: string[]): void {
  test(`${name}: passes the gate, stays within its budget, and works in the engines`, async () => {
    const bundle = await buildRooms([...BASE, ...entry]);
    assert.equal(gate(bundle), []);
    const size = sizeOf(bundle);
    const own = { bytes: size.bytes - base.bytes, functions: size.functions - base.functions };
    console.log(`NOTE: ${name}: ${own.bytes} bytes, ${own.functions} functions`);
    assert.ok(own.bytes <= most.bytes && own.functions <= most.functions, `${own.bytes} bytes, ${own.functions} functions`);
    const lines = await runRooms(bundle, script);
    for (const engine in lines) assert.equal(lines[engine].slice(-expected.length), expected, engine);
    console.log(`NOTE: ${name}: run in ${Object.keys(lines).join(', ')}`);
  });
}

const literal = (bytes: Uint8Array): string => `new Uint8Array([${bytes.join(',')}])`;
const content = { 'main.js': 'var one = 1;\nvar two = 2;\n', lib: { 'ä.txt': 'äh', deep: { data: new Uint8Array(300).map((_, i) => i) } } };

room(
  'ROMFS',
  ["export { VfsRom } from 'modules/romfs/vfsrom';", "export { romIoctl } from 'modules/romfs/ioctl';"],
  { bytes: 4600, functions: 40 },
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

test.run();
