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
