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
 * The names of a board's modules and their files below `dist/`. The second is loaded when the first wants something of it.
 * `kind`: `-fat` and `-all` stand for the bundles with FAT, alone or beside littlefs 2.
 */
export function boardModules(board: string, kind = ''): [name: string, bundle: string][] {
  return [
    ['vfs', `${board}/vfs${kind}.min.js`],
    ['vfs-more', `${board}/vfs-more${kind}.min.js`],
  ];
}

/** Declares `variable`, the `require` of a script that gives a board's modules, and `otherwise(name)` for other names. */
export function requireSource(variable: string, board: string, otherwise: string, kind = ''): string {
  const loaders = boardModules(board, kind).map(
    ([name, bundle]) => `${JSON.stringify(name)}:function(){return ${bundleExpression(bundle, variable)}}`,
  );
  return `var __loaded={},__loaders={${loaders.join(',\n')}};
var ${variable}=function(name){
if(!__loaders[name])return ${otherwise}(name);
if(!__loaded[name])__loaded[name]=__loaders[name]();
return __loaded[name];
};`;
}

/**
 * What an engine in this process runs first. It has `__host` by then, with `read`, `program`, `erase` of the chip and
 * `print` for a line of the console.
 */
export function deviceSources(board: string, kind = ''): DeviceSource[] {
  const console = `
var print, console, __otherwise;
(function (host, chip) {
  var flash = chip.hostFlash(host);
  print = function () {
    var parts = [];
    for (var i = 0; i < arguments.length; i++) parts.push(chip.show(arguments[i]));
    host.print(parts.join(' '));
  };
  console = { log: print, info: print, warn: print, error: print, debug: print };
  __otherwise = function (name) {
    if (name !== 'Flash') throw new Error('Module "' + name + '" not found');
    return flash;
  };
  __show = chip.show;
  __describe = chip.describe;
})(__host, __chip);`;
  return [
    { source: `var __show, __describe, __chip = ${bundleExpression('sim/chip.js')};`, fileName: 'chip.js' },
    { source: console, fileName: 'console.js' },
    { source: requireSource('require', board, '__otherwise', kind), fileName: 'vfs.min.js' },
  ];
}
