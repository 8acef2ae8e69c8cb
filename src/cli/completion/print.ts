import { quoteWord } from "../../contract/shell.ts";
import type { CompletedCommand, CompletedFlag } from "./model.ts";

type Print = (commands: readonly CompletedCommand[], general: readonly CompletedFlag[]) => string;

/** Where nothing is offered, readline completes files, and quotes what is odd in their names. */
export const printBash: Print = (commands, general) => {
  const names = commands.map(({ name }) => name);
  const root = { name: "", flags: general, words: names };
  const all = [...commands, root];
  const values = all.flatMap(({ name, flags }) =>
    flags.flatMap(({ long, values: choices }) => (choices ? [caseOf(`${name} ${long}`, choices)] : [])),
  );
  const taking = all.flatMap(({ name, flags }) =>
    flags.filter(({ takesValue, values: choices }) => takesValue && !choices).map(({ long }) => `'${name} ${long}'`),
  );
  return `# bash completion for fluxlift: source <(fluxlift completion bash)
_fluxlift() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} command='' words='' i
  # --flag=value arrives as three words.
  if [[ $cur == = ]]; then
    cur=''
  elif [[ $prev == = ]]; then
    prev=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in
    ${names.join(" | ")})
      command=\${COMP_WORDS[i]}
      break
      ;;
    esac
  done
  COMPREPLY=()
  case "$command $prev" in
${[...new Set(values)].join("\n")}
  ${taking.join(" | ")}) return ;;
  *)
    case "$command $cur" in
${all.map(({ name, flags }) => `    '${name} '-*) words=${quoteWord(spell(flags).join(" "))} ;;`).join("\n")}
${all.flatMap(({ name, words }) => (words ? [`    '${name} '*) words=${quoteWord(words.join(" "))} ;;`] : [])).join("\n")}
    esac
    ;;
  esac
  # No word holds a blank or a pattern.
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _fluxlift fluxlift
`;
};

function caseOf(pattern: string, values: readonly string[]): string {
  return `  '${pattern}') words=${quoteWord(values.join(" "))} ;;`;
}

function spell(flags: readonly CompletedFlag[]): string[] {
  return flags.flatMap(({ long, short }) => [long, ...(short ? [short] : [])]);
}

export const printZsh: Print = (commands, general) => `#compdef fluxlift
# zsh completion for fluxlift: fluxlift completion zsh > a file _fluxlift in a folder of $fpath, or source <(fluxlift completion zsh)
_fluxlift() {
  local curcontext=$curcontext state line
  local -a commands=(
${commands.map(({ name, summary }) => `    ${quoteWord(`${name}:${summary.replaceAll(":", "\\:")}`)}`).join("\n")}
  )
  _arguments -C \\
${zshFlags(general, "    ")}    '1: :->command' \\
    '*:: :->rest'
  case $state in
  command)
    _describe -t commands command commands
    _files -/
    ;;
  rest)
    case $words[1] in
${commands
  .map(
    ({ name, flags, words }) => `    ${name})
      _arguments \\
${zshFlags(flags, "        ")}        ${words ? `'*: :(${words.join(" ")})'` : "'*: :_files'"}
      ;;`,
  )
  .join("\n")}
    esac
    ;;
  esac
}
if [[ $funcstack[1] == _fluxlift ]]; then
  _fluxlift "$@"
else
  compdef _fluxlift fluxlift
fi
`;

/** Whole lines: an empty one would end the command that they are words of. */
function zshFlags(flags: readonly CompletedFlag[], indent: string): string {
  const lines = flags.flatMap(({ long, short, says, takesValue, values }) => {
    const text = says.replace(/[\\[\]:]/g, "\\$&");
    const value = takesValue ? `: :${values ? `(${values.join(" ")})` : "_files"}` : "";
    return [long, ...(short ? [short] : [])].map((name) => {
      const takes = takesValue ? (name.startsWith("--") ? "=" : "+") : "";
      return `${indent}${quoteWord(`*${name}${takes}[${text}]${value}`)} \\\n`;
    });
  });
  return lines.join("");
}

export const printFish: Print = (commands, general) => {
  // A file after --config is no command, which __fish_use_subcommand would take it for.
  const outside = `not __fish_seen_subcommand_from ${commands.map(({ name }) => name).join(" ")}`;
  const flag = (condition: string, { long, short, says, takesValue, values }: CompletedFlag) =>
    [
      `complete -c fluxlift -n ${fishWord(condition)} -l ${long.slice(2)}`,
      ...(short ? [`-s ${short.slice(1)}`] : []),
      ...(takesValue ? [values ? `-x -a ${fishWord(values.join(" "))}` : "-r -F"] : []),
      `-d ${fishWord(says)}`,
    ].join(" ");
  return [
    "# fish completion for fluxlift: fluxlift completion fish > ~/.config/fish/completions/fluxlift.fish",
    ...general.map((one) => flag(outside, one)),
    ...commands.flatMap(({ name, summary, flags, words }) => {
      const inside = `__fish_seen_subcommand_from ${name}`;
      return [
        `complete -c fluxlift -n ${fishWord(outside)} -a ${name} -d ${fishWord(summary)}`,
        ...flags.map((one) => flag(inside, one)),
        ...(words ? [`complete -c fluxlift -n ${fishWord(inside)} -x -a ${fishWord(words.join(" "))}`] : []),
      ];
    }),
    "",
  ].join("\n");
};

/** In single quotes fish reads backslash and quote only. */
function fishWord(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}
