// Runs every hostile case of test/hostile once with another build, to know which of them it stood. Use:
// npx tsx bench/hostile/run.ts --bin ../other/dist/fluxlift.js [--only yaml,paths,linear,faults]
// [--keep FILE [--count 50]], which goes on where it stopped
// A case is stood where the run ends by itself within 20 seconds of processor time, with no defect and no more than it may
// do. The tests judge the same of this tree, and more of it.
import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { FAULTS, STEPS } from "../../test/hostile/faults.ts";
import { CANARY, PATH_CASES } from "../../test/hostile/path-cases.ts";
import { YAML_CASES } from "../../test/hostile/yaml-cases.ts";
import { DELIVERED, listAttacks } from "../growth/inputs.ts";

const EXAMPLE = resolve(import.meta.dirname, "../../examples/home-ops");
const SECONDS = 20;
const SIZE = 100 * 1024;
const ALL = ["--phase", "all", "--direct"];

const { values } = parseArgs({
  options: { bin: { type: "string" }, only: { type: "string" }, keep: { type: "string" }, count: { type: "string" } },
});
if (values.bin === undefined) throw new Error("Name a build with --bin.");
const bin = resolve(values.bin);

/** A copy of the example, under git or not. */
function makeExample(withGit: boolean): string {
  const root = join(mkdtempSync(join(tmpdir(), "fluxlift-hostile-")), "repo");
  cpSync(EXAMPLE, root, { recursive: true });
  if (withGit) {
    git(root, "init", "-q", "-b", "main");
    git(root, "add", "-A");
    git(root, "-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-qm", "Start");
  }
  return root;
}

function git(root: string, ...argv: string[]): string {
  return spawnSync("git", argv, { cwd: root, encoding: "utf8" }).stdout;
}

/** Why a run did not end well; undefined where it did. */
type Verdict = string | undefined;

function run(cwd: string, argv: readonly string[], env: Record<string, string> = {}) {
  const script = `ulimit -t ${SECONDS}; exec "$@"`;
  const words = ["-c", script, "bash", process.execPath, bin, ...argv];
  const done = spawnSync("bash", words, { cwd, encoding: "utf8", maxBuffer: 1 << 28, env: { ...process.env, ...env } });
  return { code: done.status ?? -1, text: done.stdout + done.stderr };
}

function judge({ code, text }: ReturnType<typeof run>, most: number): Verdict {
  if (code < 0 || code > 2) return `no end within ${SECONDS} s`;
  const found = /defect of fluxlift|ENOBUFS|Maximum call stack|heap out of memory/.exec(text);
  if (found) return found[0];
  return code > most ? `exit ${code}` : undefined;
}

/** A file in the example that is delivered to the cluster, or read by a scanner. */
function withFile(path: string, text: string): Verdict {
  const root = makeExample(true);
  const list = join(root, dirname(DELIVERED), "kustomization.yaml");
  writeFileSync(list, readFileSync(list, "utf8").replace("resources:\n", "resources:\n  - ./hostile.yaml\n"));
  writeFileSync(join(root, DELIVERED), "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n");
  mkdirSync(join(root, dirname(path)), { recursive: true });
  writeFileSync(join(root, path), text);
  git(root, "add", "-A");
  const verdict = judge(run(root, ["plan", ...ALL]), 1);
  rmSync(dirname(root), { recursive: true });
  return verdict;
}

async function tryPath(make: (place: { root: string; outside: string }) => unknown, name: string): Promise<Verdict> {
  const root = makeExample(false);
  const outside = join(dirname(root), "outside");
  mkdirSync(join(outside, "folder"), { recursive: true });
  const secret = `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: toolkit.fluxcd.io-${CANARY}\n`;
  for (const path of ["secret.yaml", "open.yaml", "folder/kustomization.yaml"])
    writeFileSync(join(outside, path), secret);
  const look = () =>
    ["secret.yaml", "open.yaml"].map((path) => readFileSync(join(outside, path), "utf8")).join() +
    readdirSync(outside).join();
  const before = look();
  await make({ root, outside });
  try {
    for (const argv of [
      ["plan", ...ALL],
      ["migrate", "--yes"],
    ]) {
      const done = run(root, argv);
      const verdict = judge(done, 2);
      if (verdict !== undefined) return verdict;
      if (name !== "a second name for a secret" && done.text.includes(CANARY)) return "shows a file from outside";
    }
    return look() === before ? undefined : "changes a file outside";
  } finally {
    const closed = join(root, "kubernetes/apps/default");
    if (existsSync(closed)) chmodSync(closed, 0o755);
  }
}

/** A write in which a step fails, or with `dies` every one after it too; what undo leaves must be the tree as it was. */
function tryFault(step: number, code: string, dies: boolean): Verdict {
  const root = makeExample(true);
  const disk = resolve(import.meta.dirname, "broken-disk.mjs");
  const env = {
    NODE_OPTIONS: `--import ${disk}`,
    BROKEN_STEP: String(step),
    BROKEN_CODE: code,
    BROKEN_DIES: dies ? "1" : "",
    BROKEN_ROOT: root,
  };
  const done = run(root, ["migrate", "--yes"], env);
  const broken = judge(done, 2);
  if (broken !== undefined && !/defect/.test(broken)) return broken;
  const dirty = () => git(root, "status", "--porcelain", "--untracked-files=all");
  if (done.code === 0) return undefined;
  if (dirty() !== "") run(root, ["undo", "--yes"]);
  return dirty() === "" ? undefined : "half of a write stays";
}

const TABLES: Record<string, [name: string, run: () => Verdict | Promise<Verdict>][]> = {
  yaml: Object.entries(YAML_CASES).map(([name, text]) => [
    name,
    () => withFile(DELIVERED, `# toolkit.fluxcd.io flux-system\n${text}`),
  ]),
  paths: Object.entries(PATH_CASES).map(([name, make]) => [name, () => tryPath(make, name)]),
  linear: listAttacks().map(({ scanner, name, path, make }) => [
    `${scanner} ${name}`,
    () => withFile(path, make(SIZE)),
  ]),
  faults: [
    ...FAULTS.map(({ step, code }): [string, () => Verdict] => [
      `step ${step} ${code}`,
      () => tryFault(step, code, false),
    ]),
    ...STEPS.map((step): [string, () => Verdict] => [`killed at ${step}`, () => tryFault(step, "EIO", true)]),
  ],
};

const kept = new Map<string, Verdict>();
if (values.keep !== undefined && existsSync(values.keep)) {
  for (const line of readFileSync(values.keep, "utf8").trim().split("\n")) {
    const [key, verdict] = JSON.parse(line) as [string, string | null];
    kept.set(key, verdict ?? undefined);
  }
}
let left = Number(values.count ?? Infinity);
for (const [table, cases] of Object.entries(TABLES)) {
  if (values.only !== undefined && !values.only.split(",").includes(table)) continue;
  const failed: string[] = [];
  for (const [name, run] of cases) {
    const key = `${table} ${name}`;
    if (!kept.has(key) && left-- <= 0) process.exit(3);
    const verdict = kept.has(key) ? kept.get(key) : await run();
    if (!kept.has(key) && values.keep !== undefined)
      appendFileSync(values.keep, `${JSON.stringify([key, verdict ?? null])}\n`);
    if (verdict !== undefined) failed.push(`  ${name}: ${verdict}`);
  }
  console.log([`${table}: ${cases.length - failed.length} of ${cases.length} held`, ...failed].join("\n"));
}
