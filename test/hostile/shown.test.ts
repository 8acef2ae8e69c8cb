import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { RepoError } from "../../src/contract/errors.ts";
import { hasHidden, visible } from "../../src/contract/visible.ts";
import { commitAll, git, makeRepo, makeTempDir, writeFiles } from "../support/repo.ts";
import { planningOnce, realEngine, runCli } from "../support/run-cli.ts";
import { EXAMPLE } from "./support.ts";

/** What somebody puts into a name so that a reader, a terminal or a runner of CI jobs takes it for something else. */
const TRICKS: Record<string, string> = {
  "a line of our own": "x\n✔ Nothing to do",
  "a command at the start of a line": "x\n::set-output name=a::b",
  "a command as the whole name": "::stop-commands::x",
  "a command after blanks": " \u00a0::add-mask::x",
  "a command anywhere": "x ##[error]y ##vso[task.setvariable variable=a]b",
  "a carriage return": "danger\rsafe",
  "an erased line": "danger\u001b[2K\u001b[1Gsafe",
  "a title and a link": "\u001b]0;t\u0007\u001b]8;;https://x\u0007y",
  "C1 controls": "x\u009b31my\u0085z",
  "a turned text": "x\u202egnp.\u202cy\u2066z\u2069",
  "what does not show": "x\u200b\u200d\u2060\ufeffy\u{e0041}",
  "variants of a letter that has none": "x\ufe0f\u034fy\u{e0100}\u180bz\ufe01",
};

