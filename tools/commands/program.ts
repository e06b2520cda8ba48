/** All commands. */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { packagePath } from '../dist';
import { addBoardCommands } from './board';
import { addBoot } from './boot';
import type { Exit } from './common';
import { addCompareCommands } from './compare';
import { addCompletion } from './completion';
import { addDumpCommand } from './dump';
import { addFileCommands } from './files';
import { addFsck } from './fsck';
import { addImageCommands } from './images';
import { addPage } from './page';
import { addServe } from './serve';
import { addTableCommands } from './tables';

/** @param exit is told the exit code, where that is not 0 */
export function makeProgram(exit: Exit): Command {
  const { version } = JSON.parse(readFileSync(packagePath('package.json'), 'utf8'));
  const program = new Command('microvfs')
    .description('Files in images, chips and cards of microcontrollers, and a simulated board to try them on.')
    .version(version)
    .exitOverride()
    .addHelpText(
      'after',
      `
A place is a path of this computer, or lies in an image: image.bin:/path, chip.bin#vfs:/path (a partition of an
ESP32), card.img#2:/path (of a card), flash.bin@0x200000+1M:/path; or on a board on a port, :/path.
"microvfs help ls" has examples, as for each command.

Exit codes: 0 done; 1 it failed, or a check or a comparison has found something; 2 what was asked for cannot be done.`,
    );
  addFileCommands(program);
  addImageCommands(program);
  addCompareCommands(program, exit);
  addTableCommands(program, exit);
  addDumpCommand(program);
  addFsck(program, exit);
  addBoardCommands(program, exit);
  addBoot(program, exit);
  addPage(program);
  addServe(program);
  addCompletion(program);
  return program;
}
