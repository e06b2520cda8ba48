/** What `microvfs boot` is asked for: chips, bundles, partitions, its report as data, serial ports. */
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { boards } from '../boards/sim';
import { distPath } from '../tools/dist';
import { microvfs, type Run } from './support/command';
import { has } from './support/tools';

const folder = mkdtempSync(join(tmpdir(), 'microvfs-options-'));
const at = (name: string) => join(folder, name);
const env = { ...process.env, NO_COLOR: '1' };

function commandOf(args: string[], script?: string): string[] {
  if (script !== undefined) writeFileSync(at('script.js'), script);
  return ['boot', ...args, ...(script === undefined ? [] : ['--run', at('script.js')])];
}

const boot = (args: string[], script?: string): Promise<Run> => microvfs(commandOf(args, script));

const KEEPS =
  "var v = require('vfs'), n = v.exists('n') ? +v.readFile('n', 'utf8') : 0; v.writeFile('n', '' + (n + 1)); print('start', n);";

for (const [board, { sim }] of Object.entries(boards))
  for (const chip of sim.chips ?? [])
    test(`${board} on ${chip}: boots, or says how a volume is made, and what is written is kept`, async () => {
      const place = ['--board', board, '--chip', chip, '--flash', at(`${chip}.bin`)];
      let first = await boot(place, KEEPS);
      if (/absent/.test(first.out)) {
        // All of its flash is Storage: a file there becomes the volume.
        const { StorageVolume } = boards[board].bundles[''].names as { StorageVolume: unknown };
        assert.ok(StorageVolume, 'no volume in Storage in its bundle');
        const made = await boot(place, "require('vfs').boot({ create: '128K' }); print(require('vfs').bootReport.volumes[0].state)");
        assert.match(made.out, /^formatted$/m);
        first = await boot(place, KEEPS);
      }
      assert.is(first.code, 0, first.err + first.out);
      assert.match(first.out, /^start 0$/m);
      assert.match((await boot(place, KEEPS)).out, /mounted\nstart 1$/m);
    });

test('a chip that the board does not have, and one for a board that has no choice, are misuse', async () => {
  assert.match((await boot(['--board', 'stm32', '--flash', at('no.bin'), '--chip', 'jolt'])).err, /stm32 has stm32f405, stm32f411/);
  assert.match((await boot(['--flash', at('no.bin'), '--chip', 'jolt'])).err, /not for esp32/);
  assert.match((await boot(['--board', 'stm32', '--flash', at('no.bin'), '--partitions', at('t.csv')])).err, /not for stm32/);
  assert.not(existsSync(at('no.bin')));
});

test('--bundle chooses what require gives, with or without a card', async () => {
  const names = "var v = require('vfs'); print(typeof v.VfsFat, typeof v.devfs)";
  assert.match((await boot(['--flash', at('b.bin'), '--size', '512K'], names)).out, /^undefined undefined$/m);
  assert.match((await boot(['--flash', at('b.bin'), '--bundle', 'default'], names)).out, /^undefined undefined$/m);
  assert.match((await boot(['--flash', at('b.bin'), '--bundle', 'sd'], names)).out, /^function function$/m);
  writeFileSync(at('card.img'), Buffer.alloc(1024 * 1024));
  const without = await boot(['--flash', at('b.bin'), '--bundle', 'default', '--sd', at('card.img')], names);
  assert.is(without.code, 2);
  assert.match(without.err, /give --bundle sd/);
});

test('--partitions makes a chip with that table, takes one that has it, and refuses another', async () => {
  writeFileSync(at('rows.csv'), 'nvs, data, nvs, 0x9000, 24K\nstore, data, 0x40, 0x20000, 64K\nvfs, data, fat, 0x30000, 128K\n');
  const args = ['--flash', at('own.bin'), '--size', '512K', '--partitions', at('rows.csv')];
  const script = "var P = require('vfs').Partition; print(P.find(1).map(function (p) { return p.info()[4] + ' ' + p.info()[3]; }).join())";
  const run = await boot(args, script);
  assert.is(run.code, 0, run.err + run.out);
  assert.match(run.out, /nvs 24576,store 65536,vfs 131072/);
  assert.is((await boot(args, script)).code, 0);
  writeFileSync(at('rows.csv'), 'vfs, data, fat, 0x20000, 128K\n');
  const other = await boot(args, script);
  assert.is(other.code, 2);
  assert.match(other.err, /has another partition table/);
  writeFileSync(at('rows.csv'), 'vfs, data, fat, 0x20001, 128K\n');
  assert.match(
    (await boot(['--flash', at('own2.bin'), '--partitions', at('rows.csv')])).err,
    /line 1: vfs must begin at a multiple of 4096/,
  );
  assert.not(existsSync(at('own2.bin')));
});

