/** `npm run man` writes the manual page, made of what the commands say of themselves. */
import { writeFileSync } from 'node:fs';
import type { Command, Help } from 'commander';
import { makeProgram } from './commands/program';
import { packagePath } from './dist';

export const MAN_PAGE = 'docs/microvfs.1';

/** Text in the language of the page: what would be a command or another character is escaped. */
function roff(text: string): string {
  return text
    .replace(/\\/g, '\\e')
    .replace(/-/g, '\\-')
    .replace(/^([.'])/gm, '\\&$1');
}

/** What `addHelpText` has added: examples and exit codes. */
function afterHelp(command: Command): string {
  let text = '';
  const context = { error: false, command, write: (part: string) => (text += part) };
  // The texts hang on an event.
  (command as unknown as NodeJS.EventEmitter).emit('afterHelp', context);
  return text.trim();
}

function section(command: Command, help: Help, name: string): string[] {
  const lines = [`.SS "${roff(`${name} ${command.usage()}`)}"`, roff(command.description())];
  for (const option of help.visibleOptions(command))
    lines.push('.TP', `.B ${roff(help.optionTerm(option))}`, roff(help.optionDescription(option)));
  const after = afterHelp(command);
  if (after) lines.push('.PP', '.nf', roff(after), '.fi');
  for (const below of help.visibleCommands(command))
    if (below.name() !== 'help') lines.push(...section(below, help, `${name} ${below.name()}`));
  return lines;
}

export function manPage(): string {
  const program = makeProgram(() => {});
  const help = program.createHelp();
  const lines = [
    '.TH MICROVFS 1 "" "microvfs" "User Commands"',
    '.SH NAME',
    'microvfs \\- files in images, chips and cards of microcontrollers',
    '.SH SYNOPSIS',
    '.B microvfs',
    '.I command',
    '[options] [place...]',
    '.SH DESCRIPTION',
    roff(program.description()),
    '.PP',
    '.nf',
    roff(afterHelp(program)),
    '.fi',
    '.SH COMMANDS',
  ];
  for (const command of help.visibleCommands(program)) if (command.name() !== 'help') lines.push(...section(command, help, command.name()));
  lines.push(
    '.SH ENVIRONMENT',
    '.TP',
    '.B NO_COLOR',
    'Nothing is coloured.',
    '.TP',
    '.B SOURCE_DATE_EPOCH',
    'Seconds since 1970: nothing in a volume that is made gets a later time.',
    '.TP',
    '.B VISUAL, EDITOR',
    'The editor of microvfs edit.',
    '.SH SEE ALSO',
    'docs/cli.md in the package',
    '',
  );
  return lines.join('\n');
}

if (process.argv[1]?.endsWith('man.ts')) writeFileSync(packagePath(MAN_PAGE), manPage());
