/** `fs` on Espruino itself: scripts that are written for its own `fs` and `E.openFile`, over littlefs. */
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { NorFlash } from '../boards/sim';
import { distPath } from '../tools/dist';
import { findProgram, runExternal } from '../tools/engines/external';
import { rows, tableImage } from './esp32-chip';
import { runRoomsIn } from './support/rooms';

let program = '';
try {
  program = findProgram('espruino');
} catch (error) {
  console.log(`SKIP: ${(error as Error).message}`);
}

const onEspruino = async (source: string): Promise<{ ok: boolean; lines: string[] }> => {
  const nor = new NorFlash({ size: 4 * 1024 * 1024, eraseSize: 4096, progSize: 4 });
  nor.poke(8, tableImage(rows));
  const lines: string[] = [];
  const install = "var vfs = require('vfs'); vfs.boot(); vfs.installFs();";
  const steps = [install, source].map((text) => ({ source: text, fileName: 'step' }));
  const ok = await runExternal('espruino', 'esp32', nor, { steps, success: 'true', setup: { kind: '-sd' } }, (line) => lines.push(line));
  return { ok, lines: lines.slice(1) };
};

if (program)
  test("scripts for Espruino's File and fs run unchanged on littlefs", async () => {
    const { ok, lines } = await onEspruino(`
      var fs = require('fs');
      print(fs.writeFileSync('hello.txt', 'Hello World'), fs.appendFileSync('hello.txt', '!!!'));
      print(fs.readFileSync('hello.txt'), fs.readFile('hello.txt'), typeof fs.readFileSync('hello.txt'));
      print(fs.readdirSync().join(), fs.readdirSync('/').join(), fs.readdir('').join());
      var s = fs.statSync('hello.txt');
      print(s.size, s.dir, s.mtime instanceof Date, fs.statSync('none'), fs.mkdir('logs'), fs.statSync('logs').dir);
      var w = E.openFile('log.txt', 'w');
      print(w.write('Testing '), w.write('Write'), w.read(3));
      w.close();
      var f = E.openFile('log.txt', 'r');
      f.skip(8);
      print(f.read(3), f.read(100), f.read(10));
      f.seek(0);
      print(f.read(4), f.write('x'));
      f.close();
      f.close();
      f = E.openFile('log.txt', 'a');
      f.write(' more');
      f.close();
      print(fs.readFileSync('log.txt'), fs.unlinkSync('log.txt'), fs.readdir('/').join());
      try { E.openFile('none', 'r'); } catch (e) { print(e.code, e instanceof Error); }
      print(E.openFile('hello.txt', 'q'));`);
    assert.ok(ok, lines.join('\n'));
    assert.equal(lines, [
      'true true',
      'Hello World!!! Hello World!!! string',
      'hello.txt hello.txt hello.txt',
      '14 false true undefined true true',
      '8 5 undefined',
      'Wri te undefined',
      'Test 0',
      'Testing Write more true hello.txt,logs',
      'ENOENT true',
      'undefined',
    ]);
  });

if (program)
  test("Node's forms are there too: descriptors, errors, constants", async () => {
    const { ok, lines } = await onEspruino(`
      var fs = require('fs');
      var fd = fs.openSync('/f', 'w+');
      print(fd, fs.writeSync(fd, 'content'), fs.fstatSync(fd).size);
      var b = new Uint8Array(4);
      print(fs.readSync(fd, b, 1, 3, 2), b.join());
      fs.closeSync(fd);
      try { fs.closeSync(fd); } catch (e) { print(e.code, e.errno, e.syscall); }
      try { fs.renameSync('/none', '/g'); } catch (e) { print(e.code, e.errno, e.syscall, e.path, e.dest, e.message); }
      print(fs.readFileSync('/f', null).length, fs.constants.O_RDWR, fs.existsSync('/f'));
      fs.mkdirSync('/a/b', { recursive: true });
      fs.cpSync('/f', '/a/b/f');
      print(fs.readdirSync('/a', { recursive: true }).join());
      fs.rmSync('/a', { recursive: true });
      print(fs.readdirSync('/').join(), fs.readFileSync('/f', 'latin1'));`);
    assert.ok(ok, lines.join('\n'));
    assert.equal(lines, [
      '3 7 7',
      '3 0,110,116,101',
      'EBADF -9 close',
      "ENOENT -2 rename /none /g ENOENT: no such file or directory, rename '/none' -> '/g'",
      '7 2 true',
      'b,b/f',
      'f content',
    ]);
  });

if (program)
  test('a logger by a timer, and what is piped while the engine is idle, over littlefs', async () => {
    const bundle = readFileSync(distPath('test/fs.js'), 'utf8');
    const lines = await runRoomsIn(
      'espruino',
      bundle,
      `var disk = new vfs.RAMBlockDev(512, 64);
      vfs.VfsLfs2.mkfs(disk);
      vfs.mount(new vfs.VfsLfs2(disk), '/');
      vfs.installFs();
      var file = E.openFile('log.txt', 'w');
      for (var i = 0; i < 20; i++) file.write('line ' + i + '\\n');
      file.close();
      var from = E.openFile('log.txt', 'r'), to = E.openFile('copy.txt', 'w');
      from.pipe(to, { chunkSize: 32, complete: function () {
        var fs = require('fs');
        print('copied', fs.statSync('copy.txt').size, fs.readFile('copy.txt') === fs.readFile('log.txt'));
        var got = '';
        fs.pipe(E.openFile('copy.txt', 'r'), {
          write: function (data) { got += data; return true; },
          end: function () { print('piped', got.length); }
        });
      } });
      var count = 0;
      var timer = setInterval(function () {
        require('fs').appendFile('data.csv', count + ',' + analog() + '\\n');
        if (++count === 3) {
          clearInterval(timer);
          print('logged', JSON.stringify(require('fs').readFile('data.csv')));
        }
      }, 20);
      function analog() { return 42; }`,
    );
    for (const line of ['copied 150 true', 'piped 150', 'logged "0,42\\n1,42\\n2,42\\n"'])
      assert.ok(lines.includes(line), lines.join('\n'));
  });

if (program)
  test("the firmware's own card is mounted as before where fs has taken the place of the firmware's", async () => {
    const bundle = readFileSync(distPath('test/fs.js'), 'utf8');
    const lines = await runRoomsIn(
      'espruino',
      bundle,
      `var own = require('fs');
      own.writeFileSync('card.txt', 'on the card');
      var disk = new vfs.RAMBlockDev(512, 64);
      vfs.VfsLfs2.mkfs(disk);
      vfs.mount(new vfs.VfsLfs2(disk), '/');
      vfs.mount(new vfs.VfsNative(), '/before');
      vfs.installFs();
      vfs.mount(new vfs.VfsNative(), '/sd');
      var fs = require('fs');
      print(fs !== own, fs.readdirSync('/sd').indexOf('card.txt') >= 0, fs.readFileSync('/sd/card.txt'), vfs.readFile('/before/card.txt', 'utf8'));
      fs.appendFileSync('/sd/card.txt', '!');
      var file = E.openFile('/sd/new.txt', 'w');
      file.write('new');
      file.close();
      print(own.readFileSync('card.txt'), own.readFileSync('new.txt'), fs.readdirSync('/').sort().join(), fs.statSync('/before/new.txt').size);`,
    );
    for (const line of ['true true on the card on the card', 'on the card! new before,sd 3'])
      assert.ok(lines.includes(line), lines.join('\n'));
  });

test.run();
