/** What test files are compiled to does what they do. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { boards } from '../boards/sim';
import { packagePath } from '../tools/dist';
import { compileTests } from './support/compile';

const folder = mkdtempSync(join(tmpdir(), 'microvfs-compile-'));
test.after(() => rmSync(folder, { recursive: true }));

const from = (path: string) => JSON.stringify(packagePath(path));

function compile(files: Record<string, string>) {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return compileTests(folder, Object.keys(files));
}

function run(script: string | undefined) {
  assert.ok(script);
  return spawnSync(process.execPath, ['--enable-source-maps', script], { encoding: 'utf8' });
}

test('a source has its own address, and all boards', async () => {
  const one = `
    import { boards } from ${from('boards/sim')};
    import { packagePath } from ${from('tools/dist')};
    console.log(JSON.stringify([import.meta.url, packagePath('x'), Object.keys(boards), Object.keys(boards.esp32.bundles)]));`;
  const compiled = await compile({ 'one.test.ts': one });
  const { stdout, stderr } = run(compiled.get('one.test.ts')?.script);
  assert.equal(
    stdout &&
      JSON.parse(stdout, (_key, value) => (typeof value === 'string' && value.startsWith('file:') ? value.split('/').at(-1) : value)),
    ['one.test.ts', packagePath('x'), Object.keys(boards), Object.keys(boards.esp32.bundles)],
    stderr,
  );
});

test('modules are run in the order in which a file imports them', async () => {
  const shared = 'export const list: string[] = [];';
  const adds = (name: string) => `import { list } from './shared'; list.push('${name}');`;
  const says = (...names: string[]) =>
    names.map((name) => `import './${name}';`).join(' ') + " import { list } from './shared'; console.log(list.join());";
  const compiled = await compile({
    'shared.ts': shared,
    'a.ts': adds('a'),
    'b.ts': adds('b'),
    'c.ts': adds('c'),
    'one.test.ts': says('c', 'a', 'b'),
    'two.test.ts': says('b', 'a'),
    'three.test.ts': says('b', 'c'),
  });
  const said = ['one', 'two', 'three'].map((name) => run(compiled.get(`${name}.test.ts`)?.script).stdout.trim());
  assert.equal(said, ['c,a,b', 'b,a', 'b,c']);
});

test('an error is where the source has it', async () => {
  const compiled = await compile({ 'throws.test.ts': 'interface Gone {\n  a: number;\n}\n\nthrow new Error(import.meta.url);\n' });
  assert.match(run(compiled.get('throws.test.ts')?.script).stderr, /throws\.test\.ts:5:/);
});

test('what imports the build is not compiled, and what needs built files is known', async () => {
  const compiled = await compile({
    'build.test.ts': `import { boardEntries } from ${from('tools/build/entries')}; boardEntries();`,
    'dist.test.ts': `import { packagePath } from ${from('tools/dist')}; packagePath('');`,
    'none.test.ts': 'console.log(1);',
  });
  const rows = [...compiled].map(([name, { script, sources }]) => [name, !!script, sources.has('tools/dist.ts')]);
  assert.equal(rows, [
    ['build.test.ts', false, true],
    ['dist.test.ts', true, true],
    ['none.test.ts', true, false],
  ]);
});

test('a source that cannot be translated is named', async () => {
  const failed = await compile({ 'wrong.test.ts': 'const a: = 1;' }).then(String, (error: Error) => error.message);
  assert.match(failed, /wrong\.test\.ts:1:9: ERROR/);
});

test.run();
