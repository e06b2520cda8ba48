/** The commands of files: ls, tree, cat, cp, mv, rm, mkdir, rmdir, touch, df, edit. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import colors from 'picocolors';
import { humanSize } from '../places/size';
import { UsageError } from '../usage';
import { edit, mkdir, rm, rmdir, touch } from '../verbs/change';
import { cp, mv } from '../verbs/copy';
import { cat, df, type Listed, type Listing, ls } from '../verbs/list';
import { type Common, count, dateOf, placeOptions, print, printJson, reporting, table, verb } from './common';

interface LsFlags extends Common {
  all?: boolean;
  long?: boolean;
  recursive?: boolean;
  human?: boolean;
}

function addListing(program: Command): void {
  verb(program, 'ls <place...>', 'List what is in directories, of images or of this computer.', { data: true, ports: true }, [
    'ls image.bin',
    'ls -lR chip.bin#vfs:/lib',
    'ls "card.img#1:/logs/*.csv"',
    'ls --board stm32 flash.bin',
    'ls -l :/                                   (the board on a port)',
  ])
    .option('-l, --long', 'sizes and times (UTC), and what is read-only (r) or hidden (h)')
    .option('-R, --recursive', 'everything below')
    .option('-a, --all', 'hidden ones too')
    .option('--human', 'sizes in kB and MB')
    .action(async (places: string[], options: LsFlags) => {
      const listings = await ls(places, { ...placeOptions(options), ...pick(options), times: !!options.long || !!options.json });
      if (options.json) return printJson(listings);
      listings.forEach((listing, i) => {
        const directory = listings.length > 1 && !(listing.entries.length === 1 && listing.entries[0].path === listing.place);
        if (directory) print(`${i ? '\n' : ''}${listing.place}:`);
        printListing(listing, options);
      });
    });

  verb(program, 'tree <place>', 'Show a directory and everything below it.', { data: true, ports: true }, [
    'tree image.bin',
    'tree -a chip.bin#vfs:/lib',
  ])
    .option('-a, --all', 'hidden ones too')
    .action(async (place: string, options: LsFlags) => {
      const [listing] = await ls([place], { ...placeOptions(options), recursive: true, all: !!options.all });
      if (options.json) return printJson(listing);
      print(listing.place);
      printTree(listing.entries);
    });

  verb(program, 'df <place...>', 'Tell how full volumes are.', { data: true, ports: true }, [
    'df image.bin',
    'df chip.bin#vfs card.img',
  ]).action(async (places: string[], options: Common) => {
    const volumes = await df(places, placeOptions(options));
    if (options.json) return printJson(volumes);
    const rows = volumes.map(({ place, format, size, used, free }) => [
      place,
      format,
      humanSize(size),
      humanSize(used),
      humanSize(free),
      `${Math.round((100 * used) / size)} %`,
    ]);
    for (const line of table([['place', 'format', 'size', 'used', 'free', 'full'], ...rows])) print(line);
  });
}

function pick({ all, recursive }: LsFlags): { all: boolean; recursive: boolean } {
  return { all: !!all, recursive: !!recursive };
}

function printListing({ entries }: Listing, { long, human }: LsFlags): void {
  const shown = (entry: Listed): string => entry.path + (entry.kind === 'directory' ? '/' : '');
  if (!long) {
    for (const entry of entries) print(shown(entry));
    return;
  }
  const rows = entries.map((entry) => [
    (entry.kind === 'directory' ? 'd' : '-') + (entry.readonly ? 'r' : '-') + (entry.hidden ? 'h' : '-'),
    human ? humanSize(entry.size).padStart(8) : entry.size,
    dateOf(entry.mtime),
    shown(entry),
  ]);
  for (const line of table(rows)) print(line);
}

function printTree(entries: Listed[]): void {
  const parts = entries.map((entry) => ({ entry, depth: entry.path.split('/').length }));
  /** Whether another one of the same directory follows. */
  const follows = (from: number, depth: number): boolean => {
    for (let i = from + 1; i < parts.length && parts[i].depth >= depth; i++) if (parts[i].depth === depth) return true;
    return false;
  };
  const lines: boolean[] = [];
  parts.forEach(({ entry, depth }, i) => {
    lines[depth] = follows(i, depth);
    let indent = '';
    for (let level = 1; level < depth; level++) indent += lines[level] ? '│   ' : '    ';
    print(`${indent}${lines[depth] ? '├── ' : '└── '}${entry.name}${entry.kind === 'directory' ? '/' : ''}`);
  });
  const of = (kind: string) => entries.filter((entry) => entry.kind === kind).length;
  print(`${count(of('directory'), 'directory', 'directories')}, ${count(of('file'), 'file')}`);
}

interface CopyFlags extends Common {
  recursive?: boolean;
  preserve?: boolean;
  force?: boolean;
}

