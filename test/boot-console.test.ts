/** The console of `microvfs boot`: on a pseudo terminal, and with input that is piped in. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { createColors } from 'picocolors';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { distPath } from '../tools/dist';
import { complete } from '../tools/engines/complete';
import type { Outcome } from '../tools/engines/engine';
import type { BoardThread } from '../tools/engines/thread';
import { openConsole } from '../tools/repl';
import { isUnfinished } from '../tools/repl-lines';
import { has } from './support/tools';

const folder = mkdtempSync(join(tmpdir(), 'microvfs-console-'));
const at = (name: string) => join(folder, name);
const env = { ...process.env, NO_COLOR: '1', TERM: 'xterm', XDG_STATE_HOME: folder };

function piped(input: string, ...args: string[]) {
  const child = spawnSync(
    process.execPath,
    [distPath('tools/microvfs.js'), 'boot', '--flash', at('piped.bin'), '--size', '512K', ...args],
    {
      encoding: 'utf8',
      env,
      input,
    },
  );
  return { code: child.status, lines: child.stdout.split('\n').filter(Boolean).slice(1), err: child.stderr };
}

test('what is piped in runs as on the console: results, functions over several lines, timers to their end', () => {
  const run = piped(
    "vfs.writeFile('/a.txt', 'text')\nfunction twice(n) {\n\n  return 2 * n;\n}\ntwice(21)\nvfs.listdir('/')\nsetTimeout(function () { print('late'); }, 50); 'now'\nlast = 7",
  );
  assert.equal(run.lines, ['42', '["a.txt"]', 'now', '7', 'late'], run.err);
  assert.is(run.code, 0);
});

test('.exit leaves what is piped in: nothing behind it runs', () => {
  const run = piped("'before'\n.exit\n'behind'\nnothing.there");
  assert.equal(run.lines, ['before'], run.err);
  assert.is(run.code, 0);
});

test('a console that is closed before it has opened ends at once, though the input goes on', async () => {
  const input = new PassThrough();
  let answer: (outcome: Outcome) => void = () => {};
  const device = { evaluate: () => new Promise<Outcome>((done) => (answer = done)), interrupt: () => {} };
  const console = openConsole({ input, output: new PassThrough() }, createColors(false));
  const ended = console.run(device as unknown as BoardThread);
  console.close();
  answer({ ok: true, text: '' });
  assert.is(await Promise.race([ended, sleep(2000, 'never')]), true);
});

test('an error in what is piped in is told, what follows runs, and the exit code is 1', () => {
  for (const engine of ['quickjs', 'node']) {
    const run = piped('nothing.there\n1 +* 2\n6 * 7\nif (true) {', '--engine', engine);
    assert.is(run.code, 1);
    assert.match(run.lines.join('\n'), /ReferenceError[\s\S]*SyntaxError[\s\S]*^42$[\s\S]*SyntaxError/m);
  }
});

test('volumes, devices, files and dates are shown in a line that says what they are', () => {
  const run = piped(
    "vfs.mount()[0][0]\nbdev\nf = vfs.open('/f', 'w'); f.write('123'); f\nf.close(); f\nnew Date(0)\n({ a: [1, { b: 2 }], f: print })\nnew vfs.VfsLfs2(bdev)\n[vfs.stat('/f')[6], vfs.mount()]",
  );
  assert.match(run.lines[0], /^\[VfsLfs2 at \/, \d+ of 256 kB free\]$/);
  assert.equal(run.lines.slice(1, 7), [
    '[Partition, 64 blocks of 4096 bytes]',
    '[file, at 3]',
    '[file, closed]',
    '1970-01-01T00:00:00.000Z',
    '{ a: [1, { b: 2 }], f() }',
    '[VfsLfs2, not mounted]',
  ]);
  assert.match(run.lines[7], /^\[3, \[\[\[VfsLfs2 at \/, .* free\], "\/"\]\]\]$/);
});

test('a volume of a file system that cannot say its space is shown as well', () => {
  for (const engine of ['quickjs', 'node']) {
    const run = piped(
      "vfs.mount({ mount: print, umount: print, ilistdir: print, open: print }, '/own')\nvfs.mount()\nDate.prototype",
      '--engine',
      engine,
    );
    assert.match(run.lines[run.lines.length - 2], /, \[\[volume at \/own\], "\/own"\]\]$/);
    assert.is(run.lines[run.lines.length - 1], '{}');
    assert.is(run.code, 0, run.err);
  }
});

test('a line is unfinished as long as more of it could make it whole', () => {
  for (const text of ['function f() {', 'f(1,', '[1, 2', '`a', 'if (a) {\n\n  b();', 'f(', 'x = {'])
    assert.is(isUnfinished(text), true, text);
  for (const text of ['1', 'f(1 2', '1 +* 2', "'a", '}', 'f(1)', 'a.b.']) assert.is(isUnfinished(text), text === 'a.b.', text);
});

test('names and paths are completed', () => {
  const tree: { [dir: string]: string[] } = { '.': ['main.js', 'lib', 'my'], '/lib/': ['adder.js', 'a'], '': [] };
  const vfs = { listdir: (path: string) => tree[path], stat: (path: string) => [/lib$|my$/.test(path) ? 0x4000 : 0x8000] };
  class Base {
    inherited() {}
  }
  const values: { [name: string]: unknown } = {
    globalThis: { vfs: 1, value: 2, __hidden: 3 },
    vfs: { listdir: 1, lock: 2 },
    'a.b': new Base(),
  };
  const of = (text: string) => {
    const found = complete(text, (source) => values[source], vfs);
    return [found.of, ...found.names].join(' ');
  };
  assert.is(of('x = v'), 'v value vfs');
  assert.is(of('vfs.l'), 'vfs.l vfs.listdir vfs.lock');
  assert.is(of('print(a.b.'), 'a.b. a.b.constructor a.b.inherited');
  assert.is(of("vfs.readFile('m"), 'm main.js my/');
  assert.is(of('vfs.open("/lib/a'), '/lib/a /lib/a /lib/adder.js');
  assert.is(of("vfs.open('it\\'s', 'r'); v"), 'v value vfs');
  assert.is(of('f().x'), '');
  assert.is(of("vfs.open('/none/"), '/none/');
});

interface Terminal {
  child: ChildProcess;
  type(text: string): void;
  /** Waits until it has shown that, since it was asked last. */
  shows(pattern: RegExp): Promise<string>;
  code: Promise<number | null>;
}

