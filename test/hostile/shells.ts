import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeTempDir } from "../support/repo.ts";

export const SHELLS = ["bash", "dash"].filter((shell) => spawnSync(shell, ["-c", ":"]).status === 0);

const PROGRAMS = "kubectl flux helm helmfile sops yq terraform git fluxlift jq age sleep curl".split(" ");

/**
 * Runs a script beside programs that note their arguments and answer as if everything were there.
 * @returns each argument that one of them was given; the files called MARK that something made; what was said
 */
export function runScript(shell: string, script: string) {
  const root = makeTempDir();
  for (const dir of ["bin", "work"]) mkdirSync(join(root, dir));
  // What fluxlift prints may be a script that the next line runs.
  const stubOf = (name: string) =>
    `#!/bin/sh\nprintf '%s\\0' "$#" "$@" >> '${root}/calls'\necho ${name === "fluxlift" ? ":" : "found"}\n`;
  for (const name of PROGRAMS) {
    writeFileSync(join(root, "bin", name), stubOf(name));
    chmodSync(join(root, "bin", name), 0o755);
  }
  writeFileSync(join(root, "calls"), "");
  writeFileSync(join(root, "script"), script);
  const env = { PATH: `${join(root, "bin")}:${process.env.PATH}`, HOME: root };
  const cwd = join(root, "work");
  const { stderr } = spawnSync(shell, [join(root, "script")], { cwd, env, encoding: "utf8", timeout: 20_000 });
  const words = readFileSync(join(root, "calls"), "utf8").split("\0");
  return { words, made: spawnSync("find", [root, "-name", "MARK*"], { encoding: "utf8" }).stdout, stderr };
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
