/** What the device build makes of modules: linking, names, and what a minifier does not do. */
import { parseSync, type types as t, transformFromAstSync, transformSync } from '@babel/core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { plainClasses } from '../tools/build/classes';
import { markExports, nameFunctions, takeShared } from '../tools/build/fields';
import { nameTogether } from '../tools/build/names';
import { lazyParts, MAIN, pack, placeOf, unpack } from '../tools/build/parts';
import { shorten } from '../tools/build/shorten';
import { gate } from '../tools/gate';
import { buildToy, runToy } from './support/toy-build';

const plain = { babelrc: false, configFile: false, compact: true } as const;

function parse(source: string): t.File {
  return parseSync(source, { ...plain, sourceType: 'script' }) as t.File;
}

function generate(file: t.File): string {
  return transformFromAstSync(file, undefined, plain)?.code ?? '';
}

function shortened(source: string): string {
  const file = parse(source);
  shorten(file);
  return generate(file);
}

const run = (source: string, result: string) => new Function(`${source};return ${result};`)();

test('globals that are written often get a name, others and locals of the same name do not', () => {
  const often = 'var a=new Uint8Array(1),b=new Uint8Array(2),c=new Uint8Array(3);';
  assert.match(shortened(often), /^var (\w+)=Uint8Array;var a=new \1\(1\)/);
  assert.is(shortened('var a=new Int32Array(1);'), 'var a=new Int32Array(1);');
  const own = 'function f(Uint8Array){return[Uint8Array,Uint8Array,Uint8Array,Uint8Array];}';
  assert.is(shortened(own), own);
});

test('functions of globals get a name, unless somebody else has that global’s name', () => {
  const often = 'var a=Math.floor(1.5)+Math.floor(2.5)+Math.floor(3.5);';
  assert.match(shortened(often), /^var (\w+)=Math\.floor;var a=\1\(1\.5\)/);
  assert.is(run(shortened(often), 'a'), 6);
  const own = 'function f(Math){return Math.floor(1)+Math.floor(2)+Math.floor(3);}';
  assert.is(shortened(own), own);
});

test('a property that is written often is read by a variable, an internal one is not', () => {
  const often = `var a='abc',n=${Array(12).fill('a.length').join('+')};`;
  assert.match(shortened(often), /^var (\w+)="length";var a='abc',n=a\[\1\]/);
  assert.is(run(shortened(often), 'n'), 36);
  const internal = `var a={},n=${Array(12).fill('a._length').join('+')};`;
  assert.is(shortened(internal), internal);
});

test('numbers become shifts where that is shorter', () => {
  assert.is(shortened('var a=2147483647,b=1073741824,c=-2147483648,d=12345678,e=4096;'), 'var a=-1>>>1,b=8<<27,c=8<<28,d=12345678,e=4096;');
  assert.is(shortened('var a={4294967295:1};'), 'var a={4294967295:1};');
  for (const n of [2147483647, 1073741824, -2147483648, 4294967295, 1048576, 3145728, 268435455])
    assert.is(run(shortened(`var a=${n}`), 'a'), n, String(n));
});

test('`this` gets a name where it is written often, in that function only', () => {
  const source = 'function F(){var n=1;this.a=this.b=this.c=this.d=this.e=n;this.f=function(){return this;};}';
  const result = shortened(source);
  assert.match(result, /var _self=this,n=1;_self\.a=_self\.b/);
  assert.match(result, /return this/);
  assert.is(run(result, 'new F().f.call(3)+0'), 3);
});

