/** The commands of tables and formats: info, partitions, romfs, migrate. */
import type { Command } from 'commander';
import colors from 'picocolors';
import { humanSize } from '../places/size';
import { FAILED } from '../usage';
import type { Info } from '../verbs/facts';
import { info } from '../verbs/info';
import { type PartitionEntry, type PartitionsOptions, partitions } from '../verbs/partitions';
import { migrate, type RomBuildOptions, romBuild, romDeploy, romQuery } from '../verbs/romfs';
import { bytes, type Common, count, type Exit, placeOptions, print, printJson, reporting, table, verb, whole } from './common';

const hex = (value: number): string => `0x${value.toString(16).padStart(6, '0')}`;

function printInfo(told: Info): void {
  print(`${told.place}: ${told.title}, ${humanSize(told.size)}`);
  const rows: [string, string][] = Object.entries(told.facts).map(([name, value]) => [name, String(value)]);
  const { usage } = told;
  if (usage) rows.push(['used', `${humanSize(usage.used)} of ${humanSize(usage.size)}, ${humanSize(usage.free)} free`]);
  if (told.files !== undefined)
    rows.push(['holds', `${count(told.files, 'file')}, ${count(told.directories ?? 0, 'directory', 'directories')}`]);
  for (const line of table(rows)) print(`  ${line}`);
  const regions = told.regions.map(({ name, offset, size, holds }) => [hex(offset), humanSize(size), name, holds ?? '']);
  for (const line of table(regions)) print(`  ${line}`);
  if (told.problem) console.error(colors.yellow(told.problem));
}

/** One row of a table, for people. */
export function partitionLine({ label, type, subtype, offset, size }: PartitionEntry): string {
  return `${label.padEnd(16)} type ${type}  subtype 0x${subtype.toString(16).padStart(2, '0')}  at ${hex(offset)}  ${size / 1024} kB`;
}

const collect = (value: string, before: string[] = []): string[] => [...before, value];

function addPartitions(program: Command): void {
  verb(
    program,
    'partitions <table>',
    "Show, make and change an ESP32's partition table, with its MD5: from rows as ESP-IDF has them, a table, or a chip's image. Rows without vfs get one in what is left.",
    { data: true, changes: true, plain: true },
    [
      'partitions chip.bin',
      'partitions table.csv -o table.bin                 (to be written to 0x8000 of the flash)',
      'partitions chip.bin -o table.csv',
      'partitions chip.bin --add www,data,littlefs,,512K --into chip.bin',
    ],
  )
    .option('-o, --output <file>', 'write it: as rows if the name ends in .csv, else as it stands in the flash')
    .option('--into <chip>', "write it into a chip's image")
    .option('--add <row>', 'add a row; may be given several times', collect)
    .option('--remove <label>', 'take out a partition; may be given several times', collect)
    .option('--flash-size <bytes>', "size of the flash chip (default: 4M, or what a chip's image has)", bytes)
    .action((path: string, options: PartitionsOptions & Common) => {
      const entries = partitions(path, options);
      if (options.json) return printJson(entries);
      for (const entry of entries) print(partitionLine(entry));
      if (options.output !== undefined && !options.output.endsWith('.csv')) print(`${options.output}: for 0x8000`);
    });
}

function addRomfs(program: Command): void {
  const group = program.command('romfs').description('Images of ROMFS, as mpremote has them: build, deploy, query.');
  verb(group, 'build <folder>', 'Make an image of a folder.', { tells: true, plain: true }, ['romfs build data -o data.romfs'])
    .option('-o, --output <file>', 'the image (default: FOLDER.romfs)')
    .option('--align <bytes>', 'the content of each file begins at a multiple of so many bytes', whole)
    .action(async (folder: string, options: Common & RomBuildOptions & { output?: string }) => {
      const output = options.output ?? `${folder.replace(/[/\\]+$/, '')}.romfs`;
      const size = await romBuild(folder, output, options.align === undefined ? {} : { align: options.align });
      if (!options.quiet) print(`${output}: ${size} bytes`);
    });
  verb(group, 'deploy <from> <place>', 'Write a folder, or an image, to its place.', { tells: true, changes: true, plain: true }, [
    'romfs deploy data chip.bin#romfs',
    'romfs deploy data.romfs flash.bin@0x200000+256K',
  ])
    .option('--align <bytes>', 'as of build', whole)
    .action(async (from: string, place: string, options: Common & RomBuildOptions) => {
      const { align } = options;
      const made = await reporting(options, (report) =>
        romDeploy(from, place, { ...placeOptions(options), ...(align !== undefined && { align }) }, report),
      );
      if (!options.quiet) print(`${made.place}: ${made.used} of ${made.size} bytes`);
    });
  verb(group, 'query <place...>', 'Tell what places for images hold.', { data: true, plain: true }, ['romfs query chip.bin#romfs']).action(
    async (places: string[], options: Common) => {
      const found = await Promise.all(places.map((place) => romQuery(place, placeOptions(options))));
      if (options.json) return printJson(found);
      for (const { place, size, used } of found) print(`${place}: ${used ? `an image of ${used} bytes` : 'no image'}, room for ${size}`);
    },
  );
}

export function addTableCommands(program: Command, exit: Exit): void {
  verb(
    program,
    'info <place>',
    'Tell what lies in an image: format, version, geometry, limits, usage, and where what lies; or its partitions, and what they hold.',
    { data: true },
    ['info image.bin', 'info chip.bin', 'info card.img#1 --json'],
  ).action(async (place: string, options: Common) => {
    const told = await info(place, placeOptions(options));
    if (options.json) printJson(told);
    else printInfo(told);
    if (told.problem) exit(FAILED);
  });
  addPartitions(program);
  addRomfs(program);
  verb(
    program,
    'migrate <place>',
    'Make a littlefs 1 one of littlefs 2, in its place: files stay where they are.',
    { tells: true, changes: true, plain: true },
    ['migrate old.bin', 'migrate chip.bin#vfs'],
  ).action(async (place: string, options: Common) => {
    await migrate(place, placeOptions(options));
    if (!options.quiet) print(`${place}: littlefs 2`);
  });
}
