/** External flash on SPI in the engines, over the simulated chip. */
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { distPath } from '../tools/dist';
import { gate } from '../tools/gate';
import { runRooms } from './support/rooms';

test('external flash on SPI: littlefs over it works in the engines, and what it is given reaches the simulated chip', async () => {
  const bundle = readFileSync(distPath('test/spiflash.js'), 'utf8');
  assert.equal(gate(bundle), []);
  const lines = await runRooms(
    bundle,
    `
vfs.addDriver(vfs.littlefs2);
var nor = new vfs.NorFlash({ size: 65536, eraseSize: 4096, progSize: 1 });
var chip = new vfs.SimSpiNor(nor);
var flash = new vfs.SpiFlash(chip.spi, chip.cs, { baudrate: 20000000 });
console.log([flash.ioctl(4, 0), flash.ioctl(5, 0), flash.progsize, chip.baud].join());
vfs.VfsLfs2.mkfs(flash);
vfs.mount(flash, '/ext');
vfs.writeFile('/ext/a.txt', 'over SPI');
var file = vfs.open('/ext/a.txt', 'a');
file.write(', byte by byte');
file.close();
vfs.umount('/ext');
flash = new vfs.SpiFlash(chip.spi, chip.cs);
vfs.mount(flash, '/ext');
console.log(vfs.readFile('/ext/a.txt', 'utf8'));
vfs.umount('/ext');
console.log('' + flash.writeblocks(15, new Uint8Array([1, 2, 3]), 4090) + ' ' + flash.readarray(15, 4090, 3)[2]);
chip.present = false;
console.log('' + flash.ioctl(6, 1) + ' ' + flash.readblocks(0, new Uint8Array(4), 0));
try { new vfs.SpiFlash(chip.spi, chip.cs); } catch (error) { console.log(error.code); }
console.log(chip.violations.length + ' violations');
`,
  );
  const expected = ['16,4096,1,20000000', 'over SPI, byte by byte', '0 3', '-19 -19', 'ENODEV', '0 violations'];
  for (const engine in lines) assert.equal(lines[engine].slice(-expected.length), expected, engine);
  console.log(`NOTE: external flash: run in ${Object.keys(lines).join(', ')}`);
});

test.run();
