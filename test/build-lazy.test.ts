/** Files `NAME.lazy.ts`: parts of a device's bundle that are loaded when called, and the rules for them. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { unpack } from '../tools/build/parts';
import { packagePath } from '../tools/dist';
import { gate } from '../tools/gate';
import { buildToy, type Files, runToy } from './support/toy-build';

const staying = JSON.stringify(packagePath('modules/engine/stay'));

const toy: Files = {
  'entry.ts': `
    import * as tree from './tree.lazy';
    import * as check from './deep/check.lazy';
    import { volume } from './volume';
    export const mkdir = tree.mkdir;
    export const rmdir = tree.rmdir;
    export function put(value: number): void { volume._used = value; }
    export function used(): number { return volume._used; }
    export function lengths(list: string[]): number[] { return list.map(tree.weigh); }
    export function verify(): string { return check.verify('a', 2); }
    export function fail(): void { check.fail(); }
    export function begin(): void { tree.begin(); }
    export function end(): void { tree.end(); }
    export function again(n: number): number { return tree.again(n); }
    export function round(path: string): string { return tree.round(path); }
    export function openFile(): tree.Open { return tree.open(); }
    export function during(file: tree.Open): void { check.during(file); }`,
  'volume.ts': `
    export const SIZE = 4 * 1024;
    export const volume = { _used: 0 };
    export let generation = 1;
    export function grow(by: number): number { generation++; return volume._used += by; }`,
  'tree.lazy.ts': `
    import { leave, stay } from ${staying};
    import * as check from './deep/check.lazy';
    import * as self from './tree.lazy';
    import { generation, grow, SIZE, volume } from './volume';
    import { double } from './only-tree';
    export interface Made { path: string; total: number }
    const MARKS = [7, 8];
    export function mkdir(path: string): Made { const total = grow(double(SIZE)); return { path: path + MARKS[0], total: total + generation }; }
    export function rmdir(path: string): string { return 'no ' + path; }
    export function weigh(text: string): number { return text.length + MARKS[1]; }
    export function begin(): void { stay(); }
    export function end(): void { leave(); }
    export interface Open { write(n: number): void; close(): void }
    export function open(): Open {
      stay();
      return { write: function (n) { volume._used += n; }, close: function () { leave(); } };
    }
    export function again(n: number): number { return n ? 1 + self.again(n - 1) : 0; }
    export function round(path: string): string { return check.back(path); }`,
  'only-tree.ts': `
    import { volume } from './volume';
    export function double(n: number): number { if (volume._used < 0) throw new Error('only for trees'); return 2 * n; }`,
  'deep/check.lazy.ts': `
    import * as tree from '../tree.lazy';
    export function verify(a: string, b: number): string { return tree.rmdir(a) + tree.rmdir(a) + b; }
    export function back(a: string): string { return tree.rmdir(a); }
    export function during(file: tree.Open): void { file.close(); }
    export function fail(): void { throw new Error('found'); }`,
};

const parted = await buildToy(toy, true);
const inline = { 'vfs.min.js': parted['vfs.min.js'] };
/** The names of the parts whose sections there are. */
const names: string[] = JSON.parse(parted['vfs-parts.min.js.map']).x_parts;
/** The numbers of its parts, in the order of their names. */
const CHECK = 0;
const TREE = 1;

test('a part is loaded when it is called, and again for the next call', () => {
  const { vfs, reads } = runToy(parted);
  assert.is(reads.length, 0);
  assert.equal(vfs.mkdir('a'), { path: 'a7', total: 8192 + 2 });
  assert.equal(reads, [TREE]);
  assert.equal(vfs.mkdir('b'), { path: 'b7', total: 16384 + 3 }, 'the state is the resident module’s');
  assert.is(vfs.used(), 16384);
  assert.equal(reads, [TREE, TREE]);
});

test('a part calls another, which is loaded for each of its calls', () => {
  const { vfs, reads } = runToy(parted);
  assert.is(vfs.verify(), 'no ano a2');
  assert.equal(reads, [CHECK, TREE, TREE]);
});

test('a part that is called while it runs is not loaded again', () => {
  const { vfs, reads } = runToy(parted);
  assert.is(vfs.again(3), 3);
  assert.equal(reads, [TREE]);
  assert.is(vfs.round('x'), 'no x');
  assert.equal(reads, [TREE, TREE, CHECK], 'through another one either');
});

