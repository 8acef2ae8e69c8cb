import { spawnSync } from "node:child_process";
import { beforeAll, describe, expect, test } from "vitest";
import { BUNDLE } from "../hostile/support.ts";
import { runCli } from "../support/run-cli.ts";

function script(shell: string): string {
  return spawnSync(process.execPath, [BUNDLE, "completion", shell], { encoding: "utf8" }).stdout;
}

describe.skipIf(process.platform === "win32")("completion in bash", () => {
  let source = "";
  beforeAll(() => {
    source = script("bash");
  });

  /** What the shell offers for the last of these words. */
  function complete(...words: string[]): string[] {
    const ask = `${source}
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_fluxlift
printf '%s\\n' "\${COMPREPLY[@]}"`;
    const done = spawnSync("bash", ["--norc", "-c", ask, "bash", ...words], { encoding: "utf8" });
    expect(done.stderr).toBe("");
    return done.stdout.split("\n").filter((line) => line !== "");
  }

  test("commands, flags, their values, and what an argument can be", () => {
    expect(complete("fluxlift", "mi")).toEqual(["migrate"]);
    expect(complete("fluxlift", "")).toContain("completion");
    expect(complete("fluxlift", "plan", "--ph")).toEqual(["--phase"]);
    expect(complete("fluxlift", "plan", "--phase", "cu")).toEqual(["cutover"]);
    expect(complete("fluxlift", "plan", "--phase", "=", "cl")).toEqual(["cleanup"]);
    expect(complete("fluxlift", "migrate", "--yes", "--sync", "")).toEqual(["adopt", "rename", "keep"]);
    expect(complete("fluxlift", "oci", "--phase", "s")).toEqual(["switch"]);
    expect(complete("fluxlift", "explain", "wanted")).toEqual(["wanted-may-go"]);
    expect(complete("fluxlift", "help", "und")).toEqual(["undo"]);
  });

  test("nothing where files go, which the shell completes by itself, and nothing that was typed runs", () => {
    expect(complete("fluxlift", "plan", "--facts", "f")).toEqual([]);
    expect(complete("fluxlift", "scan", "kub")).toEqual([]);
    expect(complete("fluxlift", "plan", "$(touch owned >&2; echo x >&2)")).toEqual([]);
    expect(complete("fluxlift", "`echo x >&2`", "--cluster", "'; echo x >&2; '")).toEqual([]);
    expect(source).toContain("complete -o default -F _fluxlift fluxlift\n");
  });

  test("bash takes the script without a warning", () => {
    expect(spawnSync("bash", ["-n"], { input: source, encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
  });
});

test("zsh and fish get every command and flag, quoted", () => {
  const [zsh, fish] = [script("zsh"), script("fish")];
  expect(zsh).toMatch(/^#compdef fluxlift\n/);
  expect(zsh).toContain(
    "'*--phase=[which step of the migration; install where none is named]: :(install cutover cleanup all)'",
  );
  expect(zsh).toContain("'*--facts=[what preflight.sh measured on the live cluster, as JSON]: :_files'");
  // A quote in a sentence ends no word.
  expect(zsh).toContain(`'\\''Kind namespace/name'\\''`);
  expect(fish).toContain("-n '__fish_seen_subcommand_from plan' -l phase -x -a 'install cutover cleanup all' -d ");
  expect(fish).toContain("-l facts -r -F -d ");
  expect(fish).toContain("\\'Kind namespace/name\\'");
  // A line that ends in nothing would end the command, and the next one be run.
  expect(zsh).not.toMatch(/\\\n\s*\n/);
  for (const name of ["scan", "migrate", "verify", "completion"]) {
    expect(zsh).toContain(`    ${name})\n`);
    expect(fish).toMatch(new RegExp(`-n 'not __fish_seen_subcommand_from scan .*' -a ${name} -d `));
  }
});

test("another shell is refused with those there are", async () => {
  const run = await runCli(["completion", "tcsh"]);
  expect(run.code).toBe(2);
  expect(run.err).toContain("There is: bash, zsh, fish.");
});
