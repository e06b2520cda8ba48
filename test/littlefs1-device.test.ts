/** littlefs 1 as device code: it builds to what small engines take, and the behaviour suite passes on it inside them. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { NorFlash } from '../boards/sim';
import { distPath } from '../tools/dist';
import { programs } from '../tools/engines/external';
import { quickjsEngine } from '../tools/engines/quickjs';
import { gate } from '../tools/gate';
import { programsHere } from './support/program';

const device = readFileSync(distPath('test/littlefs1.js'), 'utf8');
const suite = readFileSync(distPath('test/suite.js'), 'utf8');

/** The suite over the bundle as one script; what it lies in must not declare anything that it needs. */
function script(geometry: string): string {
  return `var suiteResult, suiteKind = 'VfsLfs1', suiteGeometry = ${geometry};
var __vfs = (function (exports, require) {${device}
return exports; })({}, undefined);
var require = function () { return __vfs; };
(function (exports, require) {${suite}
})({}, require);`;
}

function judge(engine: string, lines: string[]): void {
  const counts = lines.map((line) => /^suite: (\d+) passed, (\d+) failed/.exec(line)).find(Boolean);
  assert.ok(counts, `the suite did not come to its end:\n${lines.slice(-20).join('\n')}`);
  console.log(`NOTE: ${engine}: ${counts[0]}`);
  assert.equal(
    lines.filter((line) => line.startsWith('FAIL ')),
    [],
  );
  assert.is(counts[2], '0');
  assert.ok(Number(counts[1]) > 50, 'hardly any case has run');
}

test('the bundle is what small engines take', () => {
  assert.equal(gate(device), []);
});

test('the behaviour suite passes on it inside quickjs', async () => {
  const lines: string[] = [];
  const engine = await quickjsEngine.start(new NorFlash({ size: 65536, eraseSize: 4096, progSize: 4 }), (line) => lines.push(line));
  const print = 'var print = function (text) { __host.print(String(text)); };';
  for (const source of [print, script('[512, 128]')]) {
    const outcome = engine.evaluate(source, 'suite.js');
    assert.ok(outcome.ok, outcome.text);
  }
  engine.close();
  judge('quickjs', lines);
});

for (const [engine, program] of Object.entries(programsHere())) {
  test(`the behaviour suite passes on it inside ${engine}`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'microvfs-lfs1-'));
    try {
      const file = join(folder, 'test.js');
      writeFileSync(file, (programs[engine].bareConsole ? 'var console={log:print};' : '') + script('[512, 128]'));
      const { stdout, stderr } = spawnSync(program, [file], { cwd: folder, encoding: 'utf8', timeout: 300000 });
      judge(engine, `${stdout}\n${stderr}`.split(/\r?\n/).filter(Boolean));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
}

test.run();