test('functions of parts can be handed over, and exported, and get what they are given', () => {
  const { vfs } = runToy(parted);
  assert.equal(vfs.lengths(['', 'abc']), [8, 11]);
  assert.is(vfs.rmdir('x'), 'no x');
});

test('a part is dropped when it throws, and those that called it', () => {
  const { vfs, reads } = runToy(parted);
  assert.throws(vfs.fail, /found/);
  assert.throws(vfs.fail, /found/);
  assert.equal(reads, [CHECK, CHECK]);
});

test('a part that has asked to stay is loaded once, until it leaves', () => {
  const { vfs, reads } = runToy(parted);
  vfs.begin();
  vfs.rmdir('x');
  vfs.verify();
  assert.equal(reads, [TREE, CHECK]);
  vfs.end();
  vfs.rmdir('x');
  assert.equal(reads, [TREE, CHECK, TREE]);
});

test('a part stays as long as one of several has it stay, whoever calls it meanwhile', () => {
  const { vfs, reads } = runToy(parted);
  const [one, two] = [vfs.openFile(), vfs.openFile()];
  one.write(1);
  vfs.verify();
  one.close();
  two.write(2);
  assert.is(vfs.used(), 3);
  assert.equal(reads, [TREE, CHECK]);
  // Called by nobody that the loader knows, while another part runs.
  vfs.during(two);
  assert.equal(reads, [TREE, CHECK, CHECK]);
  vfs.rmdir('x');
  assert.equal(reads, [TREE, CHECK, CHECK, TREE]);
});

test('a variable that is set anew is seen as it is by a part that stays', () => {
  const { vfs } = runToy(parted);
  vfs.begin();
  assert.is(vfs.mkdir('a').total, 8192 + 2);
  assert.is(vfs.mkdir('a').total, 16384 + 3);
});

test('without the file of parts, what lies there is ENODEV', () => {
  const { vfs } = runToy({ 'vfs-resident.min.js': parted['vfs-resident.min.js'] });
  assert.throws(
    vfs.verify,
    (error: Error & { code: string }) => error.code === 'ENODEV' && /vfs-parts is not in Storage/.test(error.message),
  );
});

test('parts of another build than the resident module are ENODEV', async () => {
  const other = await buildToy({ ...toy, 'volume.ts': toy['volume.ts'].replace('4 * 1024', '8 * 1024') }, true);
  const { vfs } = runToy({ ...parted, 'vfs-parts.min.js': other['vfs-parts.min.js'] });
  const isOther = (error: Error & { code: string }) => error.code === 'ENODEV' && /vfs-parts .*another build/.test(error.message);
  assert.throws(() => vfs.mkdir('a'), isOther);
  assert.throws(() => vfs.mkdir('a'), isOther, 'each time');
});

test('all parts are one file, and pass the gate', () => {
  assert.equal(
    Object.keys(parted)
      .filter((name) => !name.endsWith('.map'))
      .sort(),
    ['vfs-parts.min.js', 'vfs-resident.min.js', 'vfs.min.js'],
  );
  assert.equal(gate(parted['vfs-resident.min.js']), []);
  const parts = unpack(parted['vfs-parts.min.js']);
  for (const { code } of parts) assert.equal(gate(code), []);
  // The two of the toy, of which one is loaded function by function.
  assert.is(new Set(names).size, 2);
  assert.ok(parts.length > 2);
});

const onlyTree = /only for trees/;

test('what only a part uses is in that part', () => {
  assert.not.match(parted['vfs-resident.min.js'], onlyTree);
  assert.match(unpack(parted['vfs-parts.min.js'])[names.indexOf('tree')].code, onlyTree);
});

test('one bundle with everything has the parts as ordinary modules, and nothing that loads', async () => {
  const { vfs, reads } = runToy(inline);
  assert.equal(vfs.mkdir('a'), { path: 'a7', total: 8192 + 2 });
  vfs.begin();
  vfs.end();
  assert.is(vfs.verify(), 'no ano a2');
  assert.is(reads.length, 0);
  assert.not.match(inline['vfs.min.js'], /require|vfs-parts/);
  assert.equal(gate(inline['vfs.min.js']), []);
  const without = await buildToy(toy, false);
  assert.equal(
    Object.keys(without).filter((name) => !name.endsWith('.map')),
    ['vfs.min.js'],
  );
});

