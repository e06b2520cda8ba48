/** What the device build makes of modules: linking, names, and what a minifier does not do. */

import { parseSync, types as t, transformFromAstSync, transformSync } from '@babel/core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { plainClasses } from '../tools/build/classes';
import { join, nameCalls, numberUnits } from '../tools/build/fields';
import { nameTogether } from '../tools/build/names';
import { lazyParts, MAIN, pack, placeOf, unpack } from '../tools/build/parts';
import { takeSections } from '../tools/build/sections';
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
  const often = `var a=new Uint8Array(1)${Array(6).fill(',b=new Uint8Array(2)').join('')};`;
  assert.match(shortened(often), /^var (\w+)=Uint8Array;var a=new \1\(1\)/);
  assert.is(shortened('var a=new Int32Array(1);'), 'var a=new Int32Array(1);');
  const own = 'function f(Uint8Array){return[Uint8Array,Uint8Array,Uint8Array,Uint8Array];}';
  assert.is(shortened(own), own);
});

test('functions of globals get a name, unless somebody else has that global’s name', () => {
  const often = 'var a=Math.floor(1.5)+Math.floor(2.5)+Math.floor(3.5)+Math.floor(4)+Math.floor(5)+Math.floor(6);';
  assert.match(shortened(often), /^var (\w+)=Math\.floor;var a=\1\(1\.5\)/);
  assert.is(run(shortened(often), 'a'), 21);
  const own = 'function f(Math){return Math.floor(1)+Math.floor(2)+Math.floor(3);}';
  assert.is(shortened(own), own);
});

