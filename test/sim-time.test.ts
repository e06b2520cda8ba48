/** The clock of a simulated board, and its timers. */

import { existsSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { boards, descriptionOf, NorFlash, norFromImage, simBoards } from '../boards/sim';
import { distPath } from '../tools/dist';
import { bootSource, deviceSources, timeSource } from '../tools/engines/engine';
import { nodeEngine } from '../tools/engines/node';
import { IDLE, LONGEST, OVER, type SimTime, simDate, simTime } from '../tools/engines/time';
import { holdTimes } from '../tools/hold';
import { freshChip } from '../tools/partition-table';

/** A clock of the host that the test moves. */
function made(speed = 1, end = 0): { time: SimTime; pass(ms: number): void; ran: string[]; note(text: string): () => void } {
  let real = 1000000;
  const ran: string[] = [];
  const time = simTime(() => real, speed, end, false);
  time.go();
  return {
    time,
    ran,
    note: (text) => () => ran.push(text),
    pass(ms) {
      real += ms;
      for (let wait = time.wait(false); wait === 0; wait = time.wait(false)) time.run();
    },
  };
}

test('timers run in the order in which they are due, and with their arguments', () => {
  const { time, pass, ran, note } = made();
  time.setTimeout(note('late'), 30);
  time.setTimeout(note('first at 10'), 10);
  time.setTimeout(note('second at 10'), 10);
  (time.setTimeout as (...args: unknown[]) => unknown)((a: string, b: number) => ran.push(a + b), 20, 'given', 7);
  assert.is(time.wait(false), 10);
  pass(9);
  assert.equal(ran, []);
  pass(30);
  assert.equal(ran, ['first at 10', 'second at 10', 'given7', 'late']);
  assert.is(time.wait(false), IDLE);
});

test('an interval runs until it is cleared, also from within itself; clearing without an argument clears all', () => {
  const { time, pass, ran } = made();
  const timer = time.setInterval(() => {
    ran.push('tick');
    if (ran.length === 3) time.clear(timer);
  }, 10);
  for (let i = 0; i < 10; i++) pass(10);
  assert.is(ran.length, 3);
  const one = time.setTimeout(() => ran.push('never'), 5);
  time.clear(undefined);
  assert.is(time.wait(false), 5);
  time.clear(Number(one));
  assert.is(time.wait(false), IDLE);
  time.setTimeout(() => ran.push('never'), 5);
  time.setInterval(() => ran.push('never'), 5);
  time.clear();
  assert.is(time.wait(false), IDLE);
});

test('what was late is made up for, but not what takes longer than its interval', () => {
  const { time, pass, ran, note } = made();
  time.setInterval(note('tick'), 100);
  pass(550);
  assert.is(ran.length, 5);
  pass(100000);
  assert.ok(ran.length < 20, `${ran.length} runs`);
});

test('a timer that is due in months, or never, is waited for in steps that every host can take', () => {
  const { time, ran, note } = made(0.5);
  time.setTimeout(note('never'), Infinity);
  assert.is(time.wait(false), LONGEST);
  time.setTimeout(note('late'), 1e11);
  assert.is(time.wait(false), LONGEST);
  time.run();
  assert.equal(ran, []);
});

test('a faster clock brings timers forward, and shows it', () => {
  const { time, pass, ran, note } = made(10);
  const from = time.now();
  time.setTimeout(note('ran'), 1000);
  assert.is(time.wait(false), 100);
  pass(100);
  assert.equal(ran, ['ran']);
  assert.is(time.now() - from, 1000);
});

test('behind the end no timer runs, and before it each does, however late the host is', () => {
  const { time, pass, ran, note } = made(1, 350);
  time.setInterval(note('tick'), 100);
  pass(900);
  assert.is(ran.length, 3);
  assert.is(time.wait(false), OVER);
});

test('a timer of which nobody waits does not keep the board from being idle', () => {
  const { time, pass, ran, note } = made();
  time.setTimeout(note('watch'), 50).unref();
  assert.is(time.wait(false), IDLE);
  assert.is(time.wait(true), 50);
  time.setTimeout(note('work'), 80);
  pass(100);
  assert.equal(ran, ['watch', 'work']);
});

test('an error in a timer leaves the others; what is no function is a TypeError', () => {
  const { time, ran, note } = made();
  time.setTimeout(() => {
    throw new Error('in a timer');
  }, 0);
  time.setTimeout(note('after'), 0);
  assert.throws(() => time.run(), /in a timer/);
  time.run();
  assert.equal(ran, ['after']);
  assert.throws(
    () => time.setTimeout('code', 1),
    (error: Error) => error instanceof TypeError,
  );
});

test("Date shows the board's clock, and is otherwise what it was", () => {
  const Made = simDate(Date, () => 86400000) as DateConstructor;
  assert.is(new Made().getTime(), 86400000);
  assert.is(new Made(5).getTime(), 5);
  assert.is(new Made('2020-01-02T03:04:05Z').toISOString(), '2020-01-02T03:04:05.000Z');
  assert.is(new Made(2020, 1, 2, 3, 4, 5, 6).getTime(), new Date(2020, 1, 2, 3, 4, 5, 6).getTime());
  assert.is(new Made(2020, 1).getTime(), new Date(2020, 1).getTime());
  assert.ok(new Made() instanceof Made && new Made() instanceof Date && new Date() instanceof Made);
  assert.is(Made.now(), 86400000);
  assert.is(Made.UTC(2020, 1), Date.UTC(2020, 1));
  assert.is(typeof Made(), 'string');
});

/** In which mode the board starts when its button was held so long. */
async function modeAfter(board: string, hold: number): Promise<string> {
  const { geometry, partitioned } = simBoards[board];
  const nor = partitioned ? norFromImage(freshChip(512 * 1024), geometry) : new NorFlash(geometry);
  const setup = { hold, size: nor.geometry.size };
  const device = await nodeEngine.start(nor, () => {});
  const sources = [...deviceSources(board, '', setup).map(({ source }) => source), timeSource(setup), bootSource(simBoards[board], setup)];
  for (const source of sources) {
    const { ok, text } = device.evaluate(source, 'step');
    assert.ok(ok, text);
  }
  return device.evaluate("require('vfs').bootReport.mode||'normal'", 'mode').text;
}

if (!existsSync(distPath('stm32/vfs.min.js'))) console.log('SKIP: the button on the simulated clock: run npm run build first');
else
  for (const board of Object.keys(boards))
    test(`${board}: the same hold gives the same mode each time, and the help says which`, async () => {
      assert.is(descriptionOf(board, boards[board]).name, board);
      const { safe, reset } = holdTimes(board);
      for (const [ms, mode] of [
        [safe - 60, 'normal'],
        [safe + 60, 'safe'],
        [reset - 60, 'safe'],
        [reset + 60, 'reset'],
      ] as const)
        for (let i = 0; i < 2; i++) assert.is(await modeAfter(board, ms), mode, `${ms} ms`);
    });

test.run();
