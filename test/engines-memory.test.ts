/** What `require`, mount, open and read of a file cost in RAM, on the engines where that counts, against the budget. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { APPENDING, Bench, READING } from '../bench/variables';
import { RAMBlockDev } from '../modules/blockdev';
import { VfsLfs2 } from '../modules/littlefs2';
import { wholeBundle } from '../tools/dist';
import { bundleExpression } from '../tools/engines/engine';
import { outputOf } from './support/program';

/** From source, all of which it compiles into RAM; and from bytecode, which lies in ROM. */
const MQJS_SOURCE_BYTES = 206 * 1024;
const MQJS_BYTECODE_BYTES = 28 * 1024;

const folder = mkdtempSync(join(tmpdir(), 'microvfs-memory-'));

const run = (program: string, args: string[]): Promise<string> => outputOf(program, args, { cwd: folder, timeout: 60000 });

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

/** What of Espruino's variables is taken and wanted, see `docs/memory.md`. */
const HELD = { require: 1210, 'open and read': 1505, 'append and flush': 1845, 'make, rename, remove': 1485 };
const MOUNT_OF_100 = 355;
const PEAKS = { reading: 1860, appending: 2150 };

const espruino = process.env.ESPRUINO_D14;
if (!espruino) console.log('SKIP: memory on Espruino: set ESPRUINO_D14 to a build with 14-byte variables');
else {
  const bench = new Bench(espruino);
  test('Espruino, with the bundle in Storage, holds no more variables after each step than its budget', async () => {
    await bench.store('esp32', '');
    const { steps } = await bench.held(2);
    const sums = new Map<string, number>();
    let sum = 0;
    for (const { name, variables } of steps) {
      sum += variables;
      sums.set(name, sum);
    }
    console.log(`NOTE: Espruino holds ${[...sums].map(([name, held]) => `${held} after ${name}`).join(', ')}`);
    for (const [name, budget] of Object.entries(HELD)) assert.ok((sums.get(name) as number) <= budget, `${name}: budget ${budget}`);
  });

  test(`a mount of 100 files takes at most ${MOUNT_OF_100} variables of Espruino`, async () => {
    const { steps } = await bench.held(100);
    assert.ok((steps.find(({ name }) => name === 'mount')?.variables as number) <= MOUNT_OF_100);
  });

  for (const [what, script] of Object.entries({ reading: READING, appending: APPENDING }))
    test(`a script that is ${what} runs with ${PEAKS[what as keyof typeof PEAKS]} free variables of Espruino`, async () => {
      assert.ok(await bench.runs(2, script, PEAKS[what as keyof typeof PEAKS], false));
    });

  const KEPT: [what: string, before: string, done: string][] = [
    ['a listing', '', "vfs.listdir('/')"],
    ['an append', "file=vfs.open('/f1','a');", "file.write('0123456789');file.flush()"],
  ];
  for (const [what, before, done] of KEPT)
    test(`${what} leaves nothing that only Espruino's garbage collector would find`, async () => {
      const output = await bench.script(
        2,
        `${READING}${before}
${done};process.memory();
var left=process.memory(false).usage;
${done};
say('left '+(process.memory(false).usage-left));`,
      );
      const left = /^left (-?\d+)/m.exec(output);
      assert.ok(left, output.slice(-500));
      assert.ok(Number(left?.[1]) < 20, left?.[0]);
    });

  test.after(() => bench.close());
}

test.after(() => rmSync(folder, { recursive: true, force: true }));
test.run();