const call = `import * as a from './a.lazy'; export function f(): unknown { return a.f(1); }`;
const good = 'export function f(n: number): number { return n; }';
const wrong: [what: string, sources: Files, message: RegExp][] = [
  [
    'an import by name',
    { 'entry.ts': `import { f } from './a.lazy'; export const g = f;`, 'a.lazy.ts': good },
    /import it with `import \* as name/,
  ],
  [
    'a default import',
    { 'entry.ts': `import f from './a.lazy'; export const g = f;`, 'a.lazy.ts': good },
    /import it with `import \* as name/,
  ],
  [
    'an import for its effect',
    { 'entry.ts': `import './a.lazy'; export const g = 1;`, 'a.lazy.ts': good },
    /import it with `import \* as name/,
  ],
  [
    'an import at run time',
    { 'entry.ts': `export const g = () => import('./a.lazy');`, 'a.lazy.ts': good },
    /import it with `import \* as name/,
  ],
  ['an export of all of it', { 'entry.ts': `export * from './a.lazy';`, 'a.lazy.ts': good }, /one by one/],
  ['an export of it as a namespace', { 'entry.ts': `export * as a from './a.lazy';`, 'a.lazy.ts': good }, /one by one/],
  [
    'the namespace as a value',
    { 'entry.ts': `import * as a from './a.lazy'; export const g = [a];`, 'a.lazy.ts': good },
    /stands only for its functions/,
  ],
  [
    'a computed function',
    { 'entry.ts': `import * as a from './a.lazy'; export function g(n: 'f') { return a[n](1); }`, 'a.lazy.ts': good },
    /stands only for its functions/,
  ],
  [
    'new',
    { 'entry.ts': `import * as a from './a.lazy'; export function g() { return new (a.f as any)(1); }`, 'a.lazy.ts': good },
    /nothing for `new`/,
  ],
  [
    'five arguments',
    { 'entry.ts': `import * as a from './a.lazy'; export function g() { return (a.f as any)(1, 2, 3, 4, 5); }`, 'a.lazy.ts': good },
    /at most 4 arguments/,
  ],
  ['five parameters', { 'entry.ts': call, 'a.lazy.ts': 'export function f(a, b, c, d, e) { return e; }' }, /more than 4 parameters/],
  ['a variable', { 'entry.ts': call, 'a.lazy.ts': 'let n = 0; export function f() { return n++; }' }, /no variable \(n\) can be kept/],
  ['a variable that is set nowhere', { 'entry.ts': call, 'a.lazy.ts': 'var n; export function f() { return n; }' }, /no variable \(n\)/],
  ['a list that grows', { 'entry.ts': call, 'a.lazy.ts': 'const l = []; export function f(n) { l.push(n); }' }, /nothing can be kept in l/],
  [
    'a table that is written',
    { 'entry.ts': call, 'a.lazy.ts': 'const l = {}; export function f(n) { l[n] = 1; }' },
    /nothing can be kept in l/,
  ],
  [
    'a counter in a table',
    { 'entry.ts': call, 'a.lazy.ts': 'const l = { n: 0 }; export function f() { l.n++; }' },
    /nothing can be kept in l/,
  ],
  [
    'a buffer that is filled',
    { 'entry.ts': call, 'a.lazy.ts': 'const l = new Uint8Array(4); export function f(n) { l.set(n); }' },
    /nothing can be kept in l/,
  ],
  ['an exported constant', { 'entry.ts': call, 'a.lazy.ts': `${good} export const N = 1;` }, /only functions can be exported/],
  ['an exported class', { 'entry.ts': call, 'a.lazy.ts': `${good} export class C {}` }, /only functions can be exported/],
  [
    'a class of its own',
    { 'entry.ts': call, 'a.lazy.ts': `${good} class C {} export function g() { return new C(); }` },
    /only functions and constants/,
  ],
  ['a constant in a list of exports', { 'entry.ts': call, 'a.lazy.ts': `${good} const N = 1; export { N };` }, /N is exported/],
  ['a default export', { 'entry.ts': call, 'a.lazy.ts': `${good} export default f;` }, /only functions and constants/],
  [
    'an export of others',
    { 'entry.ts': call, 'a.lazy.ts': `${good} export { g } from './b';`, 'b.ts': 'export function g() {}' },
    /defined here/,
  ],
  ['a statement', { 'entry.ts': call, 'a.lazy.ts': `${good} f(1);` }, /only functions and constants/],
  ['a generator', { 'entry.ts': call, 'a.lazy.ts': 'export function* f(n) { yield n; }' }, /async or a generator/],
];

for (const [what, sources, message] of wrong)
  for (const lazy of [true, false])
    test(`${what} is an error of a build ${lazy ? 'with parts' : 'without parts'}`, async () => {
      let text = '';
      try {
        await buildToy(sources, lazy);
      } catch (error) {
        text = (error as Error).message;
      }
      assert.match(text, message);
      assert.match(text, /(entry|a\.lazy)\.ts/, 'names the file');
    });

