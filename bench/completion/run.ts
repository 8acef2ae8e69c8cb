// Presses TAB in real shells: npm run completion. Those that are not installed are left out, and said.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const BIN = resolve(import.meta.dirname, "../../dist/fluxlift.js");
const ZSH_TAB = join(import.meta.dirname, "zsh-tab.zsh");

/** A line, a word that has to be offered, or completed, and one that must not be. */
const CASES: readonly (readonly [line: string, has: string, hasNot?: string])[] = [
  ["fluxlift mi", "migrate", "verify"],
  ["fluxlift plan --ph", "--phase", "--only"],
  ["fluxlift plan --phase ", "cutover", "switch"],
  ["fluxlift oci --phase s", "switch", "cutover"],
  ["fluxlift plan --phase=cu", "cutover", "cleanup"],
  ["fluxlift migrate --yes --sync ", "rename"],
  ["fluxlift explain wanted", "wanted-may-go"],
  ["fluxlift help un", "undo"],
  ["fluxlift completion f", "fish"],
  ["fluxlift plan --facts my", "my.json"],
  ["fluxlift scan su", "sub/"],
  ["fluxlift apply my", "my.json"],
  ["fluxlift --config my.json pl", "plan"],
];

type Ask = (script: string, line: string, cwd: string) => string;

/** How each shell is asked; the answer is everything that it says. */
const SHELLS: Readonly<Record<string, Ask>> = {
  bash: (script, line, cwd) => {
    // Readline hands `=` over as a word of its own; where nothing is offered it completes files by itself.
    const words = line.split(/(=)| /).filter((word) => word !== undefined);
    const ask = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _fluxlift
printf '%s\\n' "\${COMPREPLY[@]}"; [[ \${#COMPREPLY[@]} -gt 0 ]] || compgen -f -- "\${!#}" | while read -r f; do [[ -d $f ]] && echo "$f/" || echo "$f"; done`;
    return run("bash", ["--norc", "-c", ask, "bash", script, ...words], cwd);
  },
  zsh: (script, line, cwd) => run("zsh", ["-f", ZSH_TAB, script, line], cwd),
  fish: (script, line, cwd) =>
    run("fish", ["--no-config", "-c", "source $argv[1]; complete -C $argv[2]", script, line], cwd),
};

function run(shell: string, args: readonly string[], cwd: string): string {
  const { stdout, stderr } = spawnSync(shell, args, { cwd, encoding: "utf8", timeout: 30_000 });
  return `${stdout}${stderr}`;
}

const folder = mkdtempSync(join(tmpdir(), "fluxlift-completion-"));
let failed = 0;
try {
  writeFileSync(join(folder, "my.json"), "{}\n");
  mkdirSync(join(folder, "sub"));
  for (const [shell, ask] of Object.entries(SHELLS)) {
    if (spawnSync(shell, ["-c", "exit"]).error) {
      console.log(`- ${shell} is not installed`);
      continue;
    }
    const script = join(folder, `.completion.${shell}`);
    writeFileSync(script, spawnSync(process.execPath, [BIN, "completion", shell], { encoding: "utf8" }).stdout);
    const wrong = CASES.flatMap(([line, has, hasNot]) => {
      const said = ask(script, line, folder);
      const isRight = said.includes(has) && !(hasNot && said.includes(hasNot)) && !/not found|error/i.test(said);
      return isRight ? [] : [`    ${JSON.stringify(line)} offers ${JSON.stringify(said.slice(0, 300))}, not ${has}`];
    });
    failed += wrong.length;
    console.log(
      [`${wrong.length > 0 ? "✗" : "✔"} ${shell}: ${CASES.length - wrong.length} of ${CASES.length}`, ...wrong].join(
        "\n",
      ),
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = failed > 0 ? 1 : 0;
