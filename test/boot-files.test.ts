/** The files of a simulated board: one process has them at a time, and a card is read as far as it is wanted. */
import { spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openSdFile } from '../boards/sim';
import { distPath } from '../tools/dist';
import { lockFile } from '../tools/file-lock';
import { UsageError } from '../tools/usage';
import { has } from './support/tools';

const folder = mkdtempSync(join(tmpdir(), 'microvfs-files-'));
const at = (name: string) => join(folder, name);
const env = { ...process.env, NO_COLOR: '1' };
const GB = 1024 ** 3;

function commandOf(script: string, args: string[]): string[] {
  writeFileSync(at('script.js'), script);
  return [distPath('tools/microvfs.js'), 'boot', '--size', '512K', '--run', at('script.js'), ...args];
}

test('a file is had by one at a time; what a process has left that is no more is taken over', () => {
  const path = at('one.bin');
  const unlock = lockFile(path);
  assert.throws(
    () => lockFile(path),
    (error: Error) => error instanceof UsageError && error.message.includes(String(process.pid)),
  );
  unlock();
  unlock();
  assert.not(existsSync(path + '.lock'));
  // A process that was, one that never wrote its number, and this one's number from an earlier life.
  const gone = spawnSync(process.execPath, ['-e', '']).pid;
  for (const owner of [String(gone), '', String(process.pid)]) {
    writeFileSync(path + '.lock', owner);
    lockFile(path)();
    assert.not(existsSync(path + '.lock'));
  }
  writeFileSync(path + '.lock', '1');
  assert.throws(() => lockFile(path), /in use by process 1,/);
  rmSync(path + '.lock');
  assert.equal(readdirSync(folder), []);
});

test('a second board on the same flash or card says who has it; a killed one is in nobody’s way', async () => {
  writeFileSync(at('card.img'), Buffer.alloc(1024 * 1024));
  const first = spawn(
    process.execPath,
    commandOf("print('on'); setInterval(function () {}, 1000);", ['--flash', at('a.bin'), '--sd', at('card.img')]),
    {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  try {
    await new Promise<void>((done) => first.stdout.on('data', (data) => /^on$/m.test(String(data)) && done()));
    for (const args of [
      ['--flash', at('a.bin')],
      ['--flash', at('b.bin'), '--sd', at('card.img')],
    ]) {
      const second = spawnSync(process.execPath, commandOf('1', args), { encoding: 'utf8', env, input: '' });
      assert.is(second.status, 2);
      assert.match(second.stderr, `is in use by process ${first.pid},`);
      assert.is(second.stderr.trim().split('\n').length, 1);
    }
    const before = readFileSync(at('a.bin'));
    const verb = [distPath('tools/microvfs.js'), 'cp', at('script.js'), `${at('a.bin')}#vfs:/own.js`];
    const copied = spawnSync(process.execPath, verb, { encoding: 'utf8', env });
    assert.is(copied.status, 2);
    assert.match(copied.stderr, `is in use by process ${first.pid},`);
    assert.equal(readFileSync(at('a.bin')), before, 'and what the board has is not touched by other verbs either');
  } finally {
    first.kill('SIGKILL');
  }
  await new Promise((done) => ((first.exitCode ?? first.signalCode) ? done(0) : first.on('close', done)));
  assert.ok(existsSync(at('a.bin.lock')));
  const third = spawnSync(process.execPath, commandOf("print('third')", ['--flash', at('a.bin')]), { encoding: 'utf8', env, input: '' });
  assert.match(third.stdout, /^third$/m, third.stderr);
  assert.not(existsSync(at('a.bin.lock')));
});

test('a card of 32 GB starts at once, and takes no memory for what is not read', () => {
  const fd = openSync(at('large.img'), 'w');
  ftruncateSync(fd, 32 * GB);
  closeSync(fd);
  const before = process.memoryUsage().rss;
  const began = performance.now();
  const file = openSdFile(at('large.img'));
  const last = (32 * GB) / 512 - 1;
  assert.equal(file.card.peek(last), new Uint8Array(512));
  file.card.write(last, new Uint8Array(512).fill(7));
  assert.equal(file.card.peek(last), new Uint8Array(512).fill(7));
  assert.ok(performance.now() - began < 200, `${performance.now() - began} ms`);
  assert.ok(process.memoryUsage().rss - before < 8 * 1024 * 1024);
  file.close();
});

if (has('mkfs.fat'))
  test('a board with a FAT card of 32 GB boots and writes to it; the card stays sparse and sound', () => {
    rmSync(at('large.img'), { force: true });
    const fd = openSync(at('large.img'), 'w');
    ftruncateSync(fd, 32 * GB);
    closeSync(fd);
    assert.is(spawnSync('mkfs.fat', ['-F', '32', '-s', '64', at('large.img')]).status, 0);
    for (const engine of ['quickjs', 'node']) {
      const script = `var v = require('vfs'); v.writeFile('/sd/${engine}.txt', '${engine} was here'); print(v.readFile('/sd/${engine}.txt', 'utf8'), v.statvfs('/sd')[2] > 900000); v.umount('/sd');`;
      const run = spawnSync(process.execPath, commandOf(script, ['--flash', at('c.bin'), '--sd', at('large.img'), '--engine', engine]), {
        encoding: 'utf8',
        env,
        input: '',
      });
      assert.is(run.status, 0, run.stderr + run.stdout);
      assert.match(run.stdout, new RegExp(`^${engine} was here true$`, 'm'));
    }
    assert.ok(statSync(at('large.img')).blocks * 512 < 64 * 1024 * 1024);
    assert.is(spawnSync('fsck.fat', ['-n', at('large.img')]).status, 0);
  });

test.after(() => rmSync(folder, { recursive: true, force: true }));
test.run();
