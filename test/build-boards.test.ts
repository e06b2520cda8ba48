/** A board is one file, and a file system too: `support/toaster.ts` and `support/crumbs.ts`, which nothing else knows. Bundles, what it is in the simulator, what is named in them. */
import { readdirSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { boards, descriptionOf, NorFlash } from '../boards/sim';
import { type BoardFile, simBoard } from '../boards/sim/board';
import { boardEntries, boardList } from '../tools/build';
import { entryOf } from '../tools/build/entries';
import { planOf } from '../tools/build/plan';
import { bundles, furtherBundles } from '../tools/bundles';
import { packagePath } from '../tools/dist';
import { bootSource, bundleExpression, consoleSource, type DeviceSource, firmwareSource, hardwareSource } from '../tools/engines/engine';
import { quickjsEngine } from '../tools/engines/quickjs';
import { gate } from '../tools/gate';
import * as toasterFile from './support/toaster';
import { bundleFrom, type Files } from './support/toy-build';

const file = packagePath('test/support/toaster.ts');
const board = toasterFile as unknown as BoardFile;

const built = new Map<string, Promise<Files>>();

/** Each bundle is built once. */
async function build(suffix: string): Promise<string> {
  const entry = packagePath(`test/support/toaster.device${suffix}`);
  const files = built.get(suffix) ?? bundleFrom(entry, undefined, boardEntries());
  built.set(suffix, files);
  return (await files)['vfs.min.js'];
}

const namesOf = (code: string): string[] => Object.keys(new Function('exports', 'require', `${code};return exports`)({}, () => undefined));

test('a board of one file with a file system of one file is built, boots in QuickJS on its own simulated chip, and keeps a file', async () => {
  const code = await build('');
  assert.equal(gate(code), []);
  const wiring = simBoard(board.sim);
  const nor = new NorFlash(wiring.geometry);
  const powerOn = async (script: string): Promise<string[]> => {
    const lines: string[] = [];
    const device = await quickjsEngine.start(nor, (line) => lines.push(line));
    const steps: DeviceSource[] = [
      { source: `var __show, __describe, __chip = ${bundleExpression('sim/chip.js')};`, fileName: 'chip.js' },
      { source: consoleSource, fileName: 'console.js' },
      { source: hardwareSource(wiring, {}, '__host', 0), fileName: 'board.js' },
      { source: firmwareSource('throw new Error(name);'), fileName: 'firmware.js' },
      { source: 'var require = __otherwise;', fileName: 'require.js' },
      { source: `var __vfs = (function (exports) { ${code}\nreturn exports; })({});`, fileName: 'vfs.min.js' },
      { source: 'require = function (name) { return name === "vfs" ? __vfs : __otherwise(name); };', fileName: 'require.js' },
      { source: bootSource(wiring, {}), fileName: 'boot' },
      { source: script, fileName: 'script' },
    ];
    for (const { source, fileName } of steps) {
      const outcome = device.evaluate(source, fileName);
      assert.ok(outcome.ok, fileName + ': ' + outcome.text);
    }
    device.close();
    return lines;
  };
  assert.equal(await powerOn("require('vfs').writeFile('main.js', 'LED2.set(); print(typeof require(\\'toaster\\').Bread)');"), [
    'toaster: /toast bread crumbs formatted',
  ]);
  assert.equal(await powerOn('1'), ['toaster: /toast bread crumbs mounted', 'LED2 on', 'function']);
});

test('its larger bundle has what the file adds; the smaller one has nothing of it', async () => {
  const [small, all] = [await build(''), await build('-all')];
  const added = namesOf(all).filter((name) => !namesOf(small).includes(name));
  assert.equal(added.sort(), ['VfsFat', 'VfsLfs2']);
  assert.ok(namesOf(small).includes('Bread'));
  assert.match(all, /"fat"/);
  for (const text of [/"fat"/, /rp2040|flash_binary_end:/, /bundles|sectors:/]) assert.not.match(small, text);
});

test('what a board lists and does not export is an error that names it', () => {
  const broken = { ...board, VfsFat: undefined } as unknown as BoardFile;
  assert.throws(
    () => entryOf(file, broken, planOf('toaster', broken, '-all')),
    /toaster\.ts has VfsFat in its bundles, and does not export it/,
  );
});

test('the boards are the files in boards/, and each has what is asked of one', () => {
  const files = readdirSync(packagePath('boards')).filter((one) => one.endsWith('.ts'));
  assert.equal(Object.keys(boards), files.map((one) => one.slice(0, -3)).sort());
  for (const [name, one] of Object.entries(boards)) {
    const description = descriptionOf(name, one);
    assert.is(description.name, name);
    for (const suffix in one.bundles) {
      assert.type(entryOf(packagePath(`boards/${name}.ts`), one, planOf(name, one, suffix)), 'string');
      assert.ok([...bundles, ...furtherBundles].includes(`${name}/vfs${suffix}.min.js`));
    }
    for (const budgeted of Object.keys(one.budget)) assert.ok([...bundles, ...furtherBundles].includes(`${name}/${budgeted}`), budgeted);
    assert.ok(one.budget['vfs.min.js'].bytes > 0);
    assert.ok(simBoard(one.sim).geometry.size > 0);
    for (const driver of description.drivers) assert.ok(driver.name && driver.volume);
  }
});

test('where the sources are not there, the list of boards is in the code', () => {
  const { load } = boardList() as { load(id: string): string | null };
  const code = load(packagePath('boards/sim/all.ts')) ?? '';
  for (const name in boards) assert.match(code, `import * as ${name} from '../${name}';`);
  assert.match(code, `export const boards = { ${Object.keys(boards).join(', ')} };`);
  assert.is(load(packagePath('boards/sim/board.ts')), null);
});

test.run();