test('a face hands functions of a part on by name', async () => {
  const files = await buildToy({ 'entry.ts': `export { f, f as other } from './a.lazy';`, 'a.lazy.ts': good }, true);
  const { vfs, reads } = runToy(files);
  assert.equal([vfs.f(3), vfs.other(4)], [3, 4]);
  assert.equal(reads, [0, 0]);
});

test('tables that are only read are no state', async () => {
  const source = `const T = [1, 2]; const O = { a: 1 }; export function f(n) { return T.indexOf(n) + O.a + T[0]; }`;
  assert.is(runToy(await buildToy({ 'entry.ts': call, 'a.lazy.ts': source }, true)).vfs.f(), 2);
});

const espruino = process.env.ESPRUINO;
if (!espruino) console.log('SKIP: parts in Storage on Espruino: set ESPRUINO to its program');
else
  test("parts are evaluated from slices of Espruino's Storage, and take no variables when idle", async () => {
    const stored = ['vfs-resident', 'vfs-parts'].map(
      (name) =>
        `require('Storage').write('${name.replace('-resident', '')}', ${JSON.stringify(Buffer.from(parted[`${name}.min.js`]).toString('latin1'))});`,
    );
    const script = `${stored.join('\n')}
      var vfs = require('vfs');
      var made, kept, before;
      function all() { made = vfs.mkdir('a'); vfs.verify(); made = undefined; }
      all();
      before = process.memory().usage;
      all();
      kept = process.memory().usage - before;
      vfs.begin();
      console.log('staying ' + (process.memory().usage - before));
      vfs.end();
      made = vfs.mkdir('a');
      console.log('made ' + made.path + ' ' + made.total + ' ' + vfs.lengths(['abc'])[0] + ' ' + vfs.verify());
      console.log('kept ' + kept);
      var one, was;
      function write() { was = vfs.used(); one = vfs.openFile(); one.write(1); vfs.verify(); one.write(2); one.close(); one = undefined; }
      write();
      before = process.memory().usage;
      write();
      kept = process.memory().usage - before;
      console.log('written ' + (vfs.used() - was) + ', kept ' + kept);
      try { vfs.fail(); } catch (error) { console.log('failed ' + error.message); }`;
    const folder = mkdtempSync(join(tmpdir(), 'microvfs-toy-'));
    try {
      writeFileSync(join(folder, 'test.js'), script);
      const child = spawn(espruino, ['test.js'], { cwd: folder, timeout: 60000 });
      let output = '';
      child.stdout.setEncoding('utf8').on('data', (data) => (output += data));
      await new Promise((done, failed) => child.on('close', done).on('error', failed));
      assert.match(output, /^made a7 24580 11 no ano a2$/m);
      assert.match(output, /^kept 0$/m);
      assert.match(output, /^written 3, kept 0$/m);
      assert.ok(Number(output.match(/^staying (\d+)$/m)?.[1]) > 10, output);
      assert.match(output, /^failed found$/m);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

/** A part whose text is the same in each, which depends on the main module and on another part. */
const sharing = (limit: number, parameters: string): Files => ({
  'entry.ts': `import * as one from './one.lazy'; export { LIMIT } from './state'; export function f(): unknown[] { return one.f(); }`,
  'state.ts': `export const LIMIT = ${limit};`,
  'one.lazy.ts': `import { LIMIT } from './state'; import * as two from './two.lazy';
    export function f(): unknown[] { const g = two.g; return [LIMIT, g.length]; }`,
  'two.lazy.ts': `export function g(${parameters}): number { return 0; }`,
});

test('a part of the same text in another bundle has the numbers of that bundle, and calls the parts that are there', async () => {
  for (const [limit, parameters, count] of [
    [1, 'a: number', 1],
    [2, 'a: number', 1],
    [2, 'a: number, b: number', 2],
    [1, 'a: number', 1],
  ] as const)
    assert.equal(runToy(await buildToy(sharing(limit, parameters), true)).vfs.f(), [limit, count]);
});

test('a bundle is the same when it is built again, after others', async () => {
  assert.equal((await buildToy(toy, true))['vfs-resident.min.js'], parted['vfs-resident.min.js']);
  assert.equal((await buildToy(toy, true))['vfs-parts.min.js'], parted['vfs-parts.min.js']);
});

test.run();