test('--json prints the report of the boot and nothing else; the console goes to the standard error', async () => {
  const args = ['--flash', at('json.bin'), '--size', '512K', '--json'];
  const run = await boot(args, "print('from the script'); require('vfs').writeFile('/main.js', 'x.y');");
  const report = JSON.parse(run.out);
  assert.is(report.ok, true);
  assert.equal([report.board, report.volumes[0].state, report.scripts], ['esp32', 'formatted', []]);
  assert.match(run.err, /^from the script$/m);
  const bad = await boot(args);
  assert.is(bad.code, 1);
  assert.is(JSON.parse(bad.out).ok, false);
  assert.is(JSON.parse(bad.out).scripts.length, 1);
});

for (const engine of ['quickjs', 'node']) {
  const args = ['--flash', at('serial.bin'), '--size', '512K', '--bundle', 'sd', '--engine', engine];
  test(`${engine}: a file is fed to Serial1 and /dev/uart/1, at the pace of a wire; then the board is idle`, async () => {
    const text = Array.from({ length: 200 }, (_, i) => `$GPGGA,${i},\xe4\n`).join('');
    writeFileSync(at('gps.txt'), text, 'latin1');
    const listening = await boot(
      [...args, '--serial', at('gps.txt')],
      "var got = '', from = Date.now(); Serial1.on('data', function (d) { got += d; if (got.length === " +
        `${text.length}) print(got.length, Date.now() - from >= ${Math.floor(text.length / 11.52)}, got.split('\\n')[199]); });`,
    );
    assert.match(listening.out, new RegExp(`^${text.length} true \\$GPGGA,199,\xe4$`, 'm'));
    assert.is(listening.code, 0, listening.err);
    const reading = await boot(
      [...args, '--serial', `2:${at('gps.txt')}`],
      `var v = require('vfs'); v.register('/dev', v.devfs());
       var file = v.open('/dev/uart/2', 'rb'), n = 0, idle = Date.now(), sum = 0;
       while (n < ${text.length} && Date.now() - idle < 5000) {
         var piece; try { piece = file.read(100); } catch (none) { piece = ''; }
         if (piece && piece.length) { n += piece.length; sum += piece[0]; idle = Date.now(); }
       }
       print('read', n);`,
    );
    assert.match(reading.out, new RegExp(`^read ${text.length}$`, 'm'), reading.err);
  });
}

if (has('socat'))
  test('a pseudo terminal is the other end of Serial1, both ways and byte by byte', async () => {
    const socat = spawn('socat', [`PTY,raw,echo=0,link=${at('board')}`, `PTY,raw,echo=0,link=${at('mine')}`]);
    try {
      for (let i = 0; i < 100 && !existsSync(at('mine')); i++) await sleep(20);
      const command = commandOf(
        ['--flash', at('pty.bin'), '--size', '512K', '--serial', at('board')],
        "var all = ''; Serial1.on('data', function (d) { all += d; if (all.charAt(all.length - 1) === '\\n') { Serial1.write('got ' + all); if (all === 'end\\n') { Serial1.listeners.length = 0; } all = ''; } }); print('listens');",
      );
      const child = spawn(process.execPath, [distPath('tools/microvfs.js'), ...command], { env, stdio: ['ignore', 'pipe', 'pipe'] });
      let out = '';
      child.stdout.on('data', (data) => (out += data));
      for (let i = 0; i < 500 && !/listens/.test(out); i++) await sleep(20);
      const reader = spawn('cat', [realpathSync(at('mine'))]);
      let back = Buffer.alloc(0);
      reader.stdout.on('data', (data) => (back = Buffer.concat([back, data])));
      for (const line of [Buffer.from([1, 3, 4, 0x7f, 0xff, 0, 0x80, 10]), Buffer.from('end\n')]) {
        const before = back.length;
        appendFileSync(at('mine'), line);
        for (let i = 0; i < 300 && back.length < before + 4 + line.length; i++) await sleep(20);
      }
      assert.is(back.toString('latin1'), 'got \x01\x03\x04\x7f\xff\0\x80\ngot end\n');
      // Nobody listens any more: the board is idle.
      const late = setTimeout(() => child.kill(), 20000);
      const code = await new Promise((done) => child.on('close', done));
      clearTimeout(late);
      assert.is(code, 0);
      reader.kill();
    } finally {
      socat.kill();
    }
  });

test('a serial port that cannot be opened, and an engine outside, are misuse', async () => {
  assert.match((await boot(['--flash', at('s.bin'), '--serial', at('nothing')])).err, /cannot use .*nothing for Serial1: ENOENT/);
  assert.match((await boot(['--flash', at('s.bin'), '--serial', '2:'])).err, /ENOENT|give a file/);
  assert.not(existsSync(at('s.bin')));
});

test.after(() => rmSync(folder, { recursive: true, force: true }));
test.run();
