/** What bundles take is within the budgets of the boards' files: bytes, functions and their parameters. */
import { existsSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { budgets } from '../tools/bundles';
import { distPath } from '../tools/dist';
import { isAbove, totalOf } from '../tools/room-sizes';

const built = Object.keys(budgets).filter((bundle) => existsSync(distPath(bundle)));
if (!built.length) console.log('SKIP: budgets: run npm run build first');

for (const bundle of built)
  test(`${bundle} is within its budget`, () => {
    const total = totalOf(distPath(bundle));
    assert.not(isAbove(total, budgets[bundle]), `${JSON.stringify(total)}, budget ${JSON.stringify(budgets[bundle])}`);
    assert.ok(total.functions > 0 && total.parameters > 0);
  });

test('one byte, function or parameter more than the budget is above it', () => {
  const budget = { bytes: 100, functions: 10, parameters: 20 };
  assert.not(isAbove(budget, budget));
  for (const key of ['bytes', 'functions', 'parameters'] as const) assert.ok(isAbove({ ...budget, [key]: budget[key] + 1 }, budget));
});

test.run();
