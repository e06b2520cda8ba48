import type { NorFlash, SimBoard, SimSdCard } from '../../boards/sim';
import { boardWith } from '../../boards/sim/boards';
import { bundleText, storedBundles, wholeBundle } from '../bundle-text';
import type { HostFolder } from './host-folder';

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

/** The other end of a serial port of the board. */
export interface SerialEnd {
  /** What has come since it was asked last. */
  take(): Uint8Array;
  send(data: Uint8Array): void;
}

/** What an engine has of a host that can give it more than a page or a test does. */
export interface EngineHost {
  /** The other ends of `Serial1` and on, as far as somebody holds them. */
  serials?: (SerialEnd | undefined)[];
  /** Looked at again and again while something runs, which ends when it says so. */
  interrupted?: () => boolean;
  /** For an engine that cannot look: the signal SIGINT ends what runs. */
  signalled?: boolean;
  /** Bytes that scripts may take from the stack. Default what any thread has room for. */
  stack?: number;
}

export interface Engine {
  /** An engine with the host's chip and card below it, and a directory of the host; `print` gets each line of the device's console. */
  start(nor: NorFlash, print: (line: string) => void, card?: SimSdCard, folder?: HostFolder, more?: EngineHost): Promise<Device>;
}

/** What `evaluate` says of what was interrupted. */
export const INTERRUPTED = 'interrupted';

/** What is done to, and put into, a board. */
export interface BoardSetup {
  /** Bytes of the chip, where the board has chips of several sizes. */
  size?: number;
  /** Another of the board's chips. */
  chip?: string;
  /** The bundle: `-fat`, `-sd`; by default the plain one. */
  kind?: string;
  card?: SimSdCard;
  /** The blocks of the card that are not zeros, where it does not know them itself. */
  cardBlocks?: number[];
  /** For so many milliseconds from power-on the button is held. */
  hold?: number;
  /** How much faster than the computer's the board's clock goes. Default 1. */
  speed?: number;
  /** So many milliseconds of that after it has booted its timers stop. Default never. */
  end?: number;
}

export class EngineMissing extends Error {}

export interface DeviceSource {
  source: string;
  fileName: string;
}

/** A built bundle as an expression that gives its exports. */
export function bundleExpression(bundle: string, require = 'undefined'): string {
  return `(function(exports,require){${bundleText(bundle)}\n;return exports})({},${require})`;
}

/**
 * Declares `variable`, the `require` of a script that gives a board's `vfs`, and `otherwise(name)` for other names.
 * @param vfs an expression that gives the module when it is first asked for: the bundle with everything, unless one is given
 */
export function requireSource(
  variable: string,
  board: string,
  otherwise: string,
  kind = '',
  vfs = bundleExpression(wholeBundle(board, kind), variable),
): string {
  return `var __vfs;
var ${variable}=function(name){
if(name!=="vfs")return ${otherwise}(name);
if(!__vfs)__vfs=${vfs};
return __vfs;
};`;
}

/** On Espruino: puts the resident module and its parts into Storage. @param require the firmware's, which finds them there */
export function storeSource(board: string, kind = '', require = '__native'): string {
  return Object.entries(storedBundles(board, kind))
    .map(([name, file]) => `${require}("Storage").write(${JSON.stringify(name)},${JSON.stringify(bundleText(file, 'latin1'))});`)
    .join('\n');
}

/** What gives the module from there. */
export const STORED = '__native("vfs")';

/**
 * Makes the simulated board in the engine, with `host` as the owner of its chip, or a chip of `size` bytes of its own; and
 * the button, LEDs, serial ports and `process.memory` as globals.
 */
export function hardwareSource(board: SimBoard, setup: BoardSetup, host: string, size: number): string {
  const card = setup.card;
  const type = JSON.stringify(card ? card.description.type : '');
  const lines = [
    `var __board=__chip.engineBoard(${JSON.stringify(board)},${host},${size},${type},${card ? card.description.blocks : 0},${setup.hold ?? 0},print);`,
    'var BTN1=__board.button,Serial1=__board.hardware.serials[0],Serial2=__board.hardware.serials[1];',
  ];
  for (let n = 0; n < board.leds; n++) lines.push(`var LED${n + 1}=__board.leds[${n}];`);
  if (board.chip) lines.push('var process={memory:__board.hardware.memory};');
  // What has no host to ask gets the card as it is.
  if (card && host === 'undefined') {
    for (const block of setup.cardBlocks ?? card.usedBlocks()) {
      const content = Buffer.from(card.peek(block));
      if (content.some((byte) => byte)) lines.push(`__board.card.load(${block},"${content.toString('base64')}");`);
    }
  }
  return lines.join('\n');
}

