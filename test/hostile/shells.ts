import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll } from "vitest";
import { makeTempDir } from "../support/repo.ts";

export const SHELLS = ["bash", "dash"].filter((shell) => spawnSync(shell, ["-c", ":"]).status === 0);

const PROGRAMS = "kubectl flux helm helmfile sops yq terraform git fluxlift jq age sleep curl".split(" ");

let programs: string | undefined;

afterAll(() => {
  if (programs) rmSync(programs, { recursive: true });
  programs = undefined;
});

/** Notes the arguments below HOME and answers as if everything were there. */
function answerOf(name: string): string {
  // What fluxlift prints may be a script that the next line runs.
  return `printf '%s\\0' "$#" "$@" >>"$HOME/calls"; echo ${name === "fluxlift" ? ":" : "found"}`;
}

/** Functions start no process. `xargs` and the like see the programs alone. */
const FUNCTIONS = PROGRAMS.map((name) => `${name}() { ${answerOf(name)}; }\n`).join("");

/** A folder of such programs. */
function makePrograms(): string {
  const folder = mkdtempSync(join(tmpdir(), "fluxlift-programs-"));
  for (const name of PROGRAMS) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${answerOf(name)}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}

/**
 * Runs a script beside such programs.
 * @returns each argument that one of them was given; the files called MARK that something made; what was said
 */
export function runScript(shell: string, script: string) {
  const root = makeTempDir();
  const cwd = join(root, "work");
  mkdirSync(cwd);
  writeFileSync(join(root, "calls"), "");
  writeFileSync(join(root, "script"), FUNCTIONS + script);
  programs ??= makePrograms();
  const env = { PATH: `${programs}:${process.env.PATH}`, HOME: root };
  const { stderr } = spawnSync(shell, [join(root, "script")], { cwd, env, encoding: "utf8", timeout: 20_000 });
  const words = readFileSync(join(root, "calls"), "utf8").split("\0");
  const files = readdirSync(root, { recursive: true, encoding: "utf8" });
  return { words, made: files.filter((path) => basename(path).startsWith("MARK")).join("\n"), stderr };
}

/** Names of folders that are no more than that, and that a careless writer would have a shell read. */
export const FOLDERS = [
  ...[
    "a $(touch MARK) b",
    "a`touch MARK`",
    "a;touch MARK",
    "a' ; touch MARK ; '",
    'a" ; touch MARK ; "',
    "$HOME",
    "a b",
  ],
  ...["-n", "--help", "$[x]", "$(id)", "*", "~", "#a", "!", "::set-output name=x::y", "{{ .x }}", "&", "%b"],
];
