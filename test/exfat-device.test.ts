/** exFAT as device code: built by the device build, in one file and in parts, it passes the gate and runs inside the small engines. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { NorFlash } from '../boards/sim';
import { unpack } from '../tools/build/parts';
import { packagePath } from '../tools/dist';
import { findProgram, programs } from '../tools/engines/external';
import { quickjsEngine } from '../tools/engines/quickjs';
import { gate } from '../tools/gate';
import { buildToy, runToy } from './support/toy-build';

const from = (path: string): string => JSON.stringify(packagePath(path));
/** Autodetection formats nothing small with it; the suite wants that. */
const entry = `
import { VfsExFat, exfat } from ${from('modules/exfat/index.ts')};
import { register } from ${from('modules/vfs.ts')};
export { VfsExFat } from ${from('modules/exfat/index.ts')};
export { fsckExFat } from ${from('modules/exfat/check/index.ts')};
export * from ${from('modules/vfs.ts')};
register({ alone: null, probe: exfat.probe, create: function (bdev) { return new VfsExFat(bdev); } });
`;
const kinds: ('plain' | 'minified')[] = ['minified'];
const whole = (await buildToy({ 'entry.ts': entry }, false, kinds))['vfs.min.js'];
const suite = (await buildToy({ 'entry.ts': `import ${from('test/suite/entry.ts')};` }, false, kinds))['vfs.min.js'];
/** The parts of the room, and what stays, have names relative to the root. */
const room = await buildToy({ 'entry.ts': `export { VfsExFat } from ${from('modules/exfat/vfsexfat.ts')};` }, false, kinds);
const check = await buildToy({ 'entry.ts': `export { fsckExFat } from ${from('modules/exfat/check/index.ts')};` }, false, kinds);

/** The suite over exFAT, with the bundle as what `require` gives. */
const script = `
var suiteResult, suiteKind = 'VfsExFat', suiteGeometry = [512, 4096];
var require = (function () {
  var vfs = {};
  (function (exports, require) { ${whole} })(vfs, function () { throw new Error('none'); });
  return function () { return vfs; };
})();
${suite}
`;

function judge(lines: string[]): void {
  const [, passed, failed] = lines.map((line) => /^suite: (\d+) passed, (\d+) failed/.exec(line)).find(Boolean) ?? [];
  assert.equal(
    lines.filter((line) => line.startsWith('FAIL ')),
    [],
  );
  assert.ok(Number(passed) > 50, `hardly any case has run: ${lines.slice(-5).join('; ')}`);
  assert.is(Number(failed), 0);
}

test('the bundle passes the gate, and so does each of its parts', async () => {
  assert.equal(gate(whole), []);
  const parted = await buildToy({ 'entry.ts': entry }, true, kinds);
  assert.equal(gate(parted['vfs.min.js']), []);
  for (const part of unpack(parted['vfs-parts.min.js'] ?? '000000')) assert.equal(gate(part), []);
  const { vfs } = runToy({ ...parted });
  assert.type(vfs.VfsExFat.mkfs, 'function');
  console.log(
    `NOTE: with the VFS and all parts ${whole.length} bytes; the driver alone ${room['vfs.min.js'].length}, with the check ${check['vfs.min.js'].length}`,
  );
});

test('the behaviour suite passes inside QuickJS', async () => {
  const lines: string[] = [];
  const device = await quickjsEngine.start(new NorFlash({ size: 65536, eraseSize: 4096, progSize: 4 }), (line) => lines.push(line));
  const outcome = device.evaluate(script, 'suite.js');
  assert.ok(outcome.ok, outcome.text);
  device.close();
  judge(lines);
});

for (const engine of Object.keys(programs)) {
  let program = '';
  try {
    program = findProgram(engine);
  } catch (missing) {
    console.log(`SKIP: ${(missing as Error).message}`);
    continue;
  }
  test(`the behaviour suite passes inside ${engine}`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'microvfs-exfat-'));
    try {
      const file = join(folder, 'test.js');
      writeFileSync(file, (programs[engine].bareConsole ? 'var console={log:print};\n' : '') + script);
      const run = spawnSync(program, [file], {
        cwd: folder,
        encoding: 'utf8',
        timeout: 300000,
        input: undefined,
        stdio: ['pipe', 'pipe', 'pipe'],
      });
      judge((run.stdout + run.stderr).split(/\r?\n/));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
}

test.run();
