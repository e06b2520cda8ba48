/** The behaviour suite on the built device bundle, inside the small engines that are here. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Context, createContext, runInContext } from 'node:vm';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { NorFlash } from '../boards/sim';
import { distPath } from '../tools/dist';
import { deviceSources, requireSource, STORED, storeSource } from '../tools/engines/engine';
import { findProgram, programs } from '../tools/engines/external';
import { nodeEngine } from '../tools/engines/node';
import { quickjsEngine } from '../tools/engines/quickjs';
import { storedBundles } from '../tools/stored';
import { outputOf, programsHere } from './support/program';
import { moduleExpression } from './support/scope';

const suite = readFileSync(distPath('test/suite.js'), 'utf8');

/** No case has failed, and there were some. */
function judge(engine: string, lines: string[]): void {
  const counts = lines.map((line) => /^suite: (\d+) passed, (\d+) failed/.exec(line)).find(Boolean);
  const failures = lines.filter((line) => line.startsWith('FAIL '));
  assert.ok(counts, `the suite did not come to its end:\n${lines.slice(-20).join('\n')}`);
  console.log(`NOTE: ${engine}: ${counts[0]}`);
  assert.equal(failures, []);
  assert.is(Number(counts[2]), 0);
  assert.ok(Number(counts[1]) > 50, 'hardly any case has run');
}

/** The bundles, with the file system that the suite is run over. */
const runs = [
  { kind: '', volume: 'VfsLfs2' },
  { kind: '-fat', volume: 'VfsFat' },
  { kind: '-sd', volume: 'VfsFat' },
];
const suiteOver = (volume: string): string => `var suiteResult, suiteKind = '${volume}';\n${suite}`;

for (const [name, engine] of Object.entries({ quickjs: quickjsEngine, node: nodeEngine }))
  for (const { kind, volume } of runs)
    test(`the behaviour suite passes on the bundle vfs${kind} with ${volume} inside ${name}`, async () => {
      const lines: string[] = [];
      const device = await engine.start(new NorFlash({ size: 65536, eraseSize: 4096, progSize: 4 }), (line) => lines.push(line));
      for (const { source, fileName } of [...deviceSources('esp32', kind), { source: suiteOver(volume), fileName: 'suite.js' }]) {
        const outcome = device.evaluate(source, fileName);
        assert.ok(outcome.ok, outcome.text);
      }
      device.close();
      judge(`${name}, vfs${kind}`, lines);
    });

/** Everything in one file, each thing before what needs it; on Espruino the modules in its Storage. */
function script(engine: string, run: string, kind = ''): string {
  const lines: string[] = [];
  if (programs[engine].bareConsole) lines.push('var console={log:print};');
  lines.push(`var __native=typeof require==='function'?require:undefined;`);
  if (engine === 'espruino') lines.push(storeSource('esp32', kind));
  lines.push(requireSource('require', 'esp32', '__native', kind, engine === 'espruino' ? STORED : undefined), run);
  return lines.join('\n');
}

