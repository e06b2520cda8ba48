/** Functions that the build puts where they are called. */
import { runInNewContext } from 'node:vm';
import { generate } from '@babel/generator';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from '../tools/build/code';
import { inlineCalls } from '../tools/build/inline';

/** The script after it, in which variables of functions have their own names again but for `unique`. */
function inlined(source: string, unique = false): string {
  const file = parse(source, 'script');
  inlineCalls(file);
  const { code } = generate(file, { compact: true });
  return unique ? code : code.replace(/\$\d+/g, '');
}

const cases: [what: string, source: string, expected: string][] = [
  ['a call that is returned', 'function f(a){return a?1:2;}x=function(b){return f(b);};', 'x=function(b){return b?1:2;};'],
  [
    'a call that is returned, of a function that returns here and there',
    'function f(a){if(a)return 1;g();}x=function(b){if(b)return f(b);h();};',
    'x=function(b){if(b){if(b){return 1;}g();return;}h();};',
  ],
  ['a call whose value nobody wants', 'function f(a){g(a);}x=function(){f(1);h();};', 'x=function(){var a=1;g(a);h();};'],
  ['a call that is evaluated first', 'function f(a){g();return a;}x=function(b){var c=f(b)+1;};', 'x=function(b){g();var c=b+1;};'],
  ['a parameter that is set is a variable', 'function f(a){a++;return a;}x=function(b){b=f(b)+b;};', 'x=function(b){var a=b;a++;b=a+b;};'],
  ['returns under a condition become one', 'function f(a){if(a)return 1;return 2;}x=function(b){y=f(b);};', 'x=function(b){y=b?1:2;};'],
  [
    'one in what another is given',
    'function f(a){g();return a+1;}function h(a){g();return a+2;}x=function(b){var c=f(h(b));};',
    'x=function(b){g();var a=b+2;g();var c=a+1;};',
  ],
  ['two in a branch without braces', 'function f(a){g();return a;}x=function(b){if(b)h(f(b));};', 'x=function(b){if(b){g();h(b);}};'],
  ['functions within each other', 'function f(){g();}function h(){f();}x=function(){h();};', 'x=function(){g();};'],
];
for (const [what, source, expected] of cases) test(`put where it is called: ${what}`, () => assert.is(inlined(source), expected));

const kept: [what: string, source: string][] = [
  ['in a loop, where its variables would have what they had', 'function f(){var a;g(a);a=1;}x=function(){for(;;){f();}};'],
  ['that is given a function, which would know of itself', 'function f(a){var b={a:a};return b;}x=function(){return f(function(){});};'],
  ['that makes a function, and its value is kept', 'function f(){return function(){};}x=function(){var a=f();};'],
  ['that is used as a value', 'function f(){g();}x=function(){f();return f;};'],
  ['behind what is evaluated before', 'function f(){g();return 1;}x=function(){return g()+f();};'],
  ['that knows how it was called', 'function f(){return this;}x=function(){return f();};'],
  ['that calls itself', 'function f(a){return a?f(a-1):0;}'],
  ['that was not to be put there', 'function f(){g();}x=function(){/*@__NOINLINE__*/f();};'],
  ['that returns before its end, where more follows', 'function f(a){if(a)return;g();}x=function(b){f(b);h();};'],
];
for (const [what, source] of kept) test(`stays a function: one ${what}`, () => assert.match(inlined(source), /^function f\(/));

test('what parts use too stays for them, and is copied', () => {
  const source = 'function f(a){g(a);}x=function(b){f(b);};$link({f:f});';
  assert.is(inlined(source), 'function f(a){g(a);}x=function(b){g(b);};$link({f:f});');
});

test('two copies in one function have variables of their own', () => {
  const script = inlined('function f(a){var b;if(a)b=a;g(b);}x=function(c,d){f(c);f(d);};', true);
  assert.not.match(script, /function f\(/);
  assert.is(runInNewContext(`var told=[],g=function(a){told.push(a)},x;${script};x(1,0);told.join()`), '1,');
});

test('what is large is not copied', () => {
  const large = `function f(a){${'g(a,1,2,3);'.repeat(20)}}`;
  assert.match(inlined(`${large}x=function(b){f(b);h();f(b);};`), /^function f\(/);
});

test.run();
