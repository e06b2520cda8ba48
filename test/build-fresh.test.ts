/** What the build takes for fresh. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { digestOf, digestOfAll, isFresh, type Made, stateOf } from '../tools/build/fresh';
import { kept } from '../tools/build/kept';
import { distPath } from '../tools/dist';

const folder = mkdtempSync(join(tmpdir(), 'microvfs-fresh-'));
const file = (name: string, text?: string) => {
  const path = join(folder, name);
  if (text !== undefined) writeFileSync(path, text);
  return path;
};

function made(): Made {
  const input = file('in.ts', 'a');
  const output = file('out.js', 'b');
  return { name: 'x', start: true, further: false, inputs: { [input]: digestOf(input) }, outputs: { [output]: stateOf(output) } };
}

test('nothing has changed: fresh, also if a source was only touched', () => {
  const one = made();
  assert.ok(isFresh(one));
  utimesSync(file('in.ts'), 1, 1);
  assert.ok(isFresh(one));
});

const changes: [what: string, change: () => void][] = [
  ['a source is another', () => file('in.ts', 'c')],
  ['a source is gone', () => rmSync(file('in.ts'))],
  ['what was made is gone', () => rmSync(file('out.js'))],
  ['what was made is of somebody else', () => utimesSync(file('out.js'), 1, 1)],
];
for (const [what, change] of changes)
  test(`${what}: not fresh`, () => {
    const one = made();
    change();
    assert.not.ok(isFresh(one));
  });

test('a file of the build, or one more in a folder, changes what everything depends on', () => {
  mkdirSync(join(folder, 'build/deep'), { recursive: true });
  mkdirSync(join(folder, 'boards'), { recursive: true });
  file('build/deep/a.ts', '1');
  const digest = () => digestOfAll(folder, ['build'], ['boards']);
  const first = digest();
  assert.is(digest(), first);
  file('build/deep/a.ts', '2');
  const second = digest();
  assert.is.not(second, first);
  file('build/b.ts', '');
  const third = digest();
  assert.is.not(third, second);
  file('boards/new.ts', '');
  assert.is.not(digest(), third);
});

test('what a source was transformed to is kept for later builds, by its text and its name', async () => {
  const name = `test${process.pid}`;
  let calls = 0;
  const once = () =>
    kept(name, async (code, file) => {
      calls++;
      return { code: code.toUpperCase(), map: file };
    });
  try {
    assert.equal(await once()('a', 'a.ts'), { code: 'A', map: 'a.ts' });
    assert.equal(await once()('a', 'a.ts'), { code: 'A', map: 'a.ts' });
    assert.is(calls, 1);
    assert.equal(await once()('b', 'a.ts'), { code: 'B', map: 'a.ts' });
    assert.equal(await once()('a', 'b.ts'), { code: 'A', map: 'b.ts' });
    assert.is(calls, 3);
  } finally {
    for (const one of readdirSync(distPath('.transformed'), { recursive: true }).map(String))
      if (basename(one).startsWith(name)) rmSync(distPath(join('.transformed', one)));
  }
});

test.after(() => rmSync(folder, { recursive: true }));
test.run();
