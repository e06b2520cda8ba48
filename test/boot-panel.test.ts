/** What the LEDs show while the button is held, and what its release selects. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { chooseMode } from '../boards/boot/select.lazy';
import { panel } from '../boards/boot/shared';
import type { BoardDescription } from '../boards/boot/types';
import { pressed } from './support/panel';

const board: BoardDescription = {
  name: 'board',
  volumes: [{ point: '/', devices: [], format: '' }],
  open: () => assert.unreachable() as never,
  drivers: [],
};
let printed: string[] = [];

function choose(): string {
  printed = [];
  const log = console.log;
  console.log = (text: string) => printed.push(text);
  try {
    return chooseMode(panel.button as NonNullable<typeof panel.button>, board);
  } finally {
    console.log = log;
  }
}

test.after(() => {
  panel.button = panel.leds = undefined;
});

test('several LEDs show the modes 1, 2, 3 in binary, each for 600 ms, over and over', () => {
  for (const [ms, mode] of [
    [100, ''],
    [700, 'safe'],
    [1300, 'reset'],
    [1900, ''],
    [2500, 'safe'],
  ] as const) {
    const shown = pressed(ms, 3);
    assert.is(choose(), mode, `${ms}`);
    assert.is(shown[shown.length - 1].split(' ')[1], '000');
  }
});

test('release is confirmed by six flashes of the mode', () => {
  const shown = pressed(700, 2);
  assert.is(choose(), 'safe');
  const states = shown.map((line) => line.split(' ')[1]);
  assert.equal(states.slice(0, 3), ['10', '00', '01']);
  // From there on: off and on, six times.
  assert.equal(states.slice(3), ['00', '01', '00', '01', '00', '01', '00', '01', '00', '01', '00', '01', '00']);
});

test('one LED blinks as often as the mode says, and again twice when it was chosen', () => {
  const shown = pressed(900, 1);
  assert.is(choose(), 'safe');
  // 1, then 2 while the button goes up, then 2 and 2.
  assert.is(shown.filter((line) => line.endsWith(' 1')).length, 1 + 2 + 2 + 2);
  pressed(1800, 1);
  assert.is(choose(), 'reset');
  pressed(300, 1);
  assert.is(choose(), '');
});

test('without LEDs the time counts, and the console tells', () => {
  pressed(2000, 0);
  assert.is(choose(), '');
  assert.equal(printed, ['board: hold the button 3 s for safe mode, 8 s for a factory reset']);
  pressed(3500, 0);
  assert.is(choose(), 'safe');
  assert.equal(printed.slice(1), ['board: release the button for safe mode', 'board: safe mode, scripts are not run']);
  pressed(8500, 0);
  assert.is(choose(), 'reset');
  assert.is(printed[2], 'board: release the button for a factory reset');
});

/** How long each state of the LEDs lasted, in ms. */
function lengths(shown: string[]): number[] {
  const times = shown.map((line) => Number.parseInt(line, 10));
  return times.slice(1).map((time, i) => time - times[i]);
}
/** Up to the clock's own steps: looking at the button takes one each. */
function near(got: number[], wanted: number[], what: string): void {
  assert.is(got.length, wanted.length, `${what}: ${got}`);
  wanted.forEach((ms, i) => {
    assert.ok(Math.abs(got[i] - ms) <= 3, `${what}: ${got}`);
  });
}

test('each state of the LEDs lasts as long as is said, on the simulated clock', () => {
  const several = pressed(2450, 3);
  choose();
  // 1, 2, 3, 1, 2 until the release at 2450 has held 20 ms; then off and on six times.
  near(lengths(several.filter((line) => !line.endsWith('000'))).slice(0, 4), [600, 600, 600, 600], 'modes');
  const confirmed = several.slice(-13);
  near([Number.parseInt(confirmed[0], 10)], [2450 + 20], 'release');
  near(lengths(confirmed), new Array(12).fill(50), 'confirmation');
  const one = pressed(900, 1);
  choose();
  near(lengths(one), [100, 600, ...[100, 200, 100, 600], ...[100, 200, 100, 600], ...[100, 200, 100]], 'blinks');
});

test('the same hold always gives the same mode: it changes at the times that are said, and nowhere else', () => {
  const edges = (leds: number, most: number): [number, string][] => {
    const found: [number, string][] = [];
    let last: string | undefined;
    for (let ms = 30; ms < most; ms += 10) {
      pressed(ms, leds);
      const mode = choose();
      pressed(ms, leds);
      assert.is(choose(), mode);
      if (mode !== last) found.push([ms, mode]);
      last = mode;
    }
    return found;
  };
  const by = (found: [number, string][]) => found.map(([, mode]) => mode);
  const at = (found: [number, string][]) => found.slice(1).map(([ms]) => ms);
  const several = edges(3, 2400);
  assert.equal(by(several), ['', 'safe', 'reset', '', 'safe'].slice(0, several.length));
  for (const [i, ms] of at(several).entries()) assert.ok(Math.abs(ms - 600 * (i + 1)) <= 20, `${several}`);
  const none = edges(0, 9000);
  assert.equal(by(none), ['', 'safe', 'reset']);
  for (const [i, ms] of at(none).entries()) assert.ok(Math.abs(ms - [3000, 8000][i]) <= 20, `${none}`);
  const one = edges(1, 2500);
  assert.equal(by(one), ['', 'safe', 'reset']);
  for (const [i, ms] of at(one).entries()) assert.ok(Math.abs(ms - [700, 1700][i]) <= 30, `${one}`);
});

test('the console tells the mode of boards with LEDs as well, in the first round', () => {
  for (const leds of [1, 3]) {
    pressed(leds === 1 ? 1800 : 1300, leds);
    assert.is(choose(), 'reset');
    assert.equal(printed, [
      'board: release the button for 1, normal start',
      'board: release the button for 2, safe mode',
      'board: release the button for 3, factory reset',
    ]);
    pressed(Infinity, leds);
    choose();
    assert.is(printed.length, 3);
  }
  pressed(100, 3);
  choose();
  assert.equal(printed, ['board: release the button for 1, normal start', 'board: normal start']);
});

test('a button that is never released chooses nothing', () => {
  for (const leds of [0, 1, 4]) {
    pressed(Infinity, leds);
    assert.is(choose(), '');
  }
});

test('a button that bounces for less than 20 ms is not released', () => {
  pressed(1300, 2);
  let time = 0;
  panel.now = () => ++time;
  panel.button = { read: () => time < 1300 && !(time > 100 && time < 115) };
  assert.is(choose(), 'reset');
});

test.run();
