/** The standard workloads cost no more device I/O than the C library does, and leave a sound image. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { boardDevices } from '../bench/devices';
import { Meter } from '../bench/meter';
import { CountingDevice, runWorkloads, SETTINGS, TIMED, withClock, worse } from '../bench/workloads';
import { checkLfs2 } from './independent/lfs2-reader';
import { repoRoot } from './support/golden';

const baseline = JSON.parse(readFileSync(path.join(repoRoot, 'bench', 'baseline.json'), 'utf8'));

function soundImage(device: CountingDevice, progSize: number): void {
  const check = checkLfs2(device.image, device.blockSize, device.blockCount, { progSize, strict: true, erased: true });
  assert.equal(check.problems, []);
}

for (const progsize of [1, undefined]) {
  const what = progsize ? 'states that it programs single bytes' : 'states nothing';
  test(`on a device that ${what} no workload reads, programs or erases more than the C library with the settings of MicroPython`, () => {
    const device = new CountingDevice(4096, 256, progsize);
    assert.equal(worse(runWorkloads(device, SETTINGS.MP.options), baseline.MP), []);
    soundImage(device, 32);
  });

  for (const name of ['BIG', 'SMALLBLOCK'] as const)
    test(`on a device that ${what} the image after the workloads with the settings ${name} is sound`, () => {
      const device = new CountingDevice(SETTINGS[name].blockSize, SETTINGS[name].blockCount, progsize);
      runWorkloads(device, SETTINGS[name].options);
      soundImage(device, 16);
    });
}

test('times of modification, which the C library does not write, make no workload dearer than it by a thousandth within one second', () => {
  const costs = withClock(0, () => runWorkloads(new CountingDevice(4096, 256), TIMED.options));
  for (const [name, theirs] of Object.entries<{ programBytes: number; erases: number }>(baseline.MP)) {
    assert.ok(costs[name].programBytes <= theirs.programBytes * 1.001, `${name}: ${costs[name].programBytes} bytes programmed`);
    assert.ok(costs[name].erases <= theirs.erases, `${name}: ${costs[name].erases} erases`);
  }
});

test('times of modification that differ each time make no workload dearer than in MicroPython', () => {
  const costs = withClock(1000, () => runWorkloads(new CountingDevice(4096, 256), TIMED.options));
  assert.equal(worse(costs, baseline.MICROPYTHON), []);
});

for (const board of boardDevices.filter(({ blockSize }) => blockSize === 4096))
  test(`${board.name}: no workload costs more through the board's device than with the C library`, () => {
    const { device, nor } = board.open();
    const meter = new Meter(device);
    assert.equal(worse(runWorkloads(meter, SETTINGS.MP.options), baseline.MP), []);
    assert.equal(nor?.violations ?? [], []);
  });

test.run();
