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

if (program)
  test('a volume by itself, pieces that are written, and wrong arguments', async () => {
    const { ok, lines } = await onEspruino(`
      var vfs = require('vfs');
      vfs.VfsLfs2.mkfs(new vfs.Partition('vfs'));
      var fs = new vfs.VfsLfs2(new vfs.Partition('vfs'));
      fs.mkdir('d');
      fs.chdir('d');
      var file = fs.open('f', 'w');
      print(file.write('abcdef', 2, 3), file.write('xyz', 1), fs.getcwd(), vfs.mount().length);
      file.close();
      print(fs.listdir('/').join(), fs.stat('../d/f')[6], fs.open('/d/f').read());
      function told(run) { try { print(run()); } catch (e) { print(e.code, e instanceof TypeError, e.message); } }
      told(function () { return fs.stat('none'); });
      told(function () { return new vfs.VfsLfs2(new vfs.Partition('vfs'), { progsize: 'a' }); });
      told(function () { return new vfs.VfsLfs2(new vfs.Partition('vfs'), { lookahead: -1 }); });
      told(function () { return vfs.mount(new vfs.Partition('vfs'), '/', true); });
      print(new vfs.Partition('vfs').writeblocks(0, new Uint8Array(4), '1'));
      vfs.mount(new vfs.VfsLfs2(new vfs.Partition('vfs')), '/');
      print(vfs.readFile('/d/f', 'utf8'));
      told(function () { return vfs.open('/d/f').seek(1, '__proto__'); });
      told(function () { return vfs.open('/d/f').seek(4294967296); });`);
    assert.ok(ok, lines.join('\n'));
    assert.equal(lines.slice(0, 3), ['3 1 /d 0', 'd 4 cdex', "ENOENT false ENOENT: no such file or directory, stat '/d/none'"]);
    assert.match(lines[3], /true .*progsize/);
    assert.match(lines[4], /^EINVAL false .*lookahead/);
    assert.match(lines[5], /true .*options/);
    assert.equal(lines.slice(6, 8), ['-22', 'cdex']);
    assert.match(lines[8], /true .*whence/);
    assert.match(lines[9], /^EINVAL false .*offset/);
  });

test.run();
