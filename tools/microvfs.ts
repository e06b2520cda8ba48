#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { Command, CommanderError, Option } from 'commander';
import { type BootOptions, boardNames, boot, engines } from './boot-command';
import { type Exit, printable, bytes as size } from './commands/common';
import { addCompareCommands } from './commands/compare';
import { addDumpCommand } from './commands/dump';
import { addFileCommands } from './commands/files';
import { addImageCommands } from './commands/images';
import { addTableCommands } from './commands/tables';
import { packagePath } from './dist';
import { EngineMissing } from './engines/engine';
import { type FsckCommandOptions, fsck, fsckTypes } from './fsck-command';
import { PlaceError } from './places/tree';
import { FAILED, MISUSE, UsageError } from './usage';

function addBoot(program: Command, exit: Exit): void {
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
    .option('--size <bytes>', 'size of a new flash file of an ESP32, as 4MB or 512K (default 4MB)', size)
    .option('--run <script>', 'a script from this computer to run on the device after boot')
    .option('--sd <file>', 'an SD card in its slot: a raw image, which is kept up to date')
    .option('--mount-host <dir:point>', 'a directory of this computer below the tree of the device, as ./files:/host')
    .option('--hold <button:ms>', 'hold the button at power-on, as BTN1:3000: safe mode, factory reset')
    .addOption(new Option('--engine <name>', 'JavaScript engine of the device').choices(engines).default('quickjs'))
    .addOption(new Option('--tour', 'show the boot report, the mounts and a listing').hideHelp())
    .addHelpText(
      'after',
      `
The device runs the built bundle of its board, as a real one does; scripts on it say require('vfs') or require('Flash').
Without --run you get the device's console on a terminal; elsewhere the exit code says whether the boot went well.

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

function addFsck(program: Command, exit: Exit): void {
  program
    .command('fsck <place>')
    .description('Check a volume in an image; with --repair finish what is half-done, or save what can be read into a sound volume.')
    .addOption(new Option('--type <name>', 'kind of file system (default: what is found)').choices(fsckTypes))
    .option('--block-size <bytes>', 'bytes in a block (default: what the superblock says)', size)
    .option('--offset <bytes>', 'where the volume begins in the image', size)
    .option('--size <bytes>', 'how long it is (default: to the end)', size)
    .option('--partition <label>', "the partition of that label, where the image is an ESP32's whole flash; of a card, its number")
    .option('--repair', 'repair; the image as it was stays in <image>.bak')
    .option('--output <file>', 'write what is repaired there, and leave the image as it is')
    .addOption(new Option('--board <name>', "the image is all of this board's flash, and its own volume is meant").choices(boardNames))
    .addHelpText(
      'after',
      `
Exit codes: 0 sound, or repaired without loss; 1 findings; 2 nothing there that could be checked.

Examples:
  microvfs fsck image.bin
  microvfs fsck chip.bin#vfs --repair
  microvfs fsck card.img#2 --repair --output repaired.img`,
    )
    .action((place: string, options: FsckCommandOptions) => {
      exit(fsck(place, options));
    });
}

async function main(): Promise<number> {
  const { version } = JSON.parse(readFileSync(packagePath('package.json'), 'utf8'));
  let code = 0;
  const exit = (value: number) => {
    code = value;
  };
  const program = new Command('microvfs')
    .description('Files in images, chips and cards of microcontrollers, and a simulated board to try them on.')
    .version(version)
    .exitOverride();
  addFileCommands(program);
  addImageCommands(program);
  addCompareCommands(program, exit);
  addTableCommands(program, exit);
  addDumpCommand(program);
  addBoot(program, exit);
  addFsck(program, exit);
  try {
    await program.parseAsync();
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode && MISUSE;
    if (!(error instanceof UsageError || error instanceof EngineMissing || error instanceof PlaceError)) throw error;
    console.error('microvfs: ' + printable(error.message));
    return error instanceof PlaceError ? FAILED : MISUSE;
  }
  return code;
}

process.exitCode = await main();
