/** `microvfs boot` runs on: timers, its clock, how it is stopped, and what scripts ask too much of. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { simBoards } from '../boards/sim';
import { distPath } from '../tools/dist';
import { programs } from '../tools/engines/external';
import { startThread } from '../tools/engines/thread';
import { freshChip } from '../tools/partition-table';
import { microvfs } from './support/command';
import { programsHere } from './support/program';

const folder = mkdtempSync(join(tmpdir(), 'microvfs-run-'));
const at = (name: string) => join(folder, name);
const engines = ['quickjs', 'node', ...Object.keys(programsHere())];

interface Run {
  code: number | null;
  out: string;
  err: string;
  ms: number;
}

let last = 0;

function commandOf(script: string, args: string[]): string[] {
  const file = at(`script${++last}.js`);
  writeFileSync(file, script);
  return ['boot', '--flash', at('chip.bin'), '--size', '512K', '--run', file, ...args];
}

/** In a process of its own, which can be stopped. @param meanwhile gets it, and what it has printed so far, each time */
async function program(
  script: string,
  args: string[],
  meanwhile: (child: ChildProcess, out: string) => void = () => {},
  more: NodeJS.ProcessEnv = {},
): Promise<Run> {
  const began = Date.now();
  const child = spawn(process.execPath, [distPath('tools/microvfs.js'), ...commandOf(script, args)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...more, NO_COLOR: '1' },
  });
  const run: Run = { code: null, out: '', err: '', ms: 0 };
  child.stdout.on('data', (data) => {
    run.out += data;
    meanwhile(child, run.out);
  });
  child.stderr.on('data', (data) => (run.err += data));
  run.code = await new Promise((done) => child.on('close', done));
  run.ms = Date.now() - began;
  return run;
}

/** In this process, where the engine is. */
async function boot(script: string, args: string[]): Promise<Run> {
  if (Object.keys(programs).some((engine) => args.includes(engine))) return await program(script, args);
  const began = Date.now();
  const run = await microvfs(commandOf(script, args));
  return { ...run, ms: Date.now() - began };
}

const TIMERS = `
var began = Date.now(), ticks = 0;
var ticking = setInterval(function (what) {
  print(what, ++ticks, Date.now() - began >= 500 * ticks);
  if (ticks === 3) clearInterval(ticking);
}, 500, 'tick');
setTimeout(function () { print('between'); }, 1250);
clearTimeout(setTimeout(function () { print('never'); }, 10));
print('script ends');
`;

for (const engine of engines) {
  test(`${engine}: timers run until none is left, in order, on a clock that may be faster`, async () => {
    const run = await boot(TIMERS, ['--engine', engine, '--speed', '10']);
    assert.is(run.code, 0, run.err + run.out);
    assert.equal(run.out.trim().split('\n').slice(1), ['script ends', 'tick 1 true', 'tick 2 true', 'between', 'tick 3 true']);
  });

  test(`${engine}: dates are dates`, async () => {
    const run = await boot(
      "var none = false, date; try { date = new Date(7); } catch (e) { none = true; } print('dates ' + (none || (date instanceof Date && date.getTime() === 7 && Date.now() > 1e12)));",
      ['--engine', engine],
    );
    assert.match(run.out, /^dates true$/m, run.err);
  });

  test(`${engine}: an error in a timer is told, the others run, and the exit code is 1`, async () => {
    const run = await boot(
      "setTimeout(function () { throw new Error('no sensor'); }, 10); setTimeout(function () { require('vfs').writeFile('/late', 'x'); print('late'); }, 20);",
      ['--engine', engine],
    );
    assert.is(run.code, 1);
    assert.match(run.err + run.out, 'Error: no sensor');
    assert.match(run.out, /^late$/m);
  });

  test(`${engine}: --for stops what would go on for ever, and what it has written is in the flash`, async () => {
    const run = await boot("var n = 0; setInterval(function () { require('vfs').writeFile('/n', '' + ++n); print(n); }, 1000);", [
      ...['--engine', engine, '--speed', '20', '--for', '3500ms'],
    ]);
    assert.is(run.code, 0, run.err + run.out);
    assert.equal(run.out.trim().split('\n').slice(1), ['1', '2', '3']);
    const again = await boot("print('there: ' + require('vfs').readFile('/n', 'utf8'))", []);
    assert.match(again.out, /^there: 3$/m);
  });
}

for (const engine of ['quickjs', 'node']) {
  test(`${engine}: promises are kept before the board is idle`, async () => {
    const run = await boot(
      'var p = Promise.resolve(0); for (var i = 0; i < 50; i++) p = p.then(function (n) { return n + 1; });' +
        "p.then(function (n) { setTimeout(function () { print('kept', n); }, 5); });",
      ['--engine', engine],
    );
    assert.match(run.out, /^kept 50$/m);
  });

  test(`${engine}: Ctrl-C stops timers and loops, and what was written stays`, async () => {
    for (const script of [
      "require('vfs').writeFile('/c', 'kept'); print('on'); while (true);",
      "setInterval(function () { print('on'); }, 50);",
    ]) {
      let signalled = false;
      const run = await program(script, ['--engine', engine], (child, out) => {
        if (!/^on$/m.test(out) || signalled) return;
        signalled = true;
        child.kill('SIGINT');
      });
      assert.is(run.code, 0, run.err + run.out);
      assert.is(run.err, '');
    }
    assert.match((await boot("print(require('vfs').readFile('/c', 'utf8'))", ['--engine', engine])).out, /^kept$/m);
  });

  test(`${engine}: --for ends a loop as well`, async () => {
    const run = await boot("print('on'); while (true);", ['--engine', engine, '--for', '200ms']);
    assert.is(run.code, 0, run.err + run.out);
    assert.ok(run.ms < 20000);
  });

  test(`${engine}: recursion without an end is an error that scripts catch, and the board goes on`, async () => {
    const run = await program(
      `var depth = 0;
       function calls() { depth++; return calls() + 1; }
       function nested() { return [3, 1, 2].sort(function () { nested(); return 1; }); }
       var loop = { toString: function () { return '' + this; } };
       var deep = ''; for (var i = 0; i < 50000; i++) deep += '[';
       [calls, nested, function () { return '' + loop; }, function () { JSON.parse(deep); }].forEach(function (f) {
         try { f(); print('no error'); } catch (error) { print(error instanceof Error); }
       });
       print(depth > 1000);
       require('vfs').writeFile('/after', 'on');
       print(require('vfs').readFile('/after', 'utf8'));
       calls();`,
      ['--engine', engine],
    );
    assert.equal(run.out.trim().split('\n').slice(1), ['true', 'true', 'true', 'true', 'true', 'on']);
    assert.is(run.code, 1);
    assert.match(run.err, /stack/);
    assert.ok(run.err.split('\n').length < 30, 'the trace has no end');
  });
}

