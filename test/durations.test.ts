/** The order in which `npm test` begins with test files. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { keepDurations, longestFirst, readDurations } from './support/durations';

test('files begin in the order of what they took the last time, unknown ones before them in the order they come', () => {
  assert.equal(longestFirst(['a', 'b', 'c', 'd', 'e'], { a: 0.5, c: 30, d: 2 }), ['b', 'e', 'c', 'd', 'a']);
  assert.equal(longestFirst(['a', 'b', 'c'], {}), ['a', 'b', 'c']);
});

test('a run of some files keeps what is known of the others; a record that cannot be read is none', () => {
  const folder = mkdtempSync(join(tmpdir(), 'durations-'));
  try {
    const record = join(folder, 'dist/.durations.json');
    assert.equal(readDurations(record), {});
    keepDurations(record, [
      { file: 'a', seconds: 1 },
      { file: 'b', seconds: 2 },
    ]);
    keepDurations(record, [{ file: 'b', seconds: 3 }]);
    assert.equal(readDurations(record), { a: 1, b: 3 });
    writeFileSync(record, '{ "a": ');
    assert.equal(readDurations(record), {});
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.run();
