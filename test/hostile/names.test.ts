import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isBranchName, isNamespaceName, isObjectName } from "../../src/contract/names.ts";
import { operand, quoted, quotedLines, sh } from "../../src/contract/shell.ts";
import { forPeople, hasHidden, spellHidden, visible } from "../../src/contract/visible.ts";
import { readYaml } from "../../src/yaml/read.ts";
import { findRefused, type PublishJob } from "../../transforms/publish-workflow/job.ts";
import { writeJob } from "../../transforms/publish-workflow/write.ts";
import { memoryTree } from "../support/memory.ts";
import { makeTempDir } from "../support/repo.ts";
import { startShell } from "../support/shell.ts";
import { hostileText, hostileTexts } from "./names.ts";

const SHELLS = ["bash", "dash"] as const;
const shells = SHELLS.filter((shell) => spawnSync(shell, ["-c", ":"]).status === 0);

/** Programs that note their arguments and do nothing. */
const STUBS = [
  "flux",
  "kubectl",
  "helm",
  "yq",
  "sops",
  "helmfile",
  "terraform",
  "cosign",
  "wget",
  "chmod",
  "git",
  "sed",
  "grep",
];

const PATH = { PATH: process.env.PATH ?? "" };
let starter: ReturnType<typeof startShell>;

/** Runs a program that gets these variables and PATH. */
function start(cwd: string, [program = "", ...args]: string[], env: Record<string, string> = {}) {
  starter ??= startShell(PATH);
  if (starter) {
    const { status, stderr } = starter(cwd, [program, ...args], { more: env });
    return { status, stderr: stderr.toString() };
  }
  return spawnSync(program, args, { cwd, env: { ...PATH, ...env }, encoding: "utf8" });
}

/** Runs a script in an empty folder; what each stub was called with, and whether something made a file. */
function run(shell: string, script: string, env: Record<string, string> = {}) {
  const root = makeTempDir();
  const calls = join(root, "calls");
  const stubs = STUBS.map((name) => `${name}() { note ${name} "$@"; }`);
  // `test` is one of the commands that get a name.
  const note = `note() { printf '%s\\0' "$#" "$@" >&9; }\ntest() { note test "$@"; }`;
  const cwd = join(root, "work");
  mkdirSync(cwd);
  writeFileSync(join(root, "script"), `exec 9>'${calls}'\n${note}\n${stubs.join("\n")}\n${script}\n`);
  const { status, stderr } = start(cwd, [shell, join(root, "script")], { HOME: root, ...env });
  const words = existsSync(calls) ? readFileSync(calls, "utf8").split("\0") : [];
  const found: string[][] = [];
  for (let at = 0; at < words.length - 1; at += Number(words[at]) + 1)
    found.push(words.slice(at + 1, at + 1 + Number(words[at])));
  return { status, stderr, calls: found, strays: readdirSync(cwd).join("\n") };
}

describe.each(shells)("in %s", (shell) => {
  const texts = hostileTexts(2000);

  test("each value arrives whole as one word, wherever it stands", () => {
    const lines = texts.flatMap((text) => [
      sh`flux ${text}`,
      sh`flux --name=${text} ${[text, "b"]}`,
      sh`flux ${quoted(text)} ${quotedLines([text, "a", text])} ${operand(text)}`,
      sh`case ${text} in ${text}) flux same ;; *) flux other ;; esac`,
    ]);
    const { calls, strays, stderr, status } = run(shell, lines.map(({ line }) => line).join("\n"));
    expect({ strays, stderr, status }).toEqual({ strays: "", stderr: "", status: 0 });
    expect(calls).toEqual(
      texts.flatMap((text) => [
        ["flux", text],
        ["flux", `--name=${text}`, text, "b"],
        ["flux", text, `${text}\na\n${text}`, operand(text)],
        ["flux", "same"],
      ]),
    );
  });

  test.each(["github", "forgejo", "gitlab", "azure", "bitbucket"] as const)(
    "the job of %s names what it should",
    (forge) => {
      for (const [index, text] of hostileTexts(150).entries()) {
        const folder = `clusters/${text}`;
        const branch = isBranchName(text) && text !== "main" ? text : `b-${index}`;
        const job: PublishJob = {
          ...{
            url: "oci://ghcr.io/o/r",
            host: "ghcr.io",
            version: "2.6.4",
            submodules: index % 2 === 0,
            keepAll: false,
          },
          branches: [
            { name: "main", tag: "latest", trial: "oci-artifacts" },
            { name: branch, tag: text, trial: "oci-artifacts-other" },
          ],
          ...{ artifactPath: folder, roots: [folder, text], paths: [] },
          ...(index % 3 === 0 ? { sign: "key" as const } : {}),
        };
        const refused = findRefused(job);
        if (refused) {
          expect([folder, branch, text]).toContain(refused.name);
          continue;
        }
        const edit = writeJob(memoryTree({}), forge, job, { file: "a", line: 1, col: 1 }).edits![0]!;
        if (edit.kind !== "create") throw new Error("no new file");
        expect(edit.text).not.toMatch(/\$\{\{(?! secrets\.\w+ \}\}| github\.ref \}\})|\$\[/);
        const { branches, scripts } = readJob(edit.text);
        expect(branches).toContain(branch);
        // What Azure would fill in by itself.
        const script = scripts
          .join("\n")
          .replaceAll("/tmp/cosign sign", "cosign sign")
          .replaceAll("set -euo pipefail", "set -eu");
        const filled = script.replace(/\$\([\w.]+\)/g, "FILLED");
        const env = { ...VARIABLES, GITHUB_REF_NAME: branch, CI_COMMIT_BRANCH: branch, BITBUCKET_BRANCH: branch };
        const result = run(shell, filled, { ...env, BUILD_SOURCEBRANCH: `refs/heads/${branch}` });
        expect(result).toMatchObject({ strays: "", stderr: "", status: 0 });
        expect(result.calls.filter(([name]) => name === "test").map(([, , path]) => path)).toEqual([folder, text]);
        const flux = result.calls.filter(([name]) => name === "flux");
        expect(flux.map(([, verb]) => verb)).toEqual(["push", "diff", "tag"]);
        for (const call of flux.slice(0, 2)) expect(call).toContain(`--path=./${folder}`);
        expect(flux[2]).toContain(`--tag=${text}`);
      }
    },
  );
});

