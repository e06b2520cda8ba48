/** exFAT as device code: in parts as the bundle for cards has it, and alone in one file that runs inside the small engines. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { NorFlash } from '../boards/sim';
import { RAMBlockDev } from '../modules/blockdev';
import { fsckExFat } from '../modules/exfat/check';
import { distPath } from '../tools/dist';
import { programs } from '../tools/engines/external';
import { quickjsEngine } from '../tools/engines/quickjs';
import { gate } from '../tools/gate';
import { programsHere } from './support/program';
import { runToy, storedFiles } from './support/toy-build';

const whole = readFileSync(distPath('test/exfat.js'), 'utf8');
const suite = readFileSync(distPath('test/suite.js'), 'utf8');

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

test('the bundle with nothing else passes the gate', () => {
  assert.equal(gate(whole), []);
});

test('in parts it works', () => {
  const { vfs, reads } = runToy(storedFiles('esp32', '-sd'));
  const device = new RAMBlockDev(512, 4096);
  vfs.VfsExFat.mkfs(device);
  vfs.mount(device, '/');
  vfs.makedirs('/été/b');
  vfs.writeFile('/été/b/c.txt', 'text');
  vfs.rename('/été/b', '/ÉTÉ/d');
  assert.is(vfs.readFile('/été/D/c.txt', 'utf8'), 'text');
  assert.ok(vfs.statvfs('/')[3] > 400);
  vfs.umount('/');
  assert.equal(fsckExFat(device), []);
  assert.ok(reads.length > 8);
});

test('the behaviour suite passes inside QuickJS', async () => {
  const lines: string[] = [];
  const device = await quickjsEngine.start(new NorFlash({ size: 65536, eraseSize: 4096, progSize: 4 }), (line) => lines.push(line));
  const outcome = device.evaluate(`var print = __host.print;\n${script}`, 'suite.js');
  assert.ok(outcome.ok, outcome.text);
  device.close();
  judge(lines);
});

for (const [engine, program] of Object.entries(programsHere())) {
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
      judge([...(run.stdout + run.stderr).split(/\r?\n/), `ended with ${run.status ?? run.signal ?? run.error}`]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
}

test.run();
