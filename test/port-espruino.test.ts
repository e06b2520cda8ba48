/** Boards on pseudo terminals: real Espruino, where `ESPRUINO` names it, and the simulated board. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BoardError, boot0, cat, cp, df, diff, ls, mv, rm, run, sha256, sync, upload } from '../tools';
import { distPath } from '../tools/dist';
import { type BoardOnPort, type EspruinoOptions, espruinoOnPort, hasSocat, programOnPort } from './support/board-port';
import { ALL, makeFolder } from './support/tools';

const folder = mkdtempSync(join(tmpdir(), 'microvfs-board-'));
const at = (name: string) => join(folder, name);
const source = makeFolder(at('source'));
const bytes = Uint8Array.from({ length: 20000 }, (_, i) => (i * i) >> 5);
writeFileSync(at('bytes'), bytes);

async function textOf(place: string, port: string): Promise<string> {
  let text = '';
  await cat([place], { port }, (piece) => {
    text += Buffer.from(piece).toString();
  });
  return text;
}

/** What a script prints on the board; an error that it does not catch comes last. */
async function printed(script: string, port: string): Promise<string> {
  let text = '';
  try {
    await run(script, { port }, (part) => {
      text += Buffer.from(part, 'latin1').toString();
    });
  } catch (error) {
    if (!(error instanceof BoardError)) throw error;
    text += `!${error.message}`;
  }
  return text.replace(/\r\n/g, '\n');
}

/** What every board can do. */
async function tryVerbs(port: string, point: string): Promise<void> {
  const on = (path: string) => `:${point === '/' ? '' : point}${path}`;
  assert.equal((await cp([source + '/'], on('/'), { recursive: true, preserve: true, port })).files, 7);
  const [{ entries }] = await ls([on('/')], { recursive: true, all: true, port });
  assert.equal(
    entries.map(({ path }) => path),
    ALL,
  );
  assert.equal(await diff(source, on('/'), { port }), []);
  assert.equal(await sha256([on('/lib')], { port }), await sha256([at('source/lib')]));
  await cp([at('bytes')], on('/lib/deep/big.bin'), { port });
  await cp([on('/lib/deep/big.bin')], at('back'), { port });
  assert.equal(new Uint8Array(readFileSync(at('back'))), bytes);
  assert.equal(await sync(source, on('/'), { port }), [{ path: 'lib/deep/big.bin', what: 'changed' }]);
  await mv([on('/A longer näme.txt')], on('/lib/ä€.txt'), { port });
  assert.is(await textOf(on('/lib/ä€.txt'), port), 'name');
  assert.is(await cat([on('/none')], { port }, () => {}).then(String, ({ code }) => code), 'ENOENT');
  const [{ size, free }] = await df([on('/')], { port });
  assert.ok(free > 0 && free < size);
  await rm([on('/lib')], { recursive: true, port });
  assert.equal(
    (await ls([on('/')], { port }))[0].entries.map(({ name }) => name),
    ['boot.js', 'empty', 'none.txt'],
  );
}

async function tryScripts(port: string): Promise<void> {
  assert.is(await printed('var counted = 0;\nfor (var i = 0; i < 3; i++) counted += i;\nprint("ä", counted);', port), 'ä 3\n');
  assert.is(await printed('print(counted + 1);', port), '4\n');
  assert.match(await printed('print("before");\nnowhere.at.all;', port), /^before\n!ReferenceError: .*nowhere.* not defined/);
}

