/** The board's bundle against Espruino's own `Flash`, whose `erasePage` takes no float. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { NorFlash, norImage } from '../boards/sim';
import { findProgram, runExternal } from '../tools/engines/external';
import { rows, tableImage } from './esp32-chip';

/** The native function sees each address first. Beyond Espruino's own flash it does nothing. */
const strictErase = `
var flash = require('Flash');
var own = __native('Flash');
var erase = flash.erasePage;
flash.erasePage = function (addr) { own.erasePage(addr); erase(addr); };`;

let program = '';
try {
  program = findProgram('espruino');
} catch (error) {
  console.log(`SKIP: ${(error as Error).message}`);
}

const onEspruino = async (source: string): Promise<{ nor: NorFlash; ok: boolean; lines: string[] }> => {
  const nor = new NorFlash({ size: 4 * 1024 * 1024, eraseSize: 4096, progSize: 4 });
  nor.poke(8, tableImage(rows));
  const lines: string[] = [];
  const steps = [strictErase, source].map((text) => ({ source: text, fileName: 'step' }));
  const ok = await runExternal('espruino', 'esp32', nor, { steps, success: 'true' }, (line) => lines.push(line));
  return { nor, ok, lines };
};

if (program)
  test('erases by whole addresses only, blocks and writes of every kind', async () => {
    const { nor, ok, lines } = await onEspruino(`
      var vfs = require('vfs');
      var part = new vfs.Partition('vfs');
      print(part.ioctl(6, 6 / 2), part.writeblocks(9 / 3, new Uint8Array([1, 2, 3, 4]), 0));
      print(part.writeblocks(10 / 2, new Uint8Array(4096)), part.writeblocks(Math.min(6, 7), new Uint8Array(4096)));
      var small = new vfs.Partition('vfs', { blockSize: 512 });
      print(small.writeblocks(Math.floor(57.5), new Uint8Array(512)));`);
    assert.ok(ok, lines.join('\n'));
    assert.equal(lines, ['0 0', '0 0', '0']);
    const at = (addr: number) => norImage(nor)[addr];
    assert.equal([0x303000, 0x303003, 0x303004, 0x305fff, 0x306000, 0x307200, 0x307400].map(at), [1, 4, 255, 0, 0, 0, 255]);
  });

if (program)
  test('boots, formats, and finds the line of an error in main.js', async () => {
    const { ok, lines } = await onEspruino(`
      var vfs = require('vfs');
      vfs.boot();
      vfs.writeFile('/main.js', 'var a;\\n\\nfunction f() {\\n  nobody();\\n}\\nf();');
      vfs.umount('/');
      vfs.boot();
      vfs.boot();`);
    assert.ok(ok, lines.join('\n'));
    assert.equal(lines, [
      'esp32: / vfs littlefs2 formatted',
      'esp32: / vfs littlefs2 mounted',
      '/main.js:6: ReferenceError: "nobody" is not defined',
      'esp32: already booted',
    ]);
  });

test.run();
