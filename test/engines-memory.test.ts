/** What `require`, mount, open and read of a file cost in RAM, on the engines where that counts, against the budget. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RAMBlockDev } from '../modules/blockdev';
import { VfsLfs2 } from '../modules/littlefs2';
import { distPath, storedBundles, wholeBundle } from '../tools/dist';
import { bundleExpression } from '../tools/engines/engine';

/** From source, all of which it compiles into RAM; and from bytecode, which lies in ROM. */
const MQJS_SOURCE_BYTES = 160 * 1024;
const MQJS_BYTECODE_BYTES = 32 * 1024;
const ESPRUINO_VARIABLES = 2000;

const folder = mkdtempSync(join(tmpdir(), 'microvfs-memory-'));

async function runScript(program: string, source: string): Promise<string> {
  const file = join(folder, 'test.js');
  writeFileSync(file, source);
  return run(program, [file]);
}

async function run(program: string, args: string[]): Promise<string> {
  // Espruino wants an input that stays open, and keeps its flash in the working directory.
  const child = spawn(program, args, { cwd: folder, env: { ...process.env, ESPR_QUIET: '1' }, timeout: 60000 });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  await new Promise((done, failed) => child.on('close', done).on('error', failed));
  return output;
}

/** A small volume, as its blocks that are not erased, made here. */
function volume(): string {
  const disk = new RAMBlockDev(512, 64);
  VfsLfs2.mkfs(disk);
  const fs = new VfsLfs2(disk);
  fs.mount(false, false);
  const file = fs.open('/a.txt', 'w');
  file.writeAt(0, new TextEncoder().encode('hello'));
  file.close();
  fs.umount();
  const block = new Uint8Array(512);
  const used: { [block: number]: string } = {};
  for (let i = 0; i < 64; i++) {
    disk.readblocks(i, block);
    if (block.some((byte) => byte !== 0xff)) used[i] = Buffer.from(block).toString('hex');
  }
  return JSON.stringify(used);
}

/** 32 kB in RAM, of which the blocks in use count as well. */
const onMicroQuickJs = () => `
var vfs = ${bundleExpression(wholeBundle('esp32'))};
var blocks = ${volume()};
for (var name in blocks) {
  var bytes = new Uint8Array(512);
  for (var i = 0; i < 512; i++) bytes[i] = parseInt(blocks[name].substring(2 * i, 2 * i + 2), 16);
  blocks[name] = bytes;
}
function Disk() {}
Disk.prototype.readblocks = function (block, buf, offset) {
  for (var i = 0; i < buf.length; i++) buf[i] = blocks[block] ? blocks[block][(offset || 0) + i] : 255;
};
Disk.prototype.writeblocks = function (block, buf, offset) {
  throw new Error('only read');
};
Disk.prototype.ioctl = function (op, arg) {
  if (op === 4) return 64;
  if (op === 5) return 512;
};
vfs.mount(new Disk(), '/');
print(vfs.open('/a.txt').read());
`;

// The 32-bit build if there is one: its words are a microcontroller's.
const mqjs = process.env.MQJS32 || process.env.MQJS;
if (!mqjs) console.log('SKIP: memory on MicroQuickJS: set MQJS32 (or MQJS) to its program');
else
  for (const [kind, budget] of [
    ['source', MQJS_SOURCE_BYTES],
    ['bytecode', MQJS_BYTECODE_BYTES],
  ] as const)
    test(`MicroQuickJS mounts and reads within ${budget} bytes in all, from ${kind}`, async () => {
      let file = join(folder, 'source.js');
      writeFileSync(file, onMicroQuickJs());
      if (kind === 'bytecode') {
        const compiled = join(folder, 'bytecode.bin');
        await run(mqjs, ['-o', compiled, file]);
        file = compiled;
      }
      const works = async (kB: number) => /^hello/m.test(await run(mqjs, ['-b', '--memory-limit', kB + 'k', file]));
      let fails = 4;
      let suffices = 1024;
      assert.ok(await works(suffices), 'does not work at all');
      while (suffices - fails > 1) {
        const middle = (fails + suffices) >> 1;
        if (await works(middle)) suffices = middle;
        else fails = middle;
      }
      console.log(`NOTE: MicroQuickJS needs ${suffices} kB of memory in all from ${kind}, budget ${budget / 1024} kB`);
      assert.ok(suffices * 1024 <= budget);
    });

