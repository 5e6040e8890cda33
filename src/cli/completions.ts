import type { Command, OptionSpec } from './command.ts';
import { commands } from './command-table.ts';
import { globalOptions } from './options.ts';

/** Completion scripts made from the command table, by shell. */
export const completionScripts: Readonly<Record<string, () => string>> = { bash, zsh, fish };

const firstWords = [...new Set(commands.map(({ name }) => name.split(' ')[0]!))];
const shells = Object.keys(completionScripts);
/** Options whose value is a file. */
const files = [...globalOptions, ...commands.flatMap(({ options }) => options)]
  .filter(({ value }) => value === 'FILE')
  .map(({ name }) => name);

/** Second words of `limits` and `prices`, shells of `completions`, commands of `help`. */
function secondWords(first: string): readonly string[] {
  if (first === 'completions') return shells;
  if (first === 'help') return firstWords;
  return commands.flatMap(({ name }) => (name.startsWith(`${first} `) ? [name.slice(first.length + 1)] : []));
}

function optionsOf(command: Command): readonly OptionSpec[] {
  return [...command.options, ...globalOptions];
}

function bash(): string {
  const options = commands.map(
    (command) => `    '${command.name}') words='${flags(optionsOf(command)).join(' ')}' ;;`,
  );
  const choices = [
    ...globalOptions.map((option) => ({ option, where: '*' })),
    ...commands.flatMap(({ name, options }) =>
      options.map((option) => ({ option, where: name.includes(' ') ? `'${name}'` : `'${name} '*` })),
    ),
  ].flatMap(({ option: { name, choices: values }, where }) => {
    const reply = `COMPREPLY=($(compgen -W '${values?.join(' ')}' -- "$word")); return ;;`;
    return values === undefined ? [] : [`    ${where}' --${name}') ${reply}`];
  });
  const seconds = firstWords
    .filter((first) => secondWords(first).length > 0)
    .map((first) => `    ${first}) words="$words ${secondWords(first).join(' ')}" ;;`);
  return `# bash completion for nanocent; load it with: eval "$(nanocent completions bash)"
_nanocent() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} first='' second='' at words
  for ((at = 1; at < COMP_CWORD; at++)); do
    case \${COMP_WORDS[at - 1]} in ${takingValues()}) continue ;; esac
    case \${COMP_WORDS[at]} in
      -*) ;;
      *) if [[ -z $first ]]; then first=\${COMP_WORDS[at]}; elif [[ -z $second ]]; then second=\${COMP_WORDS[at]}; fi ;;
    esac
  done
  case "$first $second $before" in
${choices.join('\n')}
  esac
  case $before in
    ${files.map((name) => `--${name}`).join('|')}) COMPREPLY=($(compgen -f -- "$word")); return ;;
  esac
  if [[ -z $first ]]; then
    COMPREPLY=($(compgen -W '${firstWords.join(' ')} ${flags(globalOptions).join(' ')}' -- "$word"))
    return
  fi
  words='${flags(globalOptions).join(' ')}'
  case "$first \${second}" in
${commands
  .filter(({ name }) => name.includes(' '))
  .map((command) => `    '${command.name}') words='${flags(optionsOf(command)).join(' ')}' ;;`)
  .join('\n')}
  esac
  case $first in
${options.filter((line) => !/'\w+ \w+'\)/.test(line)).join('\n')}
  esac
  if [[ -z $second ]]; then case $first in
${seconds.join('\n')}
  esac; fi
  COMPREPLY=($(compgen -W "$words" -- "$word"))
  [[ -z $word || $word == -* ]] || COMPREPLY+=($(compgen -f -- "$word"))
}
complete -F _nanocent nanocent
`;
}

function zsh(): string {
  const described = (pairs: readonly (readonly [string, string])[]) =>
    pairs.map(([name, about]) => `'${escaped(name)}:${escaped(about)}'`).join(' ');
  const cases = commands.map((command) => {
    const specs = optionsOf(command).map((option) => {
      const value = option.value === undefined ? '' : `:${option.value}:${valuesFor(option)}`;
      return `'--${option.name}[${escaped(option.about)}]${value}'`;
    });
    return `    '${command.name}') _arguments -S ${specs.join(' ')} '*:file:_files' ;;`;
  });
  const families = firstWords
    .filter((first) => secondWords(first).length > 0)
    .map((first) => `    ${first}) compadd -- ${secondWords(first).join(' ')} ;;`);
  const heads = firstWords.map((first) => [first, aboutFirst(first)] as const);
  return `#compdef nanocent
# zsh completion for nanocent; load it with: eval "$(nanocent completions zsh)"
_nanocent() {
  local name
  if (( CURRENT == 2 )); then
    local -a words=(${described(heads)})
    _describe command words
    return
  fi
  name=$words[2]
  if (( CURRENT == 3 )); then case $name in
${families.join('\n')}
  esac; fi
  case $name in ${families.map((line) => line.trim().split(')')[0]).join('|')}) name="$name $words[3]" ;; esac
  case $name in
${cases.join('\n')}
  esac
}
compdef _nanocent nanocent
`;
}

function fish(): string {
  const lines = [
    '# fish completion for nanocent; load it with: nanocent completions fish | source',
    'complete -c nanocent -f',
    ...firstWords.map(
      (first) =>
        `complete -c nanocent -n __fish_use_subcommand -a ${first} -d '${escaped(aboutFirst(first))}'`,
    ),
    ...firstWords.flatMap((first) =>
      secondWords(first).map(
        (second) => `complete -c nanocent -n '__fish_seen_subcommand_from ${first}' -a ${second}`,
      ),
    ),
    ...globalOptions.map((option) => fishOption(option, '')),
    ...commands.flatMap((command) => {
      const seen = command.name.split(' ').map((word) => `__fish_seen_subcommand_from ${word}`);
      return command.options.map((option) => fishOption(option, `-n '${seen.join('; and ')}' `));
    }),
  ];
  return `${lines.join('\n')}\n`;
}

function fishOption(option: OptionSpec, condition: string): string {
  const short = option.short === undefined ? '' : ` -s ${option.short}`;
  const words = files.includes(option.name) ? ' -r -F' : ' -x';
  const choices = option.choices ? ` -a '${option.choices.join(' ')}'` : '';
  const value = option.value === undefined ? '' : `${words}${choices}`;
  return `complete -c nanocent ${condition}-l ${option.name}${short}${value} -d '${escaped(option.about)}'`;
}

function flags(options: readonly OptionSpec[]): string[] {
  return options.map(({ name }) => `--${name}`);
}

/** Options whose value is the word after them, as a shell pattern. */
function takingValues(): string {
  const options = [...globalOptions, ...commands.flatMap((command) => command.options)];
  const names = options.filter(({ value }) => value !== undefined).map(({ name }) => `--${name}`);
  return [...new Set(names)].join('|');
}

function valuesFor(option: OptionSpec): string {
  if (option.choices) return `(${option.choices.join(' ')})`;
  return option.value === 'FILE' ? '_files' : '';
}

function aboutFirst(first: string): string {
  const own = commands.find(({ name }) => name === first);
  if (own) return own.about;
  return `${first}: ${secondWords(first).join(', ')}`;
}

/** Fit for single quotes and for the brackets and colons that completion functions read. */
function escaped(text: string): string {
  return text.replaceAll("'", '’').replace(/[[\]:]/g, (character) => `\\${character}`);
}