const espruino = process.env.ESPRUINO;
if (!hasSocat) console.log('SKIP: boards on pseudo terminals: no socat');
else if (!espruino) console.log('SKIP: Espruino on a pseudo terminal: set ESPRUINO to its program');
else {
  const withBoard = async (options: EspruinoOptions, work: (board: BoardOnPort) => Promise<void>): Promise<void> => {
    const board = await espruinoOnPort(espruino, options);
    try {
      await work(board);
    } finally {
      await board.close();
    }
  };

  test('Espruino: the verbs over its serial port', () => withBoard({}, ({ path }) => tryVerbs(path, '/')));

  test('Espruino: a script runs as if it was typed, and its errors are told', () => withBoard({}, ({ path }) => tryScripts(path)));

  test('Espruino: what is left half typed is erased, and what runs without an end is interrupted', () =>
    withBoard({}, async ({ path }) => {
      writeFileSync(path, 'if (1) { half');
      assert.equal((await ls([':/'], { port: path }))[0].entries, []);
      writeFileSync(path, 'while (true);\r');
      await new Promise((done) => setTimeout(done, 300));
      assert.equal((await ls([':/'], { port: path }))[0].entries, []);
    }));

  test('Espruino from the shop: upload makes the volume and puts the bundle behind it; then only what has changed is written', () =>
    withBoard({ bare: true }, async (board) => {
      const port = board.path;
      assert.match(await ls([':/'], { port }).then(String, (error) => error.message), /has no vfs: 'microvfs upload/);
      const steps: string[] = [];
      const report = { progress: (done: number, total: number, name: string) => steps.push(`${name} ${done === total}`) };
      const first = await upload('rp2', { port, volume: 131072 }, report);
      assert.equal(
        first.map(({ name, written }) => [name, written]),
        [
          ['vfs-volume', true],
          ['vfs', true],
          ['vfs-parts', true],
        ],
      );
      assert.is(steps[steps.length - 1], 'vfs-parts true');
      assert.is(await printed("print(require('Storage').list().join())", port), 'vfs-volume,vfs,vfs-parts\n');
      assert.match(await printed("require('vfs').boot()", port), /rp2: \/ storage littlefs2 formatted/);
      await cp([at('source/boot.js')], ':/', { port });
      assert.is((await boot0(true, { port })).written, true);
      assert.equal(
        (await upload('rp2', { port, volume: 131072, boot0: true })).map(({ written }) => written),
        [false, false, false, false],
      );
      // Something else is there now, and what it replaces is loaded.
      await run("require('Storage').write('vfs-parts','old')", { port }, () => {});
      const again = await upload('rp2', { port });
      assert.equal(
        again.map(({ name, written }) => [name, written]),
        [
          ['vfs', false],
          ['vfs-parts', true],
          ['.boot0', true],
        ],
      );
      assert.match(await upload('rp2', { port, volume: 8192 }).then(String, (error) => error.message), /from 12K on/);
    }));

  test('Espruino: boot0 on and off', () =>
    withBoard({}, async ({ path: port }) => {
      assert.is((await boot0(true, { port })).written, false);
      assert.equal([(await boot0(false, { port })).written, (await boot0(false, { port })).written], [true, false]);
      assert.is(await printed("print(require('Storage').read('.boot0'))", port), 'undefined\n');
      await run("require('Storage').write('.boot0','other()')", { port }, () => {});
      assert.match(await boot0(true, { port }).then(String, (error) => error.message), /holds something else/);
    }));
}

const pico = join(process.env.ESPRUINO_BOARDS ?? '', 'RP2040_PICO');
if (!hasSocat) console.log('SKIP: a Pico on a pseudo terminal: no socat');
else if (!process.env.ESPRUINO_BOARDS || !existsSync(pico))
  console.log('SKIP: a Pico on a pseudo terminal: ESPRUINO_BOARDS names no folder with RP2040_PICO');
else
  test('Espruino with the layout of a Pico: after upload with boot0 each power-on mounts the volume and runs its script', async () => {
    const board = await espruinoOnPort(pico, { bare: true });
    try {
      const port = board.path;
      const written = await upload('rp2', { port, volume: 131072, boot0: true });
      assert.equal(
        written.map(({ name }) => name),
        ['vfs-volume', 'vfs', 'vfs-parts', '.boot0'],
      );
      await board.restart?.();
      const state = "var r=require('vfs').bootReport;print([r.volumes[0].device,r.volumes[0].state,r.ok,typeof ran].join())";
      assert.is(await printed(state, port), 'storage,formatted,true,undefined\n');
      writeFileSync(at('main.js'), 'global.ran=1;');
      await cp([at('main.js')], ':/', { port });
      for (let i = 0; i < 2; i++) {
        await board.restart?.();
        assert.is(await printed(state, port), 'storage,mounted,true,number\n');
        assert.equal(
          (await ls([':/'], { port }))[0].entries.map(({ name }) => name),
          ['main.js'],
        );
      }
    } finally {
      await board.close();
    }
  });

if (!hasSocat || !existsSync(distPath('tools/microvfs.js')))
  console.log('SKIP: the simulated board on a pseudo terminal: no socat, or it is not built');
else
  test('the simulated board: the verbs and scripts over its console', async () => {
    const board = await programOnPort(`${process.execPath} ${distPath('tools/microvfs.js')} boot --board esp32 --flash ${at('chip.bin')}`);
    try {
      await tryVerbs(board.path, '/');
      await tryScripts(board.path);
      // Not synchronously: this process hands on what the terminal carries.
      const typed = (...args: string[]) =>
        new Promise<{ status: unknown; stdout: string; stderr: string }>((done) => {
          const env = { ...process.env, NO_COLOR: '1', MICROVFS_PORT: board.path };
          execFile(process.execPath, [distPath('tools/microvfs.js'), ...args], { cwd: folder, env }, (error, stdout, stderr) =>
            done({ status: error ? error.code : 0, stdout, stderr }),
          );
        });
      assert.is((await typed('ls', ':/')).stdout, 'boot.js\nempty/\nnone.txt\n');
      writeFileSync(at('fails.js'), 'print("so far");\nundefined.x;');
      const failing = await typed('run', 'fails.js');
      assert.equal([failing.status, failing.stdout], [1, 'so far\n']);
      assert.match(failing.stderr, /^TypeError: /);
      assert.match((await typed('upload', '--board', 'esp32')).stderr, /^microvfs: .*: the board has no Storage to put the bundle into\n$/);
      assert.is((await typed('cat', ':/none')).stderr, 'microvfs: :/none: no such file or directory\n');
    } finally {
      await board.close();
    }
  });

test.after(() => rmSync(folder, { recursive: true }));
test.run();
