/** The command that checks volumes. */
import { type Command, Option } from 'commander';
import { type FsckCommandOptions, fsck, fsckTypes } from '../fsck-command';
import { boardNames } from '../places/board';
import { type Exit, bytes as size } from './common';

export function addFsck(program: Command, exit: Exit): void {
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
