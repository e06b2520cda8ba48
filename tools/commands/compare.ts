/** The commands that compare: sha256, diff, sync. */
import type { Command } from 'commander';
import colors from 'picocolors';
import { FAILED, UsageError } from '../usage';
import { type Action, checkSums, type Difference, diff, sha256, sync } from '../verbs/compare';
import { type Common, type Exit, placeOptions, print, printJson, reporting, verb } from './common';

const DIFFERENCES: { [what in Difference['what']]: string } = {
  first: 'only in the first',
  second: 'only in the second',
  kind: 'a file and a directory',
  content: 'differs',
};

const SIGNS: { [what in Action['what']]: string } = { new: '+', changed: '*', removed: '-', directory: '+' };

export function addCompareCommands(program: Command, exit: Exit): void {
  verb(
    program,
    'sha256 [place...]',
    'Print the SHA-256 of files, and of all files below directories.',
    { data: true, tells: true, ports: true },
    ['sha256 image.bin > sums.txt', 'sha256 --check sums.txt data              (the folder that the image was made of)'],
  )
    .option('--check <list>', 'check such a list, whose paths are relative to the place')
    .addHelpText('after', '\nExit code 1: something differs, or is missing.')
    .action(async (places: string[], options: Common & { check?: string }) => {
      if (options.check !== undefined) {
        const checked = await checkSums(options.check, places[0], placeOptions(options));
        const bad = checked.filter(({ state }) => state !== 'ok');
        if (options.json) printJson(checked);
        else for (const { path, state } of options.quiet ? bad : checked) print(`${path}: ${state}`);
        if (bad.length) exit(FAILED);
        return;
      }
      if (!places.length) throw new UsageError('sha256: of what? microvfs sha256 image.bin');
      const sums = await sha256(places, placeOptions(options));
      if (options.json) printJson(sums);
      else for (const { path, sha256: sum } of sums) print(`${sum}  ${path}`);
    });

  verb(
    program,
    'diff <first> <second>',
    'Tell in what two places differ: images, folders, files.',
    { data: true, tells: true, ports: true },
    ['diff image.bin data', 'diff chip.bin#vfs:/lib lib'],
  )
    .addHelpText('after', '\nExit code 1: they differ.')
    .action(async (first: string, second: string, options: Common) => {
      const differences = await diff(first, second, placeOptions(options));
      if (options.json) printJson(differences);
      else if (!options.quiet) for (const { path, what } of differences) print(path ? `${path}: ${DIFFERENCES[what]}` : DIFFERENCES[what]);
      if (differences.length) exit(FAILED);
    });

  verb(
    program,
    'sync <folder> <place>',
    'Make a place hold what a folder does, writing only what has changed.',
    { data: true, changes: true, tells: true, ports: true },
    ['sync data image.bin', 'sync --delete --dry-run www chip.bin#vfs:/www', 'sync www :/www'],
  )
    .option('--delete', 'remove what is not in the folder')
    .option('-n, --dry-run', 'only tell what would be done')
    .action(async (from: string, to: string, options: Common & { delete?: boolean; dryRun?: boolean }) => {
      const actions = await reporting(options, (report) =>
        sync(from, to, { ...placeOptions(options), delete: !!options.delete, dryRun: !!options.dryRun }, report),
      );
      if (options.json) return printJson(actions);
      if (options.quiet) return;
      for (const { path, what } of actions) print(`${SIGNS[what]} ${path}${what === 'directory' ? '/' : ''}`);
      if (!actions.length) console.error(colors.dim('nothing has changed'));
    });
}
