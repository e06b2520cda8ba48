/** `microvfs serve` with WebDAV clients of the system: what they have done is what the verbs see. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { create, diff, ls, mkdir, serve } from '../tools';
import { distPath } from '../tools/dist';
import { hasSocat, programOnPort } from './support/board-port';
import { outputOf } from './support/program';
import { ALL, has, makeFolder } from './support/tools';

const folder = mkdtempSync(join(tmpdir(), 'microvfs-clients-'));
const at = (name: string) => join(folder, name);
const source = makeFolder(at('source'));

test.after(() => rmSync(folder, { recursive: true }));

/** rclone, on a server. It tells nothing where all is well. */
const rclone =
  (address: string) =>
  (...args: string[]): Promise<string> =>
    outputOf(
      'rclone',
      ['--config', at('none.conf'), '--log-level', 'ERROR', '--webdav-url', address, '--webdav-vendor', 'other', ...args],
      {},
    );

const pathsIn = async (place: string, options = {}): Promise<string[]> => {
  const [{ entries }] = await ls([place], { recursive: true, all: true, ...options });
  return entries.map(({ path }) => path);
};

if (has('rclone')) {
  for (const fs of ['lfs2', 'fat'] as const)
    test(`rclone on ${fs}: a folder goes there and comes back, is compared, moved and removed`, async () => {
      const image = at(`rclone-${fs}.img`);
      await create(image, { fs, size: '1M' });
      const served = await serve(image);
      try {
        const run = rclone(served.address);
        assert.is(await run('copy', source, ':webdav:to here', '--create-empty-src-dirs'), '');
        assert.is(await run('check', '--download', source, ':webdav:to here'), '');
        assert.is(await run('moveto', ':webdav:to here/lib', ':webdav:to here/empty/lib ä€'), '');
        assert.is(await run('copyto', ':webdav:to here/boot.js', ':webdav:50% [1] #2.js'), '');
        assert.is(await run('cat', ':webdav:to here/boot.js', '--offset', '6', '--count', '6'), '"boot"');
        assert.is(await run('deletefile', ':webdav:to here/none.txt'), '');
        assert.is(await run('mkdir', ':webdav:made'), '');
        assert.is(await run('copy', ':webdav:to here', at(`back-${fs}`)), '');
        assert.match(await run('about', ':webdav:'), /Total: +\d/);
      } finally {
        await served.close();
      }
      assert.equal(await diff(`${image}:/to here/empty/lib ä€`, at('source/lib')), []);
      assert.equal(await diff(`${image}:/to here`, at(`back-${fs}`)), []);
      assert.equal(await diff(`${image}:/50% [1] #2.js`, at('source/boot.js')), []);
      assert.equal((await pathsIn(image)).slice(0, 5), [
        '50% [1] #2.js',
        'made',
        'to here',
        'to here/.hidden',
        'to here/A longer näme.txt',
      ]);
      assert.not((await pathsIn(image)).includes('to here/none.txt'));
    });

  const simulated = distPath('tools/microvfs.js');
  if (hasSocat && existsSync(simulated) && existsSync(distPath('sim/chip.js')))
    test('rclone on a simulated board on a pseudo terminal', async () => {
      const board = await programOnPort(`${process.execPath} ${simulated} boot --board esp32 --flash ${at('chip.bin')}`);
      try {
        const on = { port: board.path };
        await mkdir([':/d'], on);
        const served = await serve(':/d', on);
        try {
          const run = rclone(served.address);
          assert.is(await run('copy', source, ':webdav:', '--create-empty-src-dirs'), '');
          assert.is(await run('check', '--download', source, ':webdav:'), '');
          assert.is(await run('moveto', ':webdav:boot.js', ':webdav:lib/ä.js'), '');
        } finally {
          await served.close();
        }
        assert.equal(await diff(':/d/lib/deep', at('source/lib/deep'), on), []);
        assert.equal((await pathsIn(':/d', on)).sort(), [...ALL.filter((path) => path !== 'boot.js'), 'lib/ä.js'].sort());
      } finally {
        await board.close();
      }
    });
  else console.log('SKIP: WebDAV on a simulated board: no socat, or it is not built');
}

if (has('litmus'))
  for (const fs of ['lfs2', 'fat'] as const)
    test(`litmus on ${fs}: files, directories, copies and moves are as RFC 4918 has them`, async () => {
      await create(at(`litmus-${fs}.img`), { fs, size: '1M' });
      const served = await serve(at(`litmus-${fs}.img`));
      try {
        const output = await outputOf('litmus', ['-k', served.address], {
          cwd: folder,
          env: { ...process.env, TESTS: 'basic copymove http' },
        });
        assert.equal(output.match(/of \d+ tests run: \d+ passed, \d+ failed/g), [
          ...['of 16 tests run: 16 passed, 0 failed', 'of 13 tests run: 13 passed, 0 failed', 'of 4 tests run: 4 passed, 0 failed'],
        ]);
      } finally {
        await served.close();
      }
    });

/** `microvfs serve` itself, until it is interrupted. */
async function typed(args: string[], work: (address: string) => Promise<void>): Promise<{ code: number | null; told: string }> {
  const child = spawn(process.execPath, [distPath('tools/microvfs.js'), 'serve', ...args], { env: { ...process.env, NO_COLOR: '1' } });
  const ended = new Promise<number | null>((done) => child.on('close', done));
  let told = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (told += text));
  try {
    const address = await Promise.race([
      new Promise<string>((done) => child.stdout.setEncoding('utf8').once('data', (text) => done(text.trim()))),
      ended.then(() => {
        throw new Error(told);
      }),
    ]);
    await work(address);
  } finally {
    child.kill('SIGINT');
  }
  return { code: await ended, told };
}

if (has('cadaver') && existsSync(distPath('tools/microvfs.js')))
  test('cadaver on what `microvfs serve` prints: locks, puts, moves and fetches; Ctrl-C keeps it all and says so', async () => {
    const image = at('cadaver.img');
    await create(image, { fs: 'lfs2', size: '256K', from: source });
    writeFileSync(at('local.txt'), 'from here');
    const commands = [
      ...['mkcol "a d"', 'cd "a d"', `put ${at('local.txt')} first.txt`, 'lock first.txt', `put ${at('local.txt')} first.txt`],
      ...['unlock first.txt', 'move first.txt second.txt', 'copy second.txt third.txt', 'ls', 'cd ..', 'delete none.txt'],
      ...[`get "A longer näme.txt" ${at('fetched')}`, 'rmcol empty', 'quit'],
    ];
    let output = '';
    const { code, told } = await typed([image, '--token', 'a-known-token'], async (address) => {
      assert.match(address, /\/a-known-token\/$/);
      writeFileSync(at('commands'), commands.join('\n') + '\n');
      output = await outputOf('sh', ['-c', `cadaver ${address} < ${at('commands')}`], { env: { ...process.env, HOME: folder } });
    });
    assert.not.match(output, /failed/, output);
    assert.match(output, /second\.txt +9 /);
    assert.is(code, 0, told);
    assert.match(told, /cadaver\.img:\/: Ctrl-C ends it\n.*cadaver\.img:\/: all is written, and may be used elsewhere\n$/);
    assert.is(readFileSync(at('fetched'), 'utf8'), 'name');
    assert.equal(await diff(`${image}:/a d/second.txt`, at('local.txt')), []);
    assert.equal(await pathsIn(`${image}:/a d`), ['second.txt', 'third.txt']);
    const left = await pathsIn(image);
    assert.ok(!left.includes('empty') && !left.includes('none.txt') && left.includes('lib/deep/big.bin'));
  });

test.run();
