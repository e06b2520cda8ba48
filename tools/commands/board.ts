/** The commands for a board on a port: upload, boot0, run, repl, devices. */
import { readFileSync } from 'node:fs';
import { Argument, type Command, Option } from 'commander';
import colors from 'picocolors';
import { boardNames } from '../places/board';
import { humanSize } from '../places/size';
import { connect } from '../port/connect';
import { BoardError } from '../port/frames';
import { passThrough } from '../port/passthrough';
import { FAILED, UsageError } from '../usage';
import { boot0, devices, run, type Uploaded, type UploadOptions, upload } from '../verbs/board';
import {
  addPortOptions,
  type Common,
  type Exit,
  portOptions,
  print,
  printable,
  printJson,
  bytes as readBytes,
  reporting,
  verb,
} from './common';

interface UploadFlags extends Common {
  board: string;
  bundle?: string;
  volume?: number;
  boot0?: boolean;
}

const told = ({ name, size, written }: Uploaded): string => `${name}: ${written ? `written, ${humanSize(size)}` : 'is there'}`;

function addUpload(program: Command): void {
  verb(
    program,
    'upload',
    'Put the bundle of a board into its Storage over a port: what has changed, checked by its sum.',
    { plain: true, ports: true, data: true, tells: true },
    [
      'upload --board rp2 --volume 128K --boot0       (a new board: volume, bundle, and the start)',
      'upload --board nrf52 --bluetooth "Jolt.js 1a2b"',
    ],
  )
    .addOption(new Option('--board <name>', 'board family').choices(boardNames).makeOptionMandatory())
    .option('--bundle <name>', 'which bundle: default, sd, all, ro, as far as the board has it (default: default)')
    .option(
      '--volume <bytes>',
      'first make a volume of this size in Storage, as 128K, unless it is there; all else has to come after it',
      readBytes,
    )
    .option('--boot0', 'mount the volume at each start of the board')
    .action(async (options: UploadFlags) => {
      const { board, bundle, volume, boot0: start, ...rest } = options;
      const wanted: UploadOptions = {
        ...portOptions(rest),
        ...(bundle !== undefined && { bundle }),
        ...(volume !== undefined && { volume }),
        boot0: !!start,
      };
      const uploaded = await reporting(options, (report) => upload(board, wanted, report));
      if (options.json) return printJson(uploaded);
      if (options.quiet) return;
      for (const one of uploaded) print(told(one));
      if (uploaded.some(({ written }) => written))
        console.error(
          colors.dim(start ? 'restart the board: it mounts its volume then' : "require('vfs').boot() on the board mounts its volume"),
        );
    });
}

function addRunning(program: Command, exit: Exit): void {
  verb(program, 'run <script>', 'Run a script of this computer on a board, and show what it prints.', { plain: true, ports: true }, [
    'run logger.js',
    'run --port /dev/ttyACM0 test.js',
  ])
    .addHelpText('after', '\nExit code 1: it ended with an error. Timers that it has set run on. Ctrl-C stops it.')
    .action(async (script: string, options: Common) => {
      let source: string;
      try {
        source = readFileSync(script, 'utf8');
      } catch (error) {
        throw new UsageError(`cannot read the script: ${(error as Error).message}`);
      }
      const decoder = new TextDecoder();
      let stop: () => void = () => {};
      const onInterrupt = (): void => stop();
      process.on('SIGINT', onInterrupt);
      try {
        await run(
          source,
          portOptions(options),
          (text) => process.stdout.write(decoder.decode(Buffer.from(text.replace(/\r\n/g, '\n'), 'latin1'), { stream: true })),
          (board) => {
            stop = () => void board.interrupt();
          },
        );
      } catch (error) {
        if (!(error instanceof BoardError)) throw error;
        for (const line of error.message.trimEnd().split(/\r?\n/)) console.error(colors.red(printable(line)));
        exit(FAILED);
      } finally {
        process.off('SIGINT', onInterrupt);
      }
    });

  verb(program, 'repl', 'The console of a board, on this terminal. Ctrl-] or Ctrl-D leaves.', { plain: true, ports: true }, [
    'repl',
    'repl --bluetooth "Puck.js 1a2b"',
  ]).action(async (options: Common) => {
    const stream = await connect(portOptions(options));
    if (process.stdin.isTTY) console.error(colors.dim(`${stream.title}: Ctrl-] leaves`));
    await passThrough(stream);
  });
}

function addStart(program: Command): void {
  const command = program
    .command('boot0')
    .description('Mount the volume of a board at each start, or no more: one line in its Storage.')
    .addArgument(new Argument('<state>', 'on or off').choices(['on', 'off']))
    .option('-q, --quiet', 'print nothing but errors')
    .addHelpText('after', '\nExamples:\n  microvfs boot0 on\n  microvfs boot0 off --port /dev/ttyACM0');
  addPortOptions(command).action(async (state: string, options: Common) => {
    const { name, written } = await boot0(state === 'on', portOptions(options));
    if (!options.quiet) print(`${name}: ${written ? (state === 'on' ? 'written' : 'erased') : `${state} already`}`);
  });
}

function addDevices(program: Command): void {
  program
    .command('devices')
    .description('List the boards on USB, or those that advertise themselves over Bluetooth.')
    .option('--bluetooth', 'look for boards over Bluetooth, for some seconds')
    .option('--json', 'print data for programs')
    .addHelpText('after', '\nExamples:\n  microvfs devices\n  microvfs devices --bluetooth')
    .action(async (options: { bluetooth?: boolean; json?: boolean }) => {
      const { ports, advertised } = await devices({ bluetooth: !!options.bluetooth });
      if (options.json) return printJson(options.bluetooth ? advertised : ports);
      for (const { path, title, serialNumber } of ports) print(`${path}  ${title}${serialNumber ? `  ${serialNumber}` : ''}`);
      for (const { name, address } of advertised) print(`${name}  ${address}`);
      if (!ports.length && !advertised.length) console.error(colors.dim('no board was found'));
    });
}

export function addBoardCommands(program: Command, exit: Exit): void {
  addUpload(program);
  addStart(program);
  addRunning(program, exit);
  addDevices(program);
}
