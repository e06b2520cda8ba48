/** The choice of a boot mode by a button that is held at power-on. */
import * as reports from './report.lazy';
import { type Button, type Led, panel } from './shared';
import type { BoardDescription } from './types';

declare const LED1: Led | undefined;
declare const LED2: Led | undefined;
declare const LED3: Led | undefined;
declare const LED4: Led | undefined;

/** By number, for the console. */
const MODES = ['', 'normal start', 'safe mode', 'factory reset'];
const STEP = 600;
/** After so many steps nobody is choosing: the button is stuck. */
const STEPS = 100;
const ROUNDS = 10;
const SAFE_HOLD = 3000;
const RESET_HOLD = 8000;
const LONGEST_HOLD = 20000;

/**
 * Waits until the button is released, at most `ms`; whether it was. It has to be up for 20 ms: a switch bounces.
 * With `always` all of the time passes.
 */
function released(button: Button, ms: number, always: boolean): boolean {
  const from = panel.now();
  let up = -1;
  for (let at = from; at - from < ms; at = panel.now()) {
    if (button.read()) up = -1;
    else if (up < 0) up = at;
    else if (!always && at - up >= 20) return true;
  }
  return up >= 0;
}

/** Lights those whose bits are set. */
function light(leds: Led[], bits: number): void {
  for (let i = 0; i < leds.length; i++) leds[i].write((bits >> i) & 1);
}

function boardLeds(): Led[] {
  const leds: Led[] = [];
  if (typeof LED1 !== 'undefined') leds.push(LED1);
  if (typeof LED2 !== 'undefined') leds.push(LED2);
  if (typeof LED3 !== 'undefined') leds.push(LED3);
  if (typeof LED4 !== 'undefined') leds.push(LED4);
  return leds;
}

/**
 * Modes: 1 normal, 2 safe, 3 factory reset. With several LEDs they show the mode in binary, one step each 600 ms; one LED
 * blinks so many times; the console tells in the first round. The button's release selects, which the LEDs confirm. Without LEDs the
 * time counts, and the console tells.
 * A button that is never released chooses nothing.
 */
export function chooseMode(button: Button, board: BoardDescription): '' | 'safe' | 'reset' {
  const name = board.name;
  const point = board.volumes[0].point;
  const leds = panel.leds || boardLeds();
  let mode = 1;
  let done = false;
  if (leds.length > 1) {
    for (let n = 0; n < STEPS && !done; n++) {
      mode = (n % 3) + 1;
      light(leds, mode);
      if (n < 3) reports.say(name + ': release the button for ' + mode + ', ' + MODES[mode]);
      done = released(button, STEP, false);
    }
    for (let flash = 0; flash < 6 && done; flash++) {
      light(leds, 0);
      released(button, 50, true);
      light(leds, mode);
      released(button, 50, true);
    }
  } else if (leds.length) {
    let confirm = 0;
    for (let n = 0; n < 3 * ROUNDS && confirm < 2; n++) {
      if (!done) {
        mode = (n % 3) + 1;
        if (n < 3) reports.say(name + ': release the button for ' + mode + ', ' + MODES[mode]);
      } else confirm++;
      for (let blink = 0; blink < mode; blink++) {
        light(leds, 1);
        done = released(button, 100, true) || done;
        light(leds, 0);
        done = released(button, 200, true) || done;
      }
      done = released(button, 400, true) || done;
    }
  } else {
    reports.say(name + ': hold the button 3 s for safe mode, 8 s for a factory reset');
    done = released(button, SAFE_HOLD, false);
    if (!done) {
      mode = 2;
      reports.say(name + ': release the button for safe mode');
      done = released(button, RESET_HOLD - SAFE_HOLD, false);
    }
    if (!done) {
      mode = 3;
      reports.say(name + ': release the button for a factory reset');
      done = released(button, LONGEST_HOLD - RESET_HOLD, false);
    }
  }
  light(leds, 0);
  if (done && mode === 1 && leds.length) reports.say(name + ': normal start');
  if (!done || mode === 1) return '';
  if (mode === 3 && reports.mountedAt(board, point) !== undefined) {
    mode = 2;
    reports.say(name + ': no factory reset, a script has mounted ' + point);
  }
  if (mode === 2) reports.say(name + ': safe mode, scripts are not run');
  return mode === 2 ? 'safe' : 'reset';
}