function terminal(...args: string[]): Terminal {
  const command = [process.execPath, distPath('tools/microvfs.js'), 'boot', '--flash', at('tty.bin'), '--size', '512K', ...args].join(' ');
  const child = spawn('socat', ['-', `EXEC:${command},pty,setsid,ctty,stderr`], { env, stdio: ['pipe', 'pipe', 'pipe'] });
  let out = '';
  child.stdout.on('data', (data) => (out += data));
  child.stderr.on('data', (data) => (out += data));
  return {
    child,
    type: (text) => void child.stdin.write(text),
    async shows(pattern) {
      for (let i = 0; i < 600; i++) {
        const text = stripVTControlCharacters(out).replaceAll('\r', '');
        const found = pattern.exec(text);
        if (found) {
          out = text.slice(found.index + found[0].length);
          return found[0];
        }
        await sleep(25);
      }
      child.kill();
      throw new Error(`never shown: ${pattern}, but ${JSON.stringify(stripVTControlCharacters(out))}`);
    },
    code: new Promise((done) => child.on('close', done)),
  };
}

if (has('socat'))
  for (const engine of ['quickjs', 'node'])
    test(`${engine}: on a terminal, completion, pasting, Ctrl-C, Ctrl-D, and a history that stays`, async () => {
      const first = terminal('--engine', engine);
      await first.shows(/> $/);
      first.type("vfs.writeFile('/some.txt', 'content')\r");
      await first.shows(/> $/);
      first.type("vfs.readFile('/so\t");
      await first.shows(/some\.txt/);
      first.type("', 'utf8')\r");
      await first.shows(/\ncontent\n/);
      // Pasted at once: a function with an empty line in it, and what uses it.
      first.type('function triple(n) {\r\r  return 3 * n;\r}\rtriple(14)\r');
      await first.shows(/\n42\n/);
      // A loop is stopped, and the board goes on.
      first.type('while (true);\r');
      await sleep(300);
      first.type('\x03');
      await first.shows(/stopped/);
      first.type('6 * 6\r');
      await first.shows(/\n36\n/);
      // At the prompt it clears the line, and what was begun.
      first.type('function begun() {\r nonsense(');
      await first.shows(/nonsense\(/);
      first.type('\x03');
      await first.shows(/\^C\n/);
      first.type("'clear'\r");
      await first.shows(/\nclear\n/);
      // A timer runs while somebody types, and its line comes above.
      first.type("setTimeout(function () { print('timer ran'); }, 300); 'set'\r");
      await first.shows(/\nset\n/);
      first.type("'ty");
      await first.shows(/timer ran\n/);
      first.type("ped'\r");
      await first.shows(/\ntyped\n/);
      first.type('\x04');
      assert.is(await first.code, 0);

      const kept = readFileSync(at('microvfs/history'), 'utf8').trim().split('\n');
      assert.is(kept[kept.length - 1], "'typed'");
      const second = terminal('--engine', engine);
      await second.shows(/> $/);
      second.type('\x1b[A\r');
      await second.shows(/\ntyped\n/);
      second.type('.exit\r');
      assert.is(await second.code, 0);
    });

test.after(() => rmSync(folder, { recursive: true, force: true }));
test.run();