/** `require` for what the firmware gives; `otherwise` is a statement for names that it does not know. */
export function firmwareSource(otherwise: string): string {
  return `var __otherwise=function(name){
var hardware=__board.hardware;
if(name==="Flash"&&hardware.flash)return hardware.flash;
if(name==="Storage"&&hardware.storage)return hardware.storage;
${otherwise}
};`;
}

/** MicroQuickJS makes no dates, and Espruino finds no methods of theirs when `Date` is another: there only `Date.now` goes by the board's clock. */
const DATES = `(function(own){
try{new own(0);Date=__chip.simDate(own,__time.now);new Date(0).getTime();}catch(none){if(Date!==own)Date=own;}
})(Date);`;

/**
 * Declares the firmware's timers, and gives the board a clock of its own. While a button is held, until `GO`, the clock goes by being
 * looked at.
 */
export function timeSource({ speed = 1, end = 0, hold = 0 }: BoardSetup): string {
  return `var __time=__chip.simTime(Date.now,${speed},${end},${hold > 0});
var setTimeout=__time.setTimeout,setInterval=__time.setInterval,clearTimeout=__time.clear,clearInterval=__time.clear;
Date.now=__time.now;
${DATES}`;
}

/** Connects a serial port with its other end. @param n 0 for `Serial1` */
export function serialSource(n: number): string {
  return `(function(port){
port.take=function(){var bytes=new Uint8Array(__host.serialTake(${n})),text='';for(var i=0;i<bytes.length;i++)text+=String.fromCharCode(bytes[i]);return text;};
port.send=function(text){var bytes=new Uint8Array(text.length);for(var i=0;i<text.length;i++)bytes[i]=text.charCodeAt(i);__host.serialSend(${n},bytes.buffer);};
})(__board.hardware.serials[${n}]);`;
}

/** Hands on what has come; gives whether somebody listens. */
export const listenSource = (n: number): string =>
  `(function(port){port.available();return port.listeners.length>0;})(__board.hardware.serials[${n}])`;

/** Runs when the board has booted. */
export const GO: DeviceSource = { source: '__time.go()', fileName: 'clock' };

/** Boots the board, with its card if there is one. */
export function bootSource(board: SimBoard, setup: BoardSetup): string {
  const vfs = "require('vfs')";
  if (board.areas) return `${vfs}.useZephyr(__board.hardware.zephyr);${vfs}.boot()`;
  const card = `{sd:function(){return new (${vfs}.SDCard)(__board.hardware.spi,__board.hardware.cs)}}`;
  return `${vfs}.boot(${setup.card ? card : ''})`;
}

/** Declares `print` and `console`, over what the host and the simulator's bundle give. */
export const consoleSource = `
var print, console;
(function (host, chip) {
  print = function () {
    var parts = [];
    for (var i = 0; i < arguments.length; i++) parts.push(chip.show(arguments[i]));
    host.print(parts.join(' '));
  };
  console = { log: print, info: print, warn: print, error: print, debug: print };
  __show = chip.show;
  __describe = chip.describe;
})(__host, __chip);`;

/**
 * What an engine in this process runs first. It has `__host` by then, with `read`, `program`, `erase` of the chip, `card` for
 * a block of the card that has changed, and `print` for a line of the console.
 */
export function deviceSources(board: string, kind = '', setup: BoardSetup = {}): DeviceSource[] {
  const missing = 'throw new Error("Module \\""+name+"\\" not found");';
  return [
    { source: `var __show, __describe, __chip = ${bundleExpression('sim/chip.js')};`, fileName: 'chip.js' },
    { source: consoleSource, fileName: 'console.js' },
    { source: hardwareSource(boardWith(board, setup.chip), setup, '__host', setup.size ?? 0), fileName: 'board.js' },
    { source: firmwareSource(missing), fileName: 'firmware.js' },
    { source: requireSource('require', board, '__otherwise', kind), fileName: 'vfs.min.js' },
  ];
}