test('quickjs: memory without an end is an error that scripts catch, and the board goes on', async () => {
  const run = await boot(
    `var kept = [];
     try { for (;;) kept.push(new Uint8Array(1 << 20)); } catch (error) { kept = undefined; print(error instanceof Error, '' + error); }
     require('vfs').writeFile('/after', 'on'); print(require('vfs').readFile('/after', 'utf8'));`,
    [],
  );
  assert.equal(run.out.trim().split('\n').slice(1), ['true InternalError: out of memory', 'on']);
  assert.is(run.code, 0);
});

test('node: memory without an end stops the board and not the program, and what was written stays', async () => {
  const run = await program(
    "require('vfs').writeFile('/m', 'kept'); var kept = []; for (;;) kept.push({ n: kept.length, s: 's' + kept.length });",
    [...['--engine', 'node']],
  );
  assert.is(run.code, 1);
  assert.is(run.err.trim(), 'the engine has no memory left: the board has stopped');
  assert.match((await boot("print(require('vfs').readFile('/m', 'utf8'))", [])).out, /^kept$/m);
});

test('a board whose files cannot be opened when it starts is told in one line, and the exit code is 1', async () => {
  // As where somebody has removed it, or no more files may be open.
  writeFileSync(
    at('hook.cjs'),
    `const fs = require('node:fs');
     if (!require('node:worker_threads').isMainThread) {
       const open = fs.openSync;
       fs.openSync = (path, ...more) => {
         if (String(path).endsWith('chip.bin')) throw Object.assign(new Error('EMFILE: too many open files, open'), { code: 'EMFILE' });
         return open(path, ...more);
       };
       require('node:module').syncBuiltinESMExports();
     }`,
  );
  for (const engine of ['quickjs', 'node']) {
    const run = await program('1', ['--engine', engine], undefined, { NODE_OPTIONS: `--require ${at('hook.cjs')}` });
    assert.is(run.err, 'microvfs: the board cannot be started: EMFILE: too many open files, open\n');
    assert.is(run.code, 1);
  }
});

test('a device that has come to its end on a serial port does not keep the board waiting', async () => {
  const run = await program(
    `Serial1.on('data', function () { print('never'); }); Serial1.write('x'); print('listens');`,
    ['--serial', '/dev/null'],
    (child) => setTimeout(() => child.kill(), 20000).unref(),
  );
  assert.is(run.code, 0, run.err);
  assert.match(run.out, /^listens$/m);
});

test('a time of months does not end the board at once', async () => {
  const run = await boot("setTimeout(function () { print('late'); }, 700);", ['--for', '10000h']);
  assert.match(run.out, /^late$/m);
  assert.is(run.err, '');
});

test('what was interrupted between two steps does not begin the next', async () => {
  for (const engine of ['quickjs', 'node']) {
    const geometry = simBoards.esp32.geometry;
    writeFileSync(at('between.bin'), freshChip(geometry.size));
    const device = await startThread(
      { engine, board: 'esp32', flash: at('between.bin'), geometry, setup: { kind: '' } },
      { print: () => {}, uncaught: () => {} },
    );
    device.interrupt();
    const never = sleep(5000, { ok: true, text: 'never' });
    assert.equal(await Promise.race([device.evaluate('while (true);', 'loop'), never]), { ok: false, text: 'interrupted' }, engine);
    await device.close();
  }
});

for (const engine of engines.slice(2))
  test(`${engine}: Ctrl-C ends the engine, and leaves neither its files nor the lock of the flash`, async () => {
    mkdirSync(at('temporary'), { recursive: true });
    let signalled = false;
    const run = await program(
      "print('on'); while (true);",
      ['--engine', engine],
      (child, out) => {
        if (!/^on$/m.test(out) || signalled) return;
        signalled = true;
        child.kill('SIGINT');
      },
      { TMPDIR: at('temporary') },
    );
    assert.is(run.code, 1);
    assert.match(run.out, `${engine} stopped (killed) before the end; the flash file is as it was`);
    assert.equal(readdirSync(at('temporary')), []);
    assert.not(existsSync(at('chip.bin.lock')));
    rmSync(at('temporary'), { recursive: true });
  });

test('times and speeds that cannot be are misuse', async () => {
  for (const args of [
    ['--for', '10'],
    ['--for', '0s'],
    ['--for', 'long'],
    ['--speed', '0'],
    ['--speed', 'fast'],
    ['--speed', '1e9'],
  ])
    assert.is((await boot('1', args)).code, 2, args.join(' '));
});

test.after(() => rmSync(folder, { recursive: true, force: true }));
test.run();