const flashBlocks = `
var flash = require('Flash');
var area = flash.getFree()[0];
var page = flash.getPage(area.addr).length;
function FlashBlocks() {}
FlashBlocks.prototype.readblocks = function (b, buf, o) { buf.set(flash.read(buf.length, area.addr + b * page + (o || 0))); return 0; };
FlashBlocks.prototype.writeblocks = function (b, buf, o) { flash.write(buf, area.addr + b * page + (o || 0)); return 0; };
FlashBlocks.prototype.ioctl = function (op, b) {
  if (op === 4) return 64;
  if (op === 5) return page;
  if (op === 6) flash.erasePage((area.addr + b * page) | 0);
  return 0;
};
`;

const espruino = process.env.ESPRUINO_D14;
if (!espruino)
  console.log('SKIP: memory on Espruino: set ESPRUINO_D14 to a build with 14-byte variables, and free pages apart from Storage');
else
  test(`Espruino, with the bundle in Storage, mounts and reads within ${ESPRUINO_VARIABLES} variables`, async () => {
    for (const [name, bundle] of Object.entries(storedBundles('esp32'))) {
      const source = JSON.stringify(readFileSync(distPath(bundle), 'latin1'));
      const stored = await runScript(
        espruino,
        `require('Storage').write('${name}', ${source}); print('stored ' + require('Storage').read('${name}').length);`,
      );
      assert.match(stored, /stored \d+/);
    }
    const made = await runScript(
      espruino,
      `${flashBlocks} var vfs = require('vfs'); vfs.mount(new FlashBlocks(), '/', { mkfs: true }); vfs.writeFile('/a.txt', 'hello'); print('made');`,
    );
    assert.match(made, /^made/m, made);
    const measured = await runScript(
      espruino,
      `${flashBlocks}
var used = function () { var m = process.memory(); return m.usage; };
var size = process.memory().blocksize;
var before = used();
var vfs = require('vfs');
var loaded = used();
vfs.mount(new FlashBlocks(), '/');
var mounted = used();
var file = vfs.open('/a.txt');
var text = file.read();
var read = used();
print('result ' + text + ' ' + size + ' ' + (loaded - before) + ' ' + (mounted - loaded) + ' ' + (read - mounted) + ' ' + (read - before));
file.close();
before = used();
vfs.makedirs('/a/b');
print('more ' + (used() - before));
vfs.rmtree('/a');
print('more ' + (used() - before));
`,
    );
    const match = /^result hello (\d+) (\d+) (\d+) (\d+) (\d+)/m.exec(measured);
    assert.ok(match, measured.slice(-2000));
    const [size, require, mount, open, all] = match.slice(1).map(Number);
    console.log(
      `NOTE: Espruino needs ${all} variables of ${size} bytes (require ${require}, mount ${mount}, open and read ${open}), budget ${ESPRUINO_VARIABLES}`,
    );
    assert.is(size, 14, 'not a build with 14-byte variables');
    // What metadata is cached is not the other modules' doing.
    const more = [...measured.matchAll(/^more (-?\d+)/gm)].map((found) => Number(found[1]));
    console.log(`NOTE: Espruino keeps ${more.join(' and ')} variables more after functions of the other modules`);
    assert.is(more.length, 2, measured.slice(-2000));
    assert.ok(all <= ESPRUINO_VARIABLES);
  });

test.after(() => rmSync(folder, { recursive: true, force: true }));
test.run();
