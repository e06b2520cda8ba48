/** The standard workloads cost no more device I/O than the C library does, and leave a sound image. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runWorkloads, SETTINGS, worse } from '../bench/workloads';
import { checkLfs2 } from './independent/lfs2-reader';
import { repoRoot } from './support/golden';

const baseline = JSON.parse(readFileSync(path.join(repoRoot, 'bench', 'baseline.json'), 'utf8'));

test('no workload reads, programs or erases more than the C library with the settings of MicroPython', () => {
  const { costs, device } = runWorkloads(SETTINGS.MP);
  assert.equal(worse(costs, baseline.MP), []);
  const check = checkLfs2(device.image, device.blockSize, device.blockCount, { progSize: 32, strict: true, erased: true });
  assert.equal(check.problems, []);
});

for (const name of ['BIG', 'SMALLBLOCK'] as const) {
  test(`the image after the workloads with the settings ${name} is sound`, () => {
    const { device } = runWorkloads(SETTINGS[name]);
    const check = checkLfs2(device.image, device.blockSize, device.blockCount, { progSize: 16, strict: true, erased: true });
    assert.equal(check.problems, []);
  });
}

test.run();