const SHA = "0123456789012345678901234567890123456789";
const VARIABLES = {
  ...{
    GITHUB_SHA: SHA,
    GITHUB_SERVER_URL: "https://h",
    GITHUB_REPOSITORY: "a/b",
    CI_COMMIT_SHA: SHA,
    CI_PROJECT_URL: "https://h",
  },
  ...{
    BUILD_SOURCEVERSION: SHA,
    BUILD_REPOSITORY_URI: "https://h",
    BITBUCKET_COMMIT: SHA,
    BITBUCKET_GIT_HTTP_ORIGIN: "https://h",
  },
  ...{ REGISTRY_USER: "u", REGISTRY_TOKEN: "t", CI_REGISTRY_USER: "u", CI_REGISTRY_PASSWORD: "t" },
};

/** Branches and scripts of a job, whatever the forge calls them. */
function readJob(text: string): { branches: string[]; scripts: string[] } {
  const parsed = readYaml(text);
  if (!parsed.ok) throw new Error(parsed.reason);
  // biome-ignore lint/suspicious/noExplicitAny: parsed YAML
  const data = parsed.docs[0]!.data as any;
  const gitlab = data["publish-artifact"];
  const bitbucket = Object.entries<typeof data>(data.pipelines?.branches ?? {})[0];
  const steps = data.jobs?.publish.steps ?? data.steps ?? [];
  const scripts: string[] =
    gitlab?.script ?? bitbucket?.[1][0].step.script ?? steps.flatMap(({ run, bash }: typeof data) => run ?? bash ?? []);
  const pattern = gitlab && /\^\((.*)\)\$/.exec(gitlab.rules[0].if)![1]!;
  const branches =
    pattern?.split("|").map((name: string) => name.replaceAll("\\", "")) ??
    bitbucket?.[0].slice(1, -1).split(",") ??
    (data.on?.push ?? data.trigger).branches.map?.((name: string) => name.replaceAll("\\", "")) ??
    data.trigger.branches.include;
  return { branches, scripts: scripts.filter((script) => !script.startsWith("curl ")) };
}

test("what does not show is spelt out, and nothing else changes", () => {
  fc.assert(
    fc.property(hostileText, (text) => {
      expect(hasHidden(visible(text))).toBe(false);
      if (!hasHidden(text) && !/##|::/.test(text)) expect(visible(text)).toBe(text);
      // Whatever a runner of CI jobs would act on.
      expect(forPeople(`x ${visible(text)}`)).not.toMatch(/##\[|##vso\[|^\s*::/m);
      expect(forPeople(text)).not.toMatch(/##\[|##vso\[|^\s*::/m);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: colours, the erasing of a line, and ends of lines stay
      expect(hasHidden(forPeople(text).replace(/\u001b\[\d{1,2}m|\r\u001b\[K|\r?\n|[\t\u2060]/g, ""))).toBe(false);
      expect(JSON.parse(spellHidden(JSON.stringify({ text })))).toEqual({ text });
    }),
    { numRuns: 2000 },
  );
});

test("names are those that Kubernetes and git take", () => {
  for (const name of ["a", "flux-system", "0", "a--b", "a".repeat(63)]) expect(isNamespaceName(name)).toBe(true);
  for (const name of ["", "A", "-a", "a-", "a.b", "a b", "a\n", "a".repeat(64), "ä"])
    expect(isNamespaceName(name)).toBe(false);
  for (const name of ["a.b", "a-1.b-2", `${"a".repeat(63)}.b`]) expect(isObjectName(name)).toBe(true);
  for (const name of ["", "a..b", ".a", "a.", "a_b", "a$(b)", "a/b", "x".repeat(254)])
    expect(isObjectName(name)).toBe(false);
  // Every text as git itself decides it.
  for (const text of hostileTexts(150)) {
    const { status } = start(tmpdir(), ["git", "check-ref-format", `refs/heads/${text}`]);
    expect([text, isBranchName(text)]).toEqual([text, status === 0 && !text.startsWith("-") && text !== "@"]);
  }
});
