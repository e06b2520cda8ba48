import { readFileSync } from 'node:fs';
import type { NorFlash } from '../../boards/sim';
import { distPath } from '../dist';

/** What came of evaluating source on the device: the value as its console shows it, or the error described. */
export interface Outcome {
  ok: boolean;
  text: string;
}

/** A device whose engine runs inside this process. */
export interface Device {
  /** Runs `source` as global code; errors name `fileName` and the line. */
  evaluate(source: string, fileName: string): Outcome;
  close(): void;
}

export interface Engine {
  /** An engine with the host's chip below it; `print` gets each line of the device's console. */
  start(nor: NorFlash, print: (line: string) => void): Promise<Device>;
}

export class EngineMissing extends Error {}

export interface DeviceSource {
  source: string;
  fileName: string;
}

/** A built bundle as an expression that gives its exports. */
export function bundleExpression(bundle: string, require = 'undefined'): string {
  return `(function(exports,require){${readFileSync(distPath(bundle), 'utf8')}\n;return exports})({},${require})`;
}

/**
 * What an engine in this process runs first. It has `__host` by then, with `read`, `program`, `erase` of the chip and
 * `print` for a line of the console.
 */
export function deviceSources(board: string): DeviceSource[] {
  const console = `
var print, console, require;
(function (host, chip) {
  var modules = {};
  print = function () {
    var parts = [];
    for (var i = 0; i < arguments.length; i++) parts.push(chip.show(arguments[i]));
    host.print(parts.join(' '));
  };
  console = { log: print, info: print, warn: print, error: print, debug: print };
  require = function (name) {
    if (!modules.hasOwnProperty(name)) throw new Error('Module "' + name + '" not found');
    return modules[name];
  };
  __show = chip.show;
  __describe = chip.describe;
  modules.Flash = chip.hostFlash(host);
  __modules = modules;
})(__host, __chip);`;
  return [
    { source: `var __show, __describe, __modules, __chip = ${bundleExpression('sim/chip.js')};`, fileName: 'chip.js' },
    { source: console, fileName: 'console.js' },
    { source: `__modules.vfs = ${bundleExpression(`${board}/vfs.min.js`, 'require')};`, fileName: 'vfs.min.js' },
  ];
}
