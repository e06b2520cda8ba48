/** Completion for shells, made of the commands themselves. */
import { Argument, type Command } from 'commander';
import { UsageError } from '../usage';

const SHELLS = ['bash', 'zsh', 'fish'];

/** A command as completion wants it. */
interface Known {
  /** `romfs build` is two. */
  words: string[];
  description: string;
  options: { long: string; short: string; description: string; choices: string[]; takes: boolean }[];
  commands: string[];
}

/** All commands, those below others too. */
export function known(program: Command, words: string[] = []): Known[] {
  const hidden = (command: Command): boolean => (command as unknown as { _hidden: boolean })._hidden;
  const commands = program.commands.filter((command) => !hidden(command));
  const options = program.options
    .filter((option) => !option.hidden && option.long)
    .map((option) => ({
      long: option.long as string,
      short: option.short ?? '',
      description: option.description,
      choices: option.argChoices ?? [],
      takes: option.required || option.optional,
    }));
  options.push({ long: '--help', short: '-h', description: 'display help', choices: [], takes: false });
  const self = { words, description: program.description(), options, commands: commands.map((command) => command.name()) };
  return [self, ...commands.flatMap((command) => known(command, [...words, command.name()]))];
}

function bash(program: Command): string {
  const cases = known(program).map(({ words, options, commands }) => {
    const all = [...commands, ...options.flatMap(({ long, short }) => (short ? [long, short] : [long]))];
    return `    '${words.join(' ')}') all='${all.join(' ')}' ;;`;
  });
  const choices = known(program).flatMap(({ words, options }) =>
    options
      .filter((option) => option.choices.length)
      .map(({ long, choices }) => `    '${[...words, long].join(' ')}') choices='${choices.join(' ')}' ;;`),
  );
  return `# Completion of microvfs for bash: eval "$(microvfs completion bash)"
_microvfs() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" command='' all='' choices='' i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "\${COMP_WORDS[i]}" in
      -*) ;;
      *) [ -z "$command" ] && command="\${COMP_WORDS[i]}" || { [ "$command" = romfs ] && command="romfs \${COMP_WORDS[i]}"; } ;;
    esac
  done
  case "$command $before" in
${choices.join('\n')}
  esac
  if [ -n "$choices" ]; then COMPREPLY=($(compgen -W "$choices" -- "$word")); return; fi
  case "$command" in
${cases.join('\n')}
  esac
  case "$word" in
    -*) COMPREPLY=($(compgen -W "$all" -- "$word")) ;;
    *)
      if [ -z "$command" ] || [ "$command" = romfs ]; then COMPREPLY=($(compgen -W "$all" -- "$word"))
      else COMPREPLY=($(compgen -f -- "$word")); fi ;;
  esac
}
complete -o filenames -F _microvfs microvfs
`;
}

/** Within single quotes of a shell. */
const quote = (text: string): string => `'${text.replace(/'/g, `'\\''`)}'`;

function zsh(program: Command): string {
  const [top, ...others] = known(program);
  const plain = (text: string): string => text.replace(/[[\]:]/g, (char) => `\\${char}`);
  const cases = others
    .filter(({ words }) => words.length === 1)
    .map(({ words: [name], options, commands }) => {
      const specs = options.map(({ long, description, choices, takes }) =>
        quote(`${long}[${plain(description)}]${takes ? `:value:${choices.length ? `(${choices.join(' ')})` : '_files'}` : ''}`),
      );
      const rest = commands.length ? quote(`1:command:(${commands.join(' ')})`) : `'*:place:_files'`;
      return `    ${name}) _arguments ${[...specs, rest, ...(commands.length ? [`'*:place:_files'`] : [])].join(' ')} ;;`;
    });
  const list = others.filter(({ words }) => words.length === 1).map(({ words, description }) => quote(`${words[0]}:${description}`));
  return `#compdef microvfs
# Completion of microvfs for zsh: microvfs completion zsh > "\${fpath[1]}/_microvfs"
_microvfs() {
  local -a commands
  commands=(${list.join('\n    ')})
  if (( CURRENT == 2 )); then
    _describe command commands
    _arguments ${top.options.map(({ long, description }) => quote(`${long}[${plain(description)}]`)).join(' ')}
    return
  fi
  shift words; (( CURRENT-- ))
  case "$words[1]" in
${cases.join('\n')}
  esac
}
# As a file of fpath this is the function itself; else it is made known.
if [ "$funcstack[1]" = _microvfs ]; then _microvfs "$@"; else compdef _microvfs microvfs; fi
`;
}

function fish(program: Command): string {
  const lines = ['# Completion of microvfs for fish: microvfs completion fish > ~/.config/fish/completions/microvfs.fish'];
  for (const { words, description, options } of known(program)) {
    const seen = words.map((word) => `__fish_seen_subcommand_from ${word}`).join('; and ');
    if (words.length) {
      const when = words.length > 1 ? `__fish_seen_subcommand_from ${words[0]}` : '__fish_use_subcommand';
      lines.push(`complete -c microvfs -n ${quote(when)} -f -a ${words[words.length - 1]} -d ${quote(description)}`);
    }
    for (const { long, short, description: text, choices, takes } of options) {
      const when = seen ? ` -n ${quote(seen)}` : '';
      const letter = short ? ` -s ${short.slice(1)}` : '';
      lines.push(
        `complete -c microvfs${when} -l ${long.slice(2)}${letter}${takes ? ' -r' : ''}${choices.length ? ` -f -a ${quote(choices.join(' '))}` : ''} -d ${quote(text)}`,
      );
    }
  }
  return lines.join('\n') + '\n';
}

/** The script for a shell. @throws UsageError for another shell */
export function completionScript(program: Command, shell: string): string {
  const make = { bash, zsh, fish }[shell];
  if (!make) throw new UsageError(`${shell}: completion is there for ${SHELLS.join(', ')}`);
  return make(program);
}

export function addCompletion(program: Command): void {
  program
    .command('completion')
    .description('Print the completion of commands and options for a shell.')
    .addArgument(new Argument('<shell>', 'bash, zsh or fish').choices(SHELLS))
    .addHelpText(
      'after',
      `
Examples:
  eval "$(microvfs completion bash)"                       (in ~/.bashrc)
  microvfs completion zsh > "\${fpath[1]}/_microvfs"
  microvfs completion fish > ~/.config/fish/completions/microvfs.fish`,
    )
    .action((shell: string) => {
      process.stdout.write(completionScript(program, shell));
    });
}
