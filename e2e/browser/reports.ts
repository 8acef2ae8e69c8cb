import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { git } from "../../test/support/git.ts";
import { homeTree, ks, kustomization, object } from "../../test/verify/home-tree.ts";
import { hostileChange, hostileTree } from "../../test/verify/hostile-tree.ts";

const ROOT = join(import.meta.dirname, "../..");

/** A page to look at, and whether its tree means harm. */
export interface Report {
  name: string;
  file: string;
  hostile: boolean;
  /** Milliseconds in which it has to be open. */
  within?: number;
  /** Bytes that it may take, where more than a report has its reason. */
  most?: number;
}

type Files = Readonly<Record<string, string | undefined>>;

/** Makes every page with the built fluxlift, in repositories below `dir`. */
export function makeReports(dir: string): Report[] {
  const reports: Report[] = [];
  const add = (name: string, repo: string, args: readonly string[]) => {
    const file = join(dir, `${name}.html`);
    const run = spawnSync(process.execPath, [join(ROOT, "dist/fluxlift.js"), ...args, "-o", file, repo], {
      encoding: "utf8",
    });
    // 1: a person has to act, which is what some of the trees are for.
    if (run.status === null || run.status > 1) throw new Error(`${name}: ${run.stderr}`);
    reports.push({ name, file, hostile: name.startsWith("hostile") });
  };
  for (const example of ["home-ops", "fleet"]) {
    const repo = join(dir, example);
    cpSync(join(ROOT, "examples", example), repo, { recursive: true });
    start(repo);
    add(`plan-${example}`, repo, ["plan"]);
    add(`direct-${example}`, repo, ["plan", "--phase", "all", "--direct"]);
  }
  const hostile = makeRepo(join(dir, "hostile"), hostileTree());
  add("hostile-plan", hostile, ["plan"]);
  change(hostile, hostileChange());
  add("hostile-verify", hostile, ["verify", "--base", "HEAD~1"]);
  const many = makeRepo(
    join(dir, "many"),
    manyApps(() => "media"),
  );
  change(
    many,
    manyApps((index) => (index % 3 === 0 ? "games" : "media")),
  );
  add("verify-many", many, ["verify", "--base", "HEAD~1"]);
  const safe = makeRepo(join(dir, "safe"), homeTree());
  change(safe, { "README.md": "Hello\n" });
  add("verify-safe", safe, ["verify", "--base", "HEAD~1"]);
  reports.push(
    makeFleet(
      dir,
      ["home-ops", "fleet"].map((example) => join(dir, example)),
      hostile,
    ),
  );
  return reports;
}

/**
 * A page of 1,000 repositories: real results of a few, the hostile one among them, again and again under other names. Some of the
 * names mean harm as well.
 */
function makeFleet(dir: string, repos: readonly string[], hostile: string): Report {
  const list = join(dir, "fleet.txt");
  const [some, all, file] = ["some.jsonl", "all.jsonl", "hostile-fleet.html"].map((name) => join(dir, name));
  writeFileSync(list, `${[...repos, hostile, join(dir, "no such repository")].join("\n")}\n`);
  const fleet = (...args: string[]) => {
    const run = spawnSync(process.execPath, [join(ROOT, "dist/fluxlift.js"), "fleet", ...args], { encoding: "utf8" });
    // 2: one of them is not there.
    if (run.status === null || (!run.stderr.includes("results in ") && !run.stderr.includes(" failed")))
      throw new Error(`fleet: ${run.stderr}`);
  };
  fleet(list, "--action", "plan", "-o", some!);
  const lines = readFileSync(some!, "utf8").trim().split("\n");
  const results = Array.from({ length: FLEET }, (_, index) => {
    const result = JSON.parse(lines[index % lines.length]!) as object;
    const name = HOSTILE_NAMES[index % HOSTILE_NAMES.length]!;
    return JSON.stringify({ ...result, index, repo: `git@example.org:acme/${index}-${name}.git` });
  });
  writeFileSync(all!, `${results.join("\n")}\n`);
  fleet("merge", all!, "-o", join(dir, "merged.jsonl"), "--html", file!);
  return { name: "hostile-fleet", file: file!, hostile: true, within: 2000, most: 8_000_000 };
}

const FLEET = 1000;
const HOSTILE_NAMES = [
  "fleet",
  "<script>pwned=1</script>",
  '"><img src=x onerror=pwned=1>',
  "</pre></details><svg onload=pwned=1>",
  "'-->javascript:pwned=1",
];

/** 120 Kustomizations, each with two objects in a namespace of its choice. */
function manyApps(namespaceOf: (index: number) => string): Files {
  const tree: Record<string, string> = homeTree();
  const names = Array.from({ length: 120 }, (_, index) => `app-${index}`);
  for (const [index, name] of names.entries()) {
    tree[`kubernetes/apps/media/${name}/ks.yaml`] = ks(name, `kubernetes/apps/media/${name}/app`, [
      `targetNamespace: ${namespaceOf(index)}`,
    ]);
    tree[`kubernetes/apps/media/${name}/app/kustomization.yaml`] = kustomization(["objects.yaml"]);
    tree[`kubernetes/apps/media/${name}/app/objects.yaml`] = object("ConfigMap", name) + object("Service", name);
  }
  tree["kubernetes/apps/media/kustomization.yaml"] = kustomization([
    "namespace.yaml",
    "player/ks.yaml",
    ...names.map((name) => `${name}/ks.yaml`),
  ]);
  return tree;
}

function makeRepo(root: string, files: Files): string {
  write(root, files);
  start(root);
  return root;
}

function start(root: string): void {
  git(root, "init", "--quiet", "--initial-branch", "main");
  commit(root);
}

function change(root: string, files: Files): void {
  write(root, files);
  commit(root);
}

function commit(root: string): void {
  git(root, "add", "--all");
  git(root, "commit", "--quiet", "--message", "Change");
}

function write(root: string, files: Files): void {
  for (const [path, text] of Object.entries(files)) {
    const full = join(root, path);
    if (text === undefined) rmSync(full, { force: true });
    else {
      mkdirSync(dirname(full), { recursive: true });
      writeFileSync(full, text);
    }
  }
}
