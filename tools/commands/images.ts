/** The commands of whole volumes: create, extract, convert. */
import { type Command, Option } from 'commander';
import { boardNames } from '../places/board';
import { humanSize } from '../places/size';
import { convert, extract } from '../verbs/convert';
import { type CreateOptions, create } from '../verbs/create';
import type { Created, VolumeOptions } from '../verbs/make';
import { bytes, type Common, count, placeOptions, print, printJson, reporting, verb, whole } from './common';

const MADE = ['lfs2', 'lfs1', 'fat', 'exfat', 'rom'];

/** Options of what a volume is like. */
function addVolumeOptions(command: Command): Command {
  return command
    .option('--block-size <bytes>', 'block of a littlefs (default 4096), or sector of FAT and exFAT (512)', bytes)
    .option('--prog-size <bytes>', 'what the medium programs at once: littlefs (default 32)', bytes)
    .option('--name-max <bytes>', 'longest name: littlefs 2 (default 255)', whole)
    .addOption(new Option('--disk-version <version>', 'littlefs 2 (default 2.1)').choices(['2.0', '2.1']))
    .option('--label <text>', 'label: FAT and exFAT')
    .option('--cluster-size <bytes>', 'cluster: FAT and exFAT (default: what suits the size)', bytes);
}

function sizeOrAuto(text: string): number | string {
  return text === 'auto' ? text : bytes(text);
}

/** The options of the function, without those of the command. */
function optionsOf<T extends Common>({ json: _json, quiet: _quiet, ...rest }: T): Omit<T, 'json' | 'quiet'> {
  return rest;
}

function tell(made: Created, options: Common): void {
  if (options.json) printJson(made);
  else if (!options.quiet)
    print(
      `${made.place}: ${made.format}, ${humanSize(made.size)}, ${humanSize(made.free)} free; ` +
        `${count(made.files, 'file')}, ${count(made.directories, 'directory', 'directories')}`,
    );
}

export function addImageCommands(program: Command): void {
  const creating = verb(
    program,
    'create [image]',
    'Make a volume, empty or with the content of a folder. The same input gives the same bytes: times are those of the files, none later than SOURCE_DATE_EPOCH.',
    { changes: true, data: true, tells: true, plain: true },
    [
      'create fs.bin --fs lfs2 --size 1M --from data',
      'create fs.bin --fs lfs2 --from data                 (the least size that has room)',
      'create card.img --fs fat --size 64M --label DATA',
      'create --into chip.bin#vfs --fs lfs2 --from data',
    ],
  )
    .addOption(new Option('--fs <format>', 'format').choices(MADE).makeOptionMandatory())
    .option('--size <bytes>', 'size of the volume, as 1M; auto is the least that has room', sizeOrAuto)
    .option('--from <place>', 'a folder, or a place in an image, whose content it gets');
  addVolumeOptions(creating)
    .option('--offset <bytes>', 'where it begins in the image', bytes)
    .option('--into <place>', 'an image that is there, of which a part becomes the volume')
    .addOption(
      new Option('--board <name>', "--into is an image of all of this board's flash, and its own volume is made").choices(boardNames),
    )
    .option('-f, --force', 'also over what is there')
    .action(async (image: string | undefined, options: CreateOptions & Common) => {
      tell(await reporting(options, (report) => create(image, optionsOf(options) as CreateOptions, report)), options);
    });

  verb(program, 'extract <place> <folder>', 'Copy all that a volume holds into a folder of this computer, with times.', { tells: true }, [
    'extract image.bin out',
    'extract chip.bin#vfs:/www www',
  ]).action(async (place: string, folder: string, options: Common) => {
    const copied = await reporting(options, (report) => extract(place, folder, placeOptions(options), report));
    if (!options.quiet)
      print(
        `${folder}: ${count(copied.files, 'file')}, ${count(copied.directories, 'directory', 'directories')}, ${humanSize(copied.bytes)}`,
      );
  });

  const converting = verb(
    program,
    'convert <image> [to]',
    'Make another volume with what one holds: of another format, with other blocks, larger or smaller; without a second image in its place.',
    { changes: true, data: true, tells: true, plain: true },
    ['convert old.img new.img --fs lfs2', 'convert image.bin --size 2M', 'convert image.bin small.bin --size auto --block-size 512'],
  )
    .addOption(new Option('--fs <format>', 'format (default: as it is)').choices(MADE))
    .option('--size <bytes>', 'size of the new volume (default: as it is); auto is the least that has room', sizeOrAuto);
  addVolumeOptions(converting)
    .option('-f, --force', 'also over an image that is there')
    .action(async (from: string, to: string | undefined, options: Partial<VolumeOptions> & Common) => {
      tell(await reporting(options, (report) => convert(from, to ?? from, optionsOf(options), report)), options);
    });
}
