/** What the build takes for the same variable, in ES5 scripts. */
import type { types as t } from '@babel/core';
import { generate } from '@babel/generator';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parse as parseScript } from '../tools/build/code';
import { newNames, renameOutermost, variablesOf } from '../tools/build/variables';

const parse = (source: string) => parseScript(source, 'script');

/** The script with each variable named for the kind that it is taken for. */
function kinds(source: string): string {
  const file = parse(source);
  const { outermost, inner, free } = variablesOf(file);
  const mark = (list: Iterable<t.Identifier[]>, kind: string) => {
    for (const places of list) for (const one of places) one.name = kind + one.name;
  };
  mark(outermost.values(), 'o_');
  mark(inner, 'i_');
  mark(free.values(), 'f_');
  return generate(file, { compact: true }).code;
}

const scripts: [what: string, source: string, expected: string][] = [
  ['a parameter hides what is around', 'var a;function f(a){return a+b;}', 'var o_a;function o_f(i_a){return i_a+f_b;}'],
  ['var counts from the start of its function', 'var a;function f(){a=1;if(b)var a;}', 'var o_a;function o_f(){i_a=1;if(f_b)var i_a;}'],
  [
    'var in a catch is of the function',
    'function f(){try{}catch(e){var a=e;}e=a;}',
    'function o_f(){try{}catch(i_e){var i_a=i_e;}f_e=i_a;}',
  ],
  ['what is caught is nothing outside', 'var e;try{}catch(e){e=1;}e=2;', 'var o_e;try{}catch(i_e){i_e=1;}o_e=2;'],
  ['a function expression has its name within', 'var g;(function g(){g();});g();', 'var o_g;(function i_g(){i_g();});o_g();'],
  ['a declared function has its name around', 'function f(){g();function g(){f();}}', 'function o_f(){i_g();function i_g(){o_f();}}'],
  ['properties and labels are no variables', 'a:for(;;){x.a=x[a]={a:a};break a;}', 'a:for(;;){f_x.a=f_x[f_a]={a:f_a};break a;}'],
  ['a getter is a function', 'var a;x={get a(){var a;return a;}};', 'var o_a;f_x={get a(){var i_a;return i_a;}};'],
];

for (const [what, source, expected] of scripts) test(what, () => assert.is(kinds(source), expected));

test('variables come in the order in which their names are first written', () => {
  const { outermost } = variablesOf(parse('function f(c){return b+c;}var a,b,c;'));
  assert.equal([...outermost.keys()], ['f', 'b', 'a', 'c']);
});

test('outermost variables can swap their names, and others keep theirs', () => {
  const file = parse('var a,b;function f(c){return a+b+c;}b;');
  const names = new Map([
    ['a', 'b'],
    ['b', 'a'],
  ]);
  renameOutermost(variablesOf(file), names);
  assert.is(generate(file, { compact: true }).code, 'var b,a;function f(c){return b+a+c;}a;');
  assert.throws(() => renameOutermost(variablesOf(file), new Map([['x', 'y']])), /no variable x/);
});

test('a new name is nobody’s', () => {
  const newName = newNames(variablesOf(parse('var _a;function f(_b){return _c;}')));
  assert.equal([newName('a'), newName('a'), newName('b'), newName('c'), newName('d')], ['_a2', '_a3', '_b2', '_c2', '_d']);
});

test.run();