/** Lines that a terminal or a runner would act on, or that show something else than they hold. */
function liveLines(text: string): string[] {
  return text
    .split("\n")
    .filter((line) => hasHidden(line.replaceAll(/[\t\u2060]/g, "")) || /^\s*::|##\[|##vso\[|^\s*✔ Nothing/.test(line));
}

test("a diff of lines that end as on Windows is one for git in a job, too", async () => {
  const root = makeRepo(EXAMPLE);
  const file = "kubernetes/apps/default/echo/ks.yaml";
  writeFileSync(join(root, file), git(root, "show", `HEAD:${file}`).replaceAll("\n", "\r\n"));
  commitAll(root, "Windows");
  const run = (jobLog: boolean) =>
    runCli(["plan", "--phase", "all", "--direct", "--format", "diff"], { cwd: root, loader: realEngine, jobLog });
  const { out } = await run(true);
  expect(out).toContain("\r\n");
  expect(out).toBe((await run(false)).out);
});

test("what looks like a blank and is none is spelt out in a name", () => {
  expect(visible("5\u00a0€ b\u2800c\u3000d")).toBe("5\u00a0€ b\\u2800c\u3000d");
});

const VERIFY = ["verify", "--base", "HEAD~2", "--head", "HEAD~1"];

/** In quotes, without the control characters that YAML refuses as they are. */
function inYaml(text: string): string {
  return JSON.stringify(text).replaceAll(/[\u0080-\u009f]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`);
}

const TASKS = ".taskfiles/flux/Taskfile.yaml";

/** Puts comments above a line that the plan edits, in a file where YAML's own rules on characters stop no build. */
function commentOnTask(root: string, comments: string): void {
  const text = git(root, "show", `HEAD:${TASKS}`);
  writeFileSync(join(root, TASKS), `${text.replace(/^ +- kubectl apply .*bootstrap\/flux$/m, `${comments}$&`)}\n`);
}

/** A repository in which files and objects have such a name, and a change on top that takes some of them out. */
function makeTricky(trick: string): string {
  const root = makeRepo(EXAMPLE);
  const name = inYaml(trick);
  const named = (kind: string, apiVersion: string) =>
    `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata:\n  name: ${name}\n  namespace: ${name}\n`;
  const folder = "kubernetes/apps/default/tricky";
  const flux = `${named("Kustomization", "kustomize.toolkit.fluxcd.io/v1")}spec:\n  interval: 1h\n  path: ${name}\n  prune: true\n  sourceRef:\n    kind: GitRepository\n    name: home-kubernetes\n`;
  writeFiles(root, {
    [`${folder}/kustomization.yaml`]: "resources:\n  - all.yaml\n",
    [`${folder}/all.yaml`]: `${named("ConfigMap", "v1")}data:\n  a: b\n---\n${flux}`,
    [`${folder}/${trick.replaceAll("/", "_")}.yaml`]: `${named("HelmRelease", "helm.toolkit.fluxcd.io/v2")}spec: {a: b: c}\n`,
    "kubernetes/apps/default/kustomization.yaml": "resources:\n  - ./tricky\n",
  });
  commitAll(root, trick);
  git(root, "rm", "-q", "-r", folder);
  writeFiles(root, { "kubernetes/apps/default/kustomization.yaml": "resources: []\n" });
  commitAll(root, trick);
  git(root, "revert", "--no-edit", "HEAD");
  return root;
}

describe.each(Object.entries(TRICKS))("%s in names", (_what, trick) => {
  test("does nothing to who reads a report, in any format", async () => {
    const root = makeTricky(trick);
    const loader = planningOnce();
    const reports = makeTempDir();
    const commands = [
      ...["text", "json", "markdown"].map((format) => ["scan", "--format", format]),
      ["plan", "--phase", "all", "--direct", "--reports", reports, "--format", "preflight", "--verbose"],
      ["apply", "no-such-plan"],
      [...VERIFY, "--reports", reports, "--verbose"],
      ["verify", "--base", "HEAD~1", "--format", "json"],
    ];
    expect((await runCli(VERIFY, { cwd: root, loader })).out).toContain("ConfigMap");
    for (const argv of commands) {
      const { out, err } = await runCli(argv, { cwd: root, loader });
      expect([argv.join(" "), liveLines(err)]).toEqual([argv.join(" "), []]);
      expect([argv.join(" "), liveLines(out)]).toEqual([argv.join(" "), []]);
      if (!argv.includes("--reports")) continue;
      // The page for the browser has marks of its own, and a test of its own below; a patch goes to git.
      const written = readdirSync(reports).filter((name) => /\.(json|md|sarif)$/.test(name));
      expect([argv[0], written.length]).toEqual([argv[0], 4]);
      for (const name of written)
        expect([argv[0], name, liveLines(readFileSync(join(reports, name), "utf8"))]).toEqual([argv[0], name, []]);
    }
  });

  test("does nothing to who reads an error", async () => {
    const folder = join(makeTempDir(), trick.replaceAll("/", "_"));
    mkdirSync(folder);
    for (const argv of [
      ["plan", join(folder, trick)],
      ["plan", folder],
      ["verify", "--base", trick],
      ["apply", trick],
      ["undo", trick],
      ["scan", `--${trick}`],
      ["migrate", "--phase", trick],
    ]) {
      const { err, out } = await runCli(argv, { cwd: folder, loader: realEngine });
      expect([argv, liveLines(err + out)]).toEqual([argv, []]);
    }
    const error = new RepoError("x", `a ${trick} b`, trick, { details: [trick, `  ${trick}`] });
    expect(liveLines(error.hint)).toEqual([]);
    expect(error.message.split("\n").length).toBe(3);
    expect(liveLines(error.message)).toEqual([]);
  });

  test("does nothing to who reads a diff on a terminal, and nothing to git", async () => {
    const root = makeRepo(EXAMPLE);
    commentOnTask(root, `# ${trick.split(/[\r\n]/).join("\n# ")}\n`);
    commitAll(root, "Comment");
    const flags = ["plan", "--phase", "all", "--direct"];
    const loader = planningOnce();
    const shown = await runCli(flags, { cwd: root, loader, terminal: true });
    expect(shown.out).toContain("diff --git");
    expect(shown.out.split("\n").filter((line) => hasHidden(line.replaceAll("\t", "")))).toEqual([]);
    const asked = await runCli([...flags, "--format", "diff"], { cwd: root, loader, terminal: true });
    expect(asked.out).toBe(shown.out);
    const plain = await runCli(flags, { cwd: root, loader });
    const patch = join(makeTempDir(), "x.patch");
    writeFileSync(patch, plain.out);
    git(root, "apply", "--check", patch);
  });

  test("does nothing to the runner of a job that shows a diff, or a page, in its log", async () => {
    const root = makeRepo(EXAMPLE);
    const file = join(root, "kubernetes/flux/config/cluster.yaml");
    // A line that the diff shows for its neighbours' sake begins with a blank, and the runner skips blanks.
    const [hidden, plain] = [true, false].map((is) => trick.split(/[\r\n]/).filter((line) => hasHidden(line) === is));
    const comments = hidden!.map((line) => `# ${line}\n`).join("");
    const data = `---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  namespace: default\ndata:\n  a: |\n    ${plain!.join("\n    ")}\n`;
    writeFileSync(file, `${git(root, "show", "HEAD:kubernetes/flux/config/cluster.yaml")}\n${data}`);
    commentOnTask(root, comments);
    commitAll(root, "Text");
    const flags = ["plan", "--phase", "all", "--direct"];
    const loader = planningOnce();
    const { out, err } = await runCli(flags, { cwd: root, loader, jobLog: true });
    expect(out).toContain("diff --git");
    expect(liveLines(out)).toEqual([]);
    const exact = await runCli(flags, { cwd: root, loader });
    expect(err.includes("what the runner of this job would act on")).toBe(exact.out !== out);
    for (const format of ["html", "diff"]) {
      const other = await runCli([...flags, "--format", format], { cwd: root, loader, jobLog: true });
      expect([format, other.out.length > 100, liveLines(other.out)]).toEqual([format, true, []]);
      if (format === "diff") expect(other.err.includes("For git:")).toBe(exact.out !== out);
    }
    const patch = join(makeTempDir(), "x.patch");
    writeFileSync(patch, out);
    if (exact.out !== out) expect(() => git(root, "apply", "--check", patch)).toThrow("corrupt patch");
  });
});