test('a property that is written often is read by a variable, an internal one is not', () => {
  const often = `var a='abc',n=${Array(20).fill('a.length').join('+')};`;
  assert.match(shortened(often), /^var (\w+)="length";var a='abc',n=a\[\1\]/);
  assert.is(run(shortened(often), 'n'), 60);
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

test('internal properties get short names, other names are left alone', () => {
  const file = parse(
    'var o={_often:1,get _other(){return 2;},a:3};o._often=o._often+"_often";o["_x"]=1;exports.f=function(p){return p._often+p._other+p.b;};',
  );
  const { properties } = nameTogether(file);
  assert.equal([properties.get('_often'), properties.get('_other')], ['c', 'd'], 'a and b are taken');
  assert.match(generate(file), /^var \$=\{c:1,get d\(\)\{return 2;\},a:3\};\$\.c=\$\.c\+"_often";\$\["_x"\]=1;.*\.c\+\w+\.d\+\w+\.b/);
});

test('outermost variables get short names that nothing else has, and locals are out of their way', () => {
  const file = parse('var first=1,rare=2;function f($,a){var _=first;return[$,a,_,first,first,Z];}exports.f=f;');
  nameTogether(file);
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

test('packed sections are found by their places in bytes, and so are their functions', () => {
  const codes = ['function f(){return 1}function ab(a,b){if(a){return "}"}return b}', '', "var x='\u00e4\u20ac',g=function(c){return x+c}"];
  const sections = codes.map((code, i) => ({ code, name: `section ${i}`, needs: [1, 2].slice(0, i && 2), map: { version: 3 } }));
  const { code } = pack(sections, 'abcd');
  const begin = 3 * 16;
  const first = ';0008f{return 1}0025ab,a,b{if(a){return "}"}return b}';
  assert.is(
    code.substring(0, 32),
    `abcd${number(begin)}${number(begin + first.length)}abcd${number(begin + first.length)}${number(begin + first.length + 4)}`,
  );
  assert.is(code.substring(begin, begin + first.length), first);
  assert.ok(code.includes("1,2;0014=x{return '\u00e4\u20ac'}0010g,c{return x+c}"), 'a value is given by a function');
  assert.equal(unpack(code), [
    { needs: [], code: codes[0] },
    { needs: [1, 2], code: '' },
    { needs: [1, 2], code: "var x='\u00e4\u20ac';function g(c){return x+c}" },
  ]);
});

const number = (value: number) => String(value).padStart(6, '0');

/** The sections of a main module and parts: what stays, then the names and the code of each. */
function sectionsOf(main: string, ...parts: string[]): (string | [needs: number[], code: string])[] {
  const files = [main, ...parts].map(parse);
  const functions = join(
    files,
    parts.map((_, i) => i),
  );
  const units = numberUnits(files[0], functions).map((one) => ({
    name: ['one', 'two', 'three'][one.part],
    functions: one.functions.map((name) => functions.get(name) as string),
  }));
  const sections = takeSections(files[0], units, (name) => name.startsWith('$part'));
  return [
    generate(files[0]),
    ...sections.map(({ needs, statements }): [number[], string] => [needs, generate({ ...parse(''), program: t.program(statements) })]),
  ];
}

test('a part has its functions, and those of the main module that it alone uses', () => {
  const made = sectionsOf(
    'function used(){}function lone(){return deep();}function deep(){}used();$link({used:used,lone:lone});',
    'function f(){return $main_lone()+$main_used();}var own=[1];exports.f=f,exports.g=function(){return own;};',
  );
  assert.equal(made, [
    'function $main_used(){}$main_used();',
    [[], 'function $part0_f(){return $main_lone()+$main_used();}function $main_lone(){return deep();}function deep(){}'],
    [[], 'var $part0__function=function(){return $part0_own;};var $part0_own=[1];'],
  ]);
});

test('what several parts use, and nothing else, is a section that they share', () => {
  const used = '$main_one();$main_two();$main_three();$main_four();$main_all();';
  const made = sectionsOf(
    'function one(){}function two(){}function three(){}function four(){}function all(){}$link({one:one,two:two,three:three,four:four,all:all});',
    `function f(){${used}}exports.f=f;`,
    `function f(){${used}}exports.f=f;`,
    'function f(){$main_all();}exports.f=f;',
  );
  assert.equal(made, [
    '',
    [[3], `function $part0_f(){${used}}`],
    [[3], `function $part1_f(){${used}}`],
    [[4], 'function $part2_f(){$main_all();}'],
    [[4], 'function $main_one(){}function $main_two(){}function $main_three(){}function $main_four(){}'],
    [[], 'function $main_all(){}'],
  ]);
});

test('what is shared by nearly the same is one section, but for a part that stays nothing that it does not need', () => {
  const used = '$main_few();$main_many();';
  const main = 'function few(){}function many(){}function stay(a){}stay();$link({few:few,many:many,__stay:stay});';
  const parts = [`function f(){${used}}exports.f=f;`, `function f(){${used}}exports.f=f;`, 'function f(){$main_many();}exports.f=f;'];
  const needs = (third: string) =>
    sectionsOf(main, parts[0], parts[1], third)
      .slice(1)
      .map((one) => one[0]);
  assert.equal(needs(parts[2]), [[3], [3], [3], []]);
  const staying = 'function f(){$main___stay(2);$main_many();}function g(){}exports.f=f,exports.g=g;';
  assert.equal(needs(staying), [[3], [3], [4], [4], []]);
});

test('each function of a part is loaded by itself, with what it uses', () => {
  const made = sectionsOf('', 'function f(){h();}function g(){h();}function h(){}exports.f=f,exports.g=g;');
  assert.equal(made, [
    '',
    [[2], 'function $part0_f(){$part0_h();}'],
    [[2], 'function $part0_g(){$part0_h();}'],
    [[], 'function $part0_h(){}'],
  ]);
});

test('a part that stays is loaded as a whole', () => {
  const made = sectionsOf(
    'function stay(a){}stay();$link({__stay:stay});',
    'function f(){$main___stay(0);}function g(){}exports.f=f,exports.g=g;',
  );
  assert.equal(made.slice(1), [[[], 'function $part0_f(){$main___stay(0);}function $part0_g(){}']]);
});

test('functions between which one call chooses are loaded together, and calls have the number of what is loaded', () => {
  const file = parse(`call(0,'0 a');call(0,'0 b');call(1,x?'1 c':'1 d');y(1,'z');`);
  const functions = new Map(['0 a', '0 b', '1 c', '1 d'].map((name) => [name, name]));
  assert.equal(numberUnits(file, functions), [
    { part: 0, functions: ['0 a'] },
    { part: 0, functions: ['0 b'] },
    { part: 1, functions: ['1 c', '1 d'] },
  ]);
  assert.is(generate(file), `call(0,'0 a');call(1,'0 b');call(2,x?'1 c':'1 d');y(1,'z');`);
  assert.throws(() => numberUnits(parse("call(0,'0 none')"), functions), /0 none/);
});

test('what is set anew, or has a value of its own, stays in the main module', () => {
  const made = sectionsOf(
    'var state=0,list=[];$link({state:state,list:list});',
    'exports.f=f;function f(){return $main_list[$main_state];}',
  );
  assert.equal(made, ['var $main_state=0,$main_list=[];', [[], 'function $part0_f(){return $main_list[$main_state];}']]);
});

test('one variable that the main module gives by two names is one', () => {
  const made = sectionsOf('function a(){}a();$link({one:a,two:a});', 'exports.f=f;function f(){return $main_one()+$main_two();}');
  assert.equal(made, ['function $main_one(){}$main_one();', [[], 'function $part0_f(){return $main_one()+$main_one();}']]);
});

const outliving: [what: string, main: string, part: string][] = [
  ['a function that a part gives', '', 'function f(){return function(){$main_late();};}'],
  ['a method of what a part gives', '', 'function f(){return{next:function(){$main_late();}};}'],
  ['a function of a part that is used as a value', '', 'function value(){$main_late();}function f(){x.y=value;}'],
  ['a function that is given to somebody', '', 'function f(){x(function(){$main_late();});}'],
  ['a function that is given to one which keeps it', '', 'function keep(a){x.y=a;}function f(){keep(function(){$main_late();});}'],
];

for (const [what, main, part] of outliving)
  test(`${what} may be called when the part has gone: what it uses stays`, () => {
    const [resident] = sectionsOf(`${main}function late(){}$link({late:late});`, `${part}exports.f=f;`);
    assert.match(resident as string, /function \$main_late\(\)/);
  });

const during: [what: string, part: string][] = [
  ['at once', 'function f(){(function(){$main_soon();})();}'],
  ['by a method of arrays', 'function f(){return[1].map(function(){$main_soon();});}'],
  ['by a function that does nothing but call it', 'function run(a){a();}function f(){run(function(){$main_soon();});}'],
];

for (const [what, part] of during)
  test(`a function that is called ${what} is called while the part is there: what it uses may go`, () => {
    const made = sectionsOf('function soon(){}$link({soon:soon});', `${part}exports.f=f;`);
    assert.is(made[0], '');
    assert.match(made[1][1] as string, /function \$main_soon\(\)/);
  });

test('a function that calls itself by its own name does so in its part', () => {
  const made = sectionsOf('', 'exports.f=function again(n){return n?again(n-1):0;};');
  assert.equal(made, ['', [[], 'function $part0_again(n){return n?$part0_again(n-1):0;}']]);
});

test('functions of parts are called by the names that they have, also where the minifier has joined two calls', () => {
  const file = parse(
    `function call(){}call(0,'0 start',1);x?call(1,'1 start'):call(1,'1 stop');y(x?'1 start':'1 stop');call(1,x?'1 start':'1 stop');`,
  );
  const functions = new Map([
    ['0 start', 'one'],
    ['1 start', 'two'],
    ['1 stop', 'three'],
  ]);
  nameCalls(file, functions, (name) => name.substring(0, 2));
  assert.match(generate(file), /call\(0,"on",1\);x\?call\(1,"tw"\):call\(1,"th"\);y\(x\?'1 start':'1 stop'\);call\(1,x\?"tw":"th"\)/);
  assert.throws(() => nameCalls(parse("call(0,'0 none')"), functions, (name) => name), /0 none/);
});

test.run();
