/** The command that boots a simulated board. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { boards } from '../../boards/sim';
import { type BootOptions, boot, engines } from '../boot-command';
import { holdHelp } from '../hold';
import { boardNames } from '../places/board';
import { type Exit, bytes as size } from './common';

const UNITS: { [unit: string]: number } = { ms: 1, s: 1000, m: 60000, h: 3600000 };

/** `10s` in milliseconds. */
function duration(text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? [];
  const ms = Number(number) * (UNITS[unit] ?? Number.NaN);
  if (!(ms > 0)) throw new InvalidArgumentError('Give a time as 10s, 500ms, 2m or 1h.');
  return ms;
}

function factor(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 10000)) throw new InvalidArgumentError('Give a number above 0, as 10; 10000 is the most.');
  return value;
}

const collect = (path: string, before: string[] = []): string[] => [...before, path];

/** Those that the boards' files name, with the first. */
const chipHelp = Object.entries(boards)
  .filter(([, { sim }]) => sim.chips)
  .map(([board, { sim }]) => `${board} ${sim.chips?.join(', ')}`)
  .join('; ');

export function addBoot(program: Command, exit: Exit): void {
  program
    .command('boot')
    .description(
      "Boot a simulated board from a flash file: mount its volume, run its boot.js and main.js, then a script or the device's console.",
    )
    .addOption(new Option('--board <name>', 'board family').choices(boardNames).default('esp32'))
    .requiredOption(
      '--flash <file>',
      "the chip's content; made (erased, an ESP32's with a partition table) if missing, and kept up to date",
    )
    .option('--chip <name>', `another chip than the board's first: ${chipHelp}`)
    .addOption(
      new Option('--bundle <name>', 'which bundle runs (default: the least that has what is asked for)').choices(['default', 'sd', 'all']),
    )
    .option('--partitions <table.csv>', 'the partition table of a new flash file of an ESP32')
    .option('--size <bytes>', 'size of a new flash file of an ESP32, as 4MB or 512K (default 4MB)', size)
    .option('--run <script>', 'a script from this computer to run on the device after boot')
    .option('--sd <file>', 'an SD card in its slot: a raw image, which is kept up to date')
    .option('--mount-host <dir:point>', 'a directory of this computer below the tree of the device, as ./files:/host')
    .option('--serial <path>', 'connect Serial1 with a file, which is fed to it, or a pseudo terminal; 2:PATH is Serial2', collect)
    .option('--hold <button:ms>', 'hold the button for so many milliseconds from power-on: safe mode, factory reset')
    .option('--for <time>', 'stop when the board has run so long by its own clock, as 10s (default: when it is idle)', duration)
    .option('--speed <factor>', "how much faster than this computer's the board's clock goes (default 1)", factor)
    .addOption(new Option('--engine <name>', 'JavaScript engine of the device').choices(engines).default('quickjs'))
    .option('--json', 'print the boot report as JSON; what the console shows goes to the standard error')
    .addOption(new Option('--tour', 'show the boot report, the mounts and a listing').hideHelp())
    .addHelpText(
      'after',
      `
The device runs the built bundle of its board, as a real one does; scripts on it say require('vfs') or require('Flash').
Without --run you get the device's console on a terminal. Else it runs until no timer is left, its time is over, or Ctrl-C;
the exit code says whether the boot went well, and the script.

What --hold chooses, the same on each computer, as the clock goes by itself only when the board has booted:
${holdHelp().join('\n')}

Engines: quickjs (comes along), node, duktape and hermes (from the PATH), and espruino, mqjs, jerry
(programs named by the environment variables ESPRUINO, MQJS, JERRY).

Examples:
  microvfs boot --flash chip.bin
  microvfs boot --flash chip.bin --run logger.js
  microvfs boot --board stm32 --flash stm32.bin --sd card.img --hold BTN1:1500
  ESPRUINO=./espruino microvfs boot --flash chip.bin --engine espruino --run logger.js`,
    )
    .action(async (options: BootOptions) => {
      exit(await boot(options));
    });
}
