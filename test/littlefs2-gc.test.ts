/** `gc`: work done ahead of time. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { chip, format, geometry, mount, pattern, snapshot, sound, throwsCode, writeFile } from './support/lfs2';

const g = geometry(1024, 64, 16, { blockCycles: 20 });

function operations(nor: ReturnType<typeof chip>): number {
  const { reads, programs, erases } = nor.counters;
  return reads + programs + erases;
}

test('after gc a write needs no compaction and no search for free blocks', () => {
  const nor = chip(g);
  const fs = format(nor, g);
  for (let i = 0; i < 8; i++) writeFile(fs, `/f${i}`, pattern(20, i));
  for (let round = 0; round < 300; round++) {
    while (fs.gc(1000));
    const erases = nor.counters.erases;
    writeFile(fs, `/f${round % 8}`, pattern(30, round));
    assert.is(nor.counters.erases, erases, `round ${round}: an erase`);
  }
  sound(nor, g, { strict: true });
});

test('where nothing is to be done, gc reads at most and says so', () => {
  const nor = chip(g);
  const fs = format(nor, g);
  writeFile(fs, '/f', pattern(20, 1));
  while (fs.gc());
  const { programs, erases } = nor.counters;
  assert.is(fs.gc(), false);
  assert.is(nor.counters.programs, programs);
  assert.is(nor.counters.erases, erases);
});

test('gc ends after the step that spends its budget', () => {
  const nor = chip(g);
  const fs = format(nor, { ...g, options: { ...g.options } });
  for (let d = 0; d < 10; d++) {
    fs.mkdir(`/d${d}`);
    for (let i = 0; i < 40; i++) writeFile(fs, `/d${d}/f${i % 3}`, pattern(20, i));
  }
  let most = 0;
  let calls = 0;
  for (let more = true; more; calls++) {
    const before = operations(nor);
    more = fs.gc(1);
    most = Math.max(most, operations(nor) - before);
    assert.ok(calls < 200, 'gc does not come to an end');
  }
  assert.ok(most < 400, `${most} operations in one call`);
  sound(nor, g, { strict: true });
});

test('power cut at every program and erase of gc: nothing changes', () => {
  for (let n = 1; ; n++) {
    const nor = chip(g);
    const fs = format(nor, g);
    fs.mkdir('/d');
    for (let i = 0; i < 34; i++) writeFile(fs, i & 1 ? '/d/a' : '/b', pattern(24, i));
    const before = snapshot(fs);
    nor.arm('tear', n);
    try {
      while (fs.gc(50));
    } catch (error) {
      if (!nor.isOff()) throw error;
    }
    if (!nor.isOff()) {
      assert.ok(n > 2, `${n} points`);
      break;
    }
    nor.power();
    const again = mount(nor, g);
    assert.equal(snapshot(again), before, `cut ${n}`);
    writeFile(again, '/after', pattern(10, 1));
    sound(nor, g, { strict: true }, `cut ${n}`);
  }
});

test('gc on a volume mounted read-only is EROFS', () => {
  const nor = chip(g);
  format(nor, g).umount();
  throwsCode(() => mount(nor, g, true).gc(), 'EROFS');
});

test.run();