/** The lines an engine prints. */
async function runProgram(engine: string, source: string): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'microvfs-engine-'));
  try {
    const file = join(folder, 'test.js');
    writeFileSync(file, source);
    // Espruino keeps its simulated flash in the working directory.
    const output = await outputOf(findProgram(engine), [file], { cwd: folder, timeout: 300000 });
    return output.split(/\r?\n/).filter(Boolean);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * A volume over Espruino's own `Flash` module: the pages of its free area, as a board's driver would use them.
 * erasePage takes no float, even a whole one, and there quotients and what Math.min gives are floats.
 */
const overOwnFlash = `
var flash = require('Flash');
var area = flash.getFree()[0];
// On Linux what is free is where Storage is; its files lie in the first half.
area.addr += area.length /= 2;
var page = flash.getPage(area.addr).length;
function FlashBlocks() {}
FlashBlocks.prototype.readblocks = function (block, buf, offset) {
  buf.set(flash.read(buf.length, area.addr + block * page + (offset || 0)));
  return 0;
};
FlashBlocks.prototype.writeblocks = function (block, buf, offset) {
  if (offset === undefined) flash.erasePage((area.addr + block * page) | 0);
  flash.write(buf, area.addr + block * page + (offset || 0));
  return 0;
};
FlashBlocks.prototype.ioctl = function (op, arg) {
  if (op === 4) return area.length / page;
  if (op === 5) return page;
  if (op === 6) flash.erasePage((area.addr + arg * page) | 0);
  return 0;
};
var vfs = require('vfs');
vfs.mount(new FlashBlocks(), '/', { mkfs: true });
var text = '';
for (var i = 0; i < 300; i++) text += 'line ' + i + '\\n';
vfs.makedirs('/logs/old');
vfs.writeFile('/logs/a.txt', text);
for (var k = 0; k < 20; k++) {
  var log = vfs.open('/logs/b.txt', 'a');
  log.write('entry ' + k + '\\n');
  log.close();
}
vfs.rename('/logs/a.txt', '/logs/old/a.txt');
vfs.umount('/');
vfs.mount(new FlashBlocks(), '/');
print('names: ' + vfs.listdir('/logs').sort().join() + ' ' + vfs.listdir('/logs/old').join());
print('same: ' + (vfs.readFile('/logs/old/a.txt', 'utf8') === text) + ' ' + vfs.readFile('/logs/b.txt', 'utf8').split('\\n').length);
`;

/** Boots over a volume that is mounted already, and then has both modules that are loaded on demand do something. */
const bootAndWrite = `
var vfs = require('vfs');
var blocks = [];
function Ram() {}
Ram.prototype.readblocks = function (block, buf, offset) {
  for (var i = 0; i < buf.length; i++) buf[i] = blocks[block] ? blocks[block][(offset || 0) + i] : 255;
};
Ram.prototype.writeblocks = function (block, buf, offset) {
  blocks[block] = blocks[block] || new Uint8Array(512).map(function () { return 255; });
  for (var i = 0; i < buf.length; i++) blocks[block][(offset || 0) + i] = buf[i];
};
Ram.prototype.ioctl = function (op, block) {
  if (op === 6) blocks[block] = undefined;
  return op === 4 ? 32 : op === 5 ? 512 : 0;
};
vfs.mount(new Ram(), '/', { mkfs: true });
var report = vfs.boot();
vfs.writeFile('/a', 'small');
vfs.makedirs('/d/e');
var file = vfs.open('/large', 'w');
file.write(new Uint8Array(2000));
file.close();
print('booted: ' + report.ok + ' ' + (require('vfs') === vfs) + ' ' + vfs.listdir('/').join() + ' ' + vfs.statvfs('/')[2]);
`;
const BOOTED = 'booted: true true a,d,large 32';

/** Node with the resident module and its parts, as Espruino has them: `require` is among the globals. */
function storedContext(kind: string, lines: string[], files = Object.entries(storedBundles('esp32', kind))): Context {
  const stored = new Map(files.map(([name, file]) => [name, readFileSync(distPath(file))]));
  const cache: Record<string, object> = {
    Storage: {
      read: (name: string, offset: number, length: number) => stored.get(name)?.toString('latin1', offset, offset + length),
    },
  };
  const context = createContext({
    print: (...values: unknown[]) => lines.push(values.join(' ')),
    require: (name: string) => {
      if (!cache[name]) {
        cache[name] = {};
        runInContext(moduleExpression(String(stored.get(name))), context)(cache[name], context.require);
      }
      return cache[name];
    },
  });
  return context;
}

test('with the parts in Storage, what is loaded on demand is found after booting too', () => {
  const lines: string[] = [];
  runInContext(bootAndWrite, storedContext('', lines));
  assert.is(lines.at(-1), BOOTED);
});

for (const { kind, volume } of runs)
  test(`the behaviour suite passes on the resident module and the parts of vfs${kind} with ${volume}`, () => {
    const lines: string[] = [];
    runInContext(suiteOver(volume), storedContext(kind, lines));
    judge(`node, parts of vfs${kind}`, lines);
  });

test('without the parts in Storage, what lies there is ENODEV, and says what is missing', () => {
  const lines: string[] = [];
  const [resident] = Object.entries(storedBundles('esp32'));
  const script = `try { require('vfs').walk('/'); } catch (error) { print(error instanceof Error, error.code, error.operation, error.message); }`;
  runInContext(script, storedContext('', lines, [resident]));
  assert.equal(lines, ["true ENODEV require ENODEV: vfs-parts is not in Storage, require 'vfs-parts'"]);
});

for (const engine of Object.keys(programsHere())) {
  for (const { kind, volume } of runs.slice(0, 2))
    test(`the behaviour suite passes on the bundle vfs${kind} with ${volume} inside ${engine}`, async () => {
      judge(`${engine}, vfs${kind}`, await runProgram(engine, script(engine, suiteOver(volume), kind)));
    });
  if (engine === 'espruino')
    test("with the modules in Espruino's Storage, what is loaded on demand is found after booting too", async () => {
      const lines = await runProgram(engine, `var __native=require;${storeSource('esp32')}${bootAndWrite}`);
      // Espruino may print its prompt behind it.
      assert.ok(lines.includes(BOOTED), lines.slice(-10).join('\n'));
    });
  if (engine === 'espruino')
    test("a volume over Espruino's own Flash module keeps its files", async () => {
      const lines = await runProgram(engine, script(engine, overOwnFlash));
      assert.ok(lines.includes('names: b.txt,old a.txt'), lines.slice(-12).join('\n'));
      assert.ok(lines.includes('same: true 21'), lines.slice(-12).join('\n'));
    });
}

test.run();