test('no function stands at the start of a for, which Espruino takes for a declaration', () => {
  const starts = ['(function(){}(),i=0)', '(function(){}())', '(function(){}.call(1),i=0)', '(function(){return 1;}()?i=1:2)'];
  for (const start of starts) {
    const result = shortened(`var i;for(${start};i<1;i++);`);
    assert.match(result, /for\(!\(?function/);
    assert.equal(gate(result), [], start);
  }
  assert.is(shortened('for(i=function(){}();i<1;i++);'), 'for(i=function(){}();i<1;i++);');
});

test('variables that are declared behind their use are declared first', () => {
  assert.is(shortened('exports.f=function(a){return b=a,c=b;var b,c;};'), 'exports.f=function(a){var b,c;return b=a,c=b;};');
  const kept = 'exports.f=function(a){var b=a,c;c=b;var d=c;return d;};';
  assert.is(shortened(kept), kept);
});

test('variables come in the order of their use, then functions, then the rest', () => {
  const uses = Array(11).fill('b').join(',');
  assert.is(
    shortened(`var a,b;function f(){return[${uses}];}g();function g(){}`),
    `var b;function f(){return[${uses}];}function g(){}var a;g();`,
  );
});

test('internal properties get the same short names in all modules, other names are left alone', () => {
  const one = parse('var o={_often:1,get _other(){return 2;},a:3};o._often=o._often+"_often";o["_x"]=1;');
  const two = parse('exports.f=function(p){return p._often+p._other+p.b;};');
  nameTogether([one, two], new Map());
  assert.is(generate(one), 'var $={c:1,get d(){return 2;},a:3};$.c=$.c+"_often";$["_x"]=1;');
  assert.match(generate(two), /\.c\+\w+\.d\+\w+\.b/);
});

test('outermost variables get short names that nothing else has, and locals are out of their way', () => {
  const file = parse('var first=1,rare=2;function f($,a){var _=first;return[$,a,_,first,first,Z];}exports.f=f;');
  nameTogether([file], new Map());
  const result = generate(file);
  assert.match(result, /^var \$=1/, 'the most used one has the first name');
  assert.not.match(result, /\bvar Z|\bZ=/);
  assert.equal(new Function('exports', 'Z', `${result}return exports.f(5,6);`)({}, 7), [5, 6, 1, 1, 1, 7]);
});

test('classes are a function and one literal', () => {
  const source = 'class A{constructor(n){this.n=n;}get(){return this.n;}static of(n){return new A(n);}}';
  const result = transformSync(source, { ...plain, plugins: [plainClasses] })?.code ?? '';
  assert.is(result, 'function A(n){this.n=n;}A.prototype={get:function(){return this.n;}};A.of=function(n){return new A(n);};');
  const others = ['class A extends B{}', 'class A{get n(){return 1;}}', 'class A{[n](){}}', 'class A{async f(){}}'];
  for (const other of others) assert.is(transformSync(other, { ...plain, plugins: [plainClasses] })?.code, other);
});

test('arrow functions in constructors, methods and functions have the `this` of what is around them', async () => {
  const source = `export class A {
      n: number; get: () => number; all: { f: () => number[] };
      constructor(n: number) { this.n = n; this.get = () => this.n; this.all = { f: () => [1].map((one) => one + this.n) }; }
      map(list: number[]): number[] { return list.map((one) => one + this.n); }
      static of(n: number): A { return (() => new this(n))(); }
    }
    class B { n = 1; f = () => this.n; }
    export function made(): number[] { class C { n = 2; f = () => this.n; } return [new B().f.call(undefined), new C().f.call(undefined)]; }`;
  const { vfs } = runToy(await buildToy({ 'entry.ts': source }, false));
  const a = vfs.A.of(4);
  assert.equal([a.get.call(undefined), a.all.f(), a.map([1, 2])], [4, [5], [5, 6]]);
  assert.equal(vfs.made(), [1, 2]);
});

test('what users see keeps its name, numbers are put in, variables stay alive', async () => {
  const files = await buildToy(
    {
      'entry.ts': `export { step, count as counter, LIMIT } from './state'; export class Made { _own = 1; value(): number { return this._own; } }`,
      'state.ts': `export const LIMIT = 1 << 4; export let count = 0; export function step(): number { return count += LIMIT; }`,
    },
    false,
  );
  const { vfs } = runToy(files);
  assert.equal(Object.keys(vfs).sort(), ['LIMIT', 'Made', 'counter', 'step']);
  assert.is(vfs.step() + vfs.step(), 48);
  assert.is(new vfs.Made().value(), 1);
  assert.equal(gate(files['vfs.min.js']), []);
  const map = JSON.parse(files['vfs.min.js.map']);
  assert.ok(
    map.sources.some((source: string) => source.endsWith('state.ts')),
    'the map leads to the sources',
  );
  assert.not.match(files['vfs.min.js'], /_own|LIMIT[^=]*LIMIT.*LIMIT/);
});

test('a module goes into its part, or into the one that alone uses it', () => {
  const importers: Record<string, string[]> = {
    '/entry': [],
    '/a.lazy.ts': ['/entry'],
    '/b': ['/a.lazy.ts'],
    '/c': ['/a.lazy.ts', '/entry'],
    '/d': ['/b', '/deep/b2.lazy.ts'],
    '/deep/b2.lazy.ts': ['/a.lazy.ts'],
  };
  const parts = lazyParts('/');
  const place = (id: string) => placeOf(id, parts, (one) => importers[one]);
  assert.is(place('/entry'), MAIN);
  assert.is(place('/a.lazy.ts'), 'a');
  assert.is(place('/b'), 'a', 'only that part uses it');
  assert.is(place('/c'), MAIN, 'the resident module uses it too');
  assert.is(place('/d'), MAIN, 'two parts use it');
  assert.is(place('/deep/b2.lazy.ts'), 'deep/b2');
});

test('packed parts are found by their places in bytes', () => {
  const parts = ['exports.a=1', '', "exports.b='\u00e4\u20ac'", 'x'].map((code, i) => ({
    code,
    part: `part${i}`,
    names: ['a', 'Zb', '$'].slice(0, i),
    map: undefined,
  }));
  const { code } = pack(parts, 'abcd');
  assert.is(code.substring(0, 22), 'abcd' + '000088' + '000088' + '000099');
  assert.is(code.substring(44, 66), 'abcd' + '000101' + '000106' + '000123');
  assert.equal(
    unpack(code),
    parts.map((one) => ({ names: one.names, code: one.code })),
  );
});

test('what parts use of the main module has its name there, and parts name their own around that', () => {
  const main = parse('function f(){return 1;}function g(){return f();}var h=2;x.y=1,$link({f:f,g:g,made:function(){return h;}});');
  const part = parse('var f=3,own=4;exports.go=function(p){return $main_g()+$main_made()+$main_g()+p+f+own;};');
  const shared = takeShared(main);
  assert.not.match(generate(main), /\$link/);
  assert.equal([...shared.keys()], ['f', 'g', 'made']);
  const { used } = nameTogether([main, part], shared);
  assert.is(used.length, 1);
  assert.is(used[0].length, 2, 'f of the main module is not used');
  const [g, made] = used[0];
  const values = new Function(`var x={};${generate(main)};return[${g},${made}]`)();
  assert.equal([values[0](), values[1]()], [1, 2]);
  const exports: { go?: (n: number) => number } = {};
  new Function('exports', ...used[0], generate(part))(exports, ...values);
  assert.is(exports.go?.(5), 1 + 2 + 1 + 5 + 3 + 4);
});

test('functions of parts get short names, in each part the same ones, also where the minifier has joined two calls', () => {
  const main = parse(
    `function call(){}call('$part a','$function a start',1);x?call('$part b','$function b start'):call('$part b','$function b stop');call('$part b',x?'$function b start':'$function b stop');`,
  );
  const first = parse(`exports.start=function(){$main___onDemand('$part b','$function b stop')};`);
  const second = parse(`exports.start=function(){};exports.stop=function(){};`);
  for (const one of [first, second]) markExports(one);
  nameFunctions([main, first, second], ['a', 'b'])();
  const [mainCode, firstCode, secondCode] = [main, first, second].map((file) => generate(file));
  const [start, stop] = [...secondCode.matchAll(/exports\.(\w+)/g)].map(([, name]) => name);
  assert.equal([start, stop].sort(), ['a', 'b']);
  assert.match(firstCode, new RegExp(`exports\\.a=function\\(\\)\\{\\$main___onDemand\\(1,"${stop}"\\)`));
  assert.match(mainCode, new RegExp(`call\\(0,"a",1\\);x\\?call\\(1,"${start}"\\):call\\(1,"${stop}"\\)`));
  assert.match(mainCode, new RegExp(`call\\(1,x\\?"${start}":"${stop}"\\)`));
});

test.run();