function addCopying(program: Command): void {
  verb(program, 'cat <place...>', 'Print files.', { ports: true }, ['cat image.bin:/boot.js', 'cat "chip.bin#vfs:/logs/*.txt"']).action(
    async (places: string[], options: Common) => {
      await cat(places, placeOptions(options), async (piece) => {
        if (!process.stdout.write(piece.slice())) await new Promise((go) => process.stdout.once('drain', go));
      });
    },
  );

  verb(
    program,
    'cp <from...>',
    'Copy files and directories: from or to this computer, in or between images. The last place is where to.',
    { changes: true, tells: true, ports: true },
    [
      'cp boot.js lib/*.js image.bin:/',
      'cp -r www/ chip.bin#vfs:/www',
      'cp -rp card.img:/DCIM .',
      'cp a.img:/x.txt b.img:/y.txt',
      'cp --port /dev/ttyACM0 boot.js :/',
    ],
  )
    .usage('[options] <from...> <to>')
    .option('-r, --recursive', 'directories, with all that is in them')
    .option('-p, --preserve', 'keep times')
    .option('-f, --force', 'also over an image, or a part of one, as bytes')
    .action(async (places: string[], options: CopyFlags) => {
      const { from, to } = ends(places, 'cp');
      const flags = { recursive: !!options.recursive, preserve: !!options.preserve, force: !!options.force };
      const copied = await reporting(options, (report) => cp(from, to, { ...placeOptions(options), ...flags }, report));
      if (!options.quiet && copied.files + copied.directories > 1) print(`${count(copied.files, 'file')}, ${humanSize(copied.bytes)}`);
    });

  verb(
    program,
    'mv <from...>',
    'Move or rename files and directories. The last place is where to.',
    { changes: true, tells: true, ports: true },
    ['mv image.bin:/old.js image.bin:/new.js', 'mv image.bin:/log.txt .'],
  )
    .usage('[options] <from...> <to>')
    .option('-f, --force', 'also over an image, or a part of one, as bytes')
    .action(async (places: string[], options: CopyFlags) => {
      const { from, to } = ends(places, 'mv');
      await reporting(options, (report) => mv(from, to, { ...placeOptions(options), force: !!options.force }, report));
    });
}

function ends(places: string[], name: string): { from: string[]; to: string } {
  if (places.length < 2) throw new UsageError(`${name}: where to? microvfs ${name} FROM TO`);
  return { from: places.slice(0, -1), to: places[places.length - 1] };
}

/** Seconds since 1970 of `2024-05-01T12:00Z` or such a number. */
function time(text: string): number {
  const seconds = /^\d+$/.test(text) ? Number(text) : Math.floor(Date.parse(text) / 1000);
  if (!Number.isFinite(seconds)) throw new InvalidArgumentError('Give a date, as 2024-05-01T12:00Z, or seconds since 1970.');
  return seconds;
}

function addChanging(program: Command): void {
  verb(program, 'rm <place...>', 'Remove files.', { changes: true, ports: true }, ['rm image.bin:/old.js', 'rm -r "chip.bin#vfs:/logs/*"'])
    .option('-r, --recursive', 'directories, with all that is in them')
    .option('-f, --force', 'say nothing of what is not there')
    .action((places: string[], options: CopyFlags) =>
      rm(places, { ...placeOptions(options), recursive: !!options.recursive, force: !!options.force }),
    );

  verb(program, 'mkdir <place...>', 'Make directories.', { changes: true, ports: true }, ['mkdir -p image.bin:/lib/drivers'])
    .option('-p, --parents', 'what is missing above it too')
    .action((places: string[], options: Common & { parents?: boolean }) =>
      mkdir(places, { ...placeOptions(options), parents: !!options.parents }),
    );

  verb(program, 'rmdir <place...>', 'Remove empty directories.', { changes: true, ports: true }, ['rmdir image.bin:/empty']).action(
    (places: string[], options: Common) => rmdir(places, placeOptions(options)),
  );

  verb(program, 'touch <place...>', 'Set the time of files, and make those that are not there.', { changes: true, ports: true }, [
    'touch image.bin:/flag',
    'touch --time 2024-05-01T12:00Z card.img:/a.txt',
  ])
    .option('--time <time>', 'a date, as 2024-05-01T12:00Z, or seconds since 1970 (default: now)', time)
    .action((places: string[], options: Common & { time?: number }) =>
      touch(places, { ...placeOptions(options), ...(options.time !== undefined && { time: options.time }) }),
    );

  verb(
    program,
    'edit <place>',
    'Edit a file with $VISUAL or $EDITOR, and put it back if it has changed.',
    { changes: true, tells: true, ports: true },
    ['edit image.bin:/boot.js', 'EDITOR=nano microvfs edit chip.bin#vfs:/main.js'],
  ).action(async (place: string, options: Common) => {
    const changed = await edit(place, placeOptions(options), ({ name, content }) => withEditor(name, content));
    if (!options.quiet) console.error(colors.dim(changed ? `${place}: written` : `${place}: not changed`));
  });
}

function withEditor(name: string, content: Uint8Array): Uint8Array {
  const editor = process.env.VISUAL || process.env.EDITOR;
  if (!editor) throw new UsageError('no editor: set EDITOR, as EDITOR=nano');
  const folder = mkdtempSync(join(tmpdir(), 'microvfs-'));
  const file = join(folder, name || 'file');
  try {
    writeFileSync(file, content);
    // The variable may hold options too, as the shell takes it.
    const { status, error } = spawnSync(`${editor} "${file}"`, { stdio: 'inherit', shell: true });
    if (status !== 0) throw new UsageError(`${editor} ended with ${error?.message ?? status}: the file is left as it was`);
    return readFileSync(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function addFileCommands(program: Command): void {
  addListing(program);
  addCopying(program);
  addChanging(program);
}
